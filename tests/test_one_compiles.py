"""Processes that start together on an empty cache compile a kernel once a type of its arguments."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from types import SimpleNamespace

import pytest

from mixrules._support import one_compiles
from mixrules._support.file_locks import locks

ROOT = Path(__file__).resolve().parents[1]
needs_locks = pytest.mark.skipif(locks is None, reason="Windows has no locks of this kind")
KERNELS = """
    from mixrules._support.jit import jit

    @jit
    def twice(number):
        return 2 * number

    @jit
    def four_times(number):
        return twice(number) + twice(number)

    @jit
    def wrong(number):
        return number.nothing
"""
RUN = """
    import json, sys
    sys.path.insert(0, {folder!r})
    sys.dont_write_bytecode = True
    from mixrules._support.compilation import watched

    def work(number):
        import kernels
        told = []
        with watched(told.append):
            found = kernels.four_times(number)
        return found, told

    if __name__ == "__main__":
        from multiprocessing import get_context
        import kernels
        try:
            kernels.wrong(1)
        except Exception:
            pass  # what cannot be compiled does not keep the others waiting
        with get_context("fork").Pool(4) as pool:
            print(json.dumps(pool.map(work, [1, 2, 1.5, 2.5], chunksize=1)))
"""


@needs_locks
@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has no fork")
def test_each_kernel_is_compiled_by_one_process(tmp_path: Path) -> None:
    (tmp_path / "kernels.py").write_text(textwrap.dedent(KERNELS), encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(RUN).format(folder=str(tmp_path))],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        check=True,
        timeout=120,
    )
    outcomes = json.loads(run.stdout)
    assert [found for found, _ in outcomes] == [4, 8, 6.0, 10.0]
    for pair in (outcomes[:2], outcomes[2:]):
        assert sorted(name for _, told in pair for name in told) == ["four_times", "twice"]
    assert all(".lock" not in path.name for path in (tmp_path / "__pycache__").iterdir())


def test_a_cache_that_cannot_be_locked_locks_nothing(tmp_path: Path) -> None:
    class Cache:
        cache_path = str(tmp_path / "file" / "folder")

    (tmp_path / "file").touch()
    lock = one_compiles._FolderLock()
    assert not lock.acquire(Cache())
    lock.release()


@needs_locks
def test_threads_that_compiled_one_kernel_together_give_the_folder_back_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = one_compiles._FolderLock()
    assert lock.acquire(SimpleNamespace(cache_path=tmp_path))
    closed, close = [], os.close

    def while_another_thread_does_the_same(descriptor: int) -> None:
        lock.release()
        closed.append(descriptor)
        close(descriptor)

    monkeypatch.setattr(os, "close", while_another_thread_does_the_same)
    lock.release()
    assert len(closed) == 1


@needs_locks
@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has no fork")
def test_a_process_that_is_forked_meanwhile_does_not_keep_the_folder(tmp_path: Path) -> None:
    lock, other = one_compiles._FolderLock(), one_compiles._FolderLock()
    cache = SimpleNamespace(cache_path=str(tmp_path))
    assert lock.acquire(cache)
    told, ends = os.pipe()
    started, starts = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(ends)
        os.write(starts, b"x")
        os.read(told, 1)  # until the parent has tried
        os._exit(0)
    try:
        os.read(started, 1)
        lock.release()
        descriptor = os.open(tmp_path, os.O_RDONLY)
        locks.flock(descriptor, locks.LOCK_EX | locks.LOCK_NB)
        os.close(descriptor)
        assert other.acquire(cache)
        other.release()
    finally:
        for descriptor in (told, ends, started, starts):
            os.close(descriptor)
        os.waitpid(child, 0)
