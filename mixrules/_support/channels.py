"""The mean of a signal's channels."""

from __future__ import annotations

import numpy as np

from mixrules._support.validation import Audio


def mean_of_channels(audio: Audio, out: Audio | None = None) -> Audio:
    """Return the mean of the channels of 2-D `audio`, shape (samples,), in `out` where that is given."""
    channels = audio.shape[1]
    if channels == 1:
        if out is None:
            return audio[:, 0]
        out[:] = audio[:, 0]
        return out
    # Adding column by column is several times faster than a mean over an axis of length two.
    total: Audio = np.add(audio[:, 0], audio[:, 1], out=out)
    for channel in range(2, channels):
        total += audio[:, channel]
    total *= 1.0 / channels
    return total
