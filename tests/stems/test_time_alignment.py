"""Stems that start where their files' time references say."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from stem_folders import RATE, broadcast_wav, chunk, put

from mixrules import render, starting_plan
from mixrules.files import time_reference
from mixrules.stems import load_stems


def test_a_clip_starts_where_its_time_reference_says(tmp_path: Path) -> None:
    broadcast_wav(tmp_path / "vocals.wav", 0, 2 * RATE)
    broadcast_wav(tmp_path / "bass.wav", RATE, 2 * RATE)
    stems = load_stems(tmp_path)
    assert stems.notes[0] == "bass.wav: starts 1.000 s later, as its time reference (bext) says"
    assert stems.samples == 3 * RATE
    assert not stems["bass"].audio[:RATE].any()
    np.testing.assert_array_equal(stems["bass"].audio[RATE:], stems["vocals"].audio[: 2 * RATE])
    on_disk = load_stems(tmp_path, hold_mib=0.0)
    assert on_disk.notes == stems.notes
    for name in stems.names:
        for start, stop in ((0, 10), (RATE - 3, RATE + 3), (RATE, 3 * RATE), (0, 3 * RATE), (5, 5)):
            np.testing.assert_array_equal(on_disk[name].read(start, stop), stems[name].read(start, stop))
        np.testing.assert_array_equal(np.asarray(on_disk[name].audio), stems[name].audio)


def test_moved_stems_render_alike_from_memory_and_disk(tmp_path: Path) -> None:
    broadcast_wav(tmp_path / "vocals.wav", 0, 2 * RATE)
    broadcast_wav(tmp_path / "bass.wav", 4711, 2 * RATE)
    held, on_disk = load_stems(tmp_path), load_stems(tmp_path, hold_mib=0.0)
    assert held.in_memory
    assert not on_disk.in_memory
    np.testing.assert_array_equal(render(on_disk, starting_plan(on_disk)), render(held, starting_plan(held)))


def test_what_starts_at_the_same_time_is_not_told(tmp_path: Path) -> None:
    for name in ("vocals", "bass"):
        broadcast_wav(tmp_path / f"{name}.wav", 158_760_000)
    assert load_stems(tmp_path).notes == ()


def test_a_session_s_zero_is_not_the_song_s(tmp_path: Path) -> None:
    hour = 3600 * RATE
    broadcast_wav(tmp_path / "drums.wav", hour, 10 * RATE)
    broadcast_wav(tmp_path / "solo.wav", hour + 4 * RATE, RATE)
    broadcast_wav(tmp_path / "outro.wav", hour + 12 * RATE, RATE)
    stems = load_stems(tmp_path)
    assert stems.samples == 13 * RATE
    assert np.flatnonzero(stems["solo"].audio[:, 0])[0] == 4 * RATE


def test_other_rates_start_at_the_same_second(tmp_path: Path) -> None:
    broadcast_wav(tmp_path / "vocals.wav", 0, 2 * RATE)
    broadcast_wav(tmp_path / "bass.wav", 48_000, 48_000, rate=48_000)
    stems = load_stems(tmp_path)
    assert stems.sample_rate == 48_000
    assert not stems["bass"].audio[:48_000].any()
    assert np.abs(stems["bass"].audio[48_000:48_200]).max() > 0.1


@pytest.mark.parametrize("seconds", [60, 4 * 3600, 86_400 * 365])
def test_the_time_of_day_moves_nothing(tmp_path: Path, seconds: int) -> None:
    broadcast_wav(tmp_path / "vocals.wav", 0)
    broadcast_wav(tmp_path / "bass.wav", seconds * RATE)
    stems = load_stems(tmp_path)
    assert stems.samples == 441
    assert len(stems.notes) == 1
    assert "no stem is moved" in stems.notes[0]


def test_one_without_a_reference_moves_nothing(tmp_path: Path) -> None:
    broadcast_wav(tmp_path / "vocals.wav", 0)
    broadcast_wav(tmp_path / "bass.wav", 100)
    put(tmp_path / "keys.wav")
    (note,) = load_stems(tmp_path).notes
    assert "keys.wav has none: no stem is moved" in note


def _rf64(wav: bytes, bext: bytes, samples: int) -> bytes:
    """Return a WAV as RF64, whose length is in another chunk, with `bext` behind its samples."""
    parts = chunk(b"ds64", struct.pack("<QQQI", 0, samples, 441, 0)) + wav[12 + len(bext) :] + bext
    at = parts.index(b"data") + 4
    return b"RF64\xff\xff\xff\xffWAVE" + parts[:at] + b"\xff" * 4 + parts[at + 4 :]


def test_a_chunk_after_the_samples_and_damaged_ones(tmp_path: Path) -> None:
    path = broadcast_wav(tmp_path / "a.wav", 4711)
    found = time_reference(path)
    assert found is not None
    assert (found.samples, found.sample_rate) == (4711, RATE)
    assert found.length_s == pytest.approx(0.01)
    raw = path.read_bytes()
    bext = raw[12 : 12 + 8 + 602]
    path.write_bytes(raw[:12] + raw[12 + len(bext) :] + bext)
    assert time_reference(path) == found
    path.write_bytes(_rf64(raw, bext, samples=882))
    assert time_reference(path) == found
    for cut in range(0, len(raw), 37):
        path.write_bytes(raw[:cut])
        time_reference(path)
    rng = np.random.default_rng(5)
    for _ in range(300):
        mutant = bytearray(raw[:700])
        for at in rng.integers(0, len(mutant), 3):
            mutant[at] = rng.integers(0, 256)
        path.write_bytes(mutant)
        time_reference(path)
    assert time_reference(put(tmp_path / "b.flac")) is None
