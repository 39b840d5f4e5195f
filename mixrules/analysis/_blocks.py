"""The block grid that all measures of this package share, and the mono sum.

Block ``b`` covers samples ``[b * size, (b + 1) * size)``; an incomplete last block is dropped, as in
BS.1770, unless the signal is shorter than one block, which is then one short block.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from mixrules._support.validation import Audio
from mixrules.errors import ParameterError

_PART_SAMPLES = 1024


def require_positive(**values: float) -> None:
    """Raise `ParameterError` unless each named value is a finite number above zero."""
    for name, value in values.items():
        if isinstance(value, bool) or not math.isfinite(value) or value <= 0:
            raise ParameterError(f"{name} must be a number above 0, got {value!r}")


def block_grid(samples: int, sample_rate: int, block_s: float) -> tuple[int, int]:
    """Return the number of blocks and the samples in one, both at least 1."""
    require_positive(block_s=block_s)
    size = max(1, round(block_s * sample_rate))
    if samples < size:
        return 1, samples
    return samples // size, size


def block_mean_squares(signal: Audio, blocks: int, size: int) -> npt.NDArray[np.float64]:
    """Return the mean square of each block of 1-D `signal`, float64, shape (blocks,)."""
    rows = signal[: blocks * size].reshape(blocks, size)
    return np.asarray(np.einsum("ij,ij->i", rows, rows), dtype=np.float64) / size


def sum_of_products(a: Audio, b: Audio) -> float:
    """Return the sum of a * b of two 1-D arrays, partial sums in their own precision."""
    in_parts = a.size // _PART_SAMPLES * _PART_SAMPLES
    parts = np.einsum(
        "ij,ij->i", a[:in_parts].reshape(-1, _PART_SAMPLES), b[:in_parts].reshape(-1, _PART_SAMPLES)
    )
    return float(parts.sum(dtype=np.float64)) + float(np.einsum("i,i", a[in_parts:], b[in_parts:]))


def power_db(powers: npt.ArrayLike, floor_db: float = -200.0) -> npt.NDArray[np.float64]:
    """Return 10 log10 of `powers`, held at `floor_db` so that silence stays finite."""
    return np.asarray(10.0 * np.log10(np.maximum(powers, 10.0 ** (floor_db / 10.0))))
