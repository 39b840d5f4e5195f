"""Other people's meters, to compare with."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyebur128
import pyloudnorm


@dataclass(frozen=True)
class Reading:
    integrated_lufs: float
    loudness_range_lu: float
    true_peak_dbtp: float


def libebur128(audio: np.ndarray, sample_rate: int, *, dual_mono: bool = False) -> Reading:
    modes = pyebur128.MeasurementMode
    state = pyebur128.R128State(
        audio.shape[1], sample_rate, modes.MODE_I | modes.MODE_LRA | modes.MODE_TRUE_PEAK
    )
    if dual_mono:
        state.set_channel(0, pyebur128.ChannelType.DUAL_MONO)
    state.add_frames(np.ascontiguousarray(audio).ravel(), audio.shape[0])
    peak = max(pyebur128.get_true_peak(state, channel) for channel in range(audio.shape[1]))
    return Reading(
        pyebur128.get_loudness_global(state),
        pyebur128.get_loudness_range(state),
        20 * np.log10(peak) if peak else -np.inf,
    )


def ffmpeg(path: Path) -> Reading | None:
    """What ffmpeg's ebur128 filter prints, to one digit; None without ffmpeg."""
    program = shutil.which("ffmpeg")
    if program is None:
        return None
    command = [
        program,
        "-hide_banner",
        "-nostats",
        "-i",
        str(path),
        "-af",
        "ebur128=peak=true",
        "-f",
        "null",
        "-",
    ]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    summary = text[text.rindex("Summary:") :]
    number = r"\s+(-?[\d.]+|-inf|nan) "
    found = [re.search(key + number, summary) for key in ("I:", "LRA:", "Peak:")]
    return Reading(*(float(match[1]) for match in found if match))


def pyloudnorm_exact(sample_rate: int) -> pyloudnorm.Meter:
    """pyloudnorm with the filter that follows the standard's table (its default one does not)."""
    return pyloudnorm.Meter(sample_rate, filter_class="DeMan")


def libebur128_version() -> str:
    return str(pyebur128.get_libebur128_version())


def ffmpeg_version() -> str | None:
    program = shutil.which("ffmpeg")
    if program is None:
        return None
    text = subprocess.run([program, "-version"], capture_output=True, text=True, check=True).stdout
    return text.split()[2]
