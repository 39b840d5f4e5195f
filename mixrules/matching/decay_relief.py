"""How the energy of a response decays over time and frequency, in auditory bands, and how far two of them are apart."""

from __future__ import annotations

import functools
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from mixrules.analysis import bark_bands, decay_curve
from mixrules.errors import ParameterError

Floats = npt.NDArray[np.float64]
ReliefBands = Literal["mel", "bark"]

_WINDOW_S = 0.03
_HOP_S = 0.01
_MELS = 24
_LOW_HZ, _HIGH_HZ = 60.0, 16_000.0  # from two of the window's bins on
_RANGE_DB = 40.0
_BANDS_RANGE_DB = 60.0


class DecayRelief:
    """The energy still to come at each moment in each band of a response, to compare others with.

    Parameters
    ----------
    response : ndarray, shape (samples, channels)
        The response; energies of its channels are added.
    sample_rate : int
        Hz.
    bands : {"bark", "mel"}
        24 triangular mel bands (Slaney's scale), or Zwicker's 24 critical bands, from 60 Hz to 16 kHz.

    Notes
    -----
    Only what lies at most 40 dB below the beginning of a band counts, no band that begins 60 dB below the strongest (an
    extracted response has nothing where it is not known), and nothing after the response has sunk into
    its own noise.

    References
    ----------
    .. [1] J.-M. Jot, "An analysis/synthesis approach to real-time artificial reverberation", ICASSP 1992: the energy
       decay relief.
    """

    def __init__(self, response: npt.NDArray[Any], sample_rate: int, bands: ReliefBands = "bark") -> None:
        if bands not in get_args(ReliefBands):
            raise ParameterError(f"bands must be mel or bark, got {bands!r}")
        self._rate, self._bands = sample_rate, bands
        powers = self._powers(response[: _end(response, sample_rate)])
        self._relief_db = _relief_db(powers)
        strong = self._relief_db[0] > self._relief_db[0].max() - _BANDS_RANGE_DB
        self._counts = strong & (self._relief_db > self._relief_db[0] - _RANGE_DB)

    def distance_db(self, other: npt.NDArray[Any]) -> float:
        """Return how far another response is from this one: root mean square of the difference in dB, at equal energy."""
        frames = len(self._relief_db)
        powers = self._powers(other)
        powers = np.pad(powers, ((0, max(0, frames - len(powers))), (0, 0)))
        off = (_relief_db(powers)[:frames] - self._relief_db)[self._counts]
        return float(np.sqrt(np.mean(np.clip(off, -_RANGE_DB, _RANGE_DB) ** 2)))

    def _powers(self, response: npt.NDArray[Any]) -> Floats:
        """Return the energy of each band in each frame, shape (frames, bands)."""
        window, hop = round(_WINDOW_S * self._rate), round(_HOP_S * self._rate)
        filters = _filters(self._rate, window, self._bands)
        padded = np.pad(np.asarray(response, np.float64), ((window // 2, window), (0, 0)))
        frames = np.lib.stride_tricks.sliding_window_view(padded, window, axis=0)[::hop]
        spectra = np.fft.rfft(frames * np.hanning(window + 1)[:-1], axis=-1)
        return np.asarray(np.sum(np.abs(spectra) ** 2, axis=1) @ filters.T)


def _end(response: npt.NDArray[Any], sample_rate: int) -> int:
    """Return the sample at which a response has sunk into its noise."""
    curve = decay_curve(response, sample_rate)
    power = np.sum(np.asarray(response, np.float64) ** 2, axis=1)
    return int(np.argmax(power >= 0.01 * power.max())) + max(len(curve), 1)


def _relief_db(powers: Floats) -> Floats:
    relief = np.cumsum(powers[::-1], axis=0)[::-1]
    total = float(relief[0].sum())
    return np.asarray(10.0 * np.log10(np.maximum(relief / total if total else relief, 1e-12)))


@functools.lru_cache(maxsize=8)
def _filters(sample_rate: int, window: int, bands: ReliefBands) -> Floats:
    """Return the weight of each bin in each band, shape (bands, bins)."""
    if bands == "mel":
        from librosa import filters

        top_hz = min(_HIGH_HZ, sample_rate / 2)
        mel = filters.mel(sr=sample_rate, n_fft=window, n_mels=_MELS, fmin=_LOW_HZ, fmax=top_hz, norm=None)
        return np.asarray(mel, np.float64)
    barks = bark_bands().below(sample_rate / 2)
    bin_hz = np.arange(window // 2 + 1) * sample_rate / window
    inside = (bin_hz >= np.reshape(barks.low_hz, (-1, 1))) & (bin_hz < np.reshape(barks.high_hz, (-1, 1)))
    return inside[inside.any(axis=1)].astype(np.float64)
