"""What a listening test asks unless told otherwise: the survey's five attributes and a listener's background."""

from __future__ import annotations

from mixrules.listening.format.parts import LIKERT_LABELS, Attribute, Question

LANGUAGES = ("en", "de")
"""The languages in which the page and these defaults are written."""

_HINTS = {
    "en": {
        "level_balance": (
            "Level balance",
            "Are the parts at the right loudness against each other? Is any hidden, or too loud?",
        ),
        "eq": ("EQ", "Is the tone of the parts right: none muddy, harsh or thin, each with room of its own?"),
        "compression": (
            "Compression",
            "Do the parts stay where they are, without words or notes that jump out, pump or lose life?",
        ),
        "reverb": (
            "Reverb",
            "Is there the right amount of space: neither dry and apart, nor washed out?",
        ),
        "overall": ("Overall", "All in all, how good is this mix?"),
    },
    "de": {
        "level_balance": (
            "Lautstärkeverhältnis",
            "Sind die Stimmen und Instrumente im richtigen Verhältnis laut? Ist etwas verdeckt oder zu laut?",
        ),
        "eq": (
            "Klangfarbe (EQ)",
            "Stimmt der Klang: nichts dumpf, scharf oder dünn, alles mit eigenem Platz?",
        ),
        "compression": (
            "Kompression",
            "Bleibt alles an seinem Platz, ohne Wörter oder Töne, die herausspringen, pumpen oder leblos sind?",
        ),
        "reverb": ("Hall", "Ist der Raum richtig: weder trocken und getrennt noch verwaschen?"),
        "overall": ("Gesamteindruck", "Wie gut ist diese Mischung alles in allem?"),
    },
}
_PAIR_HINTS = {
    "en": {
        "level_balance": "In which mix are the parts at the better loudness against each other?",
        "eq": "In which mix is the tone of the parts better?",
        "compression": "In which mix do the parts stay better where they are, without pumping or jumping out?",
        "reverb": "Which mix has the better amount of space?",
        "overall": "All in all, which mix do you prefer?",
    },
    "de": {
        "level_balance": "In welcher Mischung ist das Verhältnis der Lautstärken besser?",
        "eq": "In welcher Mischung ist der Klang besser?",
        "compression": "In welcher Mischung bleibt alles besser an seinem Platz, ohne zu pumpen?",
        "reverb": "In welcher Mischung ist der Raum besser?",
        "overall": "Welche Mischung gefällt Ihnen alles in allem besser?",
    },
}
_LABELS = {"en": LIKERT_LABELS, "de": ("Sehr schlecht", "Schlecht", "Mittel", "Gut", "Sehr gut")}
_QUESTIONS = {
    "en": (
        Question(
            id="age_group",
            label="Your age",
            options=("under 20", "20 to 29", "30 to 39", "40 to 49", "50 to 59", "60 or over"),
        ),
        Question(
            id="engineering_level",
            label="Your experience with mixing",
            options=("none", "amateur", "semi-professional", "professional"),
        ),
        Question(
            id="playback",
            label="What you listen with",
            options=("headphones", "loudspeakers"),
            required=True,
        ),
    ),
    "de": (
        Question(
            id="age_group",
            label="Ihr Alter",
            options=("unter 20", "20 bis 29", "30 bis 39", "40 bis 49", "50 bis 59", "60 oder älter"),
        ),
        Question(
            id="engineering_level",
            label="Ihre Erfahrung mit dem Mischen",
            options=("keine", "Amateur", "halbprofessionell", "professionell"),
        ),
        Question(
            id="playback",
            label="Womit Sie hören",
            options=("Kopfhörer", "Lautsprecher"),
            required=True,
        ),
    ),
}
_TRAINING = {
    "en": {
        "level_balance": "In the bad mix the lead is buried under the rest. In the good one every part can be followed.",
        "eq": "In the bad mix the accompaniment is muddy: too much of the low mids covers everything else.",
        "compression": "In the bad mix the whole is squashed and pumps: loud moments pull everything down.",
        "reverb": "In the bad mix a long reverb washes over every part; words and rhythm blur.",
        "overall": "All in all: which of the two would you rather go on listening to?",
    },
    "de": {
        "level_balance": "In der schlechten Mischung ist die Hauptstimme verdeckt. In der guten ist alles zu hören.",
        "eq": "In der schlechten Mischung ist die Begleitung dumpf: Zu viel tiefe Mitten verdecken alles andere.",
        "compression": "In der schlechten Mischung ist alles gequetscht und pumpt: Laute Stellen ziehen alles herunter.",
        "reverb": "In der schlechten Mischung verwäscht ein langer Hall alles; Wörter und Rhythmus verschwimmen.",
        "overall": "Alles in allem: Welche der beiden würden Sie lieber weiterhören?",
    },
}
_TRAINING_LABELS = {
    "en": ("A good mix", "A bad mix"),
    "de": ("Eine gute Mischung", "Eine schlechte Mischung"),
}
_TRAINING_OTHER = {"en": "Compare the two for: {label}.", "de": "Vergleichen Sie die beiden: {label}."}


def default_attributes(language: str = "en", *, pairs: bool = False) -> tuple[Attribute, ...]:
    """Return the attributes that have words here.

    Parameters
    ----------
    language : str
        One of `LANGUAGES`; for any other the words are English.
    pairs : bool
        Whether their hints ask which of two mixes is better, instead of how good one is.
    """
    words = _HINTS.get(language, _HINTS["en"])
    hints = _PAIR_HINTS.get(language, _PAIR_HINTS["en"])
    return tuple(
        Attribute(id=name, label=label, hint=hints[name] if pairs else hint)
        for name, (label, hint) in words.items()
    )


def default_questions(language: str = "en") -> tuple[Question, ...]:
    """Return the questions about the listener, in a language as for `default_attributes`."""
    return _QUESTIONS.get(language, _QUESTIONS["en"])


def default_labels(language: str = "en") -> tuple[str, ...]:
    """Return the labels of the scale, in a language as for `default_attributes`."""
    return _LABELS.get(language, _LABELS["en"])


def training_labels(language: str = "en") -> tuple[str, str]:
    """Return what the good and the bad mix of the training are called, in a language as for `default_attributes`."""
    return _TRAINING_LABELS.get(language, _TRAINING_LABELS["en"])


def training_line(attribute: Attribute, language: str = "en") -> str:
    """Return what to listen for in the training, in a language as for `default_attributes`."""
    known = _TRAINING.get(language, _TRAINING["en"]).get(attribute.id)
    other = _TRAINING_OTHER.get(language, _TRAINING_OTHER["en"])
    return known or attribute.hint or other.format(label=attribute.label)


ATTRIBUTES = default_attributes()
QUESTIONS = default_questions()
