"""The page's test and its key from what was made and what an experimenter decided."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable, Sequence

from mixrules.listening.format.defaults import training_line
from mixrules.listening.format.definition import Definition
from mixrules.listening.format.key import Key, KeyPage
from mixrules.listening.format.parts import Page, Stimulus, Training, TrainingLine
from mixrules.listening.format.testfile import ListeningTest


def define(
    made: ListeningTest, key: Key, definition: Definition, *, copy: Callable[[Stimulus], Stimulus]
) -> tuple[ListeningTest, Key]:
    """Return the test that the page shows, and its key.

    Parameters
    ----------
    made : ListeningTest
        The test as it was made: its songs, stimuli and training.
    key : Key
        Its key, perhaps of an earlier definition.
    definition : Definition
        What was decided; its conditions are those of the key.
    copy : callable
        Gives a stimulus a twin with a name of its own: the open reference.

    Returns
    -------
    test : ListeningTest
        With its revision.
    key : Key
        It knows every repeated page that there ever was, so that earlier ratings can be read.
    """
    condition = {(p.id, s.id): s.condition for p in key.pages for s in p.stimuli}
    songs = []
    for page in made.pages:
        if page.repeat_of is None:
            hidden = next((s for s in page.stimuli if condition[page.id, s.id] == definition.reference), None)
            songs.append(
                dataclasses.replace(
                    page,
                    reference=None if hidden is None else copy(hidden),
                    pairs=_pairs(page, hidden) if definition.pairs == "reference" else (),
                )
            )
    some = definition.songs_per_listener is not None and definition.songs_per_listener < len(songs)
    repeated = _repeats(made, songs, len(songs) if some and definition.repeats else definition.repeats)
    test = dataclasses.replace(
        made,
        version=2,
        title=definition.title,
        introduction=definition.introduction,
        contact=definition.contact,
        language=definition.language,
        words=dict(definition.words),
        consent=definition.consent,
        listener_parameter=definition.listener_parameter,
        headphone_check=definition.headphone_check,
        scale=definition.scale,
        layout=definition.layout,
        require_full_listen=definition.require_full_listen,
        comments=definition.comments,
        attributes=definition.attributes,
        attribute_order=definition.attribute_order,
        questions=definition.questions,
        training=_training(made.training, definition),
        completion=definition.completion,
        songs_per_listener=definition.songs_per_listener if some else None,
        repeats_per_listener=definition.repeats if some else None,
        pages=(*songs, *repeated),
    ).with_revision()
    return test, _key(key, definition, repeated)


def _pairs(page: Page, hidden: Stimulus | None) -> tuple[tuple[str, str], ...]:
    """Return the pairs of the reference with each other stimulus; their order says nothing."""
    if hidden is None:
        return ()
    pairs = [tuple(sorted((hidden.id, other.id))) for other in page.stimuli if other is not hidden]
    return tuple((one, other) for one, other in sorted(pairs))


def _repeats(made: ListeningTest, songs: Sequence[Page], count: int) -> list[Page]:
    """Return `count` repeated pages: first those that were made, then others in an order drawn from the test."""
    named = {page.repeat_of: page for page in made.pages if page.repeat_of is not None}
    others = [page for page in songs if page.id not in named]
    random.Random(f"{made.test_id} repeats").shuffle(others)
    by_id = {page.id: page for page in songs}
    order = [*(by_id[page_id] for page_id in named if page_id is not None), *others]
    return [
        dataclasses.replace(
            page,
            id=named[page.id].id if page.id in named else f"{page.id}-again",
            label=named[page.id].label if page.id in named else page.label,
            repeat_of=page.id,
        )
        for page in order[:count]
    ]


def _training(made: Training | None, definition: Definition) -> Training | None:
    if made is None or not definition.training:
        return None
    lines = definition.training_lines
    names = definition.training_labels
    return dataclasses.replace(
        made,
        text=definition.training_text,
        stimuli=tuple(dataclasses.replace(s, label=n) for s, n in zip(made.stimuli, names, strict=False)),
        lines=tuple(
            TrainingLine(attribute=a.id, text=lines.get(a.id) or training_line(a, definition.language))
            for a in definition.attributes
        ),
    )


def _key(key: Key, definition: Definition, repeated: Sequence[Page]) -> Key:
    known = {page.id: page for page in key.pages}
    more = [
        KeyPage(
            id=page.id,
            song=known[page.repeat_of].song,
            stimuli=known[page.repeat_of].stimuli,
            repeat_of=page.repeat_of,
        )
        for page in repeated
        if page.id not in known and page.repeat_of is not None
    ]
    return dataclasses.replace(
        key,
        version=2,
        reference=definition.reference,
        anchors=definition.anchors,
        labels=dict(definition.condition_labels),
        pages=(*key.pages, *more),
    )
