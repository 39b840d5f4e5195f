"""Stems from arrays, folders and .stem.mp4 files; roles pinned; odd and bad input."""

from __future__ import annotations

import builtins
import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import real_songs
import soundfile
from stem_files import FREQUENCIES, stem_mp4

from mixrules.errors import AudioError, AudioFileError, MixrulesError, ParameterError, StemsError
from mixrules.stems import Stem, Stems, load_stems

RATE = 44_100


def tone(hz: float = 440.0, seconds: float = 0.5, rate: int = RATE, channels: int = 1) -> np.ndarray:
    t = np.arange(round(seconds * rate)) / rate
    return np.repeat(0.25 * np.sin(2 * np.pi * hz * t)[:, None], channels, axis=1).astype(np.float32)


def put(folder: Path, name: str, audio: np.ndarray | None = None, rate: int = RATE, **kwargs: Any) -> Path:
    folder.mkdir(exist_ok=True)
    soundfile.write(folder / name, tone(rate=rate) if audio is None else audio, rate, **kwargs)
    return folder / name


def fails(kind: type[MixrulesError], folder: Path, *parts: str, **kwargs: Any) -> None:
    with pytest.raises(kind) as error:
        load_stems(folder, **kwargs)
    text = str(error.value)
    assert "\n" not in text
    for part in parts:
        assert part in text, text


# --- from arrays ----------------------------------------------------------------------------------


def test_from_arrays() -> None:
    vocal, keys = tone(seconds=0.5)[:, 0], tone(seconds=0.6, channels=2).astype(np.float64)
    before = vocal.copy()
    song = Stems.from_arrays({"vocals": vocal, "thing": keys}, RATE, roles={"thing": "keys"}, title="x")
    assert song.names == ("vocals", "thing")
    assert len(song) == 2
    assert [stem.role for stem in song] == ["vocal", "keys"]
    assert [stem.role_confidence for stem in song] == [0.95, 1.0]
    assert song.samples == round(0.6 * RATE)
    assert song.duration_s == pytest.approx(0.6)
    assert [s.audio.shape for s in song] == [(song.samples, 1), (song.samples, 2)]
    assert all(stem.audio.dtype == np.float32 for stem in song)
    np.testing.assert_array_equal(song["vocals"].audio[: len(vocal), 0], vocal)
    np.testing.assert_array_equal(vocal, before)
    assert not song["vocals"].audio[len(vocal) :].any()
    assert song.notes == (f"vocals: padded with {round(0.1 * RATE)} zero samples at the end",)


def test_from_arrays_refuses() -> None:
    with pytest.raises(AudioError, match="'wide' has 3 channels, at most 2"):
        Stems.from_arrays({"wide": np.zeros((9, 3))}, RATE)
    with pytest.raises(AudioError, match="'a' holds nan at sample 1"):
        Stems.from_arrays({"a": np.array([0.0, np.nan])}, RATE)
    with pytest.raises(AudioError, match="int64"):
        Stems.from_arrays({"a": np.array([1, 2])}, RATE)
    with pytest.raises(StemsError, match="no stems"):
        Stems.from_arrays({}, RATE)
    with pytest.raises(StemsError, match="no stem 'b', there are a"):
        Stems.from_arrays({"a": tone()}, RATE, roles={"b": "bass"})
    with pytest.raises(ParameterError, match="'tuba' is not a role"):
        Stems.from_arrays({"a": tone()}, RATE, roles={"a": "tuba"})
    with pytest.raises(ParameterError, match="sample_rate"):
        Stems.from_arrays({"a": tone()}, 10)


def test_stems_hold_together() -> None:
    a, b = Stem("a", tone()), Stem("b", tone(seconds=0.6))
    with pytest.raises(StemsError, match="one length"):
        Stems((a, b), RATE)
    with pytest.raises(StemsError, match=r"'a'.*unique"):
        Stems((a, a), RATE)
    with pytest.raises(StemsError, match="no stem 'c', there are a"):
        Stems((a,), RATE)["c"]
    with pytest.raises(ParameterError, match="not a role"):
        Stem("a", tone(), "tuba")
    with pytest.raises(StemsError, match="name"):
        Stem("", tone())
    with pytest.raises(ParameterError, match="mixture"):
        Stems((a,), RATE).with_roles({"a": "mixture"})


def test_silent_stems() -> None:
    song = Stems.from_arrays({"a": np.zeros(10), "b": tone()}, RATE)
    assert [stem.silent for stem in song] == [True, False]


# --- from a folder --------------------------------------------------------------------------------


def test_a_folder(tmp_path: Path) -> None:
    song_folder = tmp_path / "My Song"
    put(song_folder, "Lead Vox.wav", tone(seconds=0.5), subtype="FLOAT")
    put(song_folder, "bass.flac", tone(55, seconds=0.4), subtype="PCM_24")
    put(song_folder, "Gtr 10.ogg", tone(channels=2))
    put(song_folder, "Gtr 2.aiff", tone(), subtype="PCM_16")
    put(song_folder, "mix.wav", tone(channels=2))
    (song_folder / "._bass.flac").write_bytes(b"\0\5\26\7")
    (song_folder / "notes.txt").write_text("x")
    (song_folder / "more").mkdir()
    told: list[tuple[str, int, int]] = []
    song = load_stems(song_folder, progress=lambda *what: told.append(what))
    assert song.title == "My Song"
    assert song.names == ("bass", "Gtr 2", "Gtr 10", "Lead Vox")
    assert [s.role for s in song] == ["bass", "guitar", "guitar", "vocal"]
    assert [s.file_name for s in song] == ["bass.flac", "Gtr 2.aiff", "Gtr 10.ogg", "Lead Vox.wav"]
    assert [s.channels for s in song] == [1, 1, 2, 1]
    assert song.sample_rate == RATE
    assert song.mixture_path == song_folder / "mix.wav"
    np.testing.assert_array_equal(song["Lead Vox"].audio, tone(seconds=0.5))
    assert song.notes == (
        "mix.wav left out: it is a mixture",
        "3 mono and 1 stereo stems are mixed together",
        f"bass.flac: padded with {round(0.1 * RATE)} zero samples at the end",
    )
    assert [done for _, done, _ in told] == [0, 1, 2, 3, 4]
    assert {total for _, _, total in told} == {4}


@pytest.mark.parametrize(
    ("rates", "wanted", "target"),
    [
        ((44_100, 44_100, 48_000), None, 44_100),
        ((44_100, 48_000), None, 48_000),
        ((96_000, 44_100, 44_100), None, 44_100),
        ((44_100, 44_100), 48_000, 48_000),
        ((8_000, 192_000), 44_100, 44_100),
    ],
)
def test_rates(tmp_path: Path, rates: tuple[int, ...], wanted: int | None, target: int) -> None:
    for i, rate in enumerate(rates):
        put(tmp_path, f"s{i}.wav", tone(seconds=1.0, rate=rate), rate, subtype="FLOAT")
    song = load_stems(tmp_path, sample_rate=wanted)
    assert song.sample_rate == target
    assert song.samples == pytest.approx(target, abs=1)
    expected = tone(seconds=1.0, rate=target)[:, 0]
    for stem, rate in zip(song, rates, strict=True):
        # Away from the ends, a tone at another rate is the same tone: within −100 dB.
        error = (stem.audio[:target, 0] - expected)[2000:-2000]
        assert np.max(np.abs(error)) < (0.25e-5 if rate != target else 1e-9)
        resampled = f"{stem.file_name}: resampled from {rate} to {target} Hz"
        assert (resampled in song.notes) == (rate != target)


def test_roles_by_file_name(tmp_path: Path) -> None:
    put(tmp_path, "Lead 1.wav")
    put(tmp_path, "Lead 2.wav")
    put(tmp_path, "master.wav")
    song = load_stems(tmp_path, roles={"Lead 1.wav": "vocal", "Lead 2": "guitar", "master": "synth"})
    assert [s.role for s in song] == ["vocal", "guitar", "synth"]
    assert {s.role_confidence for s in song} == {1.0}
    assert song.mixture_path is None
    fails(
        StemsError,
        tmp_path,
        "no file 'lead 1'",
        "Lead 1.wav, Lead 2.wav, master.wav",
        roles={"lead 1": "vocal"},
    )
    fails(ParameterError, tmp_path, "'tuba' is not a role", "vocal, ", roles={"Lead 1": "tuba"})
    left = load_stems(tmp_path, roles={"Lead 1": "mixture"})
    assert left.names == ("Lead 2",)


def test_toml(tmp_path: Path) -> None:
    for name in ("Lead 1.wav", "Lead 2.wav", "x.wav"):
        put(tmp_path, name)
    toml = tmp_path / "stems.toml"
    toml.write_text('ignore = ["x.wav"]\n[roles]\n"Lead 1.wav" = "vocal"\n"Lead 2" = "guitar"\n')
    song = load_stems(tmp_path)
    assert song.names == ("Lead 1", "Lead 2")
    assert [s.role for s in song] == ["vocal", "guitar"]
    assert song["Lead 1"].role_reason == "given by stems.toml"
    assert "stems.toml used" in song.notes
    assert "x.wav left out: stems.toml ignores it" in song.notes
    assert load_stems(tmp_path, roles={"Lead 1": "synth"})["Lead 1"].role == "synth"
    for text, kind, *parts in (
        ("role = 1", StemsError, "unknown key 'role'", "[roles] and ignore"),
        ("[roles]\n'no.wav' = 'vocal'", StemsError, "no file 'no.wav'", "x.wav"),
        ("ignore = ['no.wav']", StemsError, "no file 'no.wav'"),
        ("[roles]\n'x.wav' = 'tuba'", ParameterError, "'tuba' is not a role"),
        ("[roles]\n'x.wav' = 1", ParameterError, "1 is not a role"),
        ("roles = 1", StemsError, "table"),
        ("ignore = 'x.wav'", StemsError, "list"),
        ("[roles", StemsError, "not TOML"),
        ("ignore = ['x.wav', 'Lead 1', 'Lead 2']", StemsError, "no stem besides"),
    ):
        toml.write_text(text)
        fails(kind, tmp_path, *parts)
    toml.write_bytes(b"\xff\xfe")
    fails(StemsError, tmp_path, "stems.toml", "UTF-8")


def test_notes_on_silence_and_accompaniment(tmp_path: Path) -> None:
    put(tmp_path, "vocals.wav", np.zeros(RATE // 2))
    put(tmp_path, "drums.wav")
    put(tmp_path, "bass.wav")
    put(tmp_path, "no_vocals.wav")
    song = load_stems(tmp_path)
    assert song["vocals"].silent
    assert "vocals.wav: silent, left alone" in song.notes
    assert "no_vocals.wav left out: drums.wav and bass.wav are parts of it" in song.notes
    put(tmp_path, "Backing Track.wav")
    assert any(
        "Backing Track.wav may hold the other stems already" in note for note in load_stems(tmp_path).notes
    )


def test_one_sample_stems(tmp_path: Path) -> None:
    put(tmp_path, "a.wav", np.array([0.5]))
    song = load_stems(tmp_path)
    assert song.samples == 1
    assert load_stems(tmp_path, sample_rate=8000).samples == 1


# --- bad input ------------------------------------------------------------------------------------


def test_places_without_stems(tmp_path: Path) -> None:
    fails(AudioFileError, tmp_path / "no", "no does not exist", "folder of stems")
    fails(StemsError, tmp_path, "no audio", "WAV, FLAC, OGG, MP3 or AIFF")
    (tmp_path / "song.sd2").write_bytes(b"x")
    fails(StemsError, tmp_path, "only song.sd2: Sound Designer II is not read")
    path = put(tmp_path, "mixture.wav")
    fails(StemsError, tmp_path, "no stem besides", "mixture.wav")
    fails(AudioFileError, path, "is a file", "folder")


def test_what_is_called_audio_and_is_no_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "q.wav").mkdir()
    (tmp_path / "z.wav").symlink_to("nowhere.wav")
    (tmp_path / "z.m4a").symlink_to("nowhere.m4a")
    fails(StemsError, tmp_path, "no audio", "q.wav: it is a folder", "z.wav: it is a link to nothing")
    put(tmp_path, "a.wav")
    assert load_stems(tmp_path).notes == (
        "q.wav left out: it is a folder",
        "z.m4a left out: it is a link to nothing",
        "z.wav left out: it is a link to nothing",
    )


def test_all_silent(tmp_path: Path) -> None:
    put(tmp_path, "a.wav", np.zeros(10))
    put(tmp_path, "b.wav", np.zeros(20))
    fails(StemsError, tmp_path, "every stem", "silent")


def test_names_that_collide(tmp_path: Path) -> None:
    put(tmp_path, "a.wav")
    put(tmp_path, "a.flac")
    fails(StemsError, tmp_path, "a.flac and a.wav", "stems.toml")
    fails(StemsError, tmp_path, "a.flac or a.wav", roles={"a": "bass"})
    (tmp_path / "stems.toml").write_text("ignore = ['a.flac']")
    assert load_stems(tmp_path).names == ("a",)


@pytest.mark.parametrize("threads", [1, 2, 16, None])
def test_files_are_read_side_by_side_and_the_first_bad_one_is_named(
    tmp_path: Path, threads: int | None
) -> None:
    for number in range(9):
        put(tmp_path, f"stem {number}.wav", tone(100.0 * (number + 1)))
    seen: list[str] = []
    stems = load_stems(tmp_path, threads=threads, progress=lambda what, done, total: seen.append(what))
    assert stems.names == tuple(f"stem {number}" for number in range(9))
    assert [round(loudest_hz(stem)) for stem in stems] == [100 * (number + 1) for number in range(9)]
    assert seen == [*(f"reading stem {number}.wav" for number in range(9)), "stems read"]
    for number in (7, 3):
        (tmp_path / f"stem {number}.wav").write_bytes((tmp_path / f"stem {number}.wav").read_bytes()[:3000])
    with pytest.raises(AudioFileError, match=r"stem 3\.wav"):
        load_stems(tmp_path, threads=threads)


@pytest.mark.parametrize("threads", [0, -1, 1.5, True])
def test_threads_are_counted(tmp_path: Path, threads: Any) -> None:
    put(tmp_path, "a.wav")
    with pytest.raises(ParameterError, match="threads must be a whole number, at least 1"):
        load_stems(tmp_path, threads=threads)


def test_bad_files_are_named(tmp_path: Path) -> None:
    put(tmp_path, "good.wav")
    bad = tmp_path / "bad.wav"
    bad.write_text("not audio at all")
    fails(AudioFileError, tmp_path, "bad.wav", "WAV, FLAC")
    put(tmp_path, "bad.wav", np.zeros((10, 60)))
    fails(AudioFileError, tmp_path, "bad.wav has 60 channels", "1 or 2 are accepted")
    put(tmp_path, "bad.wav", np.array([0.0, np.inf]), subtype="FLOAT")
    fails(AudioFileError, tmp_path, "bad.wav", "inf")
    put(tmp_path, "bad.wav")
    bad.write_bytes(bad.read_bytes()[:-1000])
    fails(AudioFileError, tmp_path, "bad.wav", "cut short")


# --- .stem.mp4 ------------------------------------------------------------------------------------


def with_stem_box(path: Path, document: object) -> None:
    """Append Native Instruments' udta/stem box to the file's last box, which is moov."""
    content = json.dumps(document).encode()
    box = struct.pack(">I4s", 8 + len(content), b"stem") + content
    box = struct.pack(">I4s", 8 + len(box), b"udta") + box
    raw = bytearray(path.read_bytes())
    at = raw.rindex(b"moov") - 4
    (size,) = struct.unpack(">I", raw[at : at + 4])
    assert at + size == len(raw), "moov is not the last box"
    raw[at : at + 4] = struct.pack(">I", size + len(box))
    path.write_bytes(raw + box)


def loudest_hz(stem: Stem) -> float:
    spectrum = np.abs(np.fft.rfft(stem.audio[:, 0]))
    return float(np.argmax(spectrum) * RATE / len(stem.audio))


def test_stem_mp4_in_musdb18_order(tmp_path: Path) -> None:
    path = stem_mp4(tmp_path / "Artist - Song.stem.mp4")
    song = load_stems(path)
    assert song.title == "Artist - Song"
    assert song.names == ("drums", "bass", "other", "vocals")
    assert [s.role for s in song] == ["drums", "bass", "other", "vocal"]
    assert song.mixture_path == path
    for stem, hz in zip(song, FREQUENCIES[1:], strict=True):
        assert loudest_hz(stem) == pytest.approx(hz, abs=2.0)
        assert stem.channels == 2
    assert song.duration_s == pytest.approx(1.0, abs=0.06)
    from_folder = load_stems(tmp_path, roles={"other": "synth"})
    assert from_folder.names == song.names
    assert from_folder["other"].role == "synth"
    np.testing.assert_array_equal(from_folder["bass"].audio, song["bass"].audio)


def test_stem_mp4_with_names(tmp_path: Path) -> None:
    path = stem_mp4(tmp_path / "a.stem.mp4")
    names = ("Beats", "Lead Vox", "Synths", "Synths")
    with_stem_box(path, {"version": 1, "stems": [{"name": name, "color": "#000000"} for name in names]})
    song = load_stems(path)
    assert song.names == ("Beats", "Lead Vox", "Synths", "Synths 2")
    assert song["Lead Vox"].role == "vocal"
    assert loudest_hz(song["Lead Vox"]) == pytest.approx(FREQUENCIES[2], abs=2.0)


def test_stem_mp4_with_a_broken_box_or_another_count(tmp_path: Path) -> None:
    path = stem_mp4(tmp_path / "a.stem.mp4")
    with_stem_box(path, ["no", "object"])
    assert load_stems(path).names == ("drums", "bass", "other", "vocals")
    three = stem_mp4(tmp_path / "b.stem.mp4", streams=3)
    assert load_stems(three).names == ("stem 1", "stem 2")


def test_stem_mp4_errors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = stem_mp4(tmp_path / "a.stem.mp4")
    other = tmp_path / "b.stem.m4a"
    other.write_text("not an mp4")
    fails(AudioFileError, other, "b.stem.m4a", "cannot be read")
    fails(StemsError, tmp_path, "2 songs", "a.stem.mp4, b.stem.m4a")
    fails(StemsError, stem_mp4(tmp_path / "c.stem.mp4", streams=1), "1 audio stream", "at least one stem")
    original = builtins.__import__

    def without_av(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "av":
            raise ImportError("no av")
        return original(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without_av)
    fails(StemsError, path, 'pip install "mixrules[stems]"')


def test_stem_mp4_beside_files(tmp_path: Path) -> None:
    stem_mp4(tmp_path / "a.stem.mp4")
    put(tmp_path, "mixture.wav")
    assert load_stems(tmp_path).names == ("drums", "bass", "other", "vocals")
    put(tmp_path, "vocals.wav")
    song = load_stems(tmp_path)
    assert song.names == ("vocals",)
    assert any(note.startswith("a.stem.mp4 left out") for note in song.notes)


# --- real songs -----------------------------------------------------------------------------------


def test_real_songs() -> None:
    for folder in real_songs.songs():
        song = load_stems(folder)
        assert len(song) == len(list(folder.glob("*.flac")))
        assert "unknown" not in {stem.role for stem in song}
        for stem in song:
            if stem.name.endswith("vocals"):
                assert stem.role == ("backing_vocal" if "backing" in stem.name else "vocal")
