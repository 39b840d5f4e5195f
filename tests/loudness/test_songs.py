"""Real mixes against libebur128, ffmpeg and pyloudnorm."""

from pathlib import Path
from typing import Any

import numpy.typing as npt
import pytest
import real_songs
import reference_meters

from mixrules import loudness

Array = npt.NDArray[Any]

SONGS = real_songs.references()
pytestmark = pytest.mark.skipif(not SONGS, reason=real_songs.ABSENT)


@pytest.fixture(params=SONGS, ids=lambda path: path.stem)
def song(request: pytest.FixtureRequest) -> tuple[Path, Array, int]:
    import soundfile

    audio, sample_rate = soundfile.read(request.param, dtype="float32", always_2d=True)
    return request.param, audio, sample_rate


def test_libebur128(song: tuple[Path, Array, int]) -> None:
    _, audio, sample_rate = song
    theirs, ours = reference_meters.libebur128(audio, sample_rate), loudness.measure(audio, sample_rate)
    assert ours.integrated_lufs == pytest.approx(theirs.integrated_lufs, abs=0.02)
    assert ours.loudness_range_lu == pytest.approx(theirs.loudness_range_lu, abs=0.02)
    assert ours.true_peak_dbtp == pytest.approx(theirs.true_peak_dbtp, abs=0.1)


def test_ffmpeg(song: tuple[Path, Array, int]) -> None:
    path, audio, sample_rate = song
    theirs, ours = reference_meters.ffmpeg(path), loudness.measure(audio, sample_rate)
    if theirs is None:
        pytest.skip("ffmpeg is not installed")
    # It prints one digit of a histogram, and takes ten short-term values a second for the range.
    assert ours.integrated_lufs == pytest.approx(theirs.integrated_lufs, abs=0.06)
    dense = loudness.loudness_range(audio, sample_rate, hop_s=0.1)
    assert dense == pytest.approx(theirs.loudness_range_lu, abs=0.1)
    assert ours.true_peak_dbtp == pytest.approx(theirs.true_peak_dbtp, abs=0.1)


def test_pyloudnorm(song: tuple[Path, Array, int]) -> None:
    _, audio, sample_rate = song
    theirs = reference_meters.pyloudnorm_exact(sample_rate).integrated_loudness(audio)
    # pyloudnorm rounds the number of blocks and so may measure one that is incomplete.
    assert loudness.integrated_loudness(audio, sample_rate) == pytest.approx(theirs, abs=0.02)
