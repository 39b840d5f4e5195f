"""Tasks side by side: what fails in one, a killed process included, costs that one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from mixrules.corpus.work.local_pool import attempt_all
from mixrules.corpus.work.outcomes import attempt
from mixrules.errors import AudioFileError


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


@pytest.mark.parametrize("workers", [1, 2])
def test_the_others_finish_in_order(workers: int) -> None:
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
    outcomes = attempt_all(killed, range(6), workers=2, tell=lambda done: None)
    assert [outcome.found for outcome in outcomes] == [0, None, 4, None, None, 25]
    assert outcomes[1].reason == "its process was ended from outside, perhaps for want of memory"
    assert outcomes[4].reason == outcomes[1].reason


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has no SIGKILL")
def test_what_runs_beside_a_killed_process_is_tried_again(tmp_path: Path) -> None:
    outcomes = attempt_all(
        killed_once, [tmp_path / "odd", tmp_path / "even"], workers=2, tell=lambda done: None
    )
    assert [outcome.found for outcome in outcomes] == ["odd", "even"]


ORPHANS = """
    import os, sys, time
    from pathlib import Path
    from mixrules.corpus.work.local_pool import attempt_all
    def work(number):
        Path(sys.argv[1], str(os.getpid())).write_text("")
        time.sleep(300)
    if __name__ == "__main__":
        attempt_all(work, [1, 2], workers=2, tell=lambda done: None)
"""


def wait_until(true: Callable[[], bool]) -> bool:
    for _ in range(600):
        if true():
            return True
        time.sleep(0.1)
    return False


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
    assert wait_until(lambda: len(list((tmp_path / "pids").iterdir())) == 2)
    parent.kill()
    parent.wait()
    pids = [int(path.name) for path in (tmp_path / "pids").iterdir()]
    assert wait_until(lambda: not any(lives(pid) for pid in pids))


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
            from mixrules.corpus.work.local_pool import attempt_all

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
                print([o.found for o in attempt_all(work, range(3), workers=2, tell=lambda done: None)])
        """)
    )
    done = subprocess.run([sys.executable, script], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.stdout == "[0, None, 2]\n", done.stderr
