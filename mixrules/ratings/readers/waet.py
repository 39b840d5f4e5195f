"""The Web Audio Evaluation Tool's saves: one XML a session, its root ``waetresult``.

As its ``js/core.js`` writes them: ``page`` elements with ``ref`` (repeats end in ``-repeat-N``) and ``state``; in
each ``audioelement`` with ``ref`` and ``type``; in that ``value``, one for each axis, named by ``interface-name``,
from 0 to 1. Survey answers stand in ``survey/surveyresult/response``.
"""

from __future__ import annotations

import math
import re
from xml.etree import ElementTree

from mixrules.ratings.readers.resolve import Resolver
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
    left_out = []
    for page in root.findall("page"):
        ref = page.get("ref") or ""
        if page.get("state") != "complete":
            left_out.append(LeftOut(source, f"page {ref!r} was not finished and is left out"))
            continue
        repeated = _REPEAT.search(ref)
        repeat = int(repeated[1]) + 1 if repeated else 0
        unknown = 0
        for element in page.findall("audioelement"):
            if element.get("type") == "outside-reference":
                continue
            for value in element.findall("value"):
                axis = value.get("interface-name") or ""
                meaning = resolver.meaning(
                    _REPEAT.sub("", ref), element.get("ref") or "", "" if axis == "null" else axis, repeat
                )
                if meaning is None:
                    unknown += 1
                    continue
                rows.append(
                    Row(
                        listener=listener,
                        group="",
                        song=meaning.song,
                        condition=meaning.condition,
                        attribute=meaning.attribute,
                        value=_value(value.text, ref),
                        page=ref,
                        repeat=meaning.repeat,
                        page_s=_seconds(page),
                    )
                )
        if unknown:
            left_out.append(LeftOut(source, f"{unknown} values of page {ref!r} are left out: not in the key"))
    if not rows:
        raise UnusableError("no page of it was finished" if left_out else "it holds no ratings")
    known = resolver.scale()
    scale = ScaleRange(low=0.0, high=1.0, steps=False, labels=known.labels) if known else UNIT
    batch = Batch(
        source=source, listener=listener, session=listener, rows=tuple(rows), answers=_answers(root)
    )
    return FileRatings(format=FORMAT, scale=scale, batches=(batch,), left_out=tuple(left_out))


def _value(text: str | None, page: str) -> float:
    try:
        value = float(text or "")
    except ValueError:
        value = math.nan
    if not 0.0 <= value <= 1.0:
        raise UnusableError(f"page {page!r}: a value must be 0 to 1, got {(text or 'nothing')[:40]!r}")
    return value


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
