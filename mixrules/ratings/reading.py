"""What readers of ratings give back, and how the sessions of one listener become one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from mixrules.errors import ListeningTestError
from mixrules.ratings.comments import Comment, merged_comments
from mixrules.ratings.table import ALL, RatingTable, Row, ScaleRange


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
    """

    source: str
    listener: str
    session: str
    rows: tuple[Row, ...]
    started: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    comments: tuple[Comment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRatings:
    """What one file holds: sessions, or rows of counts; what of it was left out, and how else it was read."""

    format: str
    scale: ScaleRange
    batches: tuple[Batch, ...] = ()
    counted: RatingTable | None = None
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Everything that was read.

    Parameters
    ----------
    table : RatingTable
        All ratings.
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
    """

    table: RatingTable
    format: str
    sources: tuple[str, ...]
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    title: str = ""
    comments: tuple[Comment, ...] = ()


def merged(
    batches: Iterable[Batch], group_by: str | None
) -> tuple[list[Row], list[LeftOut], tuple[Comment, ...]]:
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
    rows : list of Row
    left_out : list of LeftOut
    comments : tuple of Comment

    Raises
    ------
    ListeningTestError
        If nobody answered the question `group_by`.
    """
    ordered = sorted(batches, key=lambda b: (b.listener, b.started, -len(b.rows), b.source))
    _require_question(ordered, group_by)
    holder: dict[tuple[object, ...], str] = {}
    group_of: dict[str, str] = {}
    rows, left_out = [], []
    for batch in ordered:
        group = batch.answers.get(group_by, "") if group_by else ""
        group = group_of.setdefault(batch.listener, group or (ALL if group_by is None else "not answered"))
        fresh, before = [], []
        for row in batch.rows:
            what = (row.listener, row.page, row.song, row.condition, row.attribute, row.repeat)
            if what in holder:
                before.append(holder[what])
            else:
                holder[what] = batch.source
                fresh.append(row._replace(group=group))
        rows += fresh
        if before:
            same = "this file" if set(before) == {batch.source} else ", ".join(sorted(set(before)))
            kept = f"its other {len(fresh)} ratings are used" if fresh else "nothing else is in it"
            left_out.append(
                LeftOut(
                    batch.source,
                    f"{len(before)} ratings of listener {batch.listener} are left out, an earlier session in "
                    f"{same} has them already; {kept}",
                )
            )
    comments = merged_comments((c for batch in ordered for c in batch.comments), group_of)
    return rows, left_out, comments


def _require_question(batches: list[Batch], group_by: str | None) -> None:
    if group_by is None or any(b.answers.get(group_by) for b in batches):
        return
    known = sorted({name for b in batches for name in b.answers})
    raise ListeningTestError(
        f"--group-by {group_by}: no listener answered that; known are {', '.join(known) or 'no questions'}"
    )
