"""Other people's meters read what was asked for, and the ceiling holds."""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pyebur128
import pytest
import reference_meters
import scipy.signal
import soundfile

from mixrules import NormalizedAudio, NormalizedFile, measure, normalize, normalize_audio
from mixrules.errors import AudioError, ParameterError
from mixrules.normalization import sources
from mixrules.processors import LimiterParams, limit

RATE = 44_100
needs_ffmpeg = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="needs ffmpeg")


def song(seconds: float, level: float, *, channels: int = 2, rate: int = RATE, seed: int = 1) -> np.ndarray:
    """Noise that swells, with a peak here and there."""
    rng = np.random.default_rng(seed)
    audio = rng.standard_normal((round(seconds * rate), channels))
    audio *= np.interp(np.arange(len(audio)), [0, len(audio)], [0.2, 1.0])[:, np.newaxis]
    return (level * audio).astype(np.float32)


def peaky(seconds: float = 4.0) -> np.ndarray:
    audio = song(seconds, 0.02)
    audio[:: RATE // 2] = 0.7
    return audio


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(path: Path | str) -> np.ndarray:
    audio: np.ndarray = soundfile.read(path, always_2d=True)[0]
    return audio


@pytest.mark.parametrize(
    ("channels", "rate", "subtype"),
    [(1, 44_100, "PCM_16"), (2, 48_000, "PCM_24"), (2, 192_000, "FLOAT"), (2, 8_000, "PCM_16")],
)
@pytest.mark.parametrize("target_lufs", [-16.0, -23.0])
@pytest.mark.usefixtures("here")
def test_libebur128_and_pyloudnorm_read_the_target(
    channels: int, rate: int, subtype: str, target_lufs: float
) -> None:
    soundfile.write("a.wav", song(3.45, 0.05, channels=channels, rate=rate), rate, subtype=subtype)
    (done,) = normalize("a.wav", "b.wav", target_lufs=target_lufs)
    assert done.after is not None
    assert soundfile.info("b.wav").subtype == subtype
    assert done.after == measure("b.wav")
    assert done.after.integrated_lufs == pytest.approx(target_lufs, abs=0.01)
    assert done.missed_lu == pytest.approx(0.0, abs=0.01)
    theirs = reference_meters.libebur128(written("b.wav"), rate)
    assert theirs.integrated_lufs == pytest.approx(target_lufs, abs=0.02)
    if rate >= 44_100:
        meter = reference_meters.pyloudnorm_exact(rate)
        assert meter.integrated_loudness(written("b.wav")) == pytest.approx(target_lufs, abs=0.05)


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24", "FLOAT"])
@pytest.mark.parametrize("ceiling_dbtp", [-1.0, -20.0])
@pytest.mark.usefixtures("here")
def test_the_ceiling_holds_and_what_is_missed_is_said(subtype: str, ceiling_dbtp: float) -> None:
    soundfile.write("a.wav", peaky(), RATE, subtype=subtype)
    (done,) = normalize("a.wav", "b.wav", ceiling_dbtp=ceiling_dbtp)
    assert done.after is not None
    assert ceiling_dbtp - 0.02 < done.after.true_peak_dbtp <= ceiling_dbtp
    theirs = reference_meters.libebur128(written("b.wav"), RATE)
    assert theirs.true_peak_dbtp <= ceiling_dbtp
    assert done.missed_lu == pytest.approx(-14.0 - theirs.integrated_lufs, abs=0.02)
    assert done.missed_lu > 5.0
    assert not done.limited
    np.testing.assert_allclose(
        written("b.wav"), written("a.wav") * 10 ** (done.gain_db / 20), rtol=0, atol=2.0**-15
    )


@pytest.mark.usefixtures("here")
def test_a_limiter_comes_nearer_within_what_is_allowed() -> None:
    soundfile.write("a.wav", peaky(), RATE, subtype="FLOAT")
    (alone,) = normalize("a.wav", "alone.wav", target_lufs=-20)
    (some,) = normalize("a.wav", "some.wav", target_lufs=-20, limit_db=2)
    (enough,) = normalize("a.wav", "enough.wav", target_lufs=-20, limit_db=24)
    assert some.limited
    assert some.gain_db == pytest.approx(alone.gain_db + 2.0, abs=0.01)
    assert alone.missed_lu > some.missed_lu > 0.1
    assert enough.after is not None
    assert enough.after.integrated_lufs == pytest.approx(-20.0, abs=0.02)
    low = normalize("a.wav", "low.wav", target_lufs=-40, ceiling_dbtp=-35, limit_db=24, subtype="PCM_16")[0]
    assert low.limited
    assert low.after is not None
    assert low.after.true_peak_dbtp <= -35.0
    for name in ("some.wav", "enough.wav"):
        assert reference_meters.libebur128(written(name), RATE).true_peak_dbtp <= -1.0


def test_the_limiter_in_blocks_is_the_limiter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mixrules.processors.limiter.SEGMENT_SAMPLES", 30_000)
    params = LimiterParams(ceiling_dbtp=-6.0, release_ms=1.0)
    audio = peaky(6.0) * np.float32(2.0)
    blocks = np.split(audio, [10, 5_000, 70_000, 70_001, 200_000])
    pieces = list(sources.limited(blocks, len(audio), RATE, params))
    assert len(pieces) > 2
    np.testing.assert_array_equal(np.concatenate(pieces), limit(audio, RATE, params))


@pytest.mark.usefixtures("here")
def test_an_album_keeps_its_differences_and_reads_as_libebur128_reads_it() -> None:
    modes = pyebur128.MeasurementMode
    states = []
    for number, (level, rate) in enumerate([(0.02, 44_100), (0.05, 48_000), (0.0004, 22_050)]):
        audio = song(3.0, level, rate=rate, seed=number)
        soundfile.write(f"{number}.wav", audio, rate, subtype="FLOAT")
        state = pyebur128.R128State(2, rate, modes.MODE_I)
        state.add_frames(np.ascontiguousarray(audio, np.float64).ravel(), len(audio))
        states.append(state)
    theirs = pyebur128.get_loudness_global_multiple(states)
    done = normalize(["0.wav", "1.wav", "2.wav"], "album", target_lufs=-20, album=True)
    assert len({each.gain_db for each in done}) == 1
    assert done[0].gain_db == pytest.approx(-20.0 - theirs, abs=0.02)
    for each in done:
        assert each.album is not None
        assert each.album.loudness_lufs == pytest.approx(theirs, abs=0.01)
        assert each.album.reached_lufs == pytest.approx(-20.0, abs=0.01)
        assert each.after is not None
        assert each.after.true_peak_dbtp - each.before.true_peak_dbtp == pytest.approx(
            each.gain_db, abs=0.001
        )


@pytest.mark.usefixtures("here")
def test_the_ceiling_of_an_album_holds_for_its_highest_peak() -> None:
    soundfile.write("loud.wav", peaky(), RATE)
    soundfile.write("quiet.wav", song(3, 0.01), RATE)
    soundfile.write("gap.wav", np.zeros((RATE, 2)), RATE)
    done = normalize(["loud.wav", "gap.wav", "quiet.wav"], "album", album=True)
    peaks = [each.after.true_peak_dbtp for each in done if each.after is not None]
    assert peaks[0] == pytest.approx(-1.0, abs=0.02)
    assert peaks[0] <= -1.0
    assert peaks[1] == -np.inf
    assert done[0].missed_lu == done[2].missed_lu > 1.0


@needs_ffmpeg
def test_the_gain_is_that_of_loudnorm_in_linear_mode(here: Path) -> None:
    """Two passes, as ffmpeg-normalize runs it; and volume by the difference of what ebur128 reads."""
    # Steady, and low: loudnorm's first pass reads swells and high bands otherwise than ebur128.
    noise = np.random.default_rng(2).standard_normal((8 * RATE, 2))
    audio = 0.3 * scipy.signal.lfilter([0.05], [1.0, -0.95], noise, axis=0)
    soundfile.write("a.wav", audio, RATE, subtype="FLOAT")
    (done,) = normalize("a.wav", "ours.wav", target_lufs=-20)
    first = ffmpeg("-i", "a.wav", "-af", "loudnorm=I=-20:TP=-1:LRA=50:print_format=json", "-f", "null", "-")
    found = json.loads(re.findall(r"\{[^{}]*\}", first)[-1])
    names = {"I": "input_i", "TP": "input_tp", "LRA": "input_lra", "thresh": "input_thresh"}
    given = ":".join(f"measured_{name}={found[key]}" for name, key in names.items())
    second = f"loudnorm=I=-20:TP=-1:LRA=50:{given}:linear=true:print_format=json"
    said = ffmpeg("-i", "a.wav", "-af", second, "-c:a", "pcm_f32le", "theirs.wav")
    assert '"normalization_type" : "linear"' in said
    ours, theirs = written("ours.wav"), written("theirs.wav")[: len(written("ours.wav"))]
    ratio = np.sqrt(np.mean(theirs**2) / np.mean(ours**2))
    assert 20 * np.log10(ratio) == pytest.approx(0.0, abs=0.05)
    read = reference_meters.ffmpeg(here / "ours.wav")
    assert read is not None
    assert read.integrated_lufs == pytest.approx(-20.0, abs=0.06)
    assert done.after is not None
    assert read.true_peak_dbtp == pytest.approx(done.after.true_peak_dbtp, abs=0.2)


def ffmpeg(*arguments: str) -> str:
    command = ["ffmpeg", "-hide_banner", "-nostats", "-y", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stderr


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_an_array_is_normalized_as_its_file_would_be(dtype: type[Any], here: Path) -> None:
    audio = peaky().astype(dtype)
    before = audio.copy()
    louder = normalize_audio(audio, RATE, target_lufs=-20, limit_db=3)
    np.testing.assert_array_equal(audio, before)
    assert louder.audio.dtype == dtype
    assert louder.audio.shape == audio.shape
    assert louder.after == measure(louder.audio, RATE)
    soundfile.write("a.wav", audio, RATE, subtype="FLOAT")
    (done,) = normalize(here / "a.wav", here / "b.wav", target_lufs=-20, limit_db=3)
    assert louder.gain_db == pytest.approx(done.gain_db, abs=1e-4)
    np.testing.assert_allclose(written("b.wav"), louder.audio, rtol=0, atol=1e-5)


@pytest.mark.usefixtures("here")
def test_what_a_lossy_format_adds_to_the_peak_is_said() -> None:
    noise = np.random.default_rng(4).standard_normal(2 * RATE)
    soundfile.write("a.ogg", 0.05 * noise, RATE)
    (done,) = normalize("a.ogg", "b.ogg", target_lufs=-6)
    assert done.after is not None
    over_db = done.after.true_peak_dbtp + 1.0
    said = f"the true peak of the written file is {over_db:.2f} dB over the ceiling: VORBIS changes samples"
    assert over_db > 0
    assert done.notes[-1] == said


def test_an_array_without_a_loudness() -> None:
    for audio in (np.zeros((RATE, 2)), 1e-5 * song(1, 1.0)):
        with pytest.raises(AudioError, match="audio has no loudness: it is silent"):
            normalize_audio(audio, RATE)


@pytest.mark.parametrize(
    "options", [{"target_lufs": 1.0}, {"ceiling_dbtp": 0.5}, {"limit_db": -1.0}, {"target_lufs": np.nan}]
)
def test_targets_out_of_range(options: dict[str, Any]) -> None:
    with pytest.raises(ParameterError, match=next(iter(options))):
        normalize_audio(peaky(1.0), RATE, **options)


@pytest.mark.usefixtures("here")
def test_one_channel_for_two_loudspeakers_gets_3_db_less() -> None:
    soundfile.write("a.wav", song(3, 0.05, channels=1), RATE)
    (plain,) = normalize("a.wav", "plain.wav")
    (dual,) = normalize("a.wav", "dual.wav", dual_mono=True)
    assert isinstance(plain, NormalizedFile)
    assert plain.gain_db - dual.gain_db == pytest.approx(3.01, abs=0.01)


def test_an_array_says_what_a_file_says() -> None:
    names = {field.name for field in dataclasses.fields(NormalizedAudio)}
    of_files = {field.name for field in dataclasses.fields(NormalizedFile)}
    assert of_files - names == {"file", "output", "album", "notes"}
    assert names - of_files == {"audio"}
    audio = peaky()
    plain = normalize_audio(audio, RATE, target_lufs=-20)
    limited = normalize_audio(audio, RATE, target_lufs=-20, limit_db=3)
    assert (plain.limited, limited.limited) == (False, True)
    for each in (plain, limited):
        assert each.missed_lu == -20.0 - each.after.integrated_lufs
        assert (each.layout.name, each.layout.source) == ("stereo", "default")
    assert plain.missed_lu > limited.missed_lu > 0.1
    assert "array" not in repr(plain)


def test_a_path_is_for_the_function_for_files() -> None:
    with pytest.raises(AudioError, match=r"or call mixrules\.normalize, which takes files$"):
        normalize_audio("x.wav", RATE)
