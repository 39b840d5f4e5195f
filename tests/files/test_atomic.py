"""Files that belong together, and what killed programs leave behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from mixrules._support.file_locks import locks
from mixrules.errors import AudioFileError
from mixrules.files import (
    atomic_path,
    check_writable,
    temporary_files,
    temporary_folder,
    write_text_atomic,
    written_together,
)
from mixrules.files.temporary_files import remove_abandoned

ROOT = Path(__file__).resolve().parents[2]
needs_kill = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has no SIGKILL")
needs_locks = pytest.mark.skipif(locks is None, reason="Windows has no locks of this kind")

PAIR = """
    import os, signal, sys
    from mixrules.files import atomic_path, write_text_atomic, written_together

    steps = 0

    def killed(function):
        def one_step(*arguments, **options):
            global steps
            if steps == int(sys.argv[2]):
                os.kill(os.getpid(), signal.SIGKILL)
            steps += 1
            return function(*arguments, **options)
        return one_step

    for name in ("replace", "fsync", "unlink"):
        setattr(os, name, killed(getattr(os, name)))
    with written_together():
        write_text_atomic(sys.argv[1] + "/a.plan.json", "new")
        write_text_atomic(sys.argv[1] + "/a.wav", "new")
"""
WRITING = """
    import sys, time
    from mixrules.files import atomic_path
    with atomic_path(sys.argv[1]) as temporary:
        temporary.write_bytes(b"half")
        print("writing", flush=True)
        time.sleep(60)
"""


def python(code: str, *arguments: object) -> list[str]:
    return [sys.executable, "-c", textwrap.dedent(code), *(str(argument) for argument in arguments)]


def environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(ROOT)}


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir() if not path.name.startswith(".")}


def writing(target: Path) -> subprocess.Popen[str]:
    program = subprocess.Popen(
        python(WRITING, target), stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment()
    )
    assert program.stdout is not None
    with program.stdout as said:
        assert said.readline() == "writing\n"
    return program


@needs_kill
@pytest.mark.parametrize("old", [False, True])
@pytest.mark.parametrize("step", range(8))
def test_a_kill_never_leaves_a_mix_beside_another_ones_plan(tmp_path: Path, step: int, old: bool) -> None:
    if old:
        (tmp_path / "a.wav").write_text("old")
        (tmp_path / "a.plan.json").write_text("old")
    done = subprocess.run(python(PAIR, tmp_path, step), cwd=ROOT, env=environment(), check=False)
    left = contents(tmp_path)
    assert set(left.values()) <= {"old", "new"}
    assert not old or "a.plan.json" in left
    if "a.wav" in left:
        assert left["a.wav"] == left["a.plan.json"]
    if done.returncode == 0:
        assert left == {"a.wav": "new", "a.plan.json": "new"}
    check_writable(tmp_path / "b.txt")  # the next who writes here removes what is left
    assert {path.name for path in tmp_path.iterdir()} == set(left)


def test_together_means_all_or_none(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_text("old")

    def fail(error: type[BaseException]) -> None:
        with written_together():
            write_text_atomic(tmp_path / "a", "new")
            write_text_atomic(tmp_path / "b", "new")
            raise error

    for error in (KeyboardInterrupt, ValueError):
        with pytest.raises(error):
            fail(error)
        assert contents(tmp_path) == {"a": "old", "b": "old"}
    with written_together():
        write_text_atomic(tmp_path / "a", "new")
        assert (tmp_path / "a").read_text() == "old"
        write_text_atomic(tmp_path / "b", "new")
    assert contents(tmp_path) == {"a": "new", "b": "new"}
    assert len(list(tmp_path.iterdir())) == 2


def no_links(_source: Path, _target: Path) -> None:
    raise PermissionError(1, "Operation not permitted")


@pytest.mark.parametrize("old", ["ab", "b", "a", ""])
@pytest.mark.parametrize("refused", ["a", "b"])
@pytest.mark.parametrize("links", [True, False])
def test_a_file_that_cannot_be_renamed_leaves_the_older_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refused: str, old: str, links: bool
) -> None:
    if not links:
        monkeypatch.setattr(os, "link", no_links)
    for name in old:
        (tmp_path / name).write_text("old")
    replace = os.replace

    def in_use(source: Path, target: Path) -> None:
        remove_abandoned(tmp_path)  # as another program would that writes there
        if Path(target).name == refused and Path(source).read_text() == "new":
            raise PermissionError(13, "Permission denied")
        replace(source, target)

    monkeypatch.setattr(os, "replace", in_use)

    def both() -> None:
        with written_together():
            write_text_atomic(tmp_path / "a", "new")
            write_text_atomic(tmp_path / "b", "new")

    with pytest.raises(AudioFileError, match=f"{refused} cannot be written: permission denied"):
        both()
    assert contents(tmp_path) == dict.fromkeys(old, "old")
    assert len(list(tmp_path.iterdir())) == len(old)


def test_an_older_file_that_cannot_be_moved_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in "ab":
        (tmp_path / name).write_text("old")
    replace = os.replace

    def in_use(source: Path, target: Path) -> None:
        if Path(source) == tmp_path / "a":
            raise PermissionError(13, "Permission denied")
        replace(source, target)

    monkeypatch.setattr(os, "link", no_links)
    monkeypatch.setattr(os, "replace", in_use)

    def both() -> None:
        with written_together():
            write_text_atomic(tmp_path / "a", "new")
            write_text_atomic(tmp_path / "b", "new")

    with pytest.raises(AudioFileError, match="a cannot be written: permission denied"):
        both()
    assert contents(tmp_path) == {"a": "old", "b": "old"}
    assert len(list(tmp_path.iterdir())) == 2


@needs_kill
@needs_locks
@pytest.mark.parametrize("suffix", [".wav", ".json", ""])
def test_what_a_killed_program_left_is_removed_and_what_a_living_one_writes_is_not(
    tmp_path: Path, suffix: str
) -> None:
    dead, alive = writing(tmp_path / f"dead{suffix}"), writing(tmp_path / f"alive{suffix}")
    try:
        dead.kill()
        dead.wait()
        assert sum(path.name.startswith(".") for path in tmp_path.iterdir()) == 2
        write_text_atomic(tmp_path / "new", "text")
        left = [path.name for path in tmp_path.iterdir() if path.name.startswith(".")]
        assert len(left) == 1
        assert left[0].startswith(".alive.")
    finally:
        alive.kill()
        alive.wait()
    write_text_atomic(tmp_path / "new", "text")
    assert [path.name for path in tmp_path.iterdir()] == ["new"]


@needs_locks
def test_a_large_folder_is_listed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(temporary_files, "_MANY", 5)
    for number in range(4):
        (tmp_path / f"{number}.wav").touch()
    abandoned = tmp_path / ".mix.mixrules-0a1b2c3d.tmp.wav"
    for _ in range(2):  # as long as it is small it is tidied up at each write
        abandoned.touch()
        check_writable(tmp_path / "new")
        assert not abandoned.exists()
    (tmp_path / "4.wav").touch()
    (tmp_path / "5.wav").touch()
    abandoned.touch()
    check_writable(tmp_path / "new")
    assert not abandoned.exists()
    with monkeypatch.context() as patch:
        patch.setattr(os, "listdir", None)
        for _ in range(3):
            check_writable(tmp_path / "new")


@needs_locks
def test_only_what_bears_our_name_is_removed(tmp_path: Path) -> None:
    for name in (
        ".mix.mixrules-0a1b2c3d.tmp.wav",
        ".mix.mixrules-0a1b2c3d.tmp",
        ".mix.0a1b2c3d.tmp.wav",
        ".mix.mixrules-0a1b2c3.tmp.wav",
        "mix.mixrules-0a1b2c3d.tmp.wav",
        ".mix.mixrules-0a1b2c3d.tmp.wav.bak",
        ".mixrules-0a1b2c3d",
    ):
        (tmp_path / name).write_text("x")
    (tmp_path / ".link.mixrules-0a1b2c3d.tmp.wav").symlink_to(tmp_path / ".mixrules-0a1b2c3d")
    check_writable(tmp_path / "new")
    assert {path.name for path in tmp_path.iterdir()} == {
        ".mix.0a1b2c3d.tmp.wav",
        ".mix.mixrules-0a1b2c3.tmp.wav",
        "mix.mixrules-0a1b2c3d.tmp.wav",
        ".mix.mixrules-0a1b2c3d.tmp.wav.bak",
        ".mixrules-0a1b2c3d",
        ".link.mixrules-0a1b2c3d.tmp.wav",
    }


def test_without_locks_the_age_tells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(temporary_files, "locks", None)
    young, old = (tmp_path / f".mix.mixrules-0000000{n}.tmp.wav" for n in (1, 2))
    for path in (young, old):
        path.write_text("x")
    two_days_ago = time.time() - 2 * 86_400
    os.utime(old, (two_days_ago, two_days_ago))
    with atomic_path(tmp_path / "a") as temporary:
        temporary.write_text("a")
    assert {path.name for path in tmp_path.iterdir()} == {young.name, "a"}


@needs_locks
def test_a_folder_that_is_being_built_stays_and_an_abandoned_one_goes(tmp_path: Path) -> None:
    (tmp_path / ".gone.mixrules-0a1b2c3d.tmp").mkdir()
    (tmp_path / ".gone.mixrules-0a1b2c3d.tmp" / "audio.wav").write_text("x")
    building = temporary_folder(tmp_path / "test")
    (building.path / "audio.wav").write_text("x")
    write_text_atomic(tmp_path / "a", "a")
    assert {path.name for path in tmp_path.iterdir()} == {building.path.name, "a"}
    building.remove()
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


@needs_locks
def test_a_folder_that_is_taken_for_abandoned_before_it_is_locked_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mkdir, made = Path.mkdir, []

    def and_gone(path: Path, mode: int = 0o777) -> None:
        mkdir(path, mode)
        made.append(path)
        if len(made) == 1:
            remove_abandoned(tmp_path)  # as another program would that writes there

    monkeypatch.setattr(Path, "mkdir", and_gone)
    folder = temporary_folder(tmp_path / "test")
    assert [path.is_dir() for path in made] == [False, True]
    assert folder.path == made[1]
    folder.remove()
