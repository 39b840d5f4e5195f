"""Block energies: what every loudness measure is computed from.

They are the mean squares of the K-weighted signal in hops of 10 ms, weighted and summed over channels. All loudness
measures are averages of these, so they can be computed again after a gain without the audio.

Reference: ITU-R BS.1770-5, Annex 1, equations 1 and 2.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from mixrules._support.arguments import is_finite, shown_value
from mixrules.errors import ParameterError

FloatArray = npt.NDArray[np.float64]

LOUDNESS_OFFSET_DB = -0.691


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BlockEnergies:
    """K-weighted energy of a signal in short hops.

    Attributes
    ----------
    energies : ndarray of float64, shape (hops,)
        Weighted sum over channels of the K-weighted mean square of each hop. The last hop may be
        incomplete, so that the hops cover the signal.
    boundaries : ndarray of int64, shape (hops + 1,)
        Sample where each hop begins, and where the last one ends.
    sample_rate : int
        Hz.
    hops_per_100_ms : int
        10 for the usual hop of 10 ms.
    """

    energies: FloatArray
    boundaries: npt.NDArray[np.int64]
    sample_rate: int
    hops_per_100_ms: int = 10

    def __post_init__(self) -> None:
        if self.energies.ndim != 1 or self.boundaries.shape != (self.energies.size + 1,):
            raise ParameterError(
                f"boundaries must hold one more entry than energies, got shapes {self.boundaries.shape} "
                f"and {self.energies.shape}"
            )

    @property
    def hop_s(self) -> float:
        """Length of a hop in seconds."""
        return 0.1 / self.hops_per_100_ms

    @property
    def complete_hops(self) -> int:
        """How many hops are complete: all, or all but the last."""
        hops = self.energies.size
        end = hop_boundary(hops, self.sample_rate, self.hops_per_100_ms)
        return hops if hops == 0 or int(self.boundaries[-1]) >= end else hops - 1

    def until(self, sample: int) -> BlockEnergies:
        """Return the hops that have ended by a sample, as if the signal ended there."""
        hops = int(np.searchsorted(self.boundaries, sample, side="right")) - 1
        return dataclasses.replace(
            self, energies=self.energies[:hops], boundaries=self.boundaries[: hops + 1]
        )

    def scaled(self, gain: npt.ArrayLike) -> BlockEnergies:
        """Return the energies after a gain: one linear factor, or one for each hop.

        Parameters
        ----------
        gain : float or array_like, shape (hops,)
            Linear gain on the amplitude.

        Returns
        -------
        BlockEnergies
            With energies multiplied by gain squared.
        """
        return dataclasses.replace(
            self, energies=self.energies * np.square(np.asarray(gain, dtype=np.float64))
        )

    def in_hops_of_100_ms(self) -> BlockEnergies:
        """Return the same energies in hops of 100 ms; the last one may be incomplete."""
        if not self.energies.size:
            return dataclasses.replace(self, hops_per_100_ms=1)
        starts = np.arange(0, self.energies.size, self.hops_per_100_ms)
        boundaries = np.append(self.boundaries[starts], self.boundaries[-1])
        sums = np.add.reduceat(self.energies * np.diff(self.boundaries), starts)
        return dataclasses.replace(
            self, energies=sums / np.diff(boundaries), boundaries=boundaries, hops_per_100_ms=1
        )


_Index = TypeVar("_Index", int, npt.NDArray[np.int64])


def hop_boundary(index: _Index, sample_rate: int, hops_per_100_ms: int) -> _Index:
    """Return the first sample of hop `index`: its time in samples, rounded half up, in integer arithmetic.

    Rounding each boundary (not the length) keeps odd rates such as 11025 Hz from drifting.
    """
    return (index * sample_rate + 5 * hops_per_100_ms) // (10 * hops_per_100_ms)


def energy_to_lufs(energy: npt.ArrayLike) -> FloatArray:
    """Convert weighted K-filtered energy to loudness: -0.691 + 10 log10(energy) (BS.1770-5, eq. 2).

    Parameters
    ----------
    energy : array_like
        Sum over channels of weight times mean square, at least 0.

    Returns
    -------
    ndarray of float64
        LUFS, ``-inf`` for 0.
    """
    with np.errstate(divide="ignore"):
        return np.asarray(LOUDNESS_OFFSET_DB + 10.0 * np.log10(np.asarray(energy, dtype=np.float64)))


def lufs_to_energy(lufs: npt.ArrayLike) -> FloatArray:
    """Convert loudness to weighted K-filtered energy: the inverse of `energy_to_lufs`.

    Parameters
    ----------
    lufs : array_like
        LUFS; ``-inf`` gives 0.

    Returns
    -------
    ndarray of float64
        Energy.
    """
    return np.asarray(10.0 ** ((np.asarray(lufs, dtype=np.float64) - LOUDNESS_OFFSET_DB) / 10.0))


def window_energies(block_energies: BlockEnergies, window_s: float, hop_s: float) -> FloatArray:
    """Return the mean energy of every complete window, from the first one on.

    Parameters
    ----------
    block_energies : BlockEnergies
        The signal.
    window_s, hop_s : float
        Length of the window and distance between windows, multiples of the hop of `block_energies`.

    Returns
    -------
    ndarray of float64, shape (windows,)
        Mean energies; empty when the signal is shorter than a window.

    Raises
    ------
    ParameterError
        If a length is not a positive multiple of the hop.
    """
    width = hop_count(block_energies, window_s, "window_s")
    step = hop_count(block_energies, hop_s, "hop_s")
    hops = block_energies.complete_hops
    if hops < width:
        return np.empty(0)
    boundaries = block_energies.boundaries[: hops + 1]
    energy_sums = block_energies.energies[:hops] * np.diff(boundaries)
    lengths = boundaries[width::step] - boundaries[: hops - width + 1 : step]
    return np.asarray(_sliding_sums(energy_sums, width)[::step] / lengths)


def hop_count(block_energies: BlockEnergies, seconds: float, name: str) -> int:
    """Return how many hops `seconds` are, or raise `ParameterError` naming `name` if not a whole number."""
    hops = float(seconds) * 10.0 * block_energies.hops_per_100_ms if is_finite(seconds) else math.nan
    count = round(hops) if math.isfinite(hops) else 0
    if count < 1 or abs(hops - count) > 1e-6:
        raise ParameterError(
            f"{name} must be a multiple of {block_energies.hop_s:g} s, got {shown_value(seconds)}"
        )
    return count


def _sliding_sums(values: FloatArray, width: int) -> FloatArray:
    """Sum every `width` neighbours by doubling.

    A running sum would cost less, but the rounding errors of loud passages would remain in quiet ones.
    """
    count = values.size - width + 1
    total = np.zeros(count)
    power, start = values, 0
    span = 1
    while True:
        if width & span:
            total += power[start : start + count]
            start += span
        if span * 2 > width:
            return total
        power = power[:-span] + power[span:]
        span *= 2
