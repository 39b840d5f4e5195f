"""Songs in archives: read from a temporary folder that ends with them; what is not safe is refused."""

from __future__ import annotations

import contextlib
import gc
import io
import os
import signal
import stat
import subprocess
import sys
import tarfile
import textwrap
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest
from stem_folders import put, roles, song

from mixrules import cli
from mixrules.errors import MixrulesError
from mixrules.stems import load_stems
from mixrules.stems.song_files import archives

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary folders go."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


@pytest.fixture
def wav(tmp_path: Path) -> bytes:
    return put(tmp_path / "x.wav").read_bytes()


def zipped(path: Path, files: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def refused(path: Path) -> str:
    with pytest.raises(MixrulesError) as error:
        load_stems(path)
    text = str(error.value)
    assert "\n" not in text
    assert path.name in text
    del error  # its traceback holds what was read
    gc.collect()
    assert not list((path.parent / "tmp").iterdir())
    return text


def test_a_zip_is_a_song(tmp_path: Path, temporary: Path, wav: bytes) -> None:
    names = ("My Song/vocals.wav", "My Song/Drums/Kick.wav", "My Song/mix.wav")
    files = dict.fromkeys(names, wav) | {
        "__MACOSX/My Song/._vocals.wav": b"\0\5\26\7",
        "My Song/inner.zip": b"PK",
    }
    files["My Song/stems.toml"] = b'[roles]\n"vocals.wav" = "keys"'
    stems = load_stems(zipped(tmp_path / "My Song.zip", files))
    assert stems.title == "My Song"
    assert roles(stems) == {"Kick": "kick", "vocals": "keys"}
    assert stems.notes[0] == "stems read from the archive My Song.zip"
    assert any("inner.zip left out: it is an archive" in note for note in stems.notes)
    assert stems.mixture_path is None
    assert not list(temporary.iterdir())


def test_stems_on_the_disk_keep_their_folder(tmp_path: Path, temporary: Path, wav: bytes) -> None:
    path = zipped(tmp_path / "s.zip", {"a.wav": wav, "b.wav": wav})
    held = load_stems(path)
    stem = load_stems(path, hold_mib=0.0)["b"]
    assert len(list(temporary.iterdir())) == 1
    np.testing.assert_array_equal(stem.read(3, 9), held["b"].audio[3:9])
    np.testing.assert_array_equal(np.asarray(stem.audio), held["b"].audio)
    del stem
    gc.collect()
    assert not list(temporary.iterdir())


@pytest.mark.parametrize(
    ("end", "mode"), [(".tar", "w"), (".tar.gz", "w:gz"), (".tgz", "w:gz"), (".tar.xz", "w:xz")]
)
def test_a_tar_is_a_song(tmp_path: Path, end: str, mode: str) -> None:
    song(tmp_path / "s", "vocals.wav", "Drums/Kick.wav")
    (tmp_path / "s" / "link.wav").symlink_to("/etc/hostname")
    path = tmp_path / f"s{end}"
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        archive.add(tmp_path / "s", "s")
    stems = load_stems(path)
    assert stems.title == "s"
    assert stems.names == ("Kick", "vocals")
    assert "s/link.wav left out: it is no regular file" in stems.notes


def test_the_command_line_mixes_a_zip(tmp_path: Path, wav: bytes, temporary: Path) -> None:
    path = zipped(tmp_path / "s.zip", {"vocals.wav": wav, "bass.wav": wav})
    with pytest.raises(SystemExit) as end:
        cli.main(["mix", str(path), "-q", "-o", str(tmp_path / "mix.wav")])
    assert not end.value.code
    assert (tmp_path / "mix.wav").exists()
    gc.collect()
    assert not list(temporary.iterdir())


@pytest.mark.parametrize(
    "name", ["../x.wav", "/x.wav", "a/../../x.wav", "C:/x.wav", "..\\x.wav", "\\\\server\\x.wav"]
)
def test_names_that_lead_out_are_refused(tmp_path: Path, wav: bytes, name: str) -> None:
    assert "leads out of it" in refused(zipped(tmp_path / "s.zip", {"a.wav": wav, name: wav}))
    assert {p.name for p in tmp_path.iterdir()} == {"tmp", "x.wav", "s.zip"}


def test_a_number_and_a_colon_are_no_drive(tmp_path: Path, wav: bytes) -> None:
    assert load_stems(zipped(tmp_path / "s.zip", {"1: Kick.wav": wav, "2: Bass.wav": wav})).names == (
        "1: Kick",
        "2: Bass",
    )


@pytest.mark.parametrize("names", [("a", "a/b.wav"), ("A/b.wav", "a"), ("x/a", "x/a/b/c.wav")])
def test_a_file_that_is_a_folder_as_well_is_told(tmp_path: Path, wav: bytes, names: tuple[str, ...]) -> None:
    path = tmp_path / "s.tar"
    with tarfile.open(path, "w") as archive:
        for name in names:
            info = tarfile.TarInfo(name)
            info.size = len(wav)
            archive.addfile(info, io.BytesIO(wav))
    assert "as a file and as a folder" in refused(path)


def test_links_in_a_zip_are_not_followed(tmp_path: Path, wav: bytes) -> None:
    path = zipped(tmp_path / "s.zip", {"a.wav": wav})
    link = zipfile.ZipInfo("secret.wav")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(link, "/etc/hostname")
    stems = load_stems(path)
    assert stems.names == ("a",)
    assert "secret.wav left out: it is no regular file" in stems.notes


def test_names_of_old_programs(tmp_path: Path, wav: bytes) -> None:
    path = zipped(tmp_path / "s.zip", {"Mädchen.wav": wav, "Drums\\Kick.wav": wav})
    raw = bytearray(path.read_bytes())
    for head, at in ((b"PK\3\4", 6), (b"PK\1\2", 8)):  # UTF-8 is written and the flag that says so is not
        start = raw.index(head)
        raw[start + at + 1] &= 0xF7
    path.write_bytes(raw)
    assert set(load_stems(path).names) == {"Mädchen", "Kick"}


def test_what_is_twice_in_it_is_refused(tmp_path: Path, wav: bytes) -> None:
    path = zipped(tmp_path / "s.zip", {"a.wav": wav})
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("a.wav", wav)
    assert "'a.wav' twice" in refused(path)
    assert "twice" in refused(zipped(tmp_path / "t.zip", {"a.wav": wav, "A.wav": wav}))


def test_encrypted_and_unknown_packing(tmp_path: Path, wav: bytes) -> None:
    path = zipped(tmp_path / "s.zip", {"a.wav": wav})
    plain = path.read_bytes()
    for offset, value, part in ((0, 1, "encrypted"), (2, 9, "packed in a way")):
        raw = bytearray(plain)
        for head, at in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
            raw[raw.index(head) + at + offset] = value
        path.write_bytes(raw)
        assert part in refused(path)


def test_bombs_are_refused_before_they_are_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "_SMALL_BYTES", 1 << 20)
    zeros = bytes(3 << 20)
    assert "would grow" in refused(
        zipped(tmp_path / "s.zip", {"a.wav": zeros}, compression=zipfile.ZIP_DEFLATED)
    )
    path = tmp_path / "s.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        info = tarfile.TarInfo("a.wav")
        info.size = len(zeros)
        archive.addfile(info, io.BytesIO(zeros))
    assert "would grow" in refused(path)
    monkeypatch.setattr(archives, "_FILES_MAX", 5)
    assert "over 5 files" in refused(zipped(tmp_path / "many.zip", {f"{n}.wav": b"x" for n in range(9)}))


@pytest.mark.parametrize("kind", [b"x", b"g", b"X", b"L", b"K"])
@pytest.mark.parametrize("after", [0, 1])
def test_long_headers_of_a_tar_are_not_read(tmp_path: Path, wav: bytes, kind: bytes, after: int) -> None:
    path = tmp_path / "s.tar.xz"
    with tarfile.open(path, "w:xz", preset=1) as archive:
        for name, size in [("a.wav", len(wav))] * after + [("b", 40 << 20)]:
            info = tarfile.TarInfo(name)
            info.size, info.type = size, kind if name == "b" else tarfile.REGTYPE
            archive.addfile(info, io.BytesIO(wav if name == "a.wav" else bytes(size)))
    tracemalloc.start()
    try:
        assert "headers that are longer" in refused(path)
        assert tracemalloc.get_traced_memory()[1] < 10 << 20
    finally:
        tracemalloc.stop()


def test_many_headers_of_a_tar_are_not_read(tmp_path: Path) -> None:
    path = tmp_path / "s.tar.gz"
    record = b"30 comment=" + b"a" * 18 + b"\n"
    for count, size in ((3000, len(record)), (40, 60_000)):
        with tarfile.open(path, "w:gz") as archive:
            for _ in range(count):
                info = tarfile.TarInfo("b")
                info.size, info.type = size, tarfile.XHDTYPE
                archive.addfile(info, io.BytesIO(record * (size // len(record))))
        assert "headers that are longer" in refused(path)


def test_names_and_attributes_of_a_tar_are_read(tmp_path: Path, wav: bytes) -> None:
    long = f"{'f' * 90}/{'g' * 90}/{'vox ' * 40}.wav"
    for form in (tarfile.PAX_FORMAT, tarfile.GNU_FORMAT):
        path = tmp_path / "s.tar"
        with tarfile.open(path, "w", format=form, pax_headers={"comment": "c" * 100_000}) as archive:
            for name in (long, "b.wav"):
                info = tarfile.TarInfo(name)
                info.size = len(wav)
                archive.addfile(info, io.BytesIO(wav))
        assert len(load_stems(path)) == 2


def test_damage_is_one_line(tmp_path: Path, wav: bytes) -> None:
    whole = zipped(tmp_path / "s.zip", {f"{n}.wav": wav for n in range(3)}, compression=zipfile.ZIP_DEFLATED)
    raw = whole.read_bytes()
    rng = np.random.default_rng(3)
    for cut in (0, 1, 30, len(raw) // 2, len(raw) - 5):
        whole.write_bytes(raw[:cut])
        refused(whole)
    for _ in range(40):
        mutant = bytearray(raw)
        for at in rng.integers(0, len(raw), 4):
            mutant[at] = rng.integers(0, 256)
        whole.write_bytes(mutant)
        with contextlib.suppress(MixrulesError):
            load_stems(whole)
    gc.collect()
    assert not list((tmp_path / "tmp").iterdir())


def test_a_bad_file_in_an_archive_is_named_by_it(tmp_path: Path) -> None:
    text = refused(zipped(tmp_path / "my song.zip", {"a.wav": b"no audio at all"}))
    assert "my song.zip/a.wav" in text


@pytest.mark.parametrize("name", ["s.rar", "s.7z", "s.gz"])
def test_other_archives_are_to_be_unpacked(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"x")
    assert "unpack it" in refused(path)


KILLED = """
    import os, signal, sys
    from mixrules.stems.song_files.archives import unpack_archive
    from pathlib import Path
    song = unpack_archive(Path(sys.argv[1]))
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has no SIGKILL")
def test_what_a_killed_program_unpacked_is_removed_by_the_next(
    tmp_path: Path, temporary: Path, wav: bytes
) -> None:
    path = zipped(tmp_path / "song.zip", dict.fromkeys(("vocals.wav", "bass.wav"), wav))
    surroundings = os.environ | {"TMPDIR": str(temporary), "PYTHONPATH": str(ROOT)}
    subprocess.run(
        [sys.executable, "-c", textwrap.dedent(KILLED), path], env=surroundings, timeout=120, check=False
    )
    (left,) = temporary.iterdir()
    assert (left / "song.zip" / "vocals.wav").read_bytes() == wav
    song = archives.unpack_archive(path)
    assert list(temporary.iterdir()) == [song.temporary.path]
    del song
    gc.collect()
    assert list(temporary.iterdir()) == []
