"""A file is measured as its samples would be, block by block, in its own layout."""

from __future__ import annotations

import dataclasses
import os
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import layout_files as made
import numpy as np
import pytest
import soundfile

import mixrules
from mixrules.errors import AudioError, AudioFileError, ParameterError
from mixrules.metering import metered, signals

RATE = 44_100
MEASURES: dict[str, Callable[..., Any]] = {
    name: getattr(mixrules, name)
    for name in (
        *("integrated_loudness", "loudness_range", "short_term_loudness", "momentary_loudness"),
        "true_peak",
    )
}


@pytest.fixture
def song() -> np.ndarray:
    noise = np.random.default_rng(5).standard_normal((7 * RATE, 2))
    return (noise * np.linspace(0.01, 0.2, len(noise))[:, np.newaxis]).astype(np.float32)


@pytest.fixture
def path(song: np.ndarray, tmp_path: Path) -> Path:
    soundfile.write(tmp_path / "song.wav", song, RATE, subtype="FLOAT")
    return tmp_path / "song.wav"


def same(one: mixrules.Loudness, other: mixrules.Loudness) -> None:
    np.testing.assert_allclose(dataclasses.astuple(one), dataclasses.astuple(other), rtol=0, atol=1e-9)


@pytest.mark.parametrize("block_samples", [1 << 10, 12_345, signals.BLOCK_SAMPLES])
def test_a_file_reads_as_its_samples(
    block_samples: int, song: np.ndarray, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signals, "BLOCK_SAMPLES", block_samples)
    same(mixrules.measure(path), mixrules.measure(song, RATE))
    same(mixrules.measure(str(path)), mixrules.loudness.measure(song, RATE))


@pytest.mark.parametrize("name", MEASURES)
def test_every_measure_takes_a_path(name: str, song: np.ndarray, path: Path) -> None:
    of_file, of_array = MEASURES[name](path), MEASURES[name](song, RATE)
    np.testing.assert_allclose(of_file, of_array, rtol=0, atol=1e-9)
    np.testing.assert_array_equal(of_array, getattr(mixrules.loudness, name)(song, RATE))


def test_the_layout_of_the_file_counts(tmp_path: Path) -> None:
    audio = np.zeros((made.RATE, 3))
    audio[:, 2] = 0.25 * np.sin(2 * np.pi * 997 / made.RATE * np.arange(made.RATE))
    (tmp_path / "2.1.wav").write_bytes(made.wav(audio, 0xB))
    (tmp_path / "3.0.wav").write_bytes(made.wav(audio, 0x7))
    assert mixrules.measure(tmp_path / "2.1.wav").integrated_lufs == -np.inf
    centre = mixrules.integrated_loudness(tmp_path / "3.0.wav")
    assert centre == pytest.approx(-15.05, abs=0.01)
    named = mixrules.measure(tmp_path / "2.1.wav", channel_weights="FL FR FC")
    weighed = mixrules.measure(tmp_path / "2.1.wav", channel_weights=(1, 1, 1))
    assert dataclasses.astuple(named) == dataclasses.astuple(weighed)
    assert named.integrated_lufs == centre


@pytest.mark.parametrize("from_file", [True, False])
def test_dual_mono_counts_one_channel_twice_and_two_once(
    from_file: bool, song: np.ndarray, tmp_path: Path
) -> None:
    readings = []
    for channels in (1, 2):
        audio = np.repeat(song[:, :1], channels, axis=1)
        source: tuple[Any, ...] = (audio, RATE)
        if from_file:
            soundfile.write(tmp_path / f"{channels}.wav", audio, RATE, subtype="FLOAT")
            source = (tmp_path / f"{channels}.wav",)
        readings.append(mixrules.measure(*source, dual_mono=True).integrated_lufs)
        assert mixrules.integrated_loudness(*source, dual_mono=True) == readings[-1]
    assert readings[0] == pytest.approx(readings[1], abs=1e-9)


def test_memory_does_not_grow_with_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signals, "BLOCK_SAMPLES", 1 << 12)
    peaks = []
    for seconds in (1, 60):
        name = tmp_path / f"{seconds}.wav"
        soundfile.write(name, np.zeros(seconds * 8_000, np.float32), 8_000, subtype="PCM_16")
        mixrules.measure(name)  # compiles
        tracemalloc.start()
        mixrules.measure(name)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert (
        peaks[1] < peaks[0] + 59 * 6_000
    )  # 16 bytes for each 10 ms, kept twice or thrice; the samples take 32,000


def test_standard_input_is_a_path_too(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with path.open("rb") as file:
        monkeypatch.setattr(sys, "stdin", file)
        same(mixrules.measure("-"), mixrules.measure(path))


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (("song.wav", RATE), {}, "song.wav says its own sample rate: leave sample_rate out, got 44100"),
        ((np.zeros(9),), {}, "sample_rate is missing: an array does not say its own"),
        (
            ("song.wav",),
            {"channel_weights": "5.1"},
            "song.wav: the layout '5.1' has 6 channels, the file 2",
        ),
        (("song.wav",), {"channel_weights": (1,)}, "song.wav: channel_weights must hold one weight for each"),
        (
            ("song.wav",),
            {"channel_weights": "stereo", "dual_mono": True},
            "choose one of channel_weights and dual_mono",
        ),
        (("",), {}, "audio must name a file"),
    ],
)
def test_what_does_not_fit(
    arguments: tuple[Any, ...],
    options: dict[str, Any],
    message: str,
    path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(path.parent)
    with pytest.raises(ParameterError) as caught:
        mixrules.measure(*arguments, **options)
    assert str(caught.value).startswith(message)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "words.wav").write_text("la la la")
    soundfile.write(tmp_path / "nan.wav", np.full(9, np.nan), RATE, subtype="FLOAT")
    for name, message in (("gone.wav", "does not exist"), ("words.wav", "not audio"), ("nan.wav", "nan at")):
        for function in (mixrules.measure, *MEASURES.values()):
            with pytest.raises(AudioFileError, match=message):
                function(tmp_path / name)
        with pytest.raises(AudioFileError, match=message):
            mixrules.measure(os.fspath(tmp_path / name))


@pytest.mark.parametrize("from_file", [True, False])
@pytest.mark.parametrize(
    ("channels", "options", "layout"),
    [
        (5, {"channel_weights": "FL FC FR SL SR"}, ("FL FC FR SL SR", "option", (1, 1, 1, 1.41, 1.41))),
        (5, {"channel_weights": "5.0"}, ("5.0", "option", (1, 1, 1, 1.41, 1.41))),
        (1, {"channel_weights": (0.5,)}, ("as weighted", "option", (0.5,))),
        (1, {"dual_mono": True}, ("dual_mono", "option", (2,))),
        (1, {}, ("mono", "default", (1,))),
    ],
)
def test_the_layout_that_is_stated_is_that_of_the_weights(
    from_file: bool, channels: int, options: dict[str, Any], layout: tuple[Any, ...], tmp_path: Path
) -> None:
    audio = np.full((RATE, channels), 0.1)
    soundfile.write(tmp_path / "a.wav", audio, RATE)
    source: tuple[Any, ...] = (tmp_path / "a.wav",) if from_file else (audio, RATE)
    stated = metered(*source, **options).layout
    assert (stated.name, stated.source, stated.weights) == layout


def test_a_layout_of_other_channels_than_the_array(song: np.ndarray) -> None:
    with pytest.raises(ParameterError, match=r"^the layout '5\.1' has 6 channels, audio 2$"):
        mixrules.measure(song, RATE, channel_weights="5.1")


def test_peaks_of_ambisonics_need_no_layout(tmp_path: Path) -> None:
    audio = np.random.default_rng(0).uniform(-0.5, 0.5, (made.RATE, 4))
    (tmp_path / "b.wav").write_bytes(made.wav(audio, 0, ambisonic=True))
    assert mixrules.true_peak(tmp_path / "b.wav") == pytest.approx(
        mixrules.true_peak(audio, made.RATE), abs=0.01
    )
    with pytest.raises(ParameterError, match=r"b\.wav: the channels are Ambisonics"):
        mixrules.integrated_loudness(tmp_path / "b.wav")


def test_notes_name_no_options_of_the_command(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.full((RATE, 6), 0.1), RATE)
    soundfile.write(tmp_path / "b.wav", np.full((RATE, 2), 0.1), RATE)
    guess = metered(tmp_path / "a.wav").layout
    assert guess.note == "the file does not say where its 6 channels belong, taken as 5.1"
    unused = metered(tmp_path / "b.wav", dual_mono=True).layout
    assert unused.note == "it has 2 channels, and dual mono is for one"


@pytest.mark.parametrize("path_type", [str, Path])
@pytest.mark.parametrize(
    ("name", "for_files"),
    [
        *(
            (name, "mixrules.measure")
            for name in ("measure", "integrated_loudness", "block_energies", "sample_peak")
        ),
        ("true_peak", "mixrules.true_peak"),
    ],
)
def test_what_takes_arrays_alone_names_what_takes_files(
    name: str, for_files: str, path_type: Callable[[str], Any]
) -> None:
    arguments = () if name == "sample_peak" else (RATE,)
    with pytest.raises(AudioError) as caught:
        getattr(mixrules.loudness, name)(path_type("x.wav"), *arguments)
    assert (
        str(caught.value)
        == f"audio is a path: pass an array of floats, or call {for_files}, which takes files"
    )


@pytest.mark.parametrize(
    ("audio", "kind"), [(None, "None"), (["a.wav", "b.wav"], "text"), (b"x", "text"), ({}, "of type dict")]
)
def test_what_is_neither_samples_nor_a_path_names_both(audio: Any, kind: str) -> None:
    said = rf"^audio is {kind}: pass an array of floats, full scale ±1\.0, or the path of a file$"
    for measuring in (mixrules.measure, *MEASURES.values()):
        with pytest.raises(AudioError, match=said):
            measuring(audio)


def test_an_error_of_a_header_names_the_file_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkdir("sub")
    soundfile.write("sub/nine.wav", np.zeros((99, 9)), RATE)
    soundfile.write("sub/slow.wav", np.zeros(99), 4000)
    for name, said in (
        ("nine", "9 channels, 1 to 8"),
        ("slow", "a sample rate of 4000 Hz, 8000 to 384000 Hz"),
    ):
        with pytest.raises(AudioFileError, match=rf"^sub/{name}\.wav has {said} are accepted$"):
            mixrules.measure(f"sub/{name}.wav")
