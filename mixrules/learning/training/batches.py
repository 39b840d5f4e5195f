"""The order in which an epoch goes through the training blocks."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mixrules.learning.training.blocks import Blocks
from mixrules.learning.training.settings import TrainingSettings

Ints = npt.NDArray[np.intp]


def drawn_seed(settings: TrainingSettings, epoch: int) -> int:
    """Return the seed of an epoch; each has its own, so that one can begin without those before it. 0 is the start."""
    return int(np.random.SeedSequence([settings.seed, epoch]).generate_state(1, np.uint32)[0])


def batches_of_epoch(blocks: Blocks, settings: TrainingSettings, epoch: int) -> list[Ints]:
    """Return the rows of each batch, shape (items, pool): an item is a block, or some blocks of a song that are averaged.

    Every block is in one item; where blocks do not fill the last item of a song, some are in it twice.

    Parameters
    ----------
    blocks : Blocks
        What is learnt from.
    settings : TrainingSettings
        Batch size, pool, what is shuffled.
    epoch : int
        Each has an order of its own, unless the blocks are unshuffled.
    """
    rng = np.random.default_rng([settings.seed, 1, epoch])
    shuffled = not settings.switches.unshuffled
    groups = _songs_and_copies(blocks)
    if shuffled and settings.shuffle == "song":
        groups = [groups[place] for place in rng.permutation(len(groups))]
    items = np.concatenate([_pooled(group, settings.pool, rng if shuffled else None) for group in groups])
    if shuffled and settings.shuffle == "sample":
        items = rng.permutation(items)
    return np.split(items, range(settings.batch, len(items), settings.batch))


def _songs_and_copies(blocks: Blocks) -> list[Ints]:
    """Return the rows of each song, of each copy of it, in the order of the table."""
    order = np.lexsort((np.arange(len(blocks)), blocks.copies, blocks.songs))
    songs, copies = blocks.songs[order], blocks.copies[order]
    begins = np.flatnonzero((np.diff(songs) != 0) | (np.diff(copies) != 0)) + 1
    return np.split(order, begins)


def _pooled(rows: Ints, pool: int, rng: np.random.Generator | None) -> Ints:
    """Return the rows of a song in items of a size, shape (items, pool)."""
    if pool > 1 and rng is not None:
        rows = rng.permutation(rows)
    return np.resize(rows, (-(-len(rows) // pool), pool))
