"""Writing ``test.toml``: every setting with its value and a comment that says what is accepted."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from mixrules.listening.format.definition import Definition
from mixrules.listening.format.parts import Attribute, Consent, Question

_HEAD = """\
# What this listening test says and asks. Change it as you like: `mixrules listen` reads it when it starts,
# `mixrules stimuli --apply FOLDER` writes it to the page for any other web server. No audio is made again.
# What is wrong is said in a line each, and nothing is changed then. Listeners never get this file.
"""


def definition_toml(definition: Definition, *, conditions: Sequence[str] = ()) -> str:
    """Return a definition as commented TOML, which `parse_definition` reads as the same.

    Parameters
    ----------
    definition : Definition
        What is written.
    conditions : sequence of str
        The conditions of the test, to be named in comments where they have no label.
    """
    scale = definition.scale
    parts = [
        _HEAD,
        _line("title", definition.title, "What listeners read first."),
        _line(
            "language",
            definition.language,
            "Of the page's own words: en, de, or another one, whose words you give in [words].",
        ),
        _line(
            "introduction",
            definition.introduction,
            "Paragraphs of the welcome page, with an empty line between. Empty: a text of ours.",
        ),
        _line("contact", definition.contact, "Whom listeners may ask; shown on every page. Empty: nobody."),
        "" if definition.questions else "# No questions about the listener.\nquestions = []\n",
        _consent(definition.consent),
        "[listeners]\n",
        _line(
            "parameter",
            definition.listener_parameter,
            "Where the page's address holds the listener's id: with listener, http://…/?listener=P-17.",
        ),
        _line(
            "headphone_check",
            definition.headphone_check,
            "off; record: the result is kept; required: only who passes goes on (Woods et al. 2017).",
        ),
        "[scale]\n",
        _line(
            "kind",
            scale.kind,
            "likert: five steps; continuous: 0 to 100; ab: which of two is better; abx: which of two is X.",
        ),
        _line("labels", scale.labels, "likert and continuous: five words, from worst to best."),
        _line("no_preference", scale.no_preference, 'ab: whether "no preference" may be chosen.'),
        _line("trials", scale.trials, "abx: how often each pair is tried, 1 to 100."),
        _line("layout", definition.layout, "one: one attribute at a time; all: all of them together."),
        _line(
            "attribute_order",
            definition.attribute_order,
            "listed: as below; random: drawn for each listener.",
        ),
        _line(
            "require_full_listen",
            definition.require_full_listen,
            "Whether every mix must be heard from start to end.",
        ),
        _line("comments", definition.comments, "page: one field a song; mix: one for each mix; off: none."),
        "[reference]\n",
        _line(
            "condition",
            definition.reference or "",
            "The condition that listeners may hear as the reference; it is also rated, hidden. Empty: none.",
        ),
        _line(
            "anchors",
            definition.anchors,
            "Conditions that are bad on purpose; results say who rated them well.",
        ),
        _line("pairs", definition.pairs, "ab and abx: all: every two; reference: each with the reference."),
        "[pages]\n",
        _line(
            "repeats", definition.repeats, "So many songs come twice for a listener, to measure consistency."
        ),
        _line(
            "songs_per_listener",
            definition.songs_per_listener or 0,
            "So many songs for each listener, shared out evenly. 0: all.",
        ),
        "[conditions]\n# What results call the conditions; listeners never see these names.\n",
        "".join(
            f"{_key(name)} = {_value(definition.condition_labels[name])}\n"
            if name in definition.condition_labels
            else f"# {_key(name)} = {_value(name)}\n"
            for name in dict.fromkeys([*conditions, *definition.condition_labels])
        ),
        "[training]\n",
        _line("show", definition.training, "Whether the training page is shown, where the test has one."),
        _line(
            "labels", definition.training_labels, "What its two mixes are called: the good one, the bad one."
        ),
        _line("text", definition.training_text, "The text on it. Empty: ours."),
        "[training.lines]\n# What to listen for, a line an attribute; without one there is a line of ours.\n",
        _pairs(definition.training_lines),
        _completion(definition),
        "[words]\n# Words of the page that are to be others, by their keys; docs/test-definition.md lists them.\n",
        _pairs(definition.words),
        _attributes(definition.attributes, scale.kind),
        _questions(definition.questions),
    ]
    return "\n".join(part.rstrip("\n") + "\n" for part in parts if part)


def _line(key: str, value: object, comment: str) -> str:
    return f"# {comment}\n{key} = {_value(value)}\n"


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"{value:g}" if isinstance(value, float) else str(value)
    if isinstance(value, str):
        lines = [
            json.dumps(line, ensure_ascii=False)[1:-1].replace("\x7f", "\\u007f")
            for line in value.split("\n")
        ]
        return f'"{lines[0]}"' if len(lines) == 1 else '"""\n' + "\n".join(lines) + '"""'
    if isinstance(value, Sequence):
        return f"[{', '.join(map(_value, value))}]"
    raise TypeError(f"{type(value).__name__} has no form here")


def _key(name: str) -> str:
    plain = name.replace("-", "").replace("_", "")
    return name if plain.isascii() and plain.isalnum() else _value(name)


def _pairs(words: Mapping[str, str]) -> str:
    return "".join(f"{_key(name)} = {_value(text)}\n" for name, text in words.items())


def _consent(consent: Consent | None) -> str:
    if consent is None:
        return (
            "# What a listener must agree to before anything is asked. To ask for it, take away the # of three lines.\n"
            '# [consent]\n# text = "Your answers are kept without your name. You may stop at any time."\n'
            '# label = "I have read this and agree."\n'
        )
    return (
        "# What a listener must agree to before anything is asked, and the words beside the tick (empty: ours).\n"
        f"[consent]\ntext = {_value(consent.text)}\nlabel = {_value(consent.label)}\n"
    )


def _completion(definition: Definition) -> str:
    comment = (
        "# What a listener gets at the end: words, a code, an address to return to, in which {listener}, {session}\n"
        "# and {code} are replaced.\n"
    )
    completion = definition.completion
    if completion is None:
        return (
            f'{comment}# [completion]\n# text = "Thank you for your time."\n# code = "C1A2B3"\n'
            '# url = "https://app.example.org/submissions/complete?cc={code}"\n'
        )
    return (
        f"{comment}[completion]\ntext = {_value(completion.text)}\ncode = {_value(completion.code)}\n"
        f"url = {_value(completion.url)}\n"
    )


def _attributes(attributes: Iterable[Attribute], kind: str) -> str:
    comment = "# What is rated, in this order: an id for files, and the words that listeners read.\n"
    if kind == "abx":
        return "# An ABX test has no attributes.\n"
    tables = (
        f"[[attributes]]\nid = {_value(a.id)}\nlabel = {_value(a.label)}\nhint = {_value(a.hint)}\n"
        for a in attributes
    )
    return comment + "\n".join(tables)


def _questions(questions: Iterable[Question]) -> str:
    comment = "# Questions: kind is choice (of options), number (minimum, maximum) or text; when is before or after.\n"
    tables = "\n".join(_question(question) for question in questions)
    return comment + tables if tables else ""


def _question(question: Question) -> str:
    lines = [
        "[[questions]]",
        f"id = {_value(question.id)}",
        f"label = {_value(question.label)}",
        f"kind = {_value(question.kind)}",
    ]
    if question.options:
        lines.append(f"options = {_value(question.options)}")
    for name in ("minimum", "maximum"):
        number = getattr(question, name)
        if number is not None:
            lines.append(f"{name} = {_value(number)}")
    lines += [f"when = {_value(question.when)}", f"required = {_value(question.required)}"]
    return "\n".join(lines) + "\n"
