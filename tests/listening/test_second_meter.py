"""The second meter beside ours: on excerpts as they are made, at their ends, and where the two disagree."""

from __future__ import annotations

import math

import numpy as np
import pyloudnorm
import pytest
from synthetic import RATE, clicks, noise

from mixrules.errors import ListeningTestError
from mixrules.listening.making.second_meter import TOLERANCE_LU, Readings, pyloudnorm_lufs, require_agreement
from mixrules.loudness import integrated_loudness


def stereo(mono: np.ndarray) -> np.ndarray:
    return np.stack([mono, 0.5 * mono], axis=1).astype(np.float32)


@pytest.mark.parametrize("rate", [8_000, 22_050, 44_100, 44_056, 96_000])
@pytest.mark.parametrize("seconds", [0.4, 1.0, 3.06])
@pytest.mark.parametrize("kind", ["noise", "clicks"])
def test_the_meters_agree_at_every_length_and_rate(kind: str, seconds: float, rate: int) -> None:
    mono = noise(seconds, 60, 3500, rate=rate) if kind == "noise" else clicks(seconds, 120, rate=rate)
    audio = stereo(mono)
    read = Readings.of(audio, rate)
    assert read.integrated_lufs == integrated_loudness(audio, rate)
    if len(audio) >= 0.4 * rate:
        assert read.pyloudnorm_lufs == pytest.approx(read.integrated_lufs, abs=0.001)
    require_agreement("song", {"a": read})


def test_a_loud_end_that_makes_no_whole_block_does_not_part_the_meters() -> None:
    audio = stereo(noise(3.06, 60, 9000))
    audio[3 * RATE :] *= 30.0
    bare = pyloudnorm.Meter(RATE, filter_class="DeMan").integrated_loudness(audio)
    assert abs(bare - integrated_loudness(audio, RATE)) > 1.0
    assert pyloudnorm_lufs(audio, RATE) == pytest.approx(integrated_loudness(audio, RATE), abs=0.001)


def test_the_default_filter_of_pyloudnorm_would_read_lower() -> None:
    for rate, lower_lu in ((44_100, 0.05), (8_000, 0.2)):
        audio = stereo(noise(3.0, 60, 3500, rate=rate))
        default = pyloudnorm.Meter(rate).integrated_loudness(audio)
        assert integrated_loudness(audio, rate) - default == pytest.approx(lower_lu, abs=0.02)


def test_under_a_block_there_is_no_second_reading() -> None:
    read = Readings.of(stereo(noise(0.39, 60, 9000)), RATE)
    assert math.isfinite(read.integrated_lufs)
    assert math.isnan(read.pyloudnorm_lufs)
    require_agreement("song", {"a": read})


def test_a_difference_is_an_error_that_names_condition_and_readings() -> None:
    near = Readings(integrated_lufs=-28.0, pyloudnorm_lufs=-28.0 - 0.9 * TOLERANCE_LU, true_peak_dbtp=-9.0)
    far = Readings(integrated_lufs=-28.0, pyloudnorm_lufs=-27.8, true_peak_dbtp=-9.0)
    require_agreement("song", {"near": near})
    with pytest.raises(
        ListeningTestError, match=r"song, far: .* -28\.000 LUFS by our meter and -27\.800 by py"
    ):
        require_agreement("song", {"near": near, "far": far})
