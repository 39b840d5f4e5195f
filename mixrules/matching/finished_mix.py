"""A finished mix from a file or an array, as matching needs it: at the stems' rate, in stereo, with what was noticed."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from mixrules._support.validation import as_audio, require_sample_rate
from mixrules.errors import AudioError
from mixrules.normalization.clipping import ClippingCount
from mixrules.stems.song_description import AudioPart

LEAST_S = 0.5
"""Of a mix that covers less of its stems, in seconds, nothing is told."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FinishedMix:
    """A finished mix.

    Attributes
    ----------
    audio : ndarray of float32, shape (samples, 2)
        Full scale ±1.0; may go beyond.
    sample_rate : int
        Hz, that of the stems.
    name : str
        The file's name, or what the caller called it.
    mono : bool
        Whether both sides are equal: where a stem stood between them cannot be told.
    notes : tuple of str
        What was done to it and what it lacks.
    """

    audio: npt.NDArray[np.float32]
    sample_rate: int
    name: str = "the mix"
    mono: bool = False
    notes: tuple[str, ...] = ()


def read_finished_mix(
    path: str | os.PathLike[str], sample_rate: int, *, stream: int | None = None
) -> FinishedMix:
    """Read a finished mix from a file in any format that `mixrules` reads, at the stems' sample rate.

    Parameters
    ----------
    path : path-like
        WAV, FLAC, OGG, MP3 or AIFF; what libav decodes with the extra ``mixrules[stems]``. Mono or stereo.
    sample_rate : int
        Hz, to bring it to.
    stream : int, optional
        Which stream of a container, counted from 0.

    Returns
    -------
    FinishedMix

    Raises
    ------
    AudioFileError
        If the file cannot be read, has more than two channels, or holds NaN or infinity.
    AudioError
        If it is silent.
    """
    from mixrules.stems.described_song import read_parts

    file = Path(path)
    data = read_parts((AudioPart(path=file, stream=stream),))
    return as_finished_mix(data.audio, data.sample_rate, sample_rate, name=file.name)


def as_finished_mix(
    audio: npt.ArrayLike, rate: int, sample_rate: int | None = None, *, name: str = "the mix"
) -> FinishedMix:
    """Return an array as a finished mix, in stereo and at the stems' sample rate.

    Parameters
    ----------
    audio : array_like, shape (samples, channels) or (samples,)
        Float samples, 1 or 2 channels. Not modified.
    rate : int
        Its sample rate in Hz.
    sample_rate : int, optional
        Hz, of the stems; by default the same.
    name : str
        What notes and errors call it.

    Returns
    -------
    FinishedMix

    Raises
    ------
    AudioError
        If it is not float, is empty or silent, has more than two channels, or holds NaN or infinity.
    ParameterError
        If a rate is out of range.

    Notes
    -----
    soxr's very high quality where the rates differ.

    Examples
    --------
    >>> import numpy as np
    >>> mono = as_finished_mix(0.1 * np.ones(4), 44_100, name="demo.wav")
    >>> mono.audio.shape, mono.notes
    ((4, 2), ('demo.wav: mono, taken on both sides',))
    """
    checked = np.asarray(as_audio(audio, name=name, max_channels=2), np.float32)
    given = require_sample_rate(rate)
    wanted = given if sample_rate is None else require_sample_rate(sample_rate)
    if not checked.any():
        raise AudioError(f"{name} is silent: a mix that holds sound is needed")
    notes = []
    clipped = ClippingCount()
    clipped.update(checked)
    if clipped.runs:
        notes.append(f"{name}: clipped in {clipped.runs} place{'s' * (clipped.runs > 1)}")
    if given != wanted:
        from mixrules.stems.resampling import resampled

        checked = resampled(checked, given, wanted)
        notes.append(f"{name}: resampled from {given} to {wanted} Hz")
    mono = checked.shape[1] == 1
    if mono:
        checked = np.repeat(checked, 2, axis=1)
        notes.append(f"{name}: mono, taken on both sides")
    elif np.array_equal(checked[:, 0], checked[:, 1]):
        mono = True
        notes.append(f"{name}: both sides are equal, it is mono")
    return FinishedMix(
        audio=np.ascontiguousarray(checked, np.float32),
        sample_rate=wanted,
        name=name,
        mono=mono,
        notes=tuple(notes),
    )
