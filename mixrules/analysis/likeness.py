"""How much two signals are one: whether one follows from the other by a filter and a short delay.

Two microphones on one drum, a DI box and its amplifier, or a copy of a track share one signal; two players of the same
notes do not. Blocks from all over the song are compared in a band of frequencies. Each block counts alike, however loud,
and phases that differ from block to block cancel out in their sum.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixrules._support.validation import require_sample_rate
from mixrules.errors import ParameterError

_SILENT = 1e-4  # of the strongest block's power: what is weaker is no note, but its noise


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """What two signals have in common.

    Attributes
    ----------
    coherence : float
        0 to 1: the share of their power, in the band, that a filter could make of the other signal.
    correlation : float
        -1 to 1: their correlation in the band at the delay at which it is strongest, a peak within the longest delay;
        below 0 where one has the opposite polarity.
    delay_ms : float
        How much later the second signal comes, at that delay.
    blocks : int
        Blocks in which both sound. With none the rest is 0.
    """

    coherence: float
    correlation: float
    delay_ms: float
    blocks: int


class BlockSpectra:
    """The spectra of some blocks of a signal in a band, each block at one power.

    Parameters
    ----------
    blocks : iterable of ndarray, shape (samples,)
        Blocks of one length, of the same places in every signal that is compared.
    sample_rate : int
        Hz.
    low_hz, high_hz : float
        The band.

    Raises
    ------
    ParameterError
        If the band holds no bin of the blocks' spectrum.
    """

    def __init__(
        self, blocks: Iterable[npt.NDArray[np.floating]], sample_rate: int, *, low_hz: float, high_hz: float
    ) -> None:
        self.sample_rate = require_sample_rate(sample_rate)
        spectra = []
        for block in blocks:
            hz = np.fft.rfftfreq(len(block), 1.0 / sample_rate)
            self.samples, self.band = len(block), (hz >= low_hz) & (hz < high_hz)
            if not self.band.any():
                raise ParameterError(
                    f"a block of {len(block)} samples has no bin from {low_hz:g} to {high_hz:g} Hz"
                )
            spectra.append(np.fft.rfft(block)[self.band])
        self.spectra = np.array(spectra)
        power = np.sum(np.abs(self.spectra) ** 2, axis=1)
        self.active = power > _SILENT * power.max(initial=0.0)
        self.spectra[self.active] /= np.sqrt(power[self.active])[:, np.newaxis]

    def likeness(self, other: BlockSpectra, *, max_delay_ms: float) -> Likeness:
        """Compare it with another signal's spectra of the same blocks.

        Parameters
        ----------
        other : BlockSpectra
            Of the signal that is to come later, where the delay is above 0.
        max_delay_ms : float
            The longest delay, either way.

        Returns
        -------
        Likeness

        Notes
        -----
        The coherence is ``sum |Sxy|^2 / sum Sxx Syy`` over the band's bins, less what ``n`` blocks that have nothing in
        common come to by chance, ``1 / n``.
        """
        both = self.active & other.active
        count = int(both.sum())
        if count < 2:
            return Likeness(coherence=0.0, correlation=0.0, delay_ms=0.0, blocks=count)
        one, two = self.spectra[both], other.spectra[both]
        across = np.sum(one.conj() * two, axis=0)
        power, other_power = (np.sum(np.abs(each) ** 2, axis=0) for each in (one, two))
        share = float(np.sum(np.abs(across) ** 2) / np.sum(power * other_power))
        all_bins = np.zeros(len(self.band), complex)
        all_bins[self.band] = across
        scale = self.samples / (2.0 * math.sqrt(float(power.sum() * other_power.sum())))
        by_lag = np.fft.irfft(all_bins, self.samples) * scale
        longest = min(round(max_delay_ms / 1000.0 * self.sample_rate), (self.samples - 1) // 2)
        lags = np.arange(-longest, longest + 1)
        size = np.abs(by_lag[lags])
        # At the ends the correlation may still be rising: of a low tone it does so up to half a period away.
        peaks = np.concatenate([[False], (size[1:-1] >= size[:-2]) & (size[1:-1] >= size[2:]), [False]])
        candidates = lags[peaks] if longest and peaks.any() else np.zeros(1, int)
        # The shortest of the delays that are as good.
        candidates = candidates[np.argsort(np.abs(candidates), kind="stable")]
        lag = int(candidates[np.argmax(np.abs(by_lag[candidates]))])
        return Likeness(
            coherence=max(0.0, (count * share - 1.0) / (count - 1.0)),
            correlation=float(np.clip(by_lag[lag], -1.0, 1.0)),
            delay_ms=1000.0 * lag / self.sample_rate,
            blocks=count,
        )
