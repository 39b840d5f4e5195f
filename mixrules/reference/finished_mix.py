"""What a finished mix tells: loudness, loudness range, width and the slope of its spectrum."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mixrules.analysis import StereoPowers, powers_in_sets, spectrum_bands
from mixrules.analysis.spectrum import Spectrum
from mixrules.errors import AudioError
from mixrules.files import read_audio
from mixrules.loudness import measure
from mixrules.statement_kinds import SLOPE_BETWEEN_HZ

SHORTEST_S = 3.0
"""A shorter reference tells nothing: the window of short-term loudness."""
_BLOCK_S = 0.1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FinishedMix:
    """A finished mix that was read.

    Attributes
    ----------
    audio : ndarray of float32, shape (samples, channels)
        One channel or two.
    sample_rate : int
        Hz.
    file : str
        The file's name.
    """

    audio: npt.NDArray[np.float32]
    sample_rate: int
    file: str


def read_mix(path: str | os.PathLike[str]) -> FinishedMix:
    """Read a finished mix.

    Raises
    ------
    AudioFileError
        If it cannot be read, or has more than two channels.
    AudioError
        If it is silent or shorter than 3 s.
    """
    data = read_audio(path, channels_max=2)
    require_long_enough(len(data.audio) / data.sample_rate, os.fspath(path))
    if not np.any(data.audio):
        raise AudioError(f"{path} is silent: a reference that holds sound is needed")
    return FinishedMix(audio=data.audio, sample_rate=data.sample_rate, file=Path(path).name)


def require_long_enough(seconds: float, name: str) -> None:
    """Raise `AudioError` where a reference is too short to tell anything."""
    if seconds < SHORTEST_S:
        raise AudioError(f"{name} lasts {seconds:.2f} s: a reference of at least {SHORTEST_S:g} s is needed")


def mix_readings(mix: FinishedMix) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return what `ReferenceTargets` says of a mix, by field, and what could not be read."""
    audio = (
        np.repeat(mix.audio, 2, axis=1) if mix.audio.shape[1] == 1 else mix.audio
    )  # two loudspeakers play it
    loudness = measure(audio, mix.sample_rate)
    if not math.isfinite(loudness.integrated_lufs):
        raise AudioError(f"{mix.file} is too quiet to have a loudness: a louder reference is needed")
    bands = spectrum_bands(mix.sample_rate)
    (powers,) = powers_in_sets(mix.audio, mix.sample_rate, [bands], block_s=_BLOCK_S)
    values: dict[str, Any] = {
        "integrated_lufs": loudness.integrated_lufs,
        "loudness_range_lu": loudness.loudness_range_lu,
        "slope_db_per_octave": Spectrum(bands, powers.mean(axis=0)).slope_db_per_octave(*SLOPE_BETWEEN_HZ),
    }
    if mix.audio.shape[1] == 1:
        return values, (f"{mix.file} is mono: its width is not read",)
    stereo = StereoPowers(2)
    stereo.update(mix.audio)
    return values | {"side_to_mid_db": stereo.side_to_mid_db()}, ()
