"""Lossy formats: what is written is decoded by libav itself, and is as loud, as long and in the same place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyloudnorm
import pytest
import soundfile
from synthetic import Samples, clicks, noise

from mixrules.errors import AudioError, AudioFileError
from mixrules.files import check_audio_path, read_audio, write_audio, written_format, written_rate
from mixrules.files.audio import libav, written_formats

av = pytest.importorskip("av")

LOSSY = ("mp3", "opus", "m4a", "ogg")
EXTRA_SAMPLES = {"m4a": 1024}
"""A decoder may return the last frame of AAC whole."""


def music(rate: int, channels: int, seconds: float = 5.0) -> Samples:
    """Make noise like a voice, with clicks that give it places in time."""
    beats = np.abs(clicks(seconds, 120, rate=rate)) > 0.0
    sides = [
        noise(seconds, 150, 3000, rate=rate, seed=side)
        + 2.0 * beats * noise(seconds, 500, 6000, rate=rate, seed=9)
        for side in range(channels)
    ]
    return np.stack(sides, axis=1).astype(np.float32)


def decoded(path: Path) -> tuple[Samples, int]:
    """Decode a file by libav alone."""
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        parts, rate, channels = [], stream.rate, stream.channels
        resampler: Any = av.AudioResampler(format="flt", layout=stream.layout.name, rate=rate)
        for frame in container.decode(stream):
            parts += [part.to_ndarray().reshape(-1, channels) for part in resampler.resample(frame)]
    return np.concatenate(parts), rate


def lufs(audio: Samples, rate: int) -> float:
    return float(pyloudnorm.Meter(rate).integrated_loudness(np.asarray(audio, np.float64)))


@pytest.mark.parametrize("ending", LOSSY)
def test_an_encoder_gets_what_exceeds_full_scale(ending: str, tmp_path: Path) -> None:
    """None is said to be clipped, and none is: as decoded, the file is as loud as what was written."""
    audio = music(48_000, 2)
    audio *= np.float32(1.5 / np.abs(audio).max())
    report = write_audio(tmp_path / f"a.{ending}", audio, 48_000)
    assert report.clipped_samples == 0
    assert write_audio(tmp_path / "a.flac", audio, 48_000).clipped_samples == np.sum(np.abs(audio) > 1.0) > 0
    assert np.abs(decoded(report.path)[0]).max() > 1.2


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("rate", [16_000, 22_050, 44_100, 48_000, 96_000])
@pytest.mark.parametrize("ending", LOSSY)
def test_a_lossy_file_is_as_loud_as_long_and_in_the_same_place(
    ending: str, rate: int, channels: int, tmp_path: Path
) -> None:
    audio = music(rate, channels)
    report = write_audio(tmp_path / f"a.{ending}", audio, rate)
    assert report.lossy
    assert report.clipped_samples == 0
    back, back_rate = decoded(report.path)
    ours = read_audio(report.path)
    assert ours.sample_rate == report.sample_rate == written_rate(report.path, rate)
    # libav decodes Opus at 48 kHz whatever its rate was.
    assert back_rate == (48_000 if ending == "opus" else report.sample_rate)
    assert back.shape[1] == ours.audio.shape[1] == channels
    expected = len(audio) * ours.sample_rate / rate
    assert -1.0 < len(ours.audio) - expected <= EXTRA_SAMPLES.get(ending, 1)
    assert len(back) / back_rate == pytest.approx(len(audio) / rate, abs=0.07)
    assert lufs(back, back_rate) == pytest.approx(lufs(audio, rate), abs=0.5)
    # Where the envelopes agree best they do not differ in time.
    steps = round(0.005 * rate), round(0.005 * ours.sample_rate)
    envelopes = [
        np.abs(part[: len(part) // step * step, 0]).reshape(-1, step).max(axis=1)
        for part, step in zip((audio, ours.audio), steps, strict=True)
    ]
    shortest = min(map(len, envelopes))
    one, other = (envelope[:shortest] - envelope[:shortest].mean() for envelope in envelopes)
    assert np.argmax(np.correlate(one, other, "full")) == pytest.approx(shortest - 1, abs=1)


@pytest.mark.parametrize(
    ("name", "rate", "written"),
    [
        ("a.wav", 44_055, 44_055),
        ("a.ogg", 96_000, 96_000),
        ("a.opus", 44_100, 48_000),
        ("a.opus", 11_025, 12_000),
        ("a.opus", 192_000, 48_000),
        ("a.mp3", 37_800, 44_100),
        ("a.mp3", 88_200, 44_100),
        ("a.MP3", 192_000, 48_000),
        ("a.m4a", 96_000, 48_000),
        ("a.m4a", 176_400, 44_100),
    ],
)
def test_a_rate_that_a_format_does_not_take_becomes_the_next(name: str, rate: int, written: int) -> None:
    assert written_rate(name, rate) == written


@pytest.mark.parametrize("samples", [1, 100, 1023, 1024, 1025])
@pytest.mark.parametrize("rate", [8000, 11_025, 44_100, 192_000])
@pytest.mark.parametrize("ending", LOSSY)
def test_a_few_samples_are_written(ending: str, rate: int, samples: int, tmp_path: Path) -> None:
    report = write_audio(tmp_path / f"a.{ending}", np.full((samples, 2), 0.1), rate)
    assert len(read_audio(report.path).audio) >= max(1, int(samples * report.sample_rate / rate))


@pytest.mark.parametrize("ending", ["mp3", "m4a"])
def test_equal_audio_gives_equal_bytes(ending: str, tmp_path: Path) -> None:
    audio = music(44_100, 2, 1.0)
    for name in ("a", "b"):
        write_audio(tmp_path / f"{name}.{ending}", audio, 44_100)
    assert (tmp_path / f"a.{ending}").read_bytes() == (tmp_path / f"b.{ending}").read_bytes()


@pytest.mark.parametrize("ending", LOSSY)
def test_audio_that_is_not_finite_leaves_no_file(ending: str, tmp_path: Path) -> None:
    audio = music(44_100, 2, 1.0)
    audio[500] = np.nan
    with pytest.raises(AudioError, match=r"a\..* holds nan at sample 500"):
        write_audio(tmp_path / f"a.{ending}", audio, 44_100)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("ending", ["mp3", "m4a"])
def test_more_channels_than_a_format_holds_are_refused(ending: str, tmp_path: Path) -> None:
    with pytest.raises(AudioFileError, match=f"a.{ending} cannot hold 6 channels, {ending.upper()} takes 2"):
        write_audio(tmp_path / f"a.{ending}", np.zeros((4800, 6)), 48_000)
    assert not list(tmp_path.iterdir())


def test_opus_holds_six_channels(tmp_path: Path) -> None:
    audio = np.stack([0.05 * (side + 1) * np.sin(np.arange(48_000) / 20) for side in range(6)], axis=1)
    write_audio(tmp_path / "a.opus", audio, 48_000)
    back = read_audio(tmp_path / "a.opus").audio
    levels = np.sqrt(np.mean(back[:, :5] ** 2, axis=0) / np.mean(audio[:, :5] ** 2, axis=0))
    assert levels == pytest.approx(np.ones(5), abs=0.1)


def test_a_missing_library_is_named_with_what_works_without_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(libav, "libav_is_installed", lambda: False)
    monkeypatch.setattr(written_formats, "libav_is_installed", lambda: False)
    with pytest.raises(AudioFileError) as error:
        check_audio_path(tmp_path / "a.m4a")
    assert str(error.value) == (
        'a.m4a needs PyAV: pip install "mixrules[stems]"; without it .wav, .flac, .aiff, .aif, .ogg, .mp3 and '
        ".opus are written"
    )
    known = soundfile.check_format
    monkeypatch.setattr(
        soundfile, "check_format", lambda kind, subtype: kind != "MP3" and known(kind, subtype)
    )
    with pytest.raises(AudioFileError) as error:
        write_audio(tmp_path / "a.mp3", np.zeros((480, 2)), 48_000)
    assert "pip install soundfile" in str(error.value)
    assert ".ogg and .opus are written" in str(error.value)
    assert not list(tmp_path.iterdir())


def test_a_coding_is_asked_for_by_its_ending(tmp_path: Path) -> None:
    assert written_format("a.opus") == ("OGG", ("OPUS",))
    assert written_format("a.ogg") == ("OGG", ("VORBIS",))
    with pytest.raises(AudioFileError, match=r"'VORBIS', OPUS takes OPUS"):
        check_audio_path(tmp_path / "a.opus", subtype="VORBIS")
    with pytest.raises(AudioFileError, match=r"'PCM_16', MP3 takes MPEG_LAYER_III"):
        check_audio_path(tmp_path / "a.mp3", subtype="PCM_16")


def test_an_encoder_that_fails_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_args: object, **_options: object) -> None:
        raise av.error.ExternalError(1, "it does not want to")

    monkeypatch.setattr("mixrules.files.audio.writing.encode_m4a", fails)
    (tmp_path / "a.m4a").write_bytes(b"old")
    with pytest.raises(AudioFileError, match="could not be written whole"):
        write_audio(tmp_path / "a.m4a", music(44_100, 2, 0.5), 44_100)
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a.m4a", b"old")]
