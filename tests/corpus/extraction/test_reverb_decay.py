"""Decay times: of impulse responses that decay by design, and from dry and wet stems through our own reverb."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import soundfile
from scipy.signal import fftconvolve

from mixrules.corpus.extraction import reverb
from mixrules.corpus.extraction.reverb import decay_times, impulse_response_between
from mixrules.corpus.extraction.signals import song_signals
from mixrules.errors import AudioFileError
from mixrules.processors.reverb import reverberate
from mixrules.processors.room import ReverbParams
from mixrules.stems.song_description import AudioPart, SongDescription, StemDescription

RATE = 8000


def bursts(seconds: float) -> np.ndarray:
    """Noise bursts, each with a pause after it."""
    rng = np.random.default_rng(5)
    audio = 0.1 * rng.standard_normal(round(seconds * RATE))
    return audio * ((np.arange(audio.size) / RATE % 0.5) < 0.1)


def decay(
    folder: Path, impulse_response: tuple[AudioPart, ...] = (), dry: tuple[AudioPart, ...] = ()
) -> float:
    wet = (AudioPart(path=folder / "wet.wav"),)
    described = StemDescription(name="vocals", parts=wet, impulse_response=impulse_response, dry=dry)
    song = SongDescription(song="song", stems=(described,))
    (own, *others) = decay_times(song, song_signals(song))
    assert np.isnan(others).all()  # of the vocal and the mix, which are no stems
    return own


def put(path: Path, audio: np.ndarray) -> tuple[AudioPart, ...]:
    soundfile.write(path, audio, RATE, subtype="FLOAT")
    return (AudioPart(path=path),)


@pytest.mark.parametrize("channels", [1, 4])
def test_an_impulse_response_decays_as_it_was_made(tmp_path: Path, channels: int) -> None:
    rng = np.random.default_rng(1)
    time = np.arange(2 * RATE) / RATE
    response = rng.standard_normal((time.size, channels)) * 10.0 ** (-3.0 * time / 0.8)[:, None]
    put(tmp_path / "wet.wav", bursts(1.0))
    found = decay(tmp_path, impulse_response=put(tmp_path / "ir.wav", 0.3 * response))
    assert found == pytest.approx(0.8, rel=0.08)


@pytest.mark.parametrize("with_dry", [False, True])
def test_dry_and_wet_tell_the_decay_of_our_reverb(tmp_path: Path, with_dry: bool) -> None:
    dry = bursts(5.0)
    wet = reverberate(dry, RATE, ReverbParams(t60_s=0.9))[: len(dry)].mean(axis=1)
    put(tmp_path / "wet.wav", 0.3 * wet + with_dry * dry)
    assert decay(tmp_path, dry=put(tmp_path / "dry.wav", dry)) == pytest.approx(0.9, rel=0.08)


def test_a_voice_that_enters_late_has_a_decay_time_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is before its entry, silence with a trace of noise, does not count."""
    monkeypatch.setattr(reverb, "_LONGEST_S", 4.0)
    monkeypatch.setattr(reverb, "_BLOCK_SAMPLES", 1000)
    before = 1e-6 * np.random.default_rng(3).standard_normal(round(5.3 * RATE))
    dry = np.append(before, bursts(5.0))
    wet = 0.3 * reverberate(dry, RATE, ReverbParams(t60_s=0.9))[: len(dry)].mean(axis=1)
    put(tmp_path / "wet.wav", wet)
    assert decay(tmp_path, dry=put(tmp_path / "dry.wav", dry)) == pytest.approx(0.9, rel=0.08)
    # A wet stem that ends before the dry one begins has none.
    put(tmp_path / "wet.wav", wet[: 5 * RATE])
    assert math.isnan(decay(tmp_path, dry=put(tmp_path / "dry.wav", dry)))


def test_without_either_there_is_no_decay_time(tmp_path: Path) -> None:
    put(tmp_path / "wet.wav", bursts(1.0))
    assert math.isnan(decay(tmp_path))
    # The same sound twice: there is no reverb whose decay could be read.
    assert math.isnan(decay(tmp_path, dry=put(tmp_path / "dry.wav", bursts(1.0))))


def test_the_response_between_two_signals_is_the_one_that_was_convolved() -> None:
    rng = np.random.default_rng(2)
    dry, response = rng.standard_normal(4000), rng.standard_normal(200) * np.exp(-np.arange(200) / 30)
    wet = fftconvolve(dry, response)[:4000]
    found = impulse_response_between(dry, wet, 300)
    assert found[:200] == pytest.approx(response, abs=1e-3)
    assert found[200:] == pytest.approx(0.0, abs=1e-3)


def test_several_impulse_responses_are_refused(tmp_path: Path) -> None:
    put(tmp_path / "wet.wav", bursts(1.0))
    one = put(tmp_path / "ir.wav", bursts(1.0))
    with pytest.raises(AudioFileError, match="several impulse responses"):
        decay(tmp_path, impulse_response=(*one, *one))


def test_they_are_files_of_the_song(tmp_path: Path) -> None:
    parts = {name: (AudioPart(path=tmp_path / f"{name}.wav"),) for name in ("wet", "ir", "dry")}
    stem = StemDescription(name="v", parts=parts["wet"], impulse_response=parts["ir"], dry=parts["dry"])
    names = [path.name for path in SongDescription(song="s", stems=(stem,)).files]
    assert names == ["wet.wav", "ir.wav", "dry.wav"]
