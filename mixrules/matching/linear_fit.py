"""Least squares for the linear strips of all stems together, on what `spectral_statistics` measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from mixrules.matching.damped_step import damped_step
from mixrules.matching.linear_strips import LinearStrip
from mixrules.matching.spectral_statistics import Complexes, Floats, SpectralStatistics

_STEPS = 40
_STEP_SIZES = np.array([1e-4, 1e-4, 1e-4])
_BAND_STEP_SIZES = np.array([1e-3, 1e-2, 1e-3])
_SIDE_SPREAD = 0.5
_LEAST_SIDE = 1e-3  # of a stem's power
# How far a band's numbers usually are from where they were looked for: two octaves, 12 dB, a factor of 2 in Q.
_BAND_SPREADS = np.array([2.0, 12.0, 1.0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Free:
    """What of the strips is solved for; what is not stays."""

    gain: bool = False
    pan: bool = False
    width: bool = False
    equalizer: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class LinearFit:
    """Strips, and what they leave.

    Attributes
    ----------
    strips : tuple of LinearStrip
        Of each stem.
    residual : float
        Power that they leave unexplained.
    """

    strips: tuple[LinearStrip, ...]
    residual: float


def response_of(strips: Sequence[LinearStrip], frequencies_hz: Floats, sample_rate: int) -> Complexes:
    """Return the responses of all strips, shape (frequencies, 2, signals)."""
    return np.concatenate([strip.response(frequencies_hz, sample_rate) for strip in strips], axis=2)


def fit_linear(
    statistics: SpectralStatistics, strips: Sequence[LinearStrip], sample_rate: int, free: Free
) -> LinearFit:
    """Solve for the free numbers of all strips together (Levenberg, Marquardt).

    Parameters
    ----------
    statistics : SpectralStatistics
        Of stems and mix.
    strips : sequence of LinearStrip
        Where to start, in the order of the signals.
    sample_rate : int
        Hz.
    free : Free
        What is solved for.

    Returns
    -------
    LinearFit
    """
    starts = tuple(strips)
    strips = starts
    cells = max(statistics.frames * len(statistics.frequencies_hz), 1)
    cost, damping = _cost(statistics, strips, sample_rate), 1e-3
    wide = _has_side(statistics, strips)
    for _ in range(_STEPS):
        masks = [_mask(strip, free, side) for strip, side in zip(strips, wide, strict=True)]
        derivatives = [
            _derivatives(strip, statistics.frequencies_hz, sample_rate, free, mask)
            for strip, mask in zip(strips, masks, strict=True)
        ]
        gradient, curvature = _normal_equations(statistics, strips, sample_rate, derivatives)
        pull, stiffness = _prior(strips, starts, masks, free)
        noise = max(cost / cells, 1e-12 * float(statistics.mix_power.sum()) / cells)
        gradient, stiff = gradient + noise * pull, curvature + noise * np.diag(stiffness)
        better = False
        while damping < 1e8:
            step = damped_step(stiff, gradient, damping)
            trial = _moved(strips, masks, step, sample_rate, free)
            trial_cost = _cost(statistics, trial, sample_rate)
            gained = cost - trial_cost
            gained += noise * (_strain(strips, starts, masks) - _strain(trial, starts, masks))
            if gained > 0.0:
                better = gained > 1e-7 * cost
                strips, cost, damping = trial, trial_cost, max(damping / 5.0, 1e-9)
                break
            damping *= 5.0
        if not better:
            break
    return LinearFit(strips, cost)


def _cost(statistics: SpectralStatistics, strips: Sequence[LinearStrip], sample_rate: int) -> float:
    response = response_of(strips, statistics.frequencies_hz, sample_rate)
    return float(statistics.residual_power(response).sum())


def _has_side(statistics: SpectralStatistics, strips: Sequence[LinearStrip]) -> list[bool]:
    """Return which stems have a side that their width can be told from."""
    wide, place = [], 0
    for strip in strips:
        own = (
            statistics.signals[:, place : place + strip.channels, place : place + strip.channels]
            .sum(axis=0)
            .real
        )
        place += strip.channels
        both = float(np.trace(own))
        wide.append(strip.channels == 2 and both - 2.0 * float(own[0, 1]) > _LEAST_SIDE * both)
    return wide


def _mask(strip: LinearStrip, free: Free, wide: bool) -> npt.NDArray[np.bool_]:
    """Return which numbers of a strip's vector are free; of a gain that is common to both sides, none is."""
    mask = np.zeros(3 + 3 * len(strip.bands), bool)
    mask[:2] = free.pan
    mask[2] = free.width and wide
    if free.equalizer:
        for number, band in enumerate(strip.bands):
            mask[3 + 3 * number : 6 + 3 * number] = True
            mask[4 + 3 * number] = band.kind not in ("high_pass", "low_pass")
    return mask


def _derivatives(
    strip: LinearStrip,
    frequencies_hz: Floats,
    sample_rate: int,
    free: Free,
    mask: npt.NDArray[np.bool_],
) -> Complexes:
    """Return the response's derivatives in the free numbers, shape (numbers, frequencies, 2, channels)."""
    here = strip.response(frequencies_hz, sample_rate)
    parts = [here] if free.gain else []
    vector = strip.vector()
    sizes = np.concatenate([_STEP_SIZES, np.tile(_BAND_STEP_SIZES, len(strip.bands))])
    for number in np.flatnonzero(mask):
        moved = vector.copy()
        moved[number] += sizes[number]
        there = strip.with_vector(moved, sample_rate).response(frequencies_hz, sample_rate)
        parts.append((there - here) / sizes[number])
    shape = (0, *here.shape)
    return np.array(parts) if parts else np.zeros(shape, np.complex128)


def _normal_equations(
    statistics: SpectralStatistics,
    strips: Sequence[LinearStrip],
    sample_rate: int,
    derivatives: Sequence[Complexes],
) -> tuple[Floats, Floats]:
    """Return the gradient that leads down and the curvature, both of half the residual."""
    response = response_of(strips, statistics.frequencies_hz, sample_rate)
    left = statistics.onto_mix.transpose(0, 2, 1) - np.einsum(
        "bij,bcj->bci", statistics.signals, response, optimize=True
    )
    ends = np.cumsum([strip.channels for strip in strips])
    places = [slice(end - strip.channels, end) for end, strip in zip(ends, strips, strict=True)]
    gradient = np.concatenate(
        [
            np.einsum("pbci,bci->p", d.conj(), left[:, :, place], optimize=True).real
            for d, place in zip(derivatives, places, strict=True)
        ]
    )
    counts = np.cumsum([0, *(len(d) for d in derivatives)])
    curvature = np.zeros((counts[-1], counts[-1]))
    for i, (d_i, place_i) in enumerate(zip(derivatives, places, strict=True)):
        if not len(d_i):
            continue
        # (numbers, bands, sides, all signals): the derivative through the signals' cross-spectra.
        through = np.einsum("pbci,bij->pbcj", d_i.conj(), statistics.signals[:, place_i], optimize=True)
        for j in range(i, len(derivatives)):
            if len(derivatives[j]):
                block = np.einsum(
                    "pbcj,qbcj->pq", through[..., places[j]], derivatives[j], optimize=True
                ).real
                curvature[counts[i] : counts[i + 1], counts[j] : counts[j + 1]] = block
                curvature[counts[j] : counts[j + 1], counts[i] : counts[i + 1]] = block.T
    return gradient, curvature


def _prior(
    strips: Sequence[LinearStrip],
    starts: Sequence[LinearStrip],
    masks: Sequence[npt.NDArray[np.bool_]],
    free: Free,
) -> tuple[Floats, Floats]:
    """Return what draws bands to where they were looked for and widths to 1, per noise: gradient and curvature."""
    pulls, stiffnesses = [], []
    for strip, start, mask in zip(strips, starts, masks, strict=True):
        rest, spreads = _rest(start)
        stiffness = spreads**-2.0
        own = [np.zeros(1)] if free.gain else []
        pulls += [*own, (stiffness * (rest - strip.vector()))[mask]]
        stiffnesses += [*own, stiffness[mask]]
    return np.concatenate(pulls), np.concatenate(stiffnesses)


def _strain(
    strips: Sequence[LinearStrip], starts: Sequence[LinearStrip], masks: Sequence[npt.NDArray[np.bool_]]
) -> float:
    """Return half the squared distance of bands and widths from where they are drawn to, in their spreads."""
    strain = 0.0
    for strip, start, mask in zip(strips, starts, masks, strict=True):
        rest, spreads = _rest(start)
        strain += 0.5 * float(np.sum((((strip.vector() - rest) / spreads)[mask]) ** 2))
    return strain


def _rest(start: LinearStrip) -> tuple[Floats, Floats]:
    """Return where a strip's numbers are drawn to, and how far they usually are from there."""
    spreads = np.concatenate([[np.inf, np.inf, _SIDE_SPREAD], np.tile(_BAND_SPREADS, len(start.bands))])
    rest = start.vector()
    rest[2] = 1.0
    rest[4::3] = 0.0
    return rest, spreads


def _moved(
    strips: Sequence[LinearStrip],
    masks: Sequence[npt.NDArray[np.bool_]],
    step: Floats,
    sample_rate: int,
    free: Free,
) -> tuple[LinearStrip, ...]:
    moved, place = [], 0
    for strip, mask in zip(strips, masks, strict=True):
        if free.gain:
            factor = 1.0 + step[place]
            place += 1
            strip = replace(strip, left=strip.left * factor, right=strip.right * factor)
        vector = strip.vector()
        count = int(mask.sum())
        vector[mask] += step[place : place + count]
        place += count
        moved.append(strip.with_vector(vector, sample_rate) if count else strip)
    return tuple(moved)
