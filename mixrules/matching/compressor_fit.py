"""Which compressor makes the gain that a stem has over time: threshold, ratio, attack and release from audio alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from mixrules._support.validation import Audio
from mixrules.matching.gain_over_time import HOPS_PER_FRAME, frame_samples, hop_samples
from mixrules.matching.spectral_statistics import in_other_half
from mixrules.processors import CompressorParams, compress, smooth_reduction_db, static_curve_db

Floats = npt.NDArray[np.float64]

# What is tried: the threshold below the stem's highest level, in dB, and log2 of ratio, attack and release in ms.
_LOWEST = np.array([0.0, math.log2(1.15), math.log2(1.0), math.log2(20.0)])
_HIGHEST = np.array([45.0, math.log2(20.0), math.log2(100.0), math.log2(1000.0)])
_FLOOR = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class CompressedPart:
    """One excerpt of a stem as its compressor hears it, and what it must become.

    Attributes
    ----------
    levels_db : ndarray of float64, shape (hops,)
        Highest level in each hop, lead-in included.
    lead_in : int
        Hops before the excerpt.
    power, product : ndarray of float64, shape (frames,)
        The stem's power in frames, and its product with the mix less the other stems.
    sample_rate : int
        Hz.
    """

    levels_db: Floats
    lead_in: int
    power: Floats
    product: Floats
    sample_rate: int

    def only(self, *, other: bool) -> CompressedPart:
        """Return the part with the frames counted that a compressor is looked for in, or the others."""
        numbers = np.arange(len(self.power))
        counted = in_other_half(numbers, frame_samples(self.sample_rate), self.sample_rate) == other
        return replace(self, power=self.power * counted, product=self.product * counted)


def halves_of(parts: Sequence[CompressedPart]) -> tuple[list[CompressedPart], list[CompressedPart]]:
    """Return what a compressor is looked for in and what says whether it pays: both all where there are no halves."""
    found, other = ([part.only(other=half) for part in parts] for half in (False, True))
    return (found, other) if any(part.power.any() for part in other) else (list(parts), list(parts))


def hop_levels_db(detector: Audio, lead_in: int, sample_rate: int) -> tuple[Floats, int]:
    """Return the highest level in each hop in dBFS, hops counted from where the lead-in ends, and the lead-in's hops."""
    hop = hop_samples(sample_rate)
    skipped = lead_in % hop
    whole = detector[skipped:]
    whole = np.abs(whole[: len(whole) // hop * hop]).reshape(-1, hop * detector.shape[1]).max(axis=1)
    return 20.0 * np.log10(np.maximum(whole.astype(np.float64), _FLOOR)), lead_in // hop


def gains_of(detector: Audio, sample_rate: int, params: CompressorParams) -> Audio:
    """Return the gain that a compressor gives at each sample, shape (samples, 1)."""
    ones = np.ones((len(detector), 1), np.float32)
    return compress(ones, sample_rate, params, sidechain=detector)


def frame_gains(part: CompressedPart, sample_rate: int, params: CompressorParams) -> Floats:
    """Return a compressor's mean gain in each frame, found from the levels of hops."""
    reduction = part.levels_db - static_curve_db(part.levels_db, params)
    smooth = smooth_reduction_db(reduction, sample_rate / hop_samples(sample_rate), params)[part.lead_in :]
    frames = len(part.power)
    gains = np.exp(smooth[: frames * HOPS_PER_FRAME] * (-math.log(10.0) / 20.0))
    return np.asarray(gains.reshape(frames, HOPS_PER_FRAME).mean(axis=1))


def cost_of(parts: Sequence[CompressedPart], gains: Sequence[Floats]) -> tuple[float, float]:
    """Return what gains over time leave, up to a constant, and the factor on them that leaves least."""
    power = sum(float(part.power @ gain**2) for part, gain in zip(parts, gains, strict=True))
    product = sum(float(part.product @ gain) for part, gain in zip(parts, gains, strict=True))
    factor = product / power if power > 0.0 else 0.0
    return -factor * product, factor


def worth_of(
    parts: Sequence[CompressedPart], sample_rate: int, params: CompressorParams
) -> tuple[float, float]:
    """Return by how much a compressor lowers the residual's power against a constant gain, and its gain's factor."""
    constant, _ = cost_of(parts, [np.ones(len(part.power)) for part in parts])
    cost, factor = cost_of(parts, [frame_gains(part, sample_rate, params) for part in parts])
    return constant - cost, factor


def search_compressor(
    parts: Sequence[CompressedPart], sample_rate: int, *, seed: int = 0
) -> CompressorParams:
    """Return the compressor that leaves least, found by differential evolution."""
    from scipy.optimize import differential_evolution

    peak_db = max(float(part.levels_db.max(initial=-120.0)) for part in parts)

    def cost(numbers: Floats) -> float:
        params = compressor_of(numbers, peak_db)
        return cost_of(parts, [frame_gains(part, sample_rate, params) for part in parts])[0]

    found = differential_evolution(
        cost,
        list(zip(_LOWEST, _HIGHEST, strict=True)),
        seed=seed,
        popsize=8,
        maxiter=12,
        tol=1e-6,
        polish=False,
        init="sobol",
    )
    return compressor_of(found.x, peak_db)


def compressor_of(numbers: Floats, peak_db: float) -> CompressorParams:
    """Return the compressor of four numbers: dB below the peak, log2 of ratio, of attack and of release in ms."""
    below, ratio, attack, release = (float(n) for n in numbers)
    return CompressorParams(
        threshold_db=max(peak_db - below, -120.0),
        ratio=2.0 ** max(ratio, 0.0),
        attack_ms=2.0**attack,
        release_ms=2.0**release,
    )
