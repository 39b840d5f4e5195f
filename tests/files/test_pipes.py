"""Pipes as files: everything that comes through is there, errors name the pipe, nothing is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from mixrules.errors import AudioFileError
from mixrules.files import as_regular_file, audio_header, check_audio, pipes, private_folder, read_audio

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def kept_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for temporary files."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def writing(path: Path, content: bytes, *, after_s: float = 0.0, at_once: int = 1 << 20) -> threading.Thread:
    def write() -> None:
        time.sleep(after_s)
        with open(path, "wb") as pipe:
            for start in range(0, len(content), at_once):
                pipe.write(content[start : start + at_once])
                pipe.flush()

    thread = threading.Thread(target=write, daemon=True)
    thread.start()
    return thread


@pytest.mark.parametrize("after_s", [0.0, 0.2])
def test_a_named_pipe(after_s: float, tmp_path: Path, kept_in: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    soundfile.write(tmp_path / "a.wav", np.linspace(-1, 1, 50_000), 44_100)
    writer = writing(tmp_path / "pipe", (tmp_path / "a.wav").read_bytes(), after_s=after_s, at_once=7000)
    with as_regular_file(tmp_path / "pipe") as path:
        assert path.is_file()
        np.testing.assert_array_equal(read_audio(path).audio, read_audio(tmp_path / "a.wav").audio)
    writer.join()
    assert list(kept_in.iterdir()) == []


def test_a_descriptor(tmp_path: Path, kept_in: Path) -> None:
    reading, writing_end = os.pipe()
    os.write(writing_end, b"x" * 1000)
    os.close(writing_end)
    with as_regular_file(f"/dev/fd/{reading}") as path:
        assert path.read_bytes() == b"x" * 1000
    os.close(reading)
    assert list(kept_in.iterdir()) == []


def test_an_error_names_the_pipe(tmp_path: Path, kept_in: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    writing(tmp_path / "pipe", b"la la la")
    with (
        pytest.raises(AudioFileError, match=rf"^{tmp_path}/pipe is not audio") as caught,
        as_regular_file(tmp_path / "pipe") as path,
    ):
        read_audio(path)
    assert str(kept_in) not in str(caught.value)
    assert list(kept_in.iterdir()) == []


KEEPING = """
    import sys, time
    from mixrules.files import as_regular_file
    with as_regular_file("-") as path:
        print(path.parent.name, flush=True)
        time.sleep(60)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has no SIGKILL")
def test_what_a_killed_program_kept_is_removed_by_the_next(kept_in: Path) -> None:
    program = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(KEEPING)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"TMPDIR": str(kept_in), "PYTHONPATH": str(ROOT)},
    )
    assert program.stdin is not None
    assert program.stdout is not None
    try:
        with program.stdin as pipe:
            pipe.write(b"x" * 1000)
        with program.stdout as said:
            folder = kept_in / said.readline().decode().strip()
        assert list(kept_in.iterdir()) == [folder]
        assert folder.stat().st_mode & 0o777 == 0o700
        private_folder("song").remove()  # another program leaves what a living one keeps
        assert list(kept_in.iterdir()) == [folder]
    finally:
        program.kill()
        program.wait()
    assert list(kept_in.iterdir()) == [folder]
    private_folder("song").remove()
    assert list(kept_in.iterdir()) == []


def test_a_pipe_that_nothing_comes_through(
    tmp_path: Path, kept_in: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipes, "_WAIT_FOR_WRITER_S", 0.1)
    os.mkfifo(tmp_path / "pipe")
    with (
        pytest.raises(AudioFileError, match="pipe is a pipe through which nothing came"),
        as_regular_file(tmp_path / "pipe"),
    ):
        pass
    assert list(kept_in.iterdir()) == []


def test_a_pipe_that_brings_too_much(kept_in: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipes, "MOST_BYTES", 1000)
    reading, writing_end = os.pipe()
    os.write(writing_end, bytes(1001))
    with (
        pytest.raises(AudioFileError, match="brings more than 1000 bytes, write it to a file"),
        as_regular_file(f"/dev/fd/{reading}"),
    ):
        pass
    os.close(reading)
    os.close(writing_end)
    assert list(kept_in.iterdir()) == []


@pytest.mark.parametrize("device", ["/dev/null", "/dev/zero", "/dev/random"])
def test_devices_are_refused(device: str) -> None:
    with pytest.raises(AudioFileError, match=f"{device} is a device"), as_regular_file(device):
        pass


def test_no_place_to_keep_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    reading, writing_end = os.pipe()
    with (
        pytest.raises(AudioFileError, match="there is no folder to keep what comes through it"),
        as_regular_file(f"/dev/fd/{reading}"),
    ):
        pass
    os.close(reading)
    os.close(writing_end)


def test_what_is_no_pipe_is_passed_on(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(b"x")
    (tmp_path / "link").symlink_to("a.wav")
    for name in ("a.wav", "link", "gone.wav", "."):
        with as_regular_file(tmp_path / name) as path:
            assert path == tmp_path / name


def test_readers_of_files_say_what_a_pipe_is(tmp_path: Path) -> None:
    """They read a file twice, which a pipe cannot be; opened, it would wait for ever."""
    os.mkfifo(tmp_path / "vocals.wav")
    for read in (read_audio, check_audio, audio_header):
        with pytest.raises(AudioFileError, match=r"vocals\.wav is a pipe, a file is needed"):
            read(tmp_path / "vocals.wav")
    with pytest.raises(AudioFileError, match="/dev/zero is a device, a file is needed"):
        read_audio("/dev/zero")
