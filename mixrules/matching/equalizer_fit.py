"""From a response that was found band by band to a few bands of an equaliser."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mixrules.matching.linear_fit import response_of
from mixrules.matching.linear_strips import LEAST_Q, MOST_Q, LinearStrip
from mixrules.matching.spectral_statistics import Complexes, Floats, SpectralStatistics
from mixrules.processors import EqBand, EqualizerParams, frequency_response
from mixrules.processors.equalizer import EqKind

_KINDS: tuple[EqKind, ...] = ("peaking", "low_shelf", "high_shelf")
_QS: dict[EqKind, tuple[float, ...]] = {
    "peaking": (0.5, 1.0, 2.0, 4.0, 8.0),
    "low_shelf": (0.5, 0.7071, 1.2),
    "high_shelf": (0.5, 0.7071, 1.2),
}
_GAINS_DB = (-12.0, -8.0, -5.0, -3.0, -1.5, 1.5, 3.0, 5.0, 8.0, 12.0)
_PASS_Q = 0.7071
_MOST_STEPS = 12


def found_tone(
    statistics: SpectralStatistics, strips: Sequence[LinearStrip], sample_rate: int, noise: float
) -> tuple[Complexes, Floats]:
    """Solve for what each stem's response must be multiplied by in every band, all stems together.

    Parameters
    ----------
    statistics : SpectralStatistics
        Of stems and mix.
    strips : sequence of LinearStrip
        The responses so far.
    sample_rate : int
        Hz.
    noise : float
        Unexplained power in each product that was summed: where a stem has less, 1 is returned.

    Returns
    -------
    ndarray of complex128, shape (bands, stems)
        The factors.
    ndarray of float64, shape (bands, stems)
        By how much the residual's power grows with the square of an error of each, the other stems following.
    """
    response = response_of(strips, statistics.frequencies_hz, sample_rate)
    ends = np.cumsum([strip.channels for strip in strips])
    owner = np.repeat(np.arange(len(strips)), [strip.channels for strip in strips])
    heard = np.zeros((len(statistics.frequencies_hz), len(strips), len(strips)), np.complex128)
    onto = np.zeros((len(statistics.frequencies_hz), len(strips)), np.complex128)
    spread = np.zeros((len(strips), ends[-1]))
    spread[owner, np.arange(ends[-1])] = 1.0
    for side in range(2):
        own = response[:, side, :][:, None, :] * spread  # (bands, stems, signals)
        heard += own.conj() @ statistics.signals @ own.transpose(0, 2, 1)
        onto += np.einsum("bsi,bi->bs", own.conj(), statistics.onto_mix[:, :, side])
    ridge = noise * np.eye(len(strips)) + 1e-9 * np.einsum("bss->bs", heard).real[:, :, None] * np.eye(
        len(strips)
    )
    matrix = heard + ridge
    inverse = np.linalg.inv(matrix)
    factors = np.einsum("bst,bt->bs", inverse, onto + np.einsum("bst,t->bs", ridge, np.ones(len(strips))))
    alone = np.einsum("bss->bs", heard).real
    weights = np.minimum(1.0 / np.maximum(np.einsum("bss->bs", inverse).real, 1e-300) - noise, alone)
    return factors, np.maximum(weights, 0.0)


def next_band(
    frequencies_hz: Floats,
    sample_rate: int,
    factors: Complexes,
    weights: Floats,
    *,
    kinds: Sequence[EqKind] | None = None,
) -> EqBand:
    """Return the band, of all kinds or of some, that comes nearest to a response, by the weighted squared error."""
    bands, responses = _candidates(tuple(frequencies_hz.tolist()), sample_rate)
    # |factor - response|^2 summed with weights, but for what is the same for all of them.
    costs = (np.abs(responses) ** 2) @ weights - 2.0 * (responses.conj() @ (weights * factors)).real
    if kinds is not None:
        costs[[band.kind not in kinds for band in bands]] = np.inf
    return bands[int(np.argmin(costs))]


def lowered_by(
    band: EqBand, frequencies_hz: Floats, sample_rate: int, factors: Complexes, weights: Floats
) -> float:
    """Return by how much a band lowers the weighted squared error of a response."""
    response = frequency_response(EqualizerParams(bands=(band,)), sample_rate, frequencies_hz)
    return float(weights @ (np.abs(factors - 1.0) ** 2 - np.abs(factors - response) ** 2))


def with_band(strip: LinearStrip, band: EqBand) -> LinearStrip:
    """Return a strip with one more band."""
    return replace(strip, bands=(*strip.bands, band))


def fewest_bands(
    strip: LinearStrip,
    frequencies_hz: Floats,
    sample_rate: int,
    factors: Complexes,
    weights: Floats,
    *,
    worth: float,
) -> LinearStrip:
    """Return a strip of the same response by fewer bands, or by as many that come nearer to what was asked for.

    Bands that were added one by one share what one band did: a bell becomes a shelf and the bell that undoes most of it.
    Here they are found again for the whole response at once, bells first, with the fader free.

    Parameters
    ----------
    strip : LinearStrip
        With the bands that were found.
    frequencies_hz : ndarray, shape (bands,)
        Where the response is compared.
    sample_rate : int
        Hz.
    factors, weights : ndarray, shape (bands,)
        Of `found_tone`: what the strip's response should be multiplied by, and what an error costs.
    worth : float
        What a band less may cost, and what as many bands must save.

    Returns
    -------
    LinearStrip
    """
    own = _tone(strip.bands, 1.0, frequencies_hz, sample_rate)
    here = float(weights @ np.abs(factors - 1.0) ** 2)
    tried: dict[tuple[EqKind, ...], tuple[tuple[EqBand, ...], float]] = {
        kinds: ((), 1.0) for kinds in (("peaking",), _KINDS)
    }
    for count in range(1, len(strip.bands) + 1):
        for kinds, (bands, gain) in tried.items():
            there = _tone(bands, gain, frequencies_hz, sample_rate)
            seen = weights * np.abs(there / own) ** 2
            band = next_band(frequencies_hz, sample_rate, factors * own / there, seen, kinds=kinds)
            bands, gain, error = _solved(
                (*bands, band), gain, factors * own, weights / np.abs(own) ** 2, frequencies_hz, sample_rate
            )
            if error < here + (worth if count < len(strip.bands) else -worth):
                return replace(strip, left=strip.left * gain, right=strip.right * gain, bands=bands)
            tried[kinds] = (bands, gain)
    return strip


def _solved(
    bands: tuple[EqBand, ...],
    gain: float,
    wanted: Complexes,
    weights: Floats,
    frequencies_hz: Floats,
    sample_rate: int,
) -> tuple[tuple[EqBand, ...], float, float]:
    """Return the bands and the gain that come nearest to a response from where they are, and the weighted error."""
    from scipy.optimize import least_squares

    start = LinearStrip(channels=1, left=gain, right=0.0, bands=bands)
    root = np.sqrt(weights)

    def strip_of(numbers: Floats) -> LinearStrip:
        return start.with_vector(np.concatenate([numbers[:1], [0.0, 1.0], numbers[1:]]), sample_rate)

    def off(numbers: Floats) -> Floats:
        strip = strip_of(numbers)
        error = root * (wanted - _tone(strip.bands, strip.left, frequencies_hz, sample_rate))
        return np.concatenate([error.real, error.imag])

    vector = start.vector()
    found = least_squares(off, np.delete(vector, [1, 2]), method="trf", x_scale="jac", max_nfev=_MOST_STEPS)
    strip = strip_of(found.x)
    return strip.bands, strip.left, float(np.sum(found.fun**2))


def _tone(bands: tuple[EqBand, ...], gain: float, frequencies_hz: Floats, sample_rate: int) -> Complexes:
    return np.asarray(gain * frequency_response(EqualizerParams(bands=bands), sample_rate, frequencies_hz))


@functools.lru_cache(maxsize=4)
def _candidates(frequencies_hz: tuple[float, ...], sample_rate: int) -> tuple[tuple[EqBand, ...], Complexes]:
    centres = 2.0 ** np.arange(np.log2(30.0), np.log2(min(18_000.0, 0.45 * sample_rate)), 1.0 / 4.0)
    bands = [
        EqBand(kind=kind, frequency_hz=float(centre), gain_db=gain, q=float(np.clip(q, LEAST_Q, MOST_Q)))
        for kind in _KINDS
        for centre in centres
        for q in _QS[kind]
        for gain in _GAINS_DB
    ]
    passes: tuple[EqKind, ...] = ("high_pass", "low_pass")
    bands += [
        EqBand(kind=kind, frequency_hz=float(centre), q=_PASS_Q) for kind in passes for centre in centres
    ]
    grid = np.array(frequencies_hz)
    responses = np.array([frequency_response(EqualizerParams(bands=(b,)), sample_rate, grid) for b in bands])
    return tuple(bands), responses
