"""Short-term level of a part against what plays with it: how a vocal sits in the mix from moment to moment.

Both are averaged over the 3 s of short-term loudness (EBU Tech 3341) around each moment, and only where both are
active: pauses between phrases, and bars where the part is alone, say nothing of the balance.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixrules.errors import ParameterError
from mixrules.loudness import BlockEnergies, energy_to_lufs, integrated_from_energies
from mixrules.loudness.energies import hop_count
from mixrules.loudness.from_energies import MOMENTARY_S, RANGE_HIGH, RANGE_LOW, SHORT_TERM_S

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

ACTIVE_WITHIN_LU = 15.0
"""A part is active where its momentary loudness is no further below its integrated one: midway between the relative
gates of ITU-R BS.1770 (10 LU) and EBU Tech 3342 (20 LU)."""

_ABSOLUTE_GATE_LUFS = -70.0
_LEAST_SHARE = 1.0 / 3.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ShortTermRatio:
    """The course of a part's level against what plays with it.

    Attributes
    ----------
    times_s : ndarray of float64, shape (hops,)
        The middle of each hop.
    part_active : ndarray of bool, shape (hops,)
        Where the part is active.
    together : ndarray of bool, shape (hops,)
        Where both are, for a second or more of the 3 s around.
    ratio_lu : ndarray of float64, shape (hops,)
        Part minus rest over the 3 s around each hop, of what is in `together`; NaN elsewhere.
    part_lufs : ndarray of float64, shape (hops,)
        The part's own level over the same hops; NaN elsewhere.
    """

    times_s: Floats
    part_active: Mask
    together: Mask
    ratio_lu: Floats
    part_lufs: Floats

    @property
    def median_lu(self) -> float:
        """The median of the ratio; NaN where the two never play together."""
        return self._quantile(0.5)

    @property
    def spread_lu(self) -> float:
        """From the 10th to the 95th percentile of the ratio, as a loudness range (EBU Tech 3342); NaN without any."""
        return self._quantile(RANGE_HIGH) - self._quantile(RANGE_LOW)

    def _quantile(self, share: float) -> float:
        ratio_lu = self.ratio_lu[self.together]
        return float(np.quantile(ratio_lu, share)) if ratio_lu.size else math.nan


def short_term_ratio(part: BlockEnergies, rest: BlockEnergies) -> ShortTermRatio:
    """Follow the level of a part against the rest.

    Parameters
    ----------
    part, rest : BlockEnergies
        Of one sample rate and in the same hops; they may be of different lengths.

    Returns
    -------
    ShortTermRatio
        In the hops of the part.

    Raises
    ------
    ParameterError
        If the two are not in the same hops.

    Examples
    --------
    >>> import numpy as np
    >>> from mixrules.loudness import block_energies
    >>> rng = np.random.default_rng(0)
    >>> noise = 0.1 * rng.standard_normal((10 * 44_100, 1))
    >>> faded = noise * np.linspace(1.0, 0.5, len(noise))[:, np.newaxis]
    >>> course = short_term_ratio(block_energies(faded, 44_100), block_energies(noise, 44_100))
    >>> round(course.median_lu, 1)
    -2.5
    """
    if (part.sample_rate, part.hops_per_100_ms) != (rest.sample_rate, rest.hops_per_100_ms):
        raise ParameterError("part and rest must have one sample rate and the same hops")
    hops = part.energies.size
    rest_energies = np.zeros(hops)
    shared = min(hops, rest.energies.size)
    rest_energies[:shared] = rest.energies[:shared]
    part_active = _active(part, part.energies)
    together = part_active & _active(rest, rest_energies)
    width = hop_count(part, SHORT_TERM_S, "the window")
    part_sums, rest_sums, counts = (
        _sums_around(np.where(together, values, 0.0), width)
        for values in (part.energies, rest_energies, np.ones(hops))
    )
    # Where one begins as the other ends, a moment of both would pass for a balance.
    together &= counts >= _LEAST_SHARE * width
    ratio_lu = np.full(hops, math.nan)
    part_lufs = np.full(hops, math.nan)
    ratio_lu[together] = 10.0 * np.log10(part_sums[together] / rest_sums[together])
    part_lufs[together] = energy_to_lufs(part_sums[together] / counts[together])
    middles = 0.5 * (part.boundaries[1:] + part.boundaries[:-1])
    return ShortTermRatio(
        times_s=middles / part.sample_rate,
        part_active=part_active,
        together=together,
        ratio_lu=ratio_lu,
        part_lufs=part_lufs,
    )


def _active(signal: BlockEnergies, energies: Floats) -> Mask:
    """Return in which hops a signal is active, by the mean of the momentary window around each."""
    lowest_lufs = max(integrated_from_energies(signal) - ACTIVE_WITHIN_LU, _ABSOLUTE_GATE_LUFS)
    width = hop_count(signal, MOMENTARY_S, "the window")
    means = _sums_around(energies, width) / _sums_around(np.ones(energies.size), width)
    return np.asarray((energy_to_lufs(means) > lowest_lufs) & (energies > 0.0))


def _sums_around(values: Floats, width: int) -> Floats:
    """Return the sum of the `width` values around each, fewer at both ends."""
    # A running sum in blocks of its own would keep the rounding of loud passages out of quiet ones; those that
    # count here lie within 15 LU of the whole.
    total = np.concatenate([[0.0], np.cumsum(values)])
    first = np.arange(values.size) - width // 2
    return np.asarray(total[np.clip(first + width, 0, values.size)] - total[np.clip(first, 0, values.size)])
