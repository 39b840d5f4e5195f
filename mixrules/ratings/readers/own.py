"""Our own results: one JSON a listener and session, read with the key of the test."""

from __future__ import annotations

import math
from collections.abc import Iterator

from mixrules.errors import ListeningTestError
from mixrules.listening.format.session_results import Results
from mixrules.ratings.comments import Comment, conditions_named
from mixrules.ratings.readers.resolve import Resolver
from mixrules.ratings.reading import Batch, FileRatings, UnusableError
from mixrules.ratings.table import CONTINUOUS, LIKERT, Row

FORMAT = "mixrules"


def read_own(text: str, source: str, resolver: Resolver) -> FileRatings:
    """Read one of our results files.

    Parameters
    ----------
    text : str
        The file's content.
    source : str
        Its name.
    resolver : Resolver
        With the key.

    Returns
    -------
    FileRatings

    Raises
    ------
    UnusableError
        If it is damaged, of another test, or there is no key.
    """
    results = _load(text, source)
    key = resolver.key
    if key is None:
        raise UnusableError("there is no key.json beside the folder of ratings: name it with --key")
    if results.test_id != key.test_id:
        raise UnusableError(f"it is of another test ({results.test_id}), the key is of {key.test_id}")
    if resolver.test is not None:
        try:
            results.require_belongs(resolver.test)
        except ListeningTestError as error:
            raise UnusableError(str(error)) from None
    pages = {page.id: {s.id for s in page.stimuli} for page in key.pages}
    scale = resolver.scale() or (LIKERT if results.scale == "likert" else CONTINUOUS)
    rows = []
    for page in results.pages:
        for rating in page.ratings:
            if rating.stimulus_id not in pages.get(page.page_id, set()):
                raise UnusableError(f"the key has no stimulus {rating.stimulus_id} on page {page.page_id}")
            value = scale.snapped(float(rating.value))
            if math.isnan(value):
                raise UnusableError(
                    f"page {page.page_id}: {rating.value:g} is not on the {results.scale} scale"
                )
            meaning = resolver.meaning(page.page_id, rating.stimulus_id)
            if meaning is not None:
                rows.append(
                    Row(
                        listener=results.listener_id,
                        group="",
                        song=meaning.song,
                        condition=meaning.condition,
                        attribute=rating.attribute,
                        value=value,
                        page=page.page_id,
                        repeat=meaning.repeat,
                        page_s=page.seconds,
                    )
                )
    if not rows:
        raise UnusableError("nothing was rated in it")
    batch = Batch(
        source=source,
        listener=results.listener_id,
        session=results.session_id,
        started=results.started,
        rows=tuple(rows),
        answers=results.answers,
        comments=tuple(_comments(results, resolver)),
    )
    return FileRatings(format=FORMAT, scale=scale, batches=(batch,))


def _comments(results: Results, resolver: Resolver) -> Iterator[Comment]:
    """Yield what was written on the pages; a page's letters are those of the order in which it was presented."""
    for page in results.pages:
        text = page.comment.strip()
        meanings = [resolver.meaning(page.page_id, stimulus) for stimulus in page.order]
        known = [meaning for meaning in meanings if meaning is not None]
        if not text or not known:
            continue
        order = tuple(meaning.condition if meaning else "not in the key" for meaning in meanings)
        yield Comment(
            listener=results.listener_id,
            text=text,
            song=known[0].song,
            page=page.page_id,
            conditions=conditions_named(text, order),
            order=order,
            repeat=known[0].repeat,
        )


def _load(text: str, source: str) -> Results:
    try:
        return Results.from_json(text, source=source)
    except ListeningTestError as error:
        raise UnusableError(str(error).removeprefix(f"{source}: ").removeprefix(f"{source} ")) from None
