"""A run that is killed again and again ends with the files of an undisturbed one, and does nothing twice."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from corpus.work.fake_works import Copying, Songs, contents, logged, make_songs

from mixrules.corpus.work.local_pool import LocalPool
from mixrules.corpus.work.run import run_songs

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has no fork")


def forked(function: Callable[..., object], *arguments: object) -> Any:
    """Return a process that has everything imported already."""
    process = multiprocessing.get_context("fork").Process(target=function, args=arguments)
    process.start()
    return process


def recorded(output: Path) -> dict[str, str]:
    """Return the last whole record of every song."""
    ledger = output / "ledger.jsonl"
    lines = ledger.read_bytes().split(b"\n")[:-1] if ledger.exists() else []
    records = [json.loads(line) for line in lines]
    return {record["song"]: record["stamp"] for record in records if "song" in record}


def in_processes(work: Copying, songs: Songs, output: Path) -> None:
    run_songs(work, songs, output, workers=LocalPool(2))


@needs_fork
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_run_killed_at_random_moments(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    songs = Songs(make_songs(tmp_path / "songs", 60))
    (songs.root / "s09" / "vocals.wav").write_text("bad")
    undisturbed = tmp_path / "undisturbed"
    run_songs(Copying(tmp_path / "other log"), songs, undisturbed)
    log, output = tmp_path / "log", tmp_path / "out"
    done: dict[str, str] = {}
    for _ in range(5):
        run = forked(in_processes, Copying(log, seconds=0.02), songs, output)
        until = time.monotonic() + 60.0
        while recorded(output) == done and run.is_alive() and time.monotonic() < until:
            time.sleep(0.001)
        time.sleep(chance.uniform(0.0, 0.08))
        run.kill()
        run.join()
        assert not set(logged(log)) & set(done)
        done = recorded(output)
    assert 4 < len(done) < 60
    summary = run_songs(Copying(log), songs, output, workers=LocalPool(2))
    assert summary.kept + summary.done == 59
    lines = logged(log)
    assert not set(lines) & set(done)
    assert contents(output) == contents(undisturbed)
    assert recorded(output) == recorded(undisturbed)


def up_to_step(last: int, work: Copying, songs: Songs, output: Path) -> None:
    """Run until so many files were renamed, removed or brought to the disk."""
    steps = 0

    def killed(function: Callable[..., Any]) -> Callable[..., Any]:
        def one_step(*arguments: Any, **options: Any) -> Any:
            nonlocal steps
            if steps == last:
                os.kill(os.getpid(), signal.SIGKILL)
            steps += 1
            return function(*arguments, **options)

        return one_step

    for name in ("replace", "fsync", "unlink", "truncate"):
        setattr(os, name, killed(getattr(os, name)))
    run_songs(work, songs, output)


@needs_fork
def test_a_run_killed_between_any_two_steps(tmp_path: Path) -> None:
    """Each next run begins where the one before was killed, some steps later."""
    songs = Songs(make_songs(tmp_path / "songs", 6))
    undisturbed, output, log = tmp_path / "undisturbed", tmp_path / "out", tmp_path / "log"
    run_songs(Copying(tmp_path / "other log"), songs, undisturbed)
    done: dict[str, str] = {}
    for step in (*range(24), 32, 500):
        run = forked(up_to_step, step, Copying(log), songs, output)
        run.join()
        assert run.exitcode in (0, -signal.SIGKILL)
        assert not set(logged(log)) & set(done)
        done = recorded(output)
    assert run.exitcode == 0
    assert contents(output) == contents(undisturbed)
