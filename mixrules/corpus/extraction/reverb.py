"""The decay time of a stem's reverb, where the data set has its impulse response or the stem without reverb.

It is T30 of ISO 3382-1, the mean of the octave bands at 500 Hz and 1 kHz, where voices and instruments have energy. From
a dry and a wet stem the impulse response between them is estimated first, at a sample rate of 4 kHz.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from mixrules._support.channels import mean_of_channels
from mixrules._support.validation import MAX_CHANNELS
from mixrules.analysis import decay_time
from mixrules.corpus.extraction.signals import SignalSet
from mixrules.errors import AudioFileError
from mixrules.files import read_audio
from mixrules.stems.described_song import load_described
from mixrules.stems.song_description import SongDescription, StemDescription

Floats = npt.NDArray[np.float64]

_BANDS_HZ = (500.0, 1000.0)
_RATE_HZ = 4000
_BLOCK_SAMPLES = 1 << 16
_LONGEST_S = (
    60.0  # of the stems, from where the dry one begins: enough to excite the reverb, and memory stays bounded
)
_ACTIVE_DB = 60.0  # below its peak the dry stem is at rest: noise before an entry does not excite the reverb
_RESPONSE_S = 6.0
_LEAD_S = 0.05  # the band limit makes the response ring before its beginning too
_DIRECT_S = 0.005  # what follows the peak of the response is reverb
_RIDGE = 1e-5
_TOLERANCE, _MOST_STEPS = 1e-6, 100


def decay_times(song: SongDescription, signals: SignalSet) -> list[float]:
    """Return the decay time of each signal of a song in seconds; NaN where nothing says it.

    Parameters
    ----------
    song : SongDescription
        Its stems may have an impulse response or a dry stem.
    signals : SignalSet
        The signals.

    Raises
    ------
    AudioFileError, StemsError
        If an impulse response or a dry stem cannot be read.
    """
    described = {stem.name: stem for stem in song.stems}
    return [
        _decay_time(described[signal.stem], signal.audio, signals.sample_rate)
        if signal.kind == "stem" and signal.stem in described
        else math.nan
        for signal in signals.signals
    ]


def impulse_response_between(dry: Floats, wet: Floats, taps: int) -> Floats:
    """Return the impulse response that makes one signal of another, by regularised least squares.

    Parameters
    ----------
    dry, wet : ndarray of float64, shape (samples,)
        Of one length. What follows the end of `wet` does not count.
    taps : int
        Length of the response.

    Returns
    -------
    ndarray of float64, shape (taps,)
        The response h that minimises |wet - h * dry|² + r |h|², r 1e-5 times the energy of `dry`, found by conjugate
        gradients with a circulant preconditioner.
    """
    from mixrules.matching.normal_equations import NormalEquations

    equations = NormalEquations(taps, channels=1)
    equations.add(dry, wet[np.newaxis])
    ridge = np.full(equations.power.shape, _RIDGE * float(dry @ dry))
    return np.asarray(equations.solve(ridge, tolerance=_TOLERANCE, most_steps=_MOST_STEPS)[0])


def _decay_time(stem: StemDescription, wet: Any, sample_rate: int) -> float:
    if stem.impulse_response:
        if len(stem.impulse_response) > 1:
            raise AudioFileError(f"stem {stem.name} has several impulse responses, one is needed")
        part = stem.impulse_response[0]
        data = read_audio(part.path, channels_max=MAX_CHANNELS, stream=part.stream)
        channel = slice(None) if part.channel is None else slice(part.channel, part.channel + 1)
        return _mid_decay_time(data.audio[:, channel], data.sample_rate)
    if stem.dry:
        alone = SongDescription(
            song=f"the dry {stem.name}", stems=(StemDescription(name="dry", parts=stem.dry),)
        )
        dry = load_described(alone, sample_rate=sample_rate, threads=1).stems[0].audio
        return _decay_time_between(dry, wet, sample_rate)
    return math.nan


def _decay_time_between(dry: Any, wet: Any, sample_rate: int) -> float:
    import soxr

    first = _first_active(dry)
    last = min(len(dry), len(wet), first + round(_LONGEST_S * sample_rate))
    if first >= last:
        return math.nan
    mono = (np.asarray(mean_of_channels(audio[first:last]), np.float64) for audio in (dry, wet))
    before, after = (soxr.resample(signal, sample_rate, _RATE_HZ) for signal in mono)
    # Of a longer response there would be too few samples to tell its end.
    taps = min(len(before) // 2, round(_RESPONSE_S * _RATE_HZ))
    if taps < _RATE_HZ // 10 or not before.any() or not after.any():
        return math.nan
    after = np.pad(after, (round(_LEAD_S * _RATE_HZ), 0))[: len(before)]
    response = soxr.resample(impulse_response_between(before, after, taps), _RATE_HZ, 2 * _RATE_HZ)
    direct_s = float(np.argmax(np.abs(response))) / (2 * _RATE_HZ)
    return _mid_decay_time(response, 2 * _RATE_HZ, start_s=direct_s + _DIRECT_S)


def _first_active(audio: Any) -> int:
    """Return the first sample that is at most 60 dB below the highest."""
    starts = range(0, audio.shape[0], _BLOCK_SAMPLES)
    peaks = [float(np.abs(audio[start : start + _BLOCK_SAMPLES]).max()) for start in starts]
    least = max(peaks) * 10.0 ** (-_ACTIVE_DB / 20.0)
    start = next(start for start, peak in zip(starts, peaks, strict=True) if peak >= least)
    loudest_channel = np.abs(audio[start : start + _BLOCK_SAMPLES]).max(axis=1)
    return start + int(np.argmax(loudest_channel >= least))


def _mid_decay_time(response: npt.NDArray[Any], sample_rate: int, *, start_s: float = 0.0) -> float:
    """Return the mean of T30 at 500 Hz and 1 kHz; NaN where either is not defined."""
    bands = [decay_time(response, sample_rate, band_hz=band, start_s=start_s) for band in _BANDS_HZ]
    return float(np.mean(bands))
