"""Stems from files: what they need of memory, files without samples, and stems in a container."""

from __future__ import annotations

import json
import struct
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import soundfile
from stem_files import FREQUENCIES, stem_mp4
from stem_folders import broadcast_wav

from mixrules import files
from mixrules._support.validation import SlicedAudio
from mixrules.errors import MixrulesError, StemsError
from mixrules.stems import load_stems
from mixrules.stems.song_files.stem_mp4 import stem_readers

RATE = 44_100


def put(folder: Path, name: str, samples: int, rate: int = RATE, channels: int = 1) -> None:
    folder.mkdir(exist_ok=True)
    audio = np.random.default_rng(samples).normal(0.0, 0.1, (samples, channels))
    soundfile.write(folder / name, audio, rate, format="OGG" if name.endswith("opus") else None)


def test_memory_is_judged_after_padding(tmp_path: Path) -> None:
    """One long stem beside short ones: together they hold little, padded to one length much."""
    put(tmp_path, "vocals.wav", 400_000)
    for number in range(9):
        put(tmp_path, f"bass {number}.wav", 100)
    padded_mib = 10 * 400_000 * 4 / 2**20
    assert not load_stems(tmp_path, hold_mib=0.9 * padded_mib).in_memory
    assert load_stems(tmp_path, hold_mib=1.01 * padded_mib).in_memory


def test_memory_is_judged_after_resampling(tmp_path: Path) -> None:
    put(tmp_path, "vocals.wav", 80_000, rate=8000, channels=2)
    put(tmp_path, "bass.wav", 100, rate=96_000, channels=2)
    resampled_mib = 2 * 960_000 * 2 * 4 / 2**20
    for limit, held in ((0.9, False), (1.01, True)):
        song = load_stems(tmp_path, sample_rate=96_000, hold_mib=limit * resampled_mib)
        assert song.in_memory == held
        assert song.samples == 960_000


@pytest.mark.parametrize("rate", [None, 2 * RATE])
def test_memory_is_judged_where_the_clips_lie(tmp_path: Path, rate: int | None) -> None:
    for name, start in (("vocals", 0), ("bass", 90_000)):
        broadcast_wav(tmp_path / f"{name}.wav", start, 100_000)
    placed_mib = 2 * 190_000 * (2 if rate else 1) * 4 / 2**20
    for limit, held in ((0.9, False), (1.01, True)):
        song = load_stems(tmp_path, hold_mib=limit * placed_mib, sample_rate=rate)
        assert song.in_memory == held
        assert song.samples == 190_000 * (2 if rate else 1)


def test_clips_that_do_not_fit_are_not_held_while_they_are_read(tmp_path: Path) -> None:
    for name, start in (("vocals", 0), ("bass", 1_000_000), ("keys", 0), ("drums", 1_000_000)):
        broadcast_wav(tmp_path / f"{name}.wav", start, 1_000_000)
    load_stems(tmp_path, hold_mib=0.0, threads=1)
    tracemalloc.start()
    try:
        song = load_stems(tmp_path, hold_mib=20.0, threads=1)
        peak_mib = tracemalloc.get_traced_memory()[1] / 2**20
    finally:
        tracemalloc.stop()
    assert not song.in_memory
    assert peak_mib < 20.0


def test_a_moved_clip_is_held_once(tmp_path: Path) -> None:
    count, samples = 8, 500_000
    for number in range(count):
        broadcast_wav(tmp_path / f"{number}.wav", 100 * bool(number), samples)
    load_stems(tmp_path, threads=1)
    tracemalloc.start()
    try:
        assert load_stems(tmp_path, threads=1).in_memory
        peak = tracemalloc.get_traced_memory()[1] / (4 * samples)
    finally:
        tracemalloc.stop()
    assert peak < count + 3


@pytest.mark.parametrize("name", ["vocals.ogg", "vocals.flac", "vocals.mp3"])
def test_a_header_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    put(tmp_path, name, 50_000)
    opened = []
    real = files.audio_header

    def counted(path: Path, *, channels_max: int, stream: int | None) -> files.AudioHeader:
        opened.append(path)
        return real(path, channels_max=channels_max, stream=stream)

    monkeypatch.setattr(files, "audio_header", counted)
    load_stems(tmp_path, hold_mib=0.0)
    assert len(opened) == 1


def test_stems_that_turn_out_longer_than_promised_go_to_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, "vocals.ogg", 90_000)
    put(tmp_path, "bass.wav", 44_100)
    monkeypatch.setattr("mixrules.stems.loading._headers_mib", lambda *_: 0.0)
    song = load_stems(tmp_path, hold_mib=0.5)
    assert all(isinstance(stem.audio, SlicedAudio) for stem in song)
    held = load_stems(tmp_path)
    for stem in held:
        np.testing.assert_array_equal(np.asarray(song[stem.name].audio), stem.audio)
        assert not stem.silent


def test_joined_and_open_files_are_stems_on_the_disk(tmp_path: Path) -> None:
    put(tmp_path, "vocals.wav", 30_000)
    content = (tmp_path / "vocals.wav").read_bytes()
    (tmp_path / "vocals.wav").write_bytes(content * 2)
    put(tmp_path, "bass.wav", 20_000)
    content = (tmp_path / "bass.wav").read_bytes()
    at = content.index(b"data") + 4
    (tmp_path / "bass.wav").write_bytes(content[:at] + struct.pack("<I", 0x7FFFF000) + content[at + 4 :])
    put(tmp_path, "keys.opus", 48_000, rate=48_000)
    held, on_disk = load_stems(tmp_path), load_stems(tmp_path, hold_mib=0.0)
    assert held["vocals"].samples == on_disk["vocals"].samples == 60_000
    assert not on_disk.in_memory
    for stem in held:
        np.testing.assert_allclose(np.asarray(on_disk[stem.name].audio), stem.audio, atol=1e-6)


@pytest.mark.parametrize("hold_mib", [448.0, 0.0])
def test_a_file_without_samples_is_left_out(tmp_path: Path, hold_mib: float) -> None:
    for name in ("keys.wav", "drums.w64", "guitar.aiff"):
        put(tmp_path, name, 0)
    with pytest.raises(StemsError, match=r"no stem in .* holds samples"):
        load_stems(tmp_path, hold_mib=hold_mib)
    put(tmp_path, "vocals.wav", 1000)
    song = load_stems(tmp_path, hold_mib=hold_mib)
    assert song.names == ("vocals",)
    assert {f"{n} left out: it holds no samples" for n in ("keys.wav", "drums.w64", "guitar.aiff")} <= set(
        song.notes
    )


# --- containers -----------------------------------------------------------------------------------


def with_stem_box(path: Path, content: bytes) -> Path:
    """Append the box of Native Instruments with this content to the file's last box, which is moov."""
    box = struct.pack(">I4s", 8 + len(content), b"stem") + content
    box = struct.pack(">I4s", 8 + len(box), b"udta") + box
    raw = bytearray(path.read_bytes())
    at = raw.rindex(b"moov") - 4
    (size,) = struct.unpack(">I", raw[at : at + 4])
    raw[at : at + 4] = struct.pack(">I", size + len(box))
    path.write_bytes(raw + box)
    return path


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return stem_mp4(tmp_path_factory.mktemp("stems") / "a.stem.mp4").read_bytes()


@pytest.mark.parametrize(
    ("given", "names"),
    [
        (["A", "A", "A 2", "A"], ["A", "A 3", "A 2", "A 4"]),
        (["A 2", "A", "A", "A"], ["A 2", "A", "A 3", "A 4"]),
        (["Vox", "Vox", "Vox", "Vox"], ["Vox", "Vox 2", "Vox 3", "Vox 4"]),
        (["a\nb", "\ud800", "x\u0000", "  y  z "], ["a b", "?", "x", "y z"]),
    ],
)
def test_no_stem_is_lost_by_its_name(
    tmp_path: Path, plain: bytes, given: list[str], names: list[str]
) -> None:
    (tmp_path / "a.stem.mp4").write_bytes(plain)
    document = {"stems": [{"name": name} for name in given]}
    path = with_stem_box(tmp_path / "a.stem.mp4", json.dumps(document).encode())
    found = list(stem_readers(path))
    assert len(found) == 4
    if "\ud800" in given:  # half a character cannot be written
        assert [name.encode() for name in found]
    else:
        assert found == names


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 100_000 + b"]" * 100_000,
        b'{"stems":' * 50_000,
        b'{"stems": [1, 2, 3, 4]}',
        b'{"stems": {"name": "x"}}',
        b'{"stems": [{"name": ' + b"9" * 5000 + b"}]}",
        b'\xff\xfe{"stems": []}',
        b"",
    ],
)
def test_names_that_cannot_be_read_leave_the_stems(tmp_path: Path, plain: bytes, content: bytes) -> None:
    (tmp_path / "a.stem.mp4").write_bytes(plain)
    assert load_stems(with_stem_box(tmp_path / "a.stem.mp4", content)).names == (
        "drums",
        "bass",
        "other",
        "vocals",
    )


def test_a_damaged_container_is_one_line(tmp_path: Path, plain: bytes) -> None:
    rng = np.random.default_rng(5)
    path = tmp_path / "a.stem.mp4"
    sizes = rng.integers(8, len(plain), 6)
    variants = [plain[:size] for size in sizes]
    for _ in range(12):
        changed = bytearray(plain)
        for at in rng.integers(plain.rindex(b"moov"), len(plain), 6):
            changed[at] = rng.integers(256)
        variants.append(bytes(changed))
    variants.append(plain.replace(b"mp4a", b"zzzz"))
    for variant in variants:
        path.write_bytes(variant)
        message = ""
        try:
            load_stems(path)
        except MixrulesError as error:
            message = str(error)
        assert "\n" not in message
        assert not message or "a.stem.mp4" in message


def test_stems_of_a_container_are_left_on_the_disk(tmp_path: Path, plain: bytes) -> None:
    path = tmp_path / "a.stem.mp4"
    path.write_bytes(plain)
    held, on_disk = load_stems(path), load_stems(path, hold_mib=0.0)
    assert held.in_memory
    assert not on_disk.in_memory
    assert len(held) == len(FREQUENCIES) - 1
    for stem in held:
        np.testing.assert_array_equal(np.asarray(on_disk[stem.name].audio), stem.audio)
