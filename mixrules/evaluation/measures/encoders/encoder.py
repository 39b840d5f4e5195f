"""What an encoder is: anything with a name that turns audio into vectors."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt

from mixrules._support.validation import Audio

Vectors = npt.NDArray[np.float64]
"""Shape (segments, dimensions): one embedding vector for each segment of the audio, in the order of time."""


class Encoder(Protocol):
    """What turns audio into vectors.

    Attributes
    ----------
    name : str
        What it is called; two of one name make the same vectors.
    """

    name: str

    def __call__(self, audio: Audio, sample_rate: int) -> Vectors:
        """Return vectors of shape (segments, dimensions) for audio of shape (samples, channels)."""
        ...
