"""What readers of ratings give back, and how the sessions of one listener become one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from mixrules.errors import ListeningTestError
from mixrules.ratings.choices.table import Choice, ChoiceTable
from mixrules.ratings.comments import Comment, merged_comments
from mixrules.ratings.group_names import ALL
from mixrules.ratings.table import RatingTable, Row, ScaleRange


class UnusableError(ListeningTestError):
    """A file holds nothing that can be used; the message is the reason, without the file's name."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file, or a part of one, that was not used, and why."""

    file: str
    reason: str

    def __str__(self) -> str:
        return f"{self.file}: {self.reason}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What one file says of one listener in one session.

    Parameters
    ----------
    source : str
        The file's name.
    listener, session : str
        Who, and in which session.
    started : str
        ISO 8601, UTC; empty where not known.
    rows : tuple of Row
        The values, with `group` empty.
    answers : mapping of str to str
        What is known of the listener, by question.
    comments : tuple of Comment
        What the listener wrote.
    choices : tuple of Choice
        The answers of an A/B or ABX test, with `group` empty.
    """

    source: str
    listener: str
    session: str
    rows: tuple[Row, ...]
    started: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    comments: tuple[Comment, ...] = ()
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRatings:
    """What one file holds: sessions, or rows of counts; what of it was left out, and how else it was read.

    `asked` says whether values on a scale were asked for or choices, ``"ab"`` or ``"abx"``. `reference` is the condition
    that was the hidden reference of an open one, `anchors` are those that were anchors, where the file
    tells. `revision` is that of the definition that was rated, empty where there is none.
    """

    format: str
    scale: ScaleRange
    asked: Literal["values", "ab", "abx"] = "values"
    reference: str | None = None
    anchors: tuple[str, ...] = ()
    revision: str = ""
    batches: tuple[Batch, ...] = ()
    counted: RatingTable | None = None
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Merged:
    """What all sessions say, each thing once a listener; what was left out for that, and what was written."""

    rows: list[Row]
    choices: list[Choice]
    left_out: list[LeftOut]
    comments: tuple[Comment, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Everything that was read.

    Parameters
    ----------
    table : RatingTable
        All ratings on a scale; empty where there are choices.
    format : str
        What kind of files.
    sources : tuple of str
        The files that were used.
    left_out : tuple of LeftOut
        Files and parts of files that were not used.
    notes : tuple of str
        How files were read where that is a guess, each with the file's name.
    labels : mapping of str to str
        What to call attributes.
    title : str
        The test's title; may be empty.
    comments : tuple of Comment
        What listeners wrote, by song and by what it is about.
    choices : ChoiceTable or None
        All answers of an A/B or ABX test.
    reference : str or None
        The condition that was hidden among the others and given as the reference besides.
    anchors : tuple of str
        Conditions that are bad on purpose.
    """

    table: RatingTable
    format: str
    sources: tuple[str, ...]
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    title: str = ""
    comments: tuple[Comment, ...] = ()
    choices: ChoiceTable | None = None
    reference: str | None = None
    anchors: tuple[str, ...] = ()

    def attribute_label(self, attribute: str) -> str:
        """Return what to call an attribute."""
        known = self.labels.get(attribute)
        plain = attribute.replace("_", " ")
        return known or ("EQ" if plain == "eq" else plain[:1].upper() + plain[1:])


def merged(batches: Iterable[Batch], group_by: str | None) -> Merged:
    """Return the rows of all sessions, each thing rated counted once a listener.

    The session that began first counts; of a later one (a second tab, a second copy of the file) only what the
    first lacks is taken, and what is not is told.

    Parameters
    ----------
    batches : iterable of Batch
        All sessions.
    group_by : str or None
        The question whose answer is a listener's group.

    Returns
    -------
    Merged

    Raises
    ------
    ListeningTestError
        If nobody answered the question `group_by`.
    """
    ordered = sorted(batches, key=lambda b: (b.listener, b.started, -len(b.rows) - len(b.choices), b.source))
    _require_question(ordered, group_by)
    holder: dict[tuple[object, ...], str] = {}
    group_of: dict[str, str] = {}
    rows: list[Row] = []
    choices: list[Choice] = []
    left_out: list[LeftOut] = []
    for batch in ordered:
        group = batch.answers.get(group_by, "") if group_by else ""
        group = group_of.setdefault(batch.listener, group or (ALL if group_by is None else "not answered"))
        before: list[str] = []
        values = [
            row._replace(group=group)
            for row in batch.rows
            if _is_new(_rated(row), batch.source, holder, before)
        ]
        answers = [
            choice._replace(group=group)
            for choice in batch.choices
            if _is_new(_answered(choice), batch.source, holder, before)
        ]
        rows += values
        choices += answers
        if before:
            fresh = len(values) + len(answers)
            same = "this file" if set(before) == {batch.source} else ", ".join(sorted(set(before)))
            kept = f"its other {fresh} ratings are used" if fresh else "nothing else is in it"
            left_out.append(
                LeftOut(
                    batch.source,
                    f"{len(before)} ratings of listener {batch.listener} are left out, an earlier session in "
                    f"{same} has them already; {kept}",
                )
            )
    comments = merged_comments((c for batch in ordered for c in batch.comments), group_of)
    return Merged(rows, choices, left_out, comments)


def _is_new(
    what: tuple[object, ...], source: str, holder: dict[tuple[object, ...], str], before: list[str]
) -> bool:
    """Whether nothing said this before; notes who says it first, or who had said it."""
    if what in holder:
        before.append(holder[what])
        return False
    holder[what] = source
    return True


def _rated(row: Row) -> tuple[object, ...]:
    return row.listener, row.page, row.song, row.condition, row.attribute, row.repeat


def _answered(choice: Choice) -> tuple[object, ...]:
    c = choice
    return c.listener, c.page, c.song, c.first, c.second, c.attribute, c.repeat, c.number


def _require_question(batches: list[Batch], group_by: str | None) -> None:
    if group_by is None or any(b.answers.get(group_by) for b in batches):
        return
    known = sorted({name for b in batches for name in b.answers})
    raise ListeningTestError(
        f"--group-by {group_by}: no listener answered that; known are {', '.join(known) or 'no questions'}"
    )
