"""A survey for Qualtrics, in its advanced text format for imports.

A block a song: the players, then a table for each attribute with a row a stimulus, the answers coded 1 to 5.
The format has no slider; on a 0 to 100 scale each stimulus gets a line for a number. It has no random order
either: rows stand in the order of the page, blocks and questions are shuffled with the survey's own options.
"""

from __future__ import annotations

import html

from mixrules.files.tables.writing import csv_text
from mixrules.listening.exports.common import audio_address, letter
from mixrules.listening.format.testfile import Attribute, ListeningTest, Page

_PLACE = "https://YOUR-SERVER/audio/"


def qualtrics_survey(test: ListeningTest, *, audio_url: str = "") -> str:
    """Return a test as a Qualtrics import.

    Parameters
    ----------
    test : ListeningTest
        The test.
    audio_url : str
        Where the audio files are on the web; empty: a place to be filled in.

    Returns
    -------
    str
        Text in the advanced format.
    """
    base = audio_url or _PLACE
    lines = ["[[AdvancedFormat]]", "", "[[Block:Welcome]]", ""]
    lines += ["[[Question:DB]]", "[[ID:welcome]]", f"<h2>{_shown(test.title)}</h2>"]
    lines += ["Set a comfortable volume and leave it as it is until the end of the test.", ""]
    for question in test.questions:
        if question.options:
            lines += ["[[Question:MC:SingleAnswer:Vertical]]", f"[[ID:{_name(question.id)}]]"]
            lines += [_shown(question.label), "", "[[Choices]]", *map(_shown, question.options), ""]
        else:
            lines += [
                "[[Question:TE:SingleLine]]",
                f"[[ID:{_name(question.id)}]]",
                _shown(question.label),
                "",
            ]
    if test.training is not None:
        labels = {attribute.id: attribute.label for attribute in test.attributes}
        lines += ["[[Block:Training]]", "", "[[Question:DB]]", "[[ID:training]]"]
        lines += [_player(s.label, audio_address(s.file, base)) for s in test.training.stimuli]
        lines += [
            f"<p><b>{_shown(labels[line.attribute])}</b>: {_shown(line.text)}</p>"
            for line in test.training.lines
        ]
        lines.append("")
    for page in test.pages:
        lines += [f"[[Block:{page.id}]]", "", "[[Question:DB]]", f"[[ID:{_name(page.id)}_audio]]"]
        lines.append(f"<h2>{_shown(page.label)}</h2>")
        lines += [_player(letter(i), audio_address(s.file, base)) for i, s in enumerate(page.stimuli)]
        lines.append("")
        for attribute in test.attributes:
            lines += _rating(test, page, attribute)
    return "\n".join(lines)


def qualtrics_columns(test: ListeningTest) -> str:
    """Return which column of the survey's results is which stimulus, as CSV with a head.

    Parameters
    ----------
    test : ListeningTest
        The test.

    Returns
    -------
    str
        Columns ``column,page,attribute,stimulus_id``.
    """
    names = ("column", "page", "attribute", "stimulus_id")
    rows = [
        dict(zip(names, (_column(page, attribute, row), page.id, attribute.id, stimulus.id), strict=True))
        for page in test.pages
        for attribute in test.attributes
        for row, stimulus in enumerate(page.stimuli, 1)
    ]
    return csv_text(rows, names)


def _rating(test: ListeningTest, page: Page, attribute: Attribute) -> list[str]:
    asked = f"<b>{_shown(attribute.label)}</b>. {_shown(attribute.hint)}".rstrip()
    rows = range(1, len(page.stimuli) + 1)
    if test.scale.kind == "continuous":
        low, high = _shown(test.scale.labels[0].lower()), _shown(test.scale.labels[-1].lower())
        lines = []
        for row in rows:
            lines += ["[[Question:TE:SingleLine]]", f"[[ID:{_column(page, attribute, row)}]]"]
            lines += [f"{letter(row - 1)}: {asked} A number from 0 ({low}) to 100 ({high}).", ""]
        return lines
    lines = ["[[Question:Matrix]]", f"[[ID:{_question(page, attribute)}]]", asked, "", "[[Choices]]"]
    lines += [letter(row - 1) for row in rows]
    lines.append("[[AdvancedAnswers]]")
    for value, label in enumerate(test.scale.labels, 1):
        lines += [f"[[Answer:{value}]]", _shown(label)]
    return [*lines, ""]


def _question(page: Page, attribute: Attribute) -> str:
    return f"{_name(page.id)}__{_name(attribute.id)}"


def _column(page: Page, attribute: Attribute, row: int) -> str:
    """Return what Qualtrics calls a row of a table: the question's id and the row's number."""
    return f"{_question(page, attribute)}_{row}"


def _name(name: str) -> str:
    return name.replace("-", "_")


def _player(label: str, address: str) -> str:
    return f'<p>{_shown(label)}<br /><audio controls preload="auto" src="{html.escape(address)}"></audio></p>'


def _shown(text: str) -> str:
    """Return text for one line of HTML that holds none of the format's own marks."""
    return html.escape(" ".join(text.split())).replace("[[", "&#91;&#91;").replace("]]", "&#93;&#93;")
