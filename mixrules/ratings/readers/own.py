"""Our own results: one JSON a listener and session, read with the key of the test."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Literal

from mixrules.errors import ListeningTestError
from mixrules.listening.format.session_results import Results
from mixrules.ratings.choices.table import Choice
from mixrules.ratings.comments import Comment, conditions_named
from mixrules.ratings.readers.resolve import Meaning, Resolver, beside
from mixrules.ratings.reading import Batch, FileRatings, UnusableError
from mixrules.ratings.table import CONTINUOUS, LIKERT, UNIT, Row, ScaleRange

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
    shown = resolver.test_of(results.definition)
    if shown is not None:
        try:
            results.require_belongs(shown)
        except ListeningTestError as error:
            raise UnusableError(str(error)) from None
    asked: Literal["values", "ab", "abx"] = "values"
    if results.scale == "ab" or results.scale == "abx":
        asked, scale = results.scale, UNIT
    else:
        plain = LIKERT if results.scale == "likert" else CONTINUOUS
        scale = (resolver.scale(shown) if shown is not None else None) or plain
    rows = tuple(_rows(results, resolver, scale)) if asked == "values" else ()
    choices = tuple(_choices(results, resolver)) if asked != "values" else ()
    if not rows and not choices:
        raise UnusableError("nothing was rated in it")
    batch = Batch(
        source=source,
        listener=results.listener_id,
        session=results.session_id,
        started=results.started,
        rows=rows,
        choices=choices,
        answers=results.answers,
        comments=tuple(_comments(results, resolver)),
    )
    return FileRatings(format=FORMAT, scale=scale, batches=(batch,), asked=asked, revision=results.definition)


def _rows(results: Results, resolver: Resolver, scale: ScaleRange) -> Iterator[Row]:
    """Yield the values on a scale."""
    for page in results.pages:
        for rating in page.ratings:
            value = scale.snapped(float(rating.value))
            if math.isnan(value):
                raise UnusableError(
                    f"page {page.page_id}: {rating.value:g} is not on the {results.scale} scale"
                )
            meaning = _meaning(resolver, page.page_id, rating.stimulus_id)
            yield Row(
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


def _choices(results: Results, resolver: Resolver) -> Iterator[Choice]:
    """Yield the answers of an A/B or ABX test."""
    order = resolver.conditions()
    for page in results.pages:
        for trial in page.trials:
            name = {s: _meaning(resolver, page.page_id, s).condition for s in (trial.a, trial.b)}
            first, second = sorted(name.values(), key=order.index)
            yield Choice(
                listener=results.listener_id,
                group="",
                song=_meaning(resolver, page.page_id, trial.a).song,
                first=first,
                second=second,
                attribute=trial.attribute,
                chosen=name.get(trial.chosen or "", ""),
                x=name.get(trial.x or "", ""),
                shown_first=name[trial.a],
                page=page.page_id,
                repeat=_meaning(resolver, page.page_id, trial.a).repeat,
                number=trial.number,
                seconds=trial.seconds,
            )


def _meaning(resolver: Resolver, page_id: str, stimulus_id: str) -> Meaning:
    known = resolver.key.pages if resolver.key else ()
    if not any(page.id == page_id and any(s.id == stimulus_id for s in page.stimuli) for page in known):
        raise UnusableError(f"the key has no stimulus {stimulus_id} on page {page_id}")
    meaning = resolver.meaning(page_id, stimulus_id)
    assert meaning is not None
    return meaning


def _comments(results: Results, resolver: Resolver) -> Iterator[Comment]:
    """Yield what was written; a page's letters are those of the order in which it was presented."""
    for page in results.pages:
        text = page.comment.strip()
        shown = page.order or tuple(s for trial in page.trials for s in (trial.a, trial.b))
        meanings = [resolver.meaning(page.page_id, stimulus) for stimulus in shown]
        known = [meaning for meaning in meanings if meaning is not None]
        if text and known:
            # In comparisons A and B change from one to the next.
            order = tuple(m.condition if m else "not in the key" for m in meanings) if page.order else ()
            yield Comment(
                listener=results.listener_id,
                text=text,
                song=known[0].song,
                page=page.page_id,
                conditions=conditions_named(text, order),
                order=order,
                repeat=known[0].repeat,
            )
        for stimulus, written in page.comments.items():
            meaning = resolver.meaning(page.page_id, stimulus)
            if written.strip() and meaning is not None:
                yield beside(meaning, results.listener_id, written.strip())


def _load(text: str, source: str) -> Results:
    try:
        return Results.from_json(text, source=source)
    except ListeningTestError as error:
        raise UnusableError(str(error).removeprefix(f"{source}: ").removeprefix(f"{source} ")) from None
