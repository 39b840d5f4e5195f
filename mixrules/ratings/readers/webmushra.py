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
from mixrules.ratings.readers.csv_rows import CsvTable
from mixrules.ratings.readers.figures import is_figure
from mixrules.ratings.readers.resolve import Resolver
from mixrules.ratings.readers.told import Told
from mixrules.ratings.readers.values import described, unusable, value_on
from mixrules.ratings.reading import Batch, FileRatings, LeftOut, UnusableError
from mixrules.ratings.table import CONTINUOUS, LIKERT, Row

FORMAT = "webmushra"
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
    table = table.named(_NAMES)
    likert = "stimuli" in table.head
    scored = [c for c in table.head if c.startswith("stimuli_rating")] if likert else ["rating_score"]
    stimulus = "stimuli" if likert else "rating_stimulus"
    if not scored or not {"session_test_id", "trial_id", stimulus, scored[0]} <= set(table.head):
        raise UnusableError("it has no ratings of stimuli: mushra.csv, lss.csv and lms.csv are accepted")
    used = {"trial_id", stimulus, *scored}
    table.require_once({*used, "session_uuid"})
    about = [
        c for c in table.head if c not in _OF_A_RATING | {"session_uuid", "session_test_id"} | set(scored)
    ]
    scale = LIKERT if likert else CONTINUOUS
    attributes = resolver.attributes() if len(resolver.attributes()) == len(scored) > 1 else ()
    forms = {column: table.format_of({column}) for column in (*scored, "rating_time")}
    rows: dict[str, list[Row]] = defaultdict(list)
    answers: dict[str, dict[str, str]] = {}
    told = Told()
    sessions = _Sessions(_of_a_session(table.head), stimulus)
    for number, cells in table.numbered(told, used):
        if not cells["trial_id"] or not cells[stimulus] or is_figure(cells["session_test_id"]):
            told.add("without a trial or stimulus, or figures of the lines above", f"line {number}")
            continue
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
                # Of an id such as 12e45678 a spreadsheet makes 1.2E+45679.
                hint = (
                    ", a spreadsheet may have made a number of it"
                    if _NUMBER.fullmatch(cells[stimulus])
                    else ""
                )
                told.add(
                    f"stimulus {cells[stimulus]!r} of trial {cells['trial_id']!r} is not in the key{hint}"
                )
                continue
            if is_missing(cells[column]):
                told.add("not rated", f"line {number}" + f": {cells[column]!r}" * bool(cells[column]))
                continue
            value = value_on(cells[column], scale, forms[column])
            if math.isnan(value):
                told.add(
                    f"{column} must be {described(scale)}", f"line {number}: got {unusable(cells[column])}"
                )
                continue
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
                    page_s=_seconds(cells.get("rating_time", ""), forms["rating_time"]),
                )
            )
    if not rows:
        raise UnusableError("it holds no ratings" + told.why("rows"))
    batches = tuple(
        Batch(source=source, listener=name, session=name, rows=tuple(given), answers=answers[name])
        for name, given in rows.items()
    )
    said = (*table.left_out, *told.sentences("rows"))
    return FileRatings(
        format=FORMAT, scale=scale, batches=batches, left_out=tuple(LeftOut(source, what) for what in said)
    )


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
