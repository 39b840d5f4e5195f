"""A folder holds results of one kind, of one run at a time; what differs is said in one line."""

from __future__ import annotations

import errno
import json
import os
import re
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from corpus.work.fake_works import Copying, Songs, contents, logged, make_songs

from mixrules._support.file_locks import locks
from mixrules._support.version import __version__
from mixrules.corpus.work.lock import only_run_in
from mixrules.corpus.work.run import run_songs
from mixrules.corpus.work.run_document import read_run
from mixrules.errors import AudioFileError, ParameterError

ROOT = Path(__file__).resolve().parents[3]
needs_locks = pytest.mark.skipif(locks is None, reason="Windows has no locks of this kind")

HOLDING = """
    import multiprocessing, os, sys, time
    from mixrules.corpus.work.lock import only_run_in
    from pathlib import Path

    def work():
        print(os.getpid(), flush=True)
        time.sleep(30)

    with only_run_in(Path(sys.argv[1])):
        multiprocessing.Process(target=work).start()
        time.sleep(30)
"""


@pytest.fixture
def songs(tmp_path: Path) -> Songs:
    return Songs(make_songs(tmp_path / "songs", 3))


@contextmanager
def another_run(output: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that holds a folder and has a worker; both are killed at the end."""
    program = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(HOLDING), output],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert program.stdout is not None
    with program.stdout as said:
        worker = int(said.readline())
    try:
        yield program
    finally:
        program.kill()
        program.wait()
        os.kill(worker, signal.SIGKILL)


@needs_locks
def test_a_second_run_is_refused_and_the_first_not_disturbed(
    songs: Songs, work: Copying, output: Path
) -> None:
    output.mkdir()
    with another_run(output) as other:
        says = rf"out is in use by another run \(process {other.pid} on \S+, since \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d UTC\)"
        with pytest.raises(ParameterError, match=says):
            run_songs(work, songs, output)
        assert logged(work.log) == []
        assert other.poll() is None
        other.kill()
        other.wait()
        # Its worker lives on for a moment, and has no part in the lock.
        assert run_songs(work, songs, output).done == 3
    assert [name for name in contents(output) if name.startswith(".")] == []


@needs_locks
def test_a_folder_is_held_once_in_a_process_too(tmp_path: Path) -> None:
    with only_run_in(tmp_path):
        with pytest.raises(ParameterError, match=f"process {os.getpid()} "), only_run_in(tmp_path):
            pass
        (tmp_path / ".mixrules-run.lock").write_text("nothing that can be read")
        with pytest.raises(ParameterError, match="by another run: wait"), only_run_in(tmp_path):
            pass
    with only_run_in(tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []


@needs_locks
def test_where_there_are_no_locks_nothing_is_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(locks, "flock", refuse)
    with only_run_in(tmp_path), only_run_in(tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []


def changed(output: Path, **what: object) -> None:
    document = json.loads((output / "run.json").read_text())
    (output / "run.json").write_text(json.dumps(document | what))


@pytest.mark.parametrize(
    ("what", "says"),
    [
        ({"kind": "truth"}, "are of another kind (truth, this run: copies)"),
        ({"version": "0.0.1"}, f"are of another version of mixrules (0.0.1, this run: {__version__})"),
        ({"layout": "musdb18hq"}, "are of another layout (musdb18hq, this run: folders)"),
        (
            {"settings": {"options": [1, 3], "more": {"deep": 2}, "old": "x"}},
            'are of other settings (old "x", this run: null; more.deep 2, this run: 1)',
        ),
    ],
)
def test_results_of_another_run_are_refused(
    what: dict[str, object], says: str, songs: Songs, work: Copying, output: Path
) -> None:
    run_songs(work, songs, output)
    logged(work.log)
    changed(output, **what)
    before = contents(output)
    with pytest.raises(
        ParameterError, match=re.escape(f"out {says}: name another folder, or empty that one") + "$"
    ):
        run_songs(work, songs, output)
    assert contents(output) == before
    assert logged(work.log) == []


def test_a_run_that_did_nothing_leaves_the_folder_free(songs: Songs, work: Copying, output: Path) -> None:
    run_songs(work, songs, output)
    (output / "ledger.jsonl").write_bytes(b"")
    changed(output, settings={"options": [1, 3]})
    assert run_songs(work, songs, output).kept == 0
    assert json.loads((output / "run.json").read_text())["settings"] == json.loads(
        json.dumps(work.settings())
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[]", "run.json in .*out does not describe results of ours"),
        ("{", "run.json in .*out does not describe results of ours"),
        (
            '{"kind": "mixes", "version": "1", "root": "", "layout": "", "settings": {}, "format": "x"}',
            "of another format",
        ),
    ],
)
def test_a_run_document_that_is_none_is_refused(
    text: str, says: str, songs: Songs, work: Copying, output: Path
) -> None:
    output.mkdir()
    (output / "run.json").write_text(text)
    with pytest.raises(AudioFileError, match=says):
        run_songs(work, songs, output)


def test_a_folder_of_other_files_is_refused_and_an_empty_one_is_not(
    songs: Songs, work: Copying, output: Path
) -> None:
    output.mkdir()
    (output / "thesis.txt").write_text("x")
    with pytest.raises(
        ParameterError, match=r"out holds files that are no results of ours \(run.json is missing\)"
    ):
        run_songs(work, songs, output)
    assert contents(output) == {"thesis.txt": "x"}
    (output / "thesis.txt").rename(output / ".DS_Store")
    assert run_songs(work, songs, output).done == 3


def test_a_file_in_its_place_is_refused(songs: Songs, work: Copying, output: Path) -> None:
    output.write_text("x")
    with pytest.raises(AudioFileError, match="out is a file, not a folder"):
        run_songs(work, songs, output)


def test_a_data_set_may_move(songs: Songs, work: Copying, output: Path, tmp_path: Path) -> None:
    run_songs(work, songs, output)
    logged(work.log)
    songs.root.rename(tmp_path / "moved")
    assert run_songs(work, replace(songs, root=tmp_path / "moved"), output).kept == 3
    assert logged(work.log) == []
    assert read_run(output).root == str(tmp_path / "moved")
    assert read_run(str(output)).settings == {"options": [1, 2], "more": {"deep": 1}}


def test_a_folder_without_results_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(AudioFileError, match=r"holds no results of ours, .*: run\.json is missing there$"):
        read_run(tmp_path)
