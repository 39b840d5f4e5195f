"""Which reverb is in a mix: how what the dry stems leave unexplained follows their power in octave bands.

Only powers are used: a real room, whose echoes no network of ours repeats sample by sample, is found as well as our own.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixrules._support.validation import Audio

Floats = npt.NDArray[np.float64]

CENTRES_HZ = (125.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0)
_WINDOW_S = 0.046
_T60_S = (0.1, 12.0)
_ROUNDS = 3
_GAIN_STEPS = 15


@dataclass(frozen=True, slots=True, eq=False)
class BandEnvelopes:
    """Powers over time in octave bands: of each stem as it is sent to a reverb, and of what is left of the mix.

    Attributes
    ----------
    sent : ndarray of float64, shape (stems, bands, frames)
        The mean of left and right.
    left : ndarray of float64, shape (bands, frames)
        Left and right together.
    lead_in : int
        Frames before those that count.
    hop_s : float
        Seconds from frame to frame.
    """

    sent: Floats
    left: Floats
    lead_in: int
    hop_s: float


@dataclass(frozen=True, slots=True, eq=False)
class RoomEstimate:
    """A reverb as powers tell it.

    Attributes
    ----------
    t60_s : ndarray, shape (bands,)
        Time of 60 dB of decay in the octaves of `CENTRES_HZ`.
    levels_db : ndarray, shape (bands,)
        Energy of the response in each, against a band of white noise that goes through unchanged.
    sends_db : ndarray, shape (stems,)
        Level of what returns of each stem, sum of both sides, against the mean of its sides.
    level_db : float
        Power of the reverb against that of the dry stems, in the mean of their sides.
    before, after : float
        Mean divergence of Itakura and Saito between the powers and what a direct sound alone, and what direct sound and
        reverb explain of them.
    share : float
        The reverb's share of what was left unexplained.
    """

    t60_s: Floats
    levels_db: Floats
    sends_db: Floats
    level_db: float
    before: float
    after: float
    share: float


def band_envelopes(sent: Sequence[Audio], left: Audio, lead_in: int, sample_rate: int) -> BandEnvelopes:
    """Measure an excerpt.

    Parameters
    ----------
    sent : sequence of ndarray, shape (samples,)
        Each stem as it is sent.
    left : ndarray, shape (samples, 2)
        What the dry stems leave of the mix.
    lead_in : int
        Samples before those that count.
    sample_rate : int
        Hz.

    Returns
    -------
    BandEnvelopes
    """
    import scipy.fft

    length = int(2 ** round(math.log2(_WINDOW_S * sample_rate)))
    hop = length // 2
    window = np.hanning(length + 1)[:-1].astype(np.float32)
    window /= math.sqrt(float(np.sum(window**2)))
    frequencies = np.arange(length // 2 + 1) * sample_rate / length
    edges = np.searchsorted(frequencies, [c * 2.0**half for c in CENTRES_HZ for half in (-0.5, 0.5)]).reshape(
        -1, 2
    )

    def bands(signal: Audio) -> Floats:
        frames = np.lib.stride_tricks.sliding_window_view(signal, length)[::hop]
        power = np.abs(scipy.fft.rfft(frames * window, axis=1)) ** 2
        total = np.cumsum(np.pad(power, ((0, 0), (1, 0))), axis=1, dtype=np.float64)
        return np.asarray((total[:, edges[:, 1]] - total[:, edges[:, 0]]).T)

    if len(left) < length:
        left = np.pad(left, ((0, length - len(left)), (0, 0)))
        sent = [np.pad(each, (0, length - len(each))) for each in sent]
    return BandEnvelopes(
        np.array([bands(np.ascontiguousarray(each)) for each in sent]),
        bands(np.ascontiguousarray(left[:, 0])) + bands(np.ascontiguousarray(left[:, 1])),
        lead_in // hop,
        hop / sample_rate,
    )


def estimate_room(excerpts: Sequence[BandEnvelopes]) -> RoomEstimate:
    """Find decay times, levels and sends that explain the powers best.

    The powers of what is left are modelled, band by band, as each stem's own power at the same moment (what its
    equaliser and gain do not get right), a floor, and the reverb: the stems' powers, each times its send, through an
    exponential decay. Powers of noise-like sound scatter in proportion to themselves, for which the divergence of
    Itakura and Saito is the likelihood [1]_. Bands are solved one by one, then the sends that they share, in turns.

    Parameters
    ----------
    excerpts : sequence of BandEnvelopes
        Where to look.

    Returns
    -------
    RoomEstimate

    References
    ----------
    .. [1] C. Févotte, N. Bertin, J.-L. Durrieu, "Nonnegative matrix factorization with the Itakura-Saito divergence: with
       application to music analysis", Neural Computation 21(3), 2009.
    """
    bands = excerpts[0].sent.shape[1]
    scale = np.mean(np.concatenate([each.left[:, each.lead_in :] for each in excerpts], axis=1), axis=1)
    scale = np.maximum(scale, 1e-12 * max(float(scale.max()), 1e-20))
    sent_power = np.sum([each.sent[:, :, each.lead_in :].sum(axis=2) for each in excerpts], axis=0)
    heard = sent_power.sum(axis=1) > 1e-6 * sent_power.sum()
    gains = heard.astype(np.float64)
    fits = [_BandFit(excerpts, band, float(scale[band])) for band in range(bands)]
    for _ in range(_ROUNDS):
        for fit in fits:
            fit.solve(gains)
        gains = _better_gains(fits, gains)
    for fit in fits:
        fit.solve(gains)
    levels = np.array([fit.level for fit in fits])
    # Sends and levels are known as a product: the mean level over bands goes to the sends.
    mean_level = max(float(levels.mean()), 1e-30)
    with np.errstate(divide="ignore"):
        return RoomEstimate(
            np.array([fit.t60_s for fit in fits]),
            10.0 * np.log10(np.maximum(levels, 1e-30) / mean_level),
            10.0 * np.log10(gains * mean_level),
            10.0
            * math.log10(
                max(sum(fit.reverb_power(gains) for fit in fits), 1e-30) / max(float(sent_power.sum()), 1e-30)
            ),
            float(np.mean([fit.divergence_without_reverb() for fit in fits])),
            float(np.mean([fit.divergence(gains) for fit in fits])),
            min(
                sum(fit.reverb_power(gains) for fit in fits) / max(sum(fit.power for fit in fits), 1e-30), 1.0
            ),
        )


class _BandFit:
    """One octave band: decay time, level of the reverb, of what follows the stems at once, and of the floor.

    Parameters
    ----------
    excerpts : sequence of BandEnvelopes
        Where to look.
    band : int
        Which octave.
    scale : float
        Mean power of what is left there.
    """

    def __init__(self, excerpts: Sequence[BandEnvelopes], band: int, scale: float) -> None:
        self._sent = [each.sent[:, band] for each in excerpts]
        self._left = [each.left[band, each.lead_in :] / scale + 1e-9 for each in excerpts]
        self._lead_ins = [each.lead_in for each in excerpts]
        self._hop_s, self._scale = excerpts[0].hop_s, scale
        self.power = scale * sum(float(left.sum()) for left in self._left)
        sent = sum(float(each.sum()) for each in self._sent) / scale
        ratio = sum(left.size for left in self._left) / max(sent, 1e-12)
        self._ratio = math.log(ratio)
        # Logarithms of level and decay time, of the direct part, of the floor against the mean power.
        self._numbers = np.array([self._ratio, math.log(0.8), self._ratio - 2.0, -5.0])

    @property
    def level(self) -> float:
        """Power of the reverb against that of what is sent."""
        return math.exp(self._numbers[0])

    @property
    def t60_s(self) -> float:
        """Time of 60 dB of decay."""
        return math.exp(self._numbers[1])

    def solve(self, gains: Floats) -> None:
        """Solve for the band's four numbers, the sends given."""
        from scipy.optimize import minimize

        sent = [np.asarray(gains @ each) / self._scale for each in self._sent]
        whole = [np.asarray(each.sum(axis=0)) / self._scale for each in self._sent]
        bounds = [
            (self._ratio - 16.0, self._ratio + 8.0),
            (math.log(_T60_S[0]), math.log(_T60_S[1])),
            (self._ratio - 30.0, self._ratio + 3.0),
            (-16.0, 2.0),
        ]
        found = []
        starts = [self._numbers, np.array([self._numbers[0], math.log(2.5), *self._numbers[2:]])]
        for start in starts:
            found.append(
                minimize(
                    lambda numbers: self._divergence(sent, whole, numbers),
                    np.clip(start, *np.array(bounds).T),
                    method="L-BFGS-B",
                    bounds=bounds,
                    options={"maxiter": 25},
                )
            )
        self._numbers = min(found, key=lambda each: float(each.fun)).x

    def divergence(self, gains: Floats) -> float:
        """Return the mean divergence that is left."""
        sent = [np.asarray(gains @ each) / self._scale for each in self._sent]
        whole = [np.asarray(each.sum(axis=0)) / self._scale for each in self._sent]
        return self._divergence(sent, whole, self._numbers)

    def divergence_without_reverb(self) -> float:
        """Return the same where the stems' own power and a floor are to explain all."""
        from scipy.optimize import minimize

        whole = [np.asarray(each.sum(axis=0)) / self._scale for each in self._sent]
        none = [np.zeros_like(each) for each in whole]
        found = minimize(
            lambda numbers: self._divergence(none, whole, np.array([0.0, 0.0, *numbers])),
            np.array([self._ratio, -2.0]),
            method="L-BFGS-B",
            bounds=[(self._ratio - 30.0, self._ratio + 3.0), (-16.0, 2.0)],
        )
        return float(found.fun)

    def parts(self) -> list[tuple[Floats, Floats, Floats]]:
        """Return, by excerpt, the reverb of each stem at a send of 1, all else that is modelled, and what is left."""
        found = []
        for sent, lead_in, left in zip(self._sent, self._lead_ins, self._left, strict=True):
            reverb = self.level * self._decayed(sent / self._scale, self.t60_s)[:, lead_in:]
            whole = sent.sum(axis=0)[lead_in:] / self._scale
            found.append((reverb, math.exp(self._numbers[2]) * whole + math.exp(self._numbers[3]), left))
        return found

    def reverb_power(self, gains: Floats) -> float:
        """Return the power of the reverb."""
        return self._scale * sum(float((gains @ reverb).sum()) for reverb, _, _ in self.parts())

    def _divergence(self, sent: Sequence[Floats], whole: Sequence[Floats], numbers: Floats) -> float:
        level, t60_s, same, floor = np.exp(numbers)
        value, count = 0.0, 0
        for each, direct, lead_in, left in zip(sent, whole, self._lead_ins, self._left, strict=True):
            modelled = level * self._decayed(each, t60_s)[lead_in:] + same * direct[lead_in:] + floor
            ratio = left / modelled
            value += float(np.sum(ratio - np.log(ratio)))
            count += left.size
        return value / count - 1.0

    def _decayed(self, power: Floats, t60_s: float) -> Floats:
        """Return power through an exponential decay: a frame's sound is spread evenly over it."""
        from scipy.signal import lfilter

        pole = 10.0 ** (-6.0 * self._hop_s / t60_s)
        return np.asarray((1.0 - pole) * lfilter([0.5, 0.5], [1.0, -pole], power, axis=-1))


def _better_gains(fits: Sequence[_BandFit], gains: Floats) -> Floats:
    """Return better sends, the bands' numbers given.

    Multiplicative steps; under the square root they never lead up (Févotte and Idier, Neural Computation 23(9), 2011).
    """
    every = [part for fit in fits for part in fit.parts()]
    for _ in range(_GAIN_STEPS):
        up, down = np.zeros(len(gains)), np.zeros(len(gains))
        for reverb, rest, left in every:
            modelled = gains @ reverb + rest
            up += reverb @ (left / modelled**2)
            down += reverb @ (1.0 / modelled)
        gains = gains * np.sqrt(up / np.maximum(down, 1e-30))
    return gains / max(float(gains.max()), 1e-30)
