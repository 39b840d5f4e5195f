"""The Web Audio Evaluation Tool's saves: one XML a session, its root ``waetresult``.

As its ``js/core.js`` writes them: ``page`` elements with ``ref`` (repeats end in ``-repeat-N``) and ``state``; in
each ``audioelement`` with ``ref`` and ``type``; in that ``value``, one for each axis, named by ``interface-name``,
from 0 to 1. Survey answers stand in ``survey/surveyresult/response``.
"""

from __future__ import annotations

import math
import re
from xml.etree import ElementTree

from mixrules.files.tables.numbers import NumberFormat
from mixrules.ratings.comments import Comment
from mixrules.ratings.readers.resolve import Resolver, beside
from mixrules.ratings.readers.told import Told
from mixrules.ratings.readers.values import described, unusable, value_on
from mixrules.ratings.reading import Batch, FileRatings, LeftOut, UnusableError
from mixrules.ratings.table import UNIT, Row, ScaleRange

FORMAT = "waet"
_REPEAT = re.compile(r"-repeat-(\d+)$")


def read_waet(text: str, source: str, resolver: Resolver) -> FileRatings:
    """Read one save of the Web Audio Evaluation Tool.

    Parameters
    ----------
    text : str
        The file's content.
    source : str
        Its name; it stands for the listener where the save has no key.
    resolver : Resolver
        With the key of our test; without one, a page is a song and an audio element a condition.

    Returns
    -------
    FileRatings

    Raises
    ------
    UnusableError
        If it is not such a save, or holds no finished page.
    """
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise UnusableError(
            "it declares a document type, which no save of the Web Audio Evaluation Tool does"
        )
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise UnusableError(f"it is not XML that can be read: {error}") from None
    if root.tag != "waetresult":
        raise UnusableError(f"its root is <{root.tag[:40]}>, a save has <waetresult>")
    listener = root.get("key") or source
    rows: list[Row] = []
    comments: list[Comment] = []
    told = Told()
    for page in root.findall("page"):
        ref = page.get("ref") or ""
        if page.get("state") != "complete":
            told.add("not finished", f"page {ref!r}", "pages")
            continue
        repeated = _REPEAT.search(ref)
        repeat = int(repeated[1]) + 1 if repeated else 0
        for element in page.findall("audioelement"):
            if element.get("type") == "outside-reference":
                continue
            text = (element.findtext("comment/response") or "").strip()
            about = resolver.meaning(_REPEAT.sub("", ref), element.get("ref") or "", "", repeat)
            if text and about is not None:
                comments.append(beside(about, listener, text))
            for value in element.findall("value"):
                axis = value.get("interface-name") or ""
                meaning = resolver.meaning(
                    _REPEAT.sub("", ref), element.get("ref") or "", "" if axis == "null" else axis, repeat
                )
                if meaning is None:
                    told.add("not in the key", f"page {ref!r}")
                    continue
                rated = value_on((value.text or "").strip(), UNIT, NumberFormat(sure=True))
                if math.isnan(rated):
                    got = unusable(value.text) if value.text else "nothing"
                    told.add(f"a value must be {described(UNIT)}, got {got}", f"page {ref!r}")
                    continue
                rows.append(meaning.row(listener, rated, page_s=_seconds(page))._replace(page=ref))
    if not rows:
        finished = any(page.get("state") == "complete" for page in root.findall("page"))
        raise UnusableError(
            ("it holds no ratings" if finished or not told else "no page of it was finished") + told.why()
        )
    known = resolver.scale()
    scale = ScaleRange(low=0.0, high=1.0, steps=False, labels=known.labels) if known else UNIT
    batch = Batch(
        source=source,
        listener=listener,
        session=listener,
        started=_started(root),
        rows=tuple(rows),
        answers=_answers(root),
        comments=tuple(comments),
    )
    left_out = tuple(LeftOut(source, what) for what in told.sentences())
    return FileRatings(format=FORMAT, scale=scale, batches=(batch,), left_out=left_out)


def _started(root: ElementTree.Element) -> str:
    """Return when the session began, in the listener's own time; empty where the save does not say."""
    date, time = root.find("datetime/date"), root.find("datetime/time")
    if date is None or time is None:
        return ""
    seconds = time.get("secs") or time.get("sec") or "0"
    parts = [
        *(date.get(name) for name in ("year", "month", "day")),
        time.get("hour"),
        time.get("minute"),
        seconds,
    ]
    if not all(part and part.isascii() and part.isdigit() for part in parts):
        return ""
    year, month, day, hour, minute, second = (int((part or "0")[:4]) for part in parts)
    return f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"


def _seconds(page: ElementTree.Element) -> float:
    for result in page.findall("metric/metricresult"):
        if "testTime" in (result.get("id"), result.get("name")):
            try:
                return float(result.text or "")
            except ValueError:
                return math.nan
    return math.nan


def _answers(root: ElementTree.Element) -> dict[str, str]:
    answers = {}
    for result in root.findall("survey/surveyresult"):
        response = result.find("response")
        if response is not None and (response.text or response.get("name")):
            answers[(result.get("ref") or "").removeprefix("question-")] = (
                response.text or response.get("name") or ""
            ).strip()
    return answers
