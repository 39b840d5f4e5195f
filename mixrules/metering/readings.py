"""Every measure of `mixrules.loudness`, of an array or of a file."""

from __future__ import annotations

import numpy as np

from mixrules.loudness import (
    BlockEnergies,
    EnergyStream,
    Loudness,
    integrated_from_energies,
    loudness_range_from_energies,
    momentary_from_energies,
    short_term_from_energies,
)
from mixrules.loudness.channels import ChannelWeights
from mixrules.loudness.energies import FloatArray
from mixrules.loudness.peaks import PeakStream
from mixrules.metering.one_pass import metered
from mixrules.metering.signal_layouts import signal_layout
from mixrules.metering.signals import ArrayOrPath, open_signal


def measure(
    audio: ArrayOrPath,
    sample_rate: int | None = None,
    *,
    channel_weights: ChannelWeights | None = None,
    dual_mono: bool = False,
) -> Loudness:
    """Measure everything that EBU R 128 asks for, in one pass over an array or a file.

    Parameters
    ----------
    audio : array_like or path-like
        Float samples of shape (samples, channels) or (samples,), full scale ±1.0, not modified. Or the path of a WAV,
        FLAC, OGG, MP3 or AIFF file, with the extra ``mixrules[stems]`` of whatever libav decodes (m4a, video …); "-" is
        standard input. A file is read in blocks and may be of any length.
    sample_rate : int, optional
        Hz, 8000 to 384000, of an array; a file says its own.
    channel_weights : sequence of float, str or None
        One weight a channel or the name of a layout (see `mixrules.loudness.channel_weights`); None takes the layout
        that the file states, else the usual one of that many channels.
    dual_mono : bool
        Whether a single channel counts twice, because two loudspeakers will play it (+3.01 LU); signals of more
        channels are measured as they are.

    Returns
    -------
    Loudness
        The readings.

    Raises
    ------
    AudioError
        If the samples are not float, are empty, or hold NaN or infinity.
    AudioFileError
        If the file is missing, not audio, cut short, or holds NaN or infinity.
    ParameterError
        If another argument is out of range.

    Examples
    --------
    >>> import numpy as np
    >>> tone = np.sin(2 * np.pi * 997 / 48_000 * np.arange(48_000))
    >>> round(measure(tone, 48_000).integrated_lufs, 2)
    -3.01
    >>> import soundfile
    >>> soundfile.write("tone.wav", 0.5 * tone, 48_000)
    >>> round(measure("tone.wav").integrated_lufs, 2)
    -9.03
    """
    return metered(audio, sample_rate, channel_weights=channel_weights, dual_mono=dual_mono).loudness


def integrated_loudness(
    audio: ArrayOrPath,
    sample_rate: int | None = None,
    *,
    channel_weights: ChannelWeights | None = None,
    dual_mono: bool = False,
) -> float:
    """Measure gated integrated loudness (ITU-R BS.1770-5).

    Parameters
    ----------
    audio, sample_rate, channel_weights, dual_mono
        As for `measure`.

    Returns
    -------
    float
        LUFS; ``-inf`` when nothing is above -70 LUFS. Under 400 ms: one ungated block over all of it.

    Raises
    ------
    AudioError, AudioFileError, ParameterError
        If the audio or an argument cannot be used.

    Examples
    --------
    >>> import numpy as np
    >>> tone = np.sin(2 * np.pi * 997 / 48_000 * np.arange(5 * 48_000))
    >>> round(integrated_loudness(0.1 * tone, 48_000), 2)
    -23.01
    """
    return integrated_from_energies(_energies(audio, sample_rate, channel_weights, dual_mono))


def loudness_range(
    audio: ArrayOrPath,
    sample_rate: int | None = None,
    *,
    channel_weights: ChannelWeights | None = None,
    dual_mono: bool = False,
    hop_s: float = 1.0,
) -> float:
    """Measure the loudness range (EBU Tech 3342).

    Parameters
    ----------
    audio, sample_rate, channel_weights, dual_mono
        As for `measure`.
    hop_s : float
        Seconds between short-term values, a multiple of 0.01. One a second is what libebur128 takes; Tech 3342 v4
        asks for at least ten a second, ``hop_s=0.1``.

    Returns
    -------
    float
        LU; NaN when there is no short-term value of at least -70 LUFS, as in any signal under 3 s.

    Raises
    ------
    AudioError, AudioFileError, ParameterError
        If the audio or an argument cannot be used.

    Examples
    --------
    >>> import numpy as np
    >>> tone = np.sin(2 * np.pi * 1000 / 48_000 * np.arange(20 * 48_000))
    >>> round(loudness_range(np.concatenate([0.1 * tone, 0.03162 * tone]), 48_000), 1)  # 10 dB apart
    10.0
    """
    return loudness_range_from_energies(_energies(audio, sample_rate, channel_weights, dual_mono), hop_s)


def short_term_loudness(
    audio: ArrayOrPath,
    sample_rate: int | None = None,
    *,
    hop_s: float = 0.1,
    channel_weights: ChannelWeights | None = None,
    dual_mono: bool = False,
) -> tuple[FloatArray, FloatArray]:
    """Measure the course of short-term loudness: 3 s windows, ungated (EBU Tech 3341).

    Parameters
    ----------
    audio, sample_rate
        As for `measure`.
    hop_s : float
        Seconds between values, a multiple of 0.01.
    channel_weights, dual_mono
        As for `measure`.

    Returns
    -------
    times_s : ndarray, shape (values,)
        Where each window ends, seconds from the start of the signal: the first is 3.0.
    lufs : ndarray, shape (values,)
        Short-term loudness, ``-inf`` for silence. Both are empty under 3 s.

    Raises
    ------
    AudioError, AudioFileError, ParameterError
        If the audio or an argument cannot be used.

    Examples
    --------
    >>> import numpy as np
    >>> tone = np.sin(2 * np.pi * 997 / 48_000 * np.arange(5 * 48_000))
    >>> times_s, lufs = short_term_loudness(0.1 * tone, 48_000, hop_s=1.0)
    >>> times_s.round(2).tolist(), lufs.round(1).tolist()
    ([3.0, 4.0, 5.0], [-23.0, -23.0, -23.0])
    """
    return short_term_from_energies(_energies(audio, sample_rate, channel_weights, dual_mono), hop_s)


def momentary_loudness(
    audio: ArrayOrPath,
    sample_rate: int | None = None,
    *,
    hop_s: float = 0.1,
    channel_weights: ChannelWeights | None = None,
    dual_mono: bool = False,
) -> tuple[FloatArray, FloatArray]:
    """Measure the course of momentary loudness: 400 ms windows, ungated (EBU Tech 3341).

    Parameters
    ----------
    audio, sample_rate
        As for `measure`.
    hop_s : float
        Seconds between values, a multiple of 0.01.
    channel_weights, dual_mono
        As for `measure`.

    Returns
    -------
    times_s : ndarray, shape (values,)
        Where each window ends, seconds from the start of the signal: the first is 0.4.
    lufs : ndarray, shape (values,)
        Momentary loudness, ``-inf`` for silence. Both are empty under 0.4 s.

    Raises
    ------
    AudioError, AudioFileError, ParameterError
        If the audio or an argument cannot be used.

    Examples
    --------
    >>> import numpy as np
    >>> tone = np.sin(2 * np.pi * 997 / 48_000 * np.arange(48_000))
    >>> times_s, lufs = momentary_loudness(0.1 * tone, 48_000, hop_s=0.2)
    >>> times_s.round(2).tolist(), lufs.round(1).tolist()
    ([0.4, 0.6, 0.8, 1.0], [-23.0, -23.0, -23.0, -23.0])
    """
    return momentary_from_energies(_energies(audio, sample_rate, channel_weights, dual_mono), hop_s)


def true_peak(audio: ArrayOrPath, sample_rate: int | None = None) -> float:
    """Measure the true peak in dBTP (ITU-R BS.1770-5, Annex 2).

    Parameters
    ----------
    audio, sample_rate
        As for `measure`.

    Returns
    -------
    float
        dBTP, the highest of all channels; ``-inf`` for silence. Never below the sample peak.

    Raises
    ------
    AudioError, AudioFileError, ParameterError
        If the audio or the sample rate cannot be used.

    Examples
    --------
    A sine at a quarter of the rate whose samples all miss its peaks by 3 dB:

    >>> import numpy as np
    >>> sine = 0.5 * np.hanning(48_000) * np.sin(np.pi / 2 * np.arange(48_000) + np.pi / 4)
    >>> round(true_peak(sine, 48_000)), round(20 * np.log10(np.abs(sine).max()))
    (-6, -9)
    """
    with open_signal(audio, sample_rate) as signal:
        peaks = PeakStream(signal.sample_rate, signal.channels)
        for block in signal.blocks:
            peaks.update(block)
        return peaks.true_peak_dbtp()


def _energies(
    audio: ArrayOrPath,
    sample_rate: int | None,
    channel_weights: ChannelWeights | None,
    dual_mono: bool,
) -> BlockEnergies:
    with open_signal(audio, sample_rate) as signal:
        layout = signal_layout(signal, named=channel_weights, dual_mono=dual_mono)
        stream = EnergyStream(signal.sample_rate, np.array(layout.weights))
        for block in signal.blocks:
            stream.update(block)
        return stream.block_energies()
