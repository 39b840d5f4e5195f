"""Songs on a Dask cluster: a real scheduler and processes, some of which are killed, and every song is done."""

from __future__ import annotations

import itertools
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from corpus.work.counted_songs import Squaring, counted_songs
from waiting import wait_until

from mixrules.corpus.catalogue import Catalogue
from mixrules.corpus.work import dask_cluster, dask_workers
from mixrules.corpus.work.dask_cluster import Cluster, difference
from mixrules.corpus.work.dask_workers import DaskWorkers
from mixrules.corpus.work.run import run_songs
from mixrules.errors import ClusterError, MissingPackageError, ParameterError
from mixrules.stems.song_description import SongDescription

distributed: Any = pytest.importorskip("distributed", reason="distributed is not installed")
pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has no SIGKILL")

ROOT = Path(__file__).resolve().parents[3]


class Processes:
    """A scheduler and workers, each in a process of its own and in another folder, as on several machines."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
        self._folder = folder
        self._started: list[subprocess.Popen[bytes]] = []
        self.scheduler = self._start("scheduler", "--host", self.address, "--no-dashboard")
        self.workers: list[subprocess.Popen[bytes]] = []
        self.add_worker()

    def wait(self) -> None:
        """Wait until the scheduler listens."""
        assert wait_until(self._listens, 60.0)

    def _listens(self) -> bool:
        with socket.socket() as one, suppress(OSError):
            one.connect(("127.0.0.1", int(self.address.rpartition(":")[2])))
            return True
        return False

    def add_worker(self) -> None:
        self.workers.append(
            self._start(
                *("worker", self.address, "--nthreads", "1", "--no-nanny", "--no-dashboard"),
                *("--host", "127.0.0.1", "--local-directory", str(self._folder)),
            )
        )

    def _start(self, *words: str) -> subprocess.Popen[bytes]:
        paths = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
        process = subprocess.Popen(
            [sys.executable, "-m", "dask", *words],
            cwd=self._folder,
            env=os.environ | {"PYTHONPATH": paths, "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._started.append(process)
        return process

    def end(self) -> None:
        for process in self._started:
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def several(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Processes]]:
    """Two clusters, which start side by side: one for all tests, and one whose scheduler is killed."""
    started = [Processes(tmp_path_factory.mktemp("dask")) for _ in range(2)]
    started[0].add_worker()
    try:
        for cluster in started:
            cluster.wait()
        yield started
    finally:
        for cluster in started:
            cluster.end()


@pytest.fixture
def processes(several: list[Processes]) -> Processes:
    return several[0]


def work_on(folder: Path, **more: Any) -> Squaring:
    (folder / "tried").mkdir()
    return Squaring(tried=folder / "tried", **more)


def squares(folder: Path, songs: int) -> list[int]:
    return [int((folder / f"song {number:03d}.txt").read_text()) for number in range(songs)]


def when(true: Callable[[], bool], do: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=lambda: wait_until(true, 20.0) and do())
    thread.start()
    return thread


def test_a_worker_is_killed_and_another_joins(processes: Processes, tmp_path: Path) -> None:
    songs, work = counted_songs(tmp_path / "songs", 30), work_on(tmp_path, sleep_s=0.1, fails=(7,))

    def kill_one() -> None:
        processes.workers[0].kill()
        processes.add_worker()

    killing = when(lambda: work.attempts(8) > 0, kill_one)
    told: list[tuple[str, int, int]] = []
    workers = DaskWorkers(scheduler=processes.address)
    summary = run_songs(
        work, songs, tmp_path / "out", workers=workers, progress=lambda *what: told.append(what)
    )
    killing.join()
    assert (summary.done, summary.kept) == (29, 0)
    assert [(record.song, record.reason) for record in summary.failed] == [
        ("song 007", "ValueError: 7 is not liked")
    ]
    there = [number for number in range(30) if number != 7]
    assert [int((tmp_path / "out" / f"song {n:03d}.txt").read_text()) for n in there] == [
        n * n for n in there
    ]
    blocks = "".join((tmp_path / f"out/blocks/{number}.txt").read_text() for number in range(3))
    assert blocks.splitlines() == [str(n * n) if n != 7 else "ValueError: 7 is not liked" for n in range(30)]
    # While songs are done, the workers finish blocks too.
    assert not (work.tried / f"block-0-{os.getpid()}").exists()
    attempts = [work.attempts(number) for number in range(30)]
    assert set(attempts) <= {1, 2}
    assert attempts.count(2) <= 1  # what the killed one was at
    assert told[-1][1:] == (30, 30)


def test_paths_are_those_of_the_folder_where_the_run_is(
    processes: Processes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted_songs(tmp_path / "songs", 4)
    monkeypatch.chdir(tmp_path)
    workers = DaskWorkers(scheduler=processes.address)
    summary = run_songs(work_on(tmp_path), Catalogue(Path("songs")), "out", workers=workers)
    assert (summary.done, summary.failed) == (4, ())
    assert squares(tmp_path / "out", 4) == [0, 1, 4, 9]


class Interrupted(BaseException):
    """Stands for an interrupt from the keyboard."""


@dataclass(frozen=True)
class InterruptedSongs:
    """Songs in the midst of which the run is interrupted, while a worker is at the third."""

    songs: Catalogue
    work: Squaring
    layout: str = "folders"

    @property
    def root(self) -> Path:
        """The folder of the songs."""
        return self.songs.root

    def __iter__(self) -> Iterator[SongDescription]:
        """Yield three songs."""
        yield from itertools.islice(self.songs, 3)
        assert wait_until(lambda: self.work.attempts(2) > 0, 20.0)
        raise Interrupted


def test_what_an_interrupted_run_leaves_at_a_worker_writes_nothing(
    processes: Processes, tmp_path: Path
) -> None:
    songs, work = counted_songs(tmp_path / "songs", 6), work_on(tmp_path, held_back=(2,))
    workers = DaskWorkers(scheduler=processes.address)
    with pytest.raises(Interrupted):
        run_songs(work, InterruptedSongs(songs, work), tmp_path / "out", workers=workers)
    there = sorted((tmp_path / "out").rglob("*"))
    (work.tried / "go").touch()
    assert wait_until(lambda: any(work.tried.glob("left-2-*")), 20.0)
    assert sorted((tmp_path / "out").rglob("*")) == there
    assert run_songs(work, songs, tmp_path / "out").done >= 4
    assert squares(tmp_path / "out", 6) == [number * number for number in range(6)]


def test_the_scheduler_goes_away(several: list[Processes], tmp_path: Path) -> None:
    songs, work = counted_songs(tmp_path / "songs", 12), work_on(tmp_path, sleep_s=0.1)
    processes = several[1]
    killing = when(lambda: work.attempts(4) > 0, processes.scheduler.kill)
    words = (
        f"^the scheduler {processes.address} went away: what is recorded is kept, run the same command again"
    )
    with pytest.raises(ClusterError, match=words):
        run_songs(work, songs, tmp_path / "out", workers=DaskWorkers(scheduler=processes.address))
    killing.join()
    resumed = run_songs(work, songs, tmp_path / "out")
    assert resumed.kept >= 3
    assert resumed.kept + resumed.done == 12
    assert squares(tmp_path / "out", 12) == [number * number for number in range(12)]


def test_a_song_that_kills_workers_stops_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import dask

    songs, work = counted_songs(tmp_path / "songs", 8), work_on(tmp_path, kills=(2,), kills_once=(5,))
    with dask.config.set({"distributed.scheduler.allowed-failures": 0}):
        # Each has 9 MiB, less than a song needs, and both together have room for one.
        workers = DaskWorkers(scheduler="local", workers=2, memory_mib=18.0)
        summary = run_songs(work, songs, tmp_path / "out", workers=workers)
    assert [(record.song, record.reason) for record in summary.failed] == [("song 002", dask_workers._KILLED)]
    assert summary.done == 7
    assert work.attempts(2) == 2
    assert work.attempts(5) == 2


def test_no_more_tasks_are_taken_than_there_are_threads(processes: Processes) -> None:
    taken: list[int] = []

    def tasks() -> Iterator[tuple[int, float]]:
        for number in range(40):
            taken.append(number)
            yield number, 0.0

    ended = 0
    told: list[str] = []
    workers = DaskWorkers(scheduler=processes.address, tell=told.append)
    with closing(workers.each(abs, tasks())) as outcomes:
        for task, outcome in outcomes:
            assert outcome.found == task
            ended += 1
            # One for each thread, the next one, and those that ended together with this one.
            assert len(taken) - ended <= 2 + 1 + 2
    assert ended == 40


class Client:
    """Takes notice of what is submitted."""

    status = "running"

    def __init__(self) -> None:
        self.workers: dict[str, dict[str, Any]] = {}
        self.submitted: list[dict[str, Any]] = []

    def scheduler_info(self, n_workers: int) -> dict[str, Any]:
        return {"workers": self.workers}

    def submit(self, *_: Any, **options: Any) -> Any:
        self.submitted.append(options)
        return mock.Mock()


def flow_of(*workers: tuple[int, float]) -> tuple[Client, Any]:
    client = Client()
    client.workers = {
        str(number): {"nthreads": threads, "resources": {"MiB": mib} if mib else {}}
        for number, (threads, mib) in enumerate(workers)
    }
    cluster = Cluster(client, "tcp://x:1")
    cluster.look()
    return client, dask_workers._Flow(cluster, abs, None)


@pytest.mark.parametrize(
    ("workers", "needed", "fit"),
    [
        ([(1, 0.0), (2, 0.0)], [1e6] * 9, 3),
        ([(1, 0.0)], [1.0] * 9, 1),
        ([], [1.0] * 9, 1),
        ([(4, 100.0), (4, 100.0)], [30.0] * 9, 6),
        ([(4, 100.0), (4, 100.0)], [500.0] * 9, 1),
        ([(4, 100.0), (4, 100.0)], [10.0, 500.0, 10.0], 1),
        ([(4, 100.0), (4, 0.0)], [40.0] * 9, 2),
    ],
)
def test_as_many_are_under_way_as_there_is_room(
    workers: list[tuple[int, float]], needed: list[float], fit: int
) -> None:
    client, flow = flow_of(*workers)
    for mib in needed:
        if not flow._fits(mib):
            break
        flow._submit(-1, mib)
    assert len(client.submitted) == fit
    largest = max((mib for _, mib in workers), default=0.0)
    assert [options["resources"] for options in client.submitted] == [
        {"MiB": min(mib, largest)} if largest else None for mib in needed[:fit]
    ]


def test_what_waits_for_a_worker_that_has_gone_asks_for_less() -> None:
    client, flow = flow_of((1, 100.0), (1, 400.0))
    flow._submit(-1, 300.0)
    del client.workers["1"]
    flow._cluster._looked_s = -1e9
    assert flow._cluster.look()
    flow._adapt()
    assert [options["resources"]["MiB"] for options in client.submitted] == [300.0, 100.0]
    assert len(flow._under_way) == 1


def test_what_waits_where_no_worker_declares_memory_any_more_asks_for_none() -> None:
    client, flow = flow_of((1, 400.0))
    flow._submit(-1, 300.0)
    client.workers = {}
    flow._cluster._looked_s = -1e9
    assert flow._cluster.look()
    flow._adapt()
    assert len(client.submitted) == 1  # others of its kind may come
    client.workers = {"2": {"nthreads": 1, "resources": {}}}
    flow._cluster._looked_s = -1e9
    assert flow._cluster.look()
    flow._adapt()
    assert [options["resources"] for options in client.submitted] == [{"MiB": 300.0}, None]
    assert len(flow._under_way) == 1


@pytest.mark.parametrize(
    ("version", "python", "words"),
    [
        (
            "0.1.0",
            dask_cluster.PYTHON,
            "tcp://w:1 has mixrules 0.1.0, here it is 0.2.0: the same version is needed",
        ),
        (None, dask_cluster.PYTHON, "tcp://w:1 has no mixrules, here it is 0.2.0"),
        ("0.2.0", "3.9", f"tcp://w:1 runs Python 3.9, here it is {dask_cluster.PYTHON}"),
    ],
)
def test_another_version_is_named(version: str | None, python: str, words: str) -> None:
    assert words in difference("tcp://w:1", version, "0.2.0", python)
    assert not difference("tcp://w:1", "0.2.0", "0.2.0", dask_cluster.PYTHON)


def test_workers_of_another_version_are_refused(
    processes: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dask_workers, "__version__", "9.9.9")
    words = (
        r"^the worker tcp://127\.0\.0\.1:\d+ has mixrules .*, here it is 9\.9\.9: the same version is needed"
    )
    outcomes = DaskWorkers(scheduler=processes.address).each(abs, iter([(-1, 0.0)]))
    with closing(outcomes), pytest.raises(ClusterError, match=words):
        next(outcomes)


@pytest.mark.parametrize(
    ("scheduler", "words"),
    [
        ("tcp://127.0.0.1:1", r"no Dask scheduler answers at tcp://127\.0\.0\.1:1 \(nothing within 1 s\)"),
        ("nonsense", "no Dask scheduler answers at nonsense \\(ValueError: missing port"),
        ("http://127.0.0.1:80", "unknown address scheme 'http'"),
        ("missing.json", "missing.json does not exist: 'dask scheduler --scheduler-file' writes it"),
    ],
)
def test_a_scheduler_that_is_not_there(scheduler: str, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask_cluster, "_CONNECT_S", 1.0)
    with pytest.raises(ClusterError, match=words):
        next(DaskWorkers(scheduler=scheduler).each(abs, iter([])))


def test_something_else_that_answers_is_no_scheduler(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
                connection.recv(4096)

        answering = threading.Thread(target=answer)
        answering.start()
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(
            ClusterError, match=f"no Dask scheduler answers at {address} \\(something else does\\)"
        ):
            next(DaskWorkers(scheduler=address).each(abs, iter([])))
        answering.join()


def test_a_scheduler_that_wrote_a_file(tmp_path: Path) -> None:
    path = tmp_path / "scheduler.json"
    path.write_text('{"type": "Scheduler", "address": "tcp://10.0.0.5:8786"}')
    assert dask_cluster._address(str(path)) == "tcp://10.0.0.5:8786"
    path.write_text("[]")
    with pytest.raises(ClusterError, match="does not say where a scheduler is"):
        dask_cluster._address(str(path))


@pytest.mark.parametrize("wrong", [{"workers": 0}, {"memory_mib": 0.0}, {"memory_mib": float("nan")}])
def test_settings_are_checked(wrong: dict[str, Any]) -> None:
    with pytest.raises(ParameterError, match=next(iter(wrong))):
        DaskWorkers(scheduler="local", **wrong)


def test_dask_is_asked_for_by_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mixrules._support.installed.is_installed", lambda package: package != "distributed")
    with pytest.raises(MissingPackageError, match=r"a Dask cluster needs distributed.*'mixrules\[corpus\]'"):
        next(DaskWorkers(scheduler="local").each(abs, iter([])))
