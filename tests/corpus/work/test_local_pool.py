"""Tasks side by side: what fails in one, a killed process included, costs that one."""

from __future__ import annotations

import faulthandler
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from corpus.work.fake_works import logged, note
from waiting import wait_until

from mixrules._support.cores import thread_count
from mixrules.corpus.work.local_pool import LocalPool
from mixrules.corpus.work.outcomes import KILLED, attempt
from mixrules.corpus.work.workers import InThisProcess, Workers, attempt_all
from mixrules.errors import AudioFileError, ParameterError


def squared(number: int) -> int:
    if number == 3:
        raise IndexError("list index\nout of range")
    return number * number


def killed(number: int) -> int:
    if number in (1, 4):
        os.kill(os.getpid(), signal.SIGKILL)
    return squared(number)


def killed_once(path: Path) -> str:
    """End the process at the first attempt, as memory does that is short only while others run."""
    if path.name == "odd" and not path.exists():
        path.write_text("tried")
        os.kill(os.getpid(), signal.SIGKILL)
    return path.name


@pytest.mark.parametrize("workers", [InThisProcess(), LocalPool(2)])
def test_the_others_finish_in_order(workers: Workers) -> None:
    told: list[int] = []
    outcomes = attempt_all(squared, range(6), workers=workers, tell=told.append)
    assert [outcome.found for outcome in outcomes] == [0, 1, 4, None, 16, 25]
    assert [outcome.reason for outcome in outcomes if outcome.reason] == [
        "IndexError: list index out of range"
    ]
    assert told[-1] == 6
    assert told == sorted(told)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has no SIGKILL")
def test_a_killed_process_costs_its_own_task() -> None:
    outcomes = attempt_all(killed, range(6), workers=LocalPool(2), tell=lambda done: None)
    assert [outcome.found for outcome in outcomes] == [0, None, 4, None, None, 25]
    assert outcomes[1].reason == KILLED == "its process was ended from outside, perhaps for want of memory"
    assert outcomes[4].reason == outcomes[1].reason


def ended(how: int) -> int:
    faulthandler.disable()  # pytest's would print where
    if how < 0:
        os.kill(os.getpid(), -how)
    os._exit(how)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has no SIGKILL")
@pytest.mark.parametrize(
    ("how", "why"),
    [
        (-signal.SIGSEGV, "its process crashed (SIGSEGV)"),
        (-signal.SIGKILL, KILLED),
        (3, "its process ended with exit status 3"),
    ],
)
def test_how_a_process_ended_is_said(how: int, why: str) -> None:
    outcomes = attempt_all(ended, [how, how], workers=LocalPool(2), tell=lambda done: None)
    assert [outcome.reason for outcome in outcomes] == [why, why]


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has no SIGKILL")
def test_what_runs_beside_a_killed_process_is_tried_again(tmp_path: Path) -> None:
    outcomes = attempt_all(
        killed_once, [tmp_path / "odd", tmp_path / "even"], workers=LocalPool(2), tell=lambda done: None
    )
    assert [outcome.found for outcome in outcomes] == ["odd", "even"]


ORPHANS = """
    import os, sys, time
    from pathlib import Path
    from mixrules.corpus.work.local_pool import LocalPool
    from mixrules.corpus.work.workers import attempt_all
    def work(number):
        Path(sys.argv[1], str(os.getpid())).write_text("")
        time.sleep(300)
    if __name__ == "__main__":
        attempt_all(work, [1, 2], workers=LocalPool(2), tell=lambda done: None)
"""


def lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are looked up in /proc")
def test_workers_end_with_a_killed_parent(tmp_path: Path) -> None:
    (tmp_path / "pids").mkdir()
    (tmp_path / "orphans.py").write_text(textwrap.dedent(ORPHANS))
    root = Path(__file__).resolve().parents[3]
    parent = subprocess.Popen(
        [sys.executable, tmp_path / "orphans.py", tmp_path / "pids"],
        env=os.environ | {"PYTHONPATH": str(root)},
    )
    assert wait_until(lambda: len(list((tmp_path / "pids").iterdir())) == 2, 60.0)
    parent.kill()
    parent.wait()
    pids = [int(path.name) for path in (tmp_path / "pids").iterdir()]
    assert wait_until(lambda: not any(lives(pid) for pid in pids), 60.0)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (AudioFileError("a.wav is cut short"), "a.wav is cut short"),
        (MemoryError(), "not enough memory"),
        (ValueError("shapes (13,) (9,)"), "ValueError: shapes (13,) (9,)"),
        (RecursionError(), "RecursionError"),
        (OSError(28, "No space left on device"), "OSError: [Errno 28] No space left on device"),
        (ValueError("x" * 999), "ValueError: " + "x" * 388 + "..."),
    ],
)
def test_every_reason_is_one_line(error: Exception, reason: str) -> None:
    def work(_: int) -> None:
        raise error

    assert attempt(work, 0).reason == reason


def test_an_interrupt_is_no_failure() -> None:
    def work(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        attempt(work, 0)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has no SIGKILL")
def test_a_process_is_killed_while_another_is_busy_in_a_command(tmp_path: Path) -> None:
    """Commands turn SIGTERM into an interrupt, which a busy worker would send back as its result, and then wait."""
    script = tmp_path / "script.py"
    script.write_text(
        textwrap.dedent("""
            import itertools, os, signal, time
            from mixrules.corpus.work.local_pool import LocalPool
            from mixrules.corpus.work.workers import attempt_all

            def interrupt(*_):
                raise KeyboardInterrupt

            def work(number):
                if number == 1:
                    time.sleep(0.3)
                    os.kill(os.getpid(), signal.SIGKILL)
                if number == 0 and not os.path.exists("tried"):
                    open("tried", "w").close()
                    sum(itertools.repeat(1, 200_000_000))  # sees signals when it is done, all as one
                return number

            if __name__ == "__main__":
                signal.signal(signal.SIGTERM, interrupt)
                print([o.found for o in attempt_all(work, range(3), workers=LocalPool(2), tell=lambda done: None)])
        """)
    )
    done = subprocess.run([sys.executable, script], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.stdout == "[0, None, 2]\n", done.stderr


def logs(task: tuple[Path, str, float]) -> str:
    """Say when a task starts and when it ends; one that is called "kill" ends its process at the first attempt."""
    log, name, seconds = task
    note(log, f"start {name}")
    if name == "kill" and log.read_text().count("start kill") == 1:
        time.sleep(0.1)
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(seconds)
    note(log, f"end {name}")
    return name


def run(
    log: Path, pool: LocalPool, *tasks: tuple[str, float], seconds: float = 0.02
) -> tuple[list[str | None], list[set[str]]]:
    """Return what came of tasks of so much memory, and which of them ran side by side at any time."""
    given = iter([((log, name, seconds), needed) for name, needed in tasks])
    with closing(pool.each(logs, given)) as outcomes:
        found = [outcome.found for _, outcome in outcomes]
    together: list[set[str]] = []
    running: set[str] = set()
    for line in logged(log):
        what, name = line.split()
        running = running | {name} if what == "start" else running - {name}
        together.append(running)
    return found, together


def test_songs_run_side_by_side_as_their_memory_allows(tmp_path: Path) -> None:
    needed = {f"s{n}": float(mib) for n, mib in enumerate([40, 40, 40, 70, 20, 10, 500, 10, 10, 100])}
    found, together = run(tmp_path / "log", LocalPool(4, 100.0), *needed.items())
    assert sorted(map(str, found)) == sorted(needed)
    for running in together:
        # The one that is larger than everything runs alone.
        assert sum(needed[name] for name in running) <= 100.0 or running == {"s6"}
    assert any(len(running) > 1 for running in together)


@pytest.mark.parametrize("needed", [float("inf"), float("nan")])
def test_an_estimate_that_is_none_lets_a_song_run_alone(needed: float, tmp_path: Path) -> None:
    found, together = run(tmp_path / "log", LocalPool(3), ("a", 0.0), ("b", needed), ("c", 0.0), ("d", 0.0))
    assert sorted(map(str, found)) == ["a", "b", "c", "d"]
    assert all(running == {"b"} for running in together if "b" in running)


def test_a_large_song_is_not_overtaken(tmp_path: Path) -> None:
    small = [(f"s{n}", 30.0) for n in range(12)]
    tasks = [*small[:3], ("large", 90.0), *small[3:]]
    _, together = run(tmp_path / "log", LocalPool(3, 100.0), *tasks)
    begun = [name for before, now in zip([set(), *together], together, strict=False) for name in now - before]
    assert begun.index("large") == 3


def test_tasks_are_taken_as_they_are_done() -> None:
    taken = 0

    def tasks() -> Iterator[tuple[int, float]]:
        nonlocal taken
        for taken in range(1, 41):
            yield taken, 0.0

    with closing(LocalPool(2).each(abs, tasks())) as outcomes:
        for done, (task, outcome) in enumerate(outcomes, 1):
            assert outcome.found == task
            assert taken <= done + 2
    assert taken == 40


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has no SIGKILL")
def test_a_killed_process_is_tried_again_alone_and_those_beside_it_go_on(tmp_path: Path) -> None:
    log = tmp_path / "log"
    given = iter([((log, name, 0.3), 0.0) for name in ("beside", "kill", "later", "last")])
    with closing(LocalPool(2).each(logs, given)) as outcomes:
        assert sorted(str(outcome.found) for _, outcome in outcomes) == ["beside", "kill", "last", "later"]
    lines = logged(log)
    assert [lines.count(f"start {name}") for name in ("beside", "kill", "later", "last")] == [1, 2, 1, 1]
    again = len(lines) - lines[::-1].index("start kill") - 1
    assert lines[again + 1] == "end kill"
    before = lines[:again]
    assert (
        sum(line.startswith("start") for line in before) == sum(line.startswith("end") for line in before) + 1
    )


def unpicklable(_: int) -> object:
    return lambda: None


def test_what_cannot_be_sent_back_is_a_failure() -> None:
    with closing(LocalPool(2).each(unpicklable, iter([(1, 0.0), (2, 0.0)]))) as outcomes:
        assert [outcome.found for _, outcome in outcomes] == [None, None]


def threads(_: int) -> list[int]:
    import numpy as np
    import threadpoolctl

    np.ones((9, 9)) @ np.ones((9, 9))
    return [thread_count(None), *(library["num_threads"] for library in threadpoolctl.threadpool_info())]


def test_ours_and_linear_algebra_use_one_thread_a_process() -> None:
    pytest.importorskip("threadpoolctl")
    with closing(LocalPool(2).each(threads, iter([(1, 0.0)]))) as outcomes:
        ((_, outcome),) = outcomes
    assert outcome.found is not None
    assert set(outcome.found) <= {1}


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ((0,), "workers must be at least 1, got 0"),
        ((1, 0.0), "memory_mib must be above 0, got 0.0"),
        ((1, float("nan")), "nan"),
    ],
)
def test_what_is_no_pool(settings: Any, says: str) -> None:
    with pytest.raises(ParameterError, match=says):
        LocalPool(*settings)


INTERRUPTED = """
    import signal, sys, time
    from pathlib import Path
    from mixrules.corpus.work.local_pool import LocalPool
    from mixrules.files import atomic_path

    def interrupt(*_):
        raise KeyboardInterrupt

    def work(name):
        with atomic_path(Path(sys.argv[1], name)) as path:
            path.write_text("half")
            time.sleep(300)

    if __name__ == "__main__":
        signal.signal(signal.SIGTERM, interrupt)
        try:
            list(LocalPool(2).each(work, iter([("a", 0.0), ("b", 0.0), ("c", 0.0)])))
        except KeyboardInterrupt:
            print("interrupted")
"""


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are looked up in /proc")
@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_an_interrupt_ends_all_and_leaves_nothing(sent: signal.Signals, tmp_path: Path) -> None:
    """The signal goes to all processes, as that of a terminal does."""
    script, output = tmp_path / "script.py", tmp_path / "out"
    script.write_text(textwrap.dedent(INTERRUPTED))
    output.mkdir()
    root = Path(__file__).resolve().parents[3]
    command = subprocess.Popen(
        [sys.executable, script, output],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env=os.environ | {"PYTHONPATH": str(root)},
    )
    assert wait_until(lambda: len(list(output.iterdir())) == 2, 60.0)
    workers = [
        int(path.name)
        for path in Path("/proc").iterdir()
        if path.name.isdigit() and parent_of(int(path.name)) == command.pid
    ]
    assert len(workers) == 2
    if sent == signal.SIGINT:
        os.killpg(command.pid, sent)
    else:
        command.send_signal(sent)
    printed, errors = command.communicate(timeout=60)
    assert (printed, errors) == ("interrupted\n", "")
    assert list(output.iterdir()) == []
    assert not any(lives(pid) for pid in workers)


def parent_of(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0
