"""webMUSHRA's exports: ``mushra.csv`` (0 to 100, with or without a reference), ``lss.csv`` and ``lms.csv``.

Columns after webMUSHRA's ``service/write.php``: ``session_test_id``, one for each question put to the
participant, ``session_uuid`` (mushra.csv only), ``trial_id``, then ``rating_stimulus``, ``rating_score``,
``rating_time`` (ms), ``rating_comment``; in Likert exports ``stimuli_rating`` (or ``stimuli_rating1`` and so on,
one a scale), ``stimuli``, ``rating_time``. The file grows by a session at a time.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict

from mixrules.files.tables.numbers import NumberFormat, cell_number, is_missing
from mixrules.ratings.comments import Comment
from mixrules.ratings.readers.csv_rows import CsvTable
from mixrules.ratings.readers.figures import is_figure
from mixrules.ratings.readers.resolve import Resolver, beside
from mixrules.ratings.readers.told import Told
from mixrules.ratings.readers.values import described, unusable, value_on
from mixrules.ratings.reading import Batch, FileRatings, LeftOut, UnusableError
from mixrules.ratings.table import CONTINUOUS, LIKERT, Row

FORMAT = "webmushra"
_REFERENCE, _ANCHORS = "reference", ("anchor35", "anchor70")
"""What webMUSHRA calls the hidden reference and the anchors that it makes itself."""
_OF_A_RATING = {"trial_id", "rating_stimulus", "rating_score", "rating_time", "rating_comment", "stimuli"}
_MOST_SCALES = 20
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?(?:E\+\d+)?")
_NAMES = (
    *("session_test_id", "session_uuid", *sorted(_OF_A_RATING)),
    *("stimuli_rating", *(f"stimuli_rating{n}" for n in range(1, _MOST_SCALES + 1))),
)


def is_webmushra(table: CsvTable) -> bool:
    """Whether a table's head is webMUSHRA's.

    Parameters
    ----------
    table : CsvTable
        Any table.
    """
    return {"session_test_id", "trial_id"} <= set(table.named(_NAMES).head)


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
        If columns are missing or no value can be used.
    """
    export = _Export(table.named(_NAMES), resolver)
    table = export.table
    about = [
        c for c in table.head if c not in _OF_A_RATING | {"session_uuid", "session_test_id", *export.scored}
    ]
    rows: dict[str, list[Row]] = defaultdict(list)
    answers: dict[str, dict[str, str]] = {}
    comments: dict[str, list[Comment]] = defaultdict(list)
    told = Told()
    sessions = _Sessions(_of_a_session(table.head), export.stimulus)
    for number, cells in table.numbered(told, export.used):
        if not cells["trial_id"] or not cells[export.stimulus] or is_figure(cells["session_test_id"]):
            told.add("without a trial or stimulus, or figures of the lines above", f"line {number}")
            continue
        listener = cells.get("session_uuid") or sessions.of(cells)
        answers[listener] = {c: cells[c] for c in about}
        for column in export.scored:
            row = export.row(column, cells, listener, f"line {number}", told)
            if row is not None:
                rows[listener].append(row)
        comments[listener] += export.comment(cells, listener)
    if not rows:
        raise UnusableError("it holds no ratings" + told.why("rows"))
    batches = tuple(
        Batch(
            source=source,
            listener=name,
            session=name,
            rows=tuple(given),
            answers=answers[name],
            comments=tuple(comments[name]),
        )
        for name, given in rows.items()
    )
    said = (*table.left_out, *told.sentences("rows"))
    named = {row.condition for given in rows.values() for row in given}
    hidden = resolver.reference() if resolver.key else _REFERENCE
    return FileRatings(
        format=FORMAT,
        scale=export.scale,
        reference=hidden if export.has_reference and hidden in named else None,
        anchors=tuple(name for name in _ANCHORS if name in named),
        batches=batches,
        left_out=tuple(LeftOut(source, what) for what in said),
    )


class _Export:
    """An export's columns: which hold stimuli and scores, on which scale, and what a cell of them says."""

    def __init__(self, table: CsvTable, resolver: Resolver) -> None:
        self.table, self.resolver = table, resolver
        likert = "stimuli" in table.head
        self.scale = LIKERT if likert else CONTINUOUS
        self.stimulus = "stimuli" if likert else "rating_stimulus"
        scored = [c for c in table.head if c.startswith("stimuli_rating")] if likert else ["rating_score"]
        self.scored = scored
        if not {"session_test_id", "trial_id", self.stimulus, *scored[:1]} <= set(table.head) or not scored:
            raise UnusableError("it has no ratings of stimuli: mushra.csv, lss.csv and lms.csv are accepted")
        self.used = {"trial_id", self.stimulus, *self.scored}
        table.require_once({*self.used, "session_uuid"})
        self.has_reference = False
        self.forms = {column: table.format_of({column}) for column in (*self.scored, "rating_time")}
        attributes = resolver.attributes()
        if len(self.scored) == 1:
            self.attributes = {self.scored[0]: ""}
        elif len(attributes) == len(self.scored):
            self.attributes = dict(zip(self.scored, attributes, strict=True))
        else:
            self.attributes = {column: column.removeprefix("stimuli_") for column in self.scored}

    def row(self, column: str, cells: dict[str, str], listener: str, where: str, told: Told) -> Row | None:
        """Return what a column says in a line, or None with the reason told."""
        trial, stimulus, cell = cells["trial_id"], cells[self.stimulus], cells[column]
        self.has_reference |= stimulus == _REFERENCE and self.scale == CONTINUOUS
        meaning = self.resolver.meaning(trial, stimulus, self.attributes[column])
        if meaning is None:
            # Of an id such as 12e45678 a spreadsheet makes 1.2E+45679.
            hint = ", a spreadsheet may have made a number of it" if _NUMBER.fullmatch(stimulus) else ""
            told.add(f"stimulus {stimulus!r} of trial {trial!r} is not in the key{hint}")
            return None
        if is_missing(cell):
            told.add("not rated", where + f": {cell!r}" * bool(cell))
            return None
        value = value_on(cell, self.scale, self.forms[column])
        if math.isnan(value):
            told.add(f"{column} must be {described(self.scale)}", f"{where}: got {unusable(cell)}")
            return None
        page_s = _seconds(cells.get("rating_time", ""), self.forms["rating_time"])
        return meaning.row(listener, value, page_s=page_s)

    def comment(self, cells: dict[str, str], listener: str) -> list[Comment]:
        """Return what was written beside a rating; nothing where the cell is empty."""
        text = cells.get("rating_comment", "").strip()
        meaning = self.resolver.meaning(cells["trial_id"], cells[self.stimulus])
        if not text or meaning is None:
            return []
        return [beside(meaning, listener, text)]


def _of_a_session(head: tuple[str, ...]) -> list[str]:
    """Return the columns of a participant's answers: those between the test's id and the trial's."""
    first, last = head.index("session_test_id"), head.index("trial_id")
    return [c for c in head[first + 1 : last] if c != "session_uuid"]


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


def _seconds(milliseconds: str, form: NumberFormat) -> float:
    number = cell_number(milliseconds, form, whole=True)
    return math.nan if number is None or number.percent else number.value / 1000.0
