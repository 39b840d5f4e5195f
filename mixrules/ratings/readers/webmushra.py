"""webMUSHRA's exports: ``mushra.csv`` (0 to 100, with or without a reference), ``lss.csv`` and ``lms.csv``.

Columns after webMUSHRA's ``service/write.php``: ``session_test_id``, one for each question put to the
participant, ``session_uuid`` (mushra.csv only), ``trial_id``, then ``rating_stimulus``, ``rating_score``,
``rating_time`` (ms), ``rating_comment``; in Likert exports ``stimuli_rating`` (or ``stimuli_rating1`` and so on,
one a scale), ``stimuli``, ``rating_time``. The file grows by a session at a time.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict

from mixrules.ratings.readers.csv_rows import CsvTable
from mixrules.ratings.readers.resolve import Resolver
from mixrules.ratings.reading import Batch, FileRatings, LeftOut, UnusableError
from mixrules.ratings.table import CONTINUOUS, LIKERT, Row

FORMAT = "webmushra"
_OF_A_RATING = {"trial_id", "rating_stimulus", "rating_score", "rating_time", "rating_comment", "stimuli"}


def is_webmushra(table: CsvTable) -> bool:
    """Whether a table's head is webMUSHRA's.

    Parameters
    ----------
    table : CsvTable
        Any table.
    """
    return {"session_test_id", "trial_id"} <= set(table.head)


def read_webmushra(table: CsvTable, source: str, resolver: Resolver) -> FileRatings:
    """Read a CSV export of webMUSHRA.

    Parameters
    ----------
    table : CsvTable
        The table.
    source : str
        The file's name.
    resolver : Resolver
        With the key of our test; without one, a trial is a song and a stimulus a condition.

    Returns
    -------
    FileRatings

    Raises
    ------
    UnusableError
        If columns are missing or a value is not on the scale.
    """
    likert = "stimuli" in table.head
    scored = [c for c in table.head if c.startswith("stimuli_rating")] if likert else ["rating_score"]
    stimulus = "stimuli" if likert else "rating_stimulus"
    if not scored or not {stimulus, scored[0]} <= set(table.head):
        raise UnusableError("it has no ratings of stimuli: mushra.csv, lss.csv and lms.csv are accepted")
    about = [
        c for c in table.head if c not in _OF_A_RATING | {"session_uuid", "session_test_id"} | set(scored)
    ]
    scale = LIKERT if likert else CONTINUOUS
    attributes = resolver.attributes() if len(resolver.attributes()) == len(scored) > 1 else ()
    rows: dict[str, list[Row]] = defaultdict(list)
    answers: dict[str, dict[str, str]] = {}
    skipped: Counter[str] = Counter()
    sessions = _Sessions(about, stimulus)
    for number, cells in table.numbered():
        listener = cells.get("session_uuid") or sessions.of(cells)
        answers[listener] = {c: cells[c] for c in about}
        for index, column in enumerate(scored):
            named = (
                attributes[index]
                if attributes
                else column.removeprefix("stimuli_")
                if len(scored) > 1
                else ""
            )
            meaning = resolver.meaning(cells["trial_id"], cells[stimulus], named)
            if meaning is None:
                skipped[f"stimulus {cells[stimulus]!r} of trial {cells['trial_id']!r} is not in the key"] += 1
                continue
            if cells[column] in ("NA", ""):
                skipped["not rated"] += 1
                continue
            value = number_in(cells[column], number, column)
            if not scale.contains(value):
                raise UnusableError(
                    f"line {number}: {value:g} is not on the scale {scale.low:g} to {scale.high:g}"
                )
            rows[listener].append(
                Row(
                    listener=listener,
                    group="",
                    song=meaning.song,
                    condition=meaning.condition,
                    attribute=meaning.attribute,
                    value=value,
                    page=meaning.page,
                    repeat=meaning.repeat,
                    page_s=_seconds(cells.get("rating_time", "")),
                )
            )
    if not rows:
        raise UnusableError("it holds no ratings" + "".join(f"; {w} ({n} rows)" for w, n in skipped.items()))
    batches = tuple(
        Batch(source=source, listener=name, session=name, rows=tuple(given), answers=answers[name])
        for name, given in rows.items()
    )
    left_out = tuple(LeftOut(source, f"{n} rows left out: {what}") for what, n in skipped.items())
    return FileRatings(format=FORMAT, scale=scale, batches=batches, left_out=left_out)


class _Sessions:
    """Tells sessions apart in exports without session_uuid (lss.csv, lms.csv).

    A session is written in one piece and rates each stimulus of a trial once: the next one begins where the
    participant's answers change or a stimulus comes again.
    """

    def __init__(self, about: list[str], stimulus: str) -> None:
        self.about, self.stimulus = about, stimulus
        self.number = 0
        self.answers: list[str] | None = None
        self.seen: set[tuple[str, str]] = set()

    def of(self, cells: dict[str, str]) -> str:
        """Return the session of a row."""
        answers = [cells[c] for c in self.about]
        what = cells["trial_id"], cells[self.stimulus]
        if answers != self.answers or what in self.seen:
            self.number += 1
            self.answers = answers
            self.seen = set()
        self.seen.add(what)
        return f"session-{self.number:03d}"


def number_in(text: str, line: int, column: str) -> float:
    """Return the finite number in a cell; fails with `UnusableError`.

    Parameters
    ----------
    text : str
        The cell.
    line : int
        Where it stands.
    column : str
        What it should hold.
    """
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise UnusableError(f"line {line}: {column} must be a number, got {text[:40]!r}")
    return value


def _seconds(milliseconds: str) -> float:
    try:
        return float(milliseconds) / 1000.0
    except ValueError:
        return math.nan
