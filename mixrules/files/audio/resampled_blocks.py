"""Audio in blocks at another sample rate, for formats that do not take every one."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt


def resampled_blocks(
    blocks: Iterable[npt.NDArray[Any]], samples: int, channels: int, rate_in: int, rate_out: int
) -> tuple[Iterator[npt.NDArray[np.float32]], int]:
    """Resample audio that arrives in blocks, at soxr's very high quality.

    Parameters
    ----------
    blocks : iterable of ndarray, shape (samples, channels)
        The audio.
    samples, channels : int
        The shape of all of them together.
    rate_in, rate_out : int
        Hz.

    Returns
    -------
    blocks : iterator of ndarray, shape (samples, channels)
        The audio at the other rate.
    samples : int
        How many samples these have together, at least one.
    """
    length = max(1, math.floor(samples * rate_out / rate_in + 0.5))
    return _exactly(_resampled(blocks, channels, rate_in, rate_out), length, channels), length


def _resampled(
    blocks: Iterable[npt.NDArray[Any]], channels: int, rate_in: int, rate_out: int
) -> Iterator[npt.NDArray[np.float32]]:
    import soxr

    stream = soxr.ResampleStream(rate_in, rate_out, channels, dtype="float32", quality="VHQ")
    for block in blocks:
        yield stream.resample_chunk(np.ascontiguousarray(block, np.float32)).reshape(-1, channels)
    yield stream.resample_chunk(np.zeros((0, channels), np.float32), last=True).reshape(-1, channels)


def _exactly(
    blocks: Iterable[npt.NDArray[np.float32]], samples: int, channels: int
) -> Iterator[npt.NDArray[np.float32]]:
    """Yield so many samples: what is beyond is cut off, and zeros follow what is short of them."""
    left = samples
    for block in blocks:
        part = block[:left]
        left -= len(part)
        yield part
    if left:
        yield np.zeros((left, channels), np.float32)
