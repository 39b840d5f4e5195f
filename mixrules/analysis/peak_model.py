"""Predict the peaks of a mix, and what limiting its stems makes of them, without the audio.

Peaks and K-weighted energies in hops of 10 ms tell which stem makes the peaks: some 3 MB for an hour of a stem.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixrules.errors import ParameterError
from mixrules.loudness import BlockEnergies, integrated_from_energies

ENVELOPE_HOPS = 5  # of 2 ms, in a hop of 10 ms
_AUDIBLE_SHARE, _LOUD_QUANTILE = 0.01, 0.99

Peaks = npt.NDArray[np.floating]


@dataclass(frozen=True, slots=True, eq=False)
class PeakTrace:
    """Peaks and energies of a signal in hops of 10 ms.

    Attributes
    ----------
    peaks : ndarray of float32, shape (hops,)
        Largest magnitude over channels, linear.
    energies : BlockEnergies
        K-weighted energies of the same hops.
    """

    peaks: npt.NDArray[np.float32]
    energies: BlockEnergies

    @classmethod
    def of(cls, envelope: Peaks, energies: BlockEnergies) -> PeakTrace:
        """Make a trace of an envelope in hops of 2 ms and of the energies; both in single precision."""
        hops = energies.energies.size
        padded = np.zeros(hops * ENVELOPE_HOPS, np.float32)
        padded[: envelope.size] = envelope
        peaks = padded.reshape(hops, ENVELOPE_HOPS).max(axis=1) if hops else padded
        return cls(peaks, dataclasses.replace(energies, energies=energies.energies.astype(np.float32)))

    @property
    def highest(self) -> float:
        """The highest peak, linear."""
        return float(self.peaks.max()) if self.peaks.size else 0.0

    @property
    def integrated_lufs(self) -> float:
        """The integrated loudness."""
        return integrated_from_energies(self.energies)

    @property
    def crest_db(self) -> float:
        """How far the loud peaks lie above the loudness, in dB; NaN where there is none.

        The loud peaks reach the level that 99 % of the hops lie under, of those within 40 dB of the highest: a single
        click does not count, nor do pauses.
        """
        audible = self.peaks[self.peaks > self.highest * _AUDIBLE_SHARE]
        lufs = self.integrated_lufs
        if not audible.size or not math.isfinite(lufs):
            return math.nan
        return 20.0 * math.log10(float(np.quantile(audible, _LOUD_QUANTILE, overwrite_input=True))) - lufs

    def scaled(self, gain: float) -> PeakTrace:
        """Return the trace after a linear gain."""
        return PeakTrace(self.peaks * np.float32(gain), self.energies.scaled(gain))

    def limited(self, ceiling: float, release_ms: float) -> PeakTrace:
        """Return the trace after a limiter.

        Parameters
        ----------
        ceiling : float
            Linear, above 0.
        release_ms : float
            Time constant of its return, in dB.

        Returns
        -------
        PeakTrace
            The peaks of a hop are those of the limited hop; its energy falls by the gain at its peak, held and
            released as by the limiter: the look-ahead is shorter than a hop.
        """
        if not ceiling > 0.0:
            raise ParameterError(f"ceiling must be above 0, got {ceiling:g}")
        if self.highest <= ceiling:
            return self
        reduction_db = 20.0 * np.log10(np.maximum(self.peaks / ceiling, 1.0))
        # The largest of all earlier reductions, each released for as long as it is past: a running maximum of logarithms.
        released = np.arange(reduction_db.size) * (10.0 / release_ms)
        with np.errstate(divide="ignore"):
            held_db = np.exp(np.maximum.accumulate(np.log(reduction_db) + released) - released)
        gains = 10.0 ** (-held_db / 20.0)
        peaks = np.minimum(self.peaks * gains, ceiling).astype(np.float32)
        return PeakTrace(peaks, self.energies.scaled(gains))


def summed_peaks(traces: Sequence[PeakTrace], exponent: float) -> Peaks:
    """Estimate the peaks of a sum of signals in hops of 10 ms.

    Parameters
    ----------
    traces : sequence of PeakTrace
        The signals as loud as they are in the sum, at least one.
    exponent : float
        Peaks add up as their powers of this: 1 where they coincide with one sign, 2 where they are independent noise.

    Returns
    -------
    ndarray, shape (hops,)
        Linear, as long as the longest signal.
    """
    total = np.zeros(max(trace.peaks.size for trace in traces), np.float32)
    for trace in traces:
        total[: trace.peaks.size] += trace.peaks ** np.float32(exponent)
    return total ** np.float32(1.0 / exponent)


def summed_lufs(traces: Sequence[PeakTrace]) -> float:
    """Return the integrated loudness of a sum of signals that are not correlated, as loud as they are in it."""
    longest = max((trace.energies for trace in traces), key=lambda energies: energies.energies.size)
    total = np.zeros(longest.energies.size)
    for trace in traces:
        total[: trace.energies.energies.size] += trace.energies.energies
    return integrated_from_energies(dataclasses.replace(longest, energies=total))


def peak_db(peaks: Peaks) -> float:
    """Return the highest of some peaks in dB; -inf where there is none."""
    highest = float(peaks.max()) if peaks.size else 0.0
    return 20.0 * math.log10(highest) if highest > 0.0 else -math.inf
