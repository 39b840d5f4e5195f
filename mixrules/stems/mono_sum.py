"""The mono sum of stems, read in slices."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np

from mixrules._support.validation import Audio, SlicedAudio
from mixrules.stems.stem import Stem


class MonoSum(SlicedAudio):
    """The sum of stems as they were given, each as the mean of its channels.

    Parameters
    ----------
    stems : sequence of Stem
        At least one; all of one length.
    """

    def __init__(self, stems: Sequence[Stem]) -> None:
        super().__init__(stems[0].samples, 1)
        self._stems = stems

    def __getitem__(self, samples: slice) -> Audio:
        """Return the samples of a slice with step 1, shape (samples, 1)."""
        start, stop, _ = samples.indices(len(self))
        total = np.zeros((stop - start, 1), np.float32)
        # Stems of as many channels are added up first, then the channels are averaged once.
        for channels in {stem.channels for stem in self._stems}:
            alike = [stem.read(start, stop) for stem in self._stems if stem.channels == channels]
            added = functools.reduce(np.add, alike)
            for channel in range(channels):
                total[:, 0] += added[:, channel] * np.float32(1.0 / channels)
        return total
