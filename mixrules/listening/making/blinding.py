"""Names that say nothing, orders drawn from a seed, and the key that undoes both.

The seed that names and orders are drawn from is recorded in the report, which is never served. The page gets
one derived from it that does not lead back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from mixrules.listening.format.key import Key, KeyPage, KeyStimulus
from mixrules.listening.format.testfile import ListeningTest, Page, Stimulus, Training
from mixrules.listening.making.request import StimuliRequest

if TYPE_CHECKING:
    import numpy as np

_ID_BYTES = 8


def generator(request: StimuliRequest, songs: Sequence[str]) -> np.random.Generator:
    """Return what a test's names and orders are drawn from.

    Parameters
    ----------
    request : StimuliRequest
        Its seed, and what else distinguishes this test: another test gets other ids from the same seed.
    songs : sequence of str
        The songs, each with its excerpt.

    Returns
    -------
    numpy.random.Generator
        The same for the same test.
    """
    import numpy as np

    what = repr((request, tuple(songs)))
    return np.random.default_rng([request.seed, int.from_bytes(hashlib.sha256(what.encode()).digest()[:8])])


def draw_ids(
    songs: Sequence[str], conditions: Sequence[str], rng: np.random.Generator
) -> dict[tuple[str, str], str]:
    """Return an opaque id for every song in every condition.

    Parameters
    ----------
    songs, conditions : sequence of str
        Their names.
    rng : numpy.random.Generator
        What the ids are drawn from.

    Returns
    -------
    dict
        (song, condition) to 16 hexadecimal digits, all different.
    """
    ids: dict[tuple[str, str], str] = {}
    for song in songs:
        for condition in conditions:
            while (drawn := rng.bytes(_ID_BYTES).hex()) in ids.values():
                continue
            ids[song, condition] = drawn
    return ids


def audio_file(stimulus_id: str, audio_format: str) -> str:
    """Return where a stimulus lies below the page."""
    return f"audio/{stimulus_id}.{audio_format}"


def arrange(
    ids: Mapping[tuple[str, str], str],
    request: StimuliRequest,
    training: Training | None,
    rng: np.random.Generator,
) -> tuple[ListeningTest, Key]:
    """Put the stimuli on pages in an order drawn by chance; the last pages are repeated ones.

    Parameters
    ----------
    ids : mapping
        (song, condition) to id.
    request : StimuliRequest
        How the test asks.
    training : Training or None
        The training page.
    rng : numpy.random.Generator
        What the orders are drawn from.

    Returns
    -------
    test : ListeningTest
        What the page may know of it; how it asks is added by `define`.
    key : Key
        What it may not.
    """
    asks = request.asks()
    songs = list(dict.fromkeys(song for song, _ in ids))
    order = [songs[i] for i in rng.permutation(len(songs))]
    again = [order[i] for i in sorted(rng.choice(len(order), size=asks.repeats, replace=False))]
    first_page = {song: f"page-{number:02d}" for number, song in enumerate(order, 1)}
    pages, keys = [], []
    for number, song in enumerate([*order, *again], 1):
        here = [(condition, drawn) for (of, condition), drawn in ids.items() if of == song]
        here = [here[i] for i in rng.permutation(len(here))]
        page_id = f"page-{number:02d}"
        repeat_of = None if first_page[song] == page_id else first_page[song]
        pages.append(
            Page(
                id=page_id,
                label=f"Song {number}",
                stimuli=tuple(
                    Stimulus(id=drawn, file=audio_file(drawn, request.audio_format)) for _, drawn in here
                ),
                repeat_of=repeat_of,
            )
        )
        keys.append(
            KeyPage(
                id=page_id,
                song=song,
                stimuli=tuple(KeyStimulus(id=drawn, condition=condition) for condition, drawn in here),
                repeat_of=repeat_of,
            )
        )
    test_id = rng.bytes(_ID_BYTES).hex()
    test = ListeningTest(
        test_id=test_id,
        title=asks.title,
        seed=public_seed(request.seed),
        scale=asks.scale,
        attributes=asks.attributes,
        training=training,
        pages=tuple(pages),
    )
    key = Key(test_id=test_id, pages=tuple(keys))
    key.require_fits(test)
    return test, key


def public_seed(seed: int) -> int:
    """Return the seed that the page may know; the ids cannot be drawn again from it."""
    return int.from_bytes(hashlib.sha256(f"mixrules page {seed}".encode()).digest()[:4], "big") >> 1
