"""What a mix says of each stem from moment to moment and band to band, beside what the matched plan does there.

The gains are least squares against the mix, all stems together, and owe nothing to compressors and equalisers of a plan:
where both curves lie on each other the plan has it right.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from mixrules._support.validation import Audio
from mixrules.analysis import third_octave_bands
from mixrules.matching import Match
from mixrules.mixer import render
from mixrules.mixplan import MasterPlan, MixPlan
from mixrules.processors import frequency_response
from mixrules.stems import Stems

Floats = npt.NDArray[np.float64]

_FRAME_S = 0.093
_MOST_FRAMES = 300  # as many as a panel shows; of a longer song so many are read, evenly spaced
_RIDGE = 0.01  # of a stem's power: what the mix does not tell stays as the plan has it
_LEAST_OF_MOMENT = 0.05
_LEAST_OF_BAND = 0.01
"""Share of the power of the mix below which a stem tells nothing there."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StemCurves:
    """Of one stem.

    Attributes
    ----------
    name : str
        The stem.
    gain_found_db, gain_used_db : ndarray of float64, shape (moments,)
        Its gain over time against its fader: by least squares, NaN where the stem is too soft to tell; by the plan's
        compressor.
    eq_found_db : ndarray of float64, shape (bands,)
        Gain of each third octave against the fader by least squares; NaN where the stem is too soft to tell.
    eq_used_db : ndarray of float64, shape (bands,)
        Gain of the plan's equaliser there.
    """

    name: str
    gain_found_db: Floats
    gain_used_db: Floats
    eq_found_db: Floats
    eq_used_db: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MatchCurves:
    """Of a match.

    Attributes
    ----------
    time_s : ndarray of float64, shape (moments,)
        Middles of the moments.
    frequencies_hz : ndarray of float64, shape (bands,)
        Centres of the bands.
    stems : tuple of StemCurves
        Of each stem that is heard in the mix.
    """

    time_s: Floats
    frequencies_hz: Floats
    stems: tuple[StemCurves, ...]


def match_curves(stems: Stems, found: Match) -> MatchCurves:
    """Measure the gains that a mix has of each stem, over time and frequency, beside those of the plan.

    Parameters
    ----------
    stems : Stems
        The song.
    found : Match
        What `mixrules.match` found of its mix.

    Returns
    -------
    MatchCurves

    Notes
    -----
    The mix is compared before its master, whose gain of each moment is taken off, and without the plan's reverb. Over
    time each moment is solved alone; over frequency each third octave of all moments together.
    """
    plan, rate = found.plan, found.sample_rate
    frames = _Frames(found.covered, rate)
    names = [strip.name for strip in plan.stems if not strip.mute]
    linear = [frames.of(_alone(stems, plan, name, compressed=False)) for name in names]
    wet = frames.of(render(stems, plan.replace(master=MasterPlan())))
    finished = frames.of(render(stems, plan))
    mix = frames.of(found.mix)
    # A master's compressor and limiter are one gain at each moment.
    master = _ratio(_inner(wet, finished), _inner(wet, wet))
    before = mix / np.where(master > 0.0, master, 1.0)[:, None, None]
    compressed = [
        frames.of(_alone(stems, plan, name, compressed=True)) if plan.stem(name).compressor else part
        for name, part in zip(names, linear, strict=True)
    ]
    dry = before - (wet - np.sum(compressed, axis=0)) if names else before
    over_time = _gains_over_time(linear, dry)
    over_bands = _gains_over_bands(compressed, dry, frames.samples, rate)
    centers_hz = np.array(third_octave_bands().below(rate / 2).centers_hz)
    curves = []
    for number, name in enumerate(names):
        used_db = _decibels(np.abs(frequency_response(plan.stem(name).equalizer, rate, centers_hz)))
        ratio = _ratio(_inner(linear[number], compressed[number]), _inner(linear[number], linear[number]))
        curves.append(
            StemCurves(
                name=name,
                gain_found_db=_decibels(over_time[number]),
                gain_used_db=_decibels(ratio),
                eq_found_db=used_db + _decibels(over_bands[number]),
                eq_used_db=used_db,
            )
        )
    return MatchCurves(time_s=frames.middles_s, frequencies_hz=centers_hz, stems=tuple(curves))


class _Frames:
    """Evenly spaced moments of what a mix covers of a song, at most `_MOST_FRAMES`."""

    def __init__(self, covered: slice, rate: int) -> None:
        samples = covered.stop - covered.start
        self.samples = max(1, min(samples, round(_FRAME_S * rate)))
        count = min(_MOST_FRAMES, max(1, samples // self.samples))
        self._starts = np.linspace(covered.start, covered.stop - self.samples, count).round().astype(np.int64)
        self.middles_s: Floats = (self._starts + 0.5 * self.samples) / rate

    def of(self, audio: Audio) -> Audio:
        """Return the moments of a signal, shape (moments, samples, channels)."""
        return np.stack([audio[start : start + self.samples] for start in self._starts])


def _alone(stems: Stems, plan: MixPlan, name: str, *, compressed: bool) -> Audio:
    """Return a stem as it is in the sum, without reverb, with or without its compressor."""
    strips = tuple(
        replace(strip, sends=(), compressor=strip.compressor if compressed else None)
        if strip.name == name
        else replace(strip, sends=(), mute=True)
        for strip in plan.stems
    )
    return render(stems, plan.replace(stems=strips, reverbs=(), master=MasterPlan()))


def _inner(one: Audio, other: Audio) -> Floats:
    """Return the inner product in each moment."""
    return np.asarray(np.einsum("fsc,fsc->f", one, other, dtype=np.float64))


def _ratio(above: Floats, below: Floats) -> Floats:
    return np.asarray(np.divide(above, below, out=np.full(below.shape, np.nan), where=below > 0.0))


def _decibels(gains: Floats) -> Floats:
    return np.asarray(20.0 * np.log10(np.where(gains > 0.0, gains, np.nan)))


def _gains_over_time(parts: list[Audio], mix: Audio) -> Floats:
    """Return the gain of each part in each moment, shape (parts, moments); NaN where it is too soft."""
    products = np.empty((len(mix), len(parts) + 1, len(parts) + 1))
    for moment in range(len(mix)):
        signals = _of_moment(parts, mix, moment).reshape(len(parts) + 1, -1).astype(np.float64)
        products[moment] = signals @ signals.T
    return _solved(products, _LEAST_OF_MOMENT)


def _gains_over_bands(parts: list[Audio], mix: Audio, samples: int, rate: int) -> Floats:
    """Return the gain of each part in each third octave, shape (parts, bands); NaN where it is too soft."""
    bands = third_octave_bands().below(rate / 2)
    bins = samples // 2 + 1
    edges = np.searchsorted(np.arange(bins) * rate / samples, [*bands.low_hz, bands.high_hz[-1]])
    last = np.minimum(np.maximum(edges[1:], edges[:-1] + 1), bins)
    first = np.minimum(edges[:-1], last - 1)
    window = np.hanning(samples + 1)[:-1, None].astype(np.float32)
    products = np.zeros((len(first), len(parts) + 1, len(parts) + 1))
    for moment in range(len(mix)):
        spectra = np.fft.rfft(_of_moment(parts, mix, moment) * window, axis=1)
        for band, (start, end) in enumerate(zip(first, last, strict=True)):
            signals = spectra[:, start:end].reshape(len(parts) + 1, -1)
            products[band] += (signals.conj() @ signals.T).real
    return _solved(products, _LEAST_OF_BAND)


def _of_moment(parts: list[Audio], mix: Audio, moment: int) -> Audio:
    """Return the parts and the mix in one moment, shape (parts + 1, samples, 2)."""
    return np.array([part[moment] for part in (*parts, mix)], np.float32)


def _solved(products: Floats, least: float) -> Floats:
    """Return gains, shape (parts, places), of the products of parts and mix, shape (places, parts + 1, parts + 1)."""
    matrix, onto, power = products[:, :-1, :-1].copy(), products[:, :-1, -1], products[:, -1, -1]
    own = np.einsum("pii->pi", matrix).copy()
    if not own.size:
        return np.empty_like(own.T)
    ridge = _RIDGE * own + 1e-12 * own.max() + 1e-30
    matrix[:, range(own.shape[1]), range(own.shape[1])] += ridge
    gains = np.linalg.solve(matrix, (onto + ridge)[..., None])[..., 0]
    return np.asarray(np.where(own > least * power[:, None], gains, np.nan).T)
