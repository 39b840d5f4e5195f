"""What an experimenter decides about how a test asks: ``test.toml`` in the test's folder.

It may name conditions and is never served. What the page may know of it goes into ``site/test.json``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from mixrules.errors import ListeningTestError
from mixrules.listening.format.defaults import ATTRIBUTES, QUESTIONS
from mixrules.listening.format.key import require_labels
from mixrules.listening.format.names import require_name, require_unique
from mixrules.listening.format.parts import Attribute, Completion, Consent, Question, Scale

DEFINITION_FILE = "test.toml"


class DefinitionError(ListeningTestError):
    """A definition has mistakes; `mistakes` holds a line for each."""

    def __init__(self, source: str, mistakes: tuple[str, ...]) -> None:
        super().__init__("; ".join(f"{source}: {mistake}" for mistake in mistakes))
        self.mistakes = tuple(f"{source}: {mistake}" for mistake in mistakes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """How a listening test asks.

    Parameters
    ----------
    title, introduction, contact : str
        What listeners read first, and whom they may ask; an empty introduction is the page's own.
    language : str
        Of the page's own words.
    words : dict of str to str
        Words of the page that are to be others, by their keys.
    consent : Consent or None
        What a listener must agree to.
    listener_parameter : str
        The parameter of the page's address that holds the listener's id.
    headphone_check : {"off", "record", "required"}
        Whether headphones are checked for, and whether who fails may go on.
    scale : Scale
        What is answered on.
    layout : {"one", "all"}
        One attribute at a time, or all together.
    require_full_listen : bool
        Whether every stimulus must be heard from start to end.
    comments : {"page", "mix", "off"}
        What listeners may comment on.
    attributes : tuple of Attribute
        What is rated; an ABX test has none.
    attribute_order : {"listed", "random"}
        Their order.
    reference : str or None
        The condition that listeners may hear as the reference; it is rated too, hidden among the others.
    anchors : tuple of str
        The conditions that are anchors.
    pairs : {"all", "reference"}
        Which conditions an A/B or ABX test compares: every two, or each with the reference.
    condition_labels : dict of str to str
        What results call the conditions.
    repeats : int
        How many pages come twice, of all songs or of each listener's.
    songs_per_listener : int or None
        How many songs each listener gets; None: all.
    training : bool
        Whether the training page is shown, where the test has one.
    training_labels : tuple of str
        What its two mixes are called, the good one first.
    training_text : str
        The text on it; empty: the page's own.
    training_lines : dict of str to str
        What to listen for, by attribute; attributes without a line have one of ours.
    questions : tuple of Question
        What is asked about the listener.
    completion : Completion or None
        What a listener gets at the end.
    """

    title: str = "Listening test"
    introduction: str = ""
    contact: str = ""
    language: str = "en"
    words: dict[str, str] = field(default_factory=dict)
    consent: Consent | None = None
    listener_parameter: str = "listener"
    headphone_check: Literal["off", "record", "required"] = "off"
    scale: Scale = field(default_factory=Scale)
    layout: Literal["one", "all"] = "one"
    require_full_listen: bool = True
    comments: Literal["page", "mix", "off"] = "page"
    attributes: tuple[Attribute, ...] = ATTRIBUTES
    attribute_order: Literal["listed", "random"] = "listed"
    reference: str | None = None
    anchors: tuple[str, ...] = ()
    pairs: Literal["all", "reference"] = "all"
    condition_labels: dict[str, str] = field(default_factory=dict)
    repeats: int = 0
    songs_per_listener: int | None = None
    training: bool = True
    training_labels: tuple[str, ...] = ("A good mix", "A bad mix")
    training_text: str = ""
    training_lines: dict[str, str] = field(default_factory=dict)
    questions: tuple[Question, ...] = QUESTIONS
    completion: Completion | None = None

    def __post_init__(self) -> None:
        if not self.title.strip():
            raise ListeningTestError("title is empty: a line of text is needed")
        require_name(listener_parameter=self.listener_parameter, language=self.language)
        require_unique("attributes", (a.id for a in self.attributes))
        require_unique("questions", (q.id for q in self.questions))
        if self.scale.kind == "abx" and self.attributes:
            raise ListeningTestError("attributes: an ABX test asks which of two X is, and rates nothing")
        if self.scale.kind != "abx" and not self.attributes:
            raise ListeningTestError("attributes: one at least is needed")
        if self.pairs == "reference" and self.reference is None:
            raise ListeningTestError("pairs: each is compared with the reference, but no reference is named")
        if self.reference is not None and self.reference in self.anchors:
            raise ListeningTestError(f"anchors: {self.reference!r} is the reference")
        if self.repeats < 0:
            raise ListeningTestError(f"repeats must be 0 or more, got {self.repeats}")
        if self.songs_per_listener is not None and self.songs_per_listener < 1:
            raise ListeningTestError(f"songs_per_listener must be 1 or more, got {self.songs_per_listener}")

    def require_conditions(self, known: tuple[str, ...], songs: int) -> list[str]:
        """Return a line for each name that is no condition of the test, and each number that its songs cannot fill."""
        named = [("reference.condition", self.reference)] if self.reference is not None else []
        named += [("reference.anchors", anchor) for anchor in self.anchors]
        named += [(f"conditions.{name}", name) for name in self.condition_labels]
        mistakes = [
            f"{key}: {name!r} is no condition of this test, accepted are {', '.join(known)}"
            for key, name in named
            if name not in known
        ]
        try:
            require_labels(self.condition_labels, known, "conditions")
        except ListeningTestError as error:
            mistakes.append(str(error))
        for key, number in (
            ("pages.songs_per_listener", self.songs_per_listener),
            ("pages.repeats", self.repeats),
        ):
            if number is not None and number > songs:
                accepted = f"{'0' if key == 'pages.repeats' else '1'} to {songs}"
                mistakes.append(f"{key}: the test has {songs} songs, got {number}; {accepted} is accepted")
        return mistakes
