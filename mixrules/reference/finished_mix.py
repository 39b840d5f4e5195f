"""What a finished mix tells: loudness, loudness range, width and the slope of its spectrum."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mixrules._support.validation import Audio, SlicedAudio
from mixrules.analysis import Spectrum, StereoPowers, powers_in_sets, spectrum_bands
from mixrules.errors import AudioError
from mixrules.files import audio_blocks, audio_header, check_audio, read_audio, scratch_of
from mixrules.loudness import LoudnessMeter
from mixrules.statement_kinds import SLOPE_BETWEEN_HZ

SHORTEST_S = 3.0
"""A shorter reference tells nothing: the window of short-term loudness."""
_BLOCK_S = 0.1
_BLOCK_SAMPLES = 1 << 18
_HELD_SAMPLES = 1 << 25  # of all channels, 128 MiB: a longer mix is decoded to a temporary file


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FinishedMix:
    """A finished mix that was read.

    Attributes
    ----------
    audio : ndarray of float32 or SlicedAudio, shape (samples, channels)
        One channel or two.
    sample_rate : int
        Hz.
    file : str
        The file's name.
    """

    audio: Audio | SlicedAudio
    sample_rate: int
    file: str

    def blocks(self) -> Iterator[Audio]:
        """Yield its samples in blocks."""
        for start in range(0, len(self.audio), _BLOCK_SAMPLES):
            yield np.ascontiguousarray(self.audio[start : start + _BLOCK_SAMPLES])


def read_mix(path: str | os.PathLike[str], *, stream: int | None = None) -> FinishedMix:
    """Read a finished mix; one that is longer than some minutes stays on the disk.

    Parameters
    ----------
    path : path-like
        An audio file of one channel or two.
    stream : int, optional
        Which stream of sound in a container.

    Returns
    -------
    FinishedMix

    Raises
    ------
    AudioFileError
        If it cannot be read, or has more than two channels.
    AudioError
        If it is silent or shorter than 3 s.
    """
    header = audio_header(path, channels_max=2, stream=stream)
    audio: Audio | SlicedAudio
    if (header.samples or 0) * header.channels > _HELD_SAMPLES:
        checked = check_audio(path, channels_max=2, stream=stream)
        blocks = audio_blocks(path, channels_max=2, stream=stream)
        audio, peak = scratch_of(blocks, checked.header.samples or 0, header.channels), checked.peak
    else:
        audio = read_audio(path, channels_max=2, stream=stream).audio
        peak = float(np.abs(audio).max(initial=0.0))
    require_long_enough(len(audio) / header.sample_rate, os.fspath(path))
    if not peak:
        raise AudioError(f"{path} is silent: a reference that holds sound is needed")
    return FinishedMix(audio=audio, sample_rate=header.sample_rate, file=Path(path).name)


def require_long_enough(seconds: float, name: str) -> None:
    """Raise `AudioError` where a reference is too short to tell anything."""
    if seconds < SHORTEST_S:
        raise AudioError(f"{name} lasts {seconds:.2f} s: a reference of at least {SHORTEST_S:g} s is needed")


def mix_readings(mix: FinishedMix) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return what `ReferenceTargets` says of a mix, by field, and what could not be read."""
    mono = mix.audio.shape[1] == 1
    meter, stereo = LoudnessMeter(mix.sample_rate, 2), StereoPowers(2)
    for block in mix.blocks():
        both = np.repeat(block, 2, axis=1) if mono else block  # two loudspeakers play what is mono
        meter.update(both)
        stereo.update(both)
    loudness = meter.result()
    if not math.isfinite(loudness.integrated_lufs):
        raise AudioError(f"{mix.file} is too quiet to have a loudness: a louder reference is needed")
    bands = spectrum_bands(mix.sample_rate)
    (powers,) = powers_in_sets(mix.audio, mix.sample_rate, [bands], block_s=_BLOCK_S)
    values: dict[str, Any] = {
        "integrated_lufs": loudness.integrated_lufs,
        "loudness_range_lu": loudness.loudness_range_lu,
        "slope_db_per_octave": Spectrum(bands, powers.mean(axis=0)).slope_db_per_octave(*SLOPE_BETWEEN_HZ),
    }
    if mono:
        return values, (f"{mix.file} is mono: its width is not read",)
    return values | {"side_to_mid_db": stereo.side_to_mid_db()}, ()
