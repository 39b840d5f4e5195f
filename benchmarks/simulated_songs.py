"""Songs that need no audio, and one run over songs in a process of its own, which tells what it took.

A simulated song is four stems that are one small file; its result is some numbers and a row in a file of its own, which
the block it is in puts into a table, as `mixrules extract` does. Workers of a cluster import this file too.
"""

from __future__ import annotations

import dataclasses
import importlib
import json
import os
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mixrules.corpus.catalogue import Catalogue
from mixrules.corpus.work.dask_workers import DaskWorkers
from mixrules.corpus.work.local_pool import LocalPool
from mixrules.corpus.work.place import Place
from mixrules.corpus.work.run import run_songs
from mixrules.corpus.work.song_work import Record, SongResult
from mixrules.corpus.work.workers import InThisProcess, Workers
from mixrules.stems.song_description import AudioPart, SongDescription, StemDescription

psutil: Any = importlib.import_module("psutil")  # comes with Dask

_MIB = 1 << 20
_SAMPLED_S = 2.0
_STEMS = ("vocals", "drums", "bass", "other")


@dataclass(frozen=True, slots=True)
class SimulatedSongs(Catalogue):
    """So many songs, all of one small file (`root`), in folders of a thousand."""

    songs: int = 0

    def __iter__(self) -> Iterator[SongDescription]:
        """Yield them."""
        stems = tuple(
            StemDescription(name=name, role="", parts=(AudioPart(path=self.root),)) for name in _STEMS
        )
        for number in range(self.songs):
            name = f"{number // 1000:04d}/{number:07d}"
            yield SongDescription(song=name, title=f"Song {number}", stems=stems)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sleeping:
    """Sleeps instead of working.

    Attributes
    ----------
    sleep_s : float
        How long.
    writes : bool
        Whether a song leaves a row in a file of its own.
    """

    sleep_s: float = 0.0
    writes: bool = True

    kind = "simulation"
    songs_in_block = 1000

    def settings(self) -> Mapping[str, Any]:
        """Return what the results hang on: nothing."""
        return {}

    def also(self, song: SongDescription) -> str:
        """Return nothing: a result depends on no other song."""
        return ""

    def needed_mib(self, song: SongDescription) -> float:
        """Return what a song needs: nothing."""
        return 0.0

    def do(self, song: SongDescription, place: Place) -> SongResult:
        """Sleep, and write a row."""
        time.sleep(self.sleep_s)
        values = {name: len(song.song) / (1.0 + n) for n, name in enumerate(("lufs", "lra", "peak", "tempo"))}
        if self.writes:
            with place.writing(self._spooled(song.song)) as (path,):
                path.write_text(json.dumps({"song": song.song} | values))
        return SongResult(values=values)

    def finish_block(self, number: int, records: Sequence[Record], place: Place) -> None:
        """Put the rows of a block together."""
        if not self.writes:
            return
        import pyarrow as pa
        import pyarrow.parquet

        part, rows = f"rows/part-{number:05d}.parquet", []
        if place.exists(part):  # the block has more songs now
            with place.reading(part) as path:
                rows = pa.parquet.read_table(path).to_pylist()
        known = {row["song"] for row in rows}
        for record in records:
            if record.song not in known:
                with place.reading(self._spooled(record.song)) as path:
                    rows.append(json.loads(path.read_text()))
        with place.writing(part) as (path,):
            pa.parquet.write_table(pa.Table.from_pylist(rows), path)
        for record in records:
            place.remove(self._spooled(record.song))

    def _spooled(self, song: str) -> str:
        return f"spool/{song}.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOf:
    """One run, as text for a process of its own.

    Attributes
    ----------
    work : str
        ``"mix"``, ``"extract"``, ``"sleep"``, or ``"nothing"``: tasks that leave no file.
    root, layout : str
        The data set; for the last two, a small file.
    output : str
        Where the results go.
    workers : str
        ``"here"``, ``"pool"`` or ``"dask"``.
    processes : int
        How many, where they are started by the run.
    scheduler : str
        Where they are not.
    songs : int
        How many songs are simulated.
    sleep_s : float
        How long each takes.
    watched : int
        A process whose memory is looked at as well.
    """

    work: str
    root: str
    output: str
    workers: str
    layout: str = "folders"
    processes: int = 1
    scheduler: str = "local"
    songs: int = 0
    sleep_s: float = 0.0
    watched: int = 0


def main() -> None:
    """Do the run that the argument describes; print what it took as JSON."""
    run = RunOf(**json.loads(sys.argv[1]))
    watch = Watch(Path(run.output), run.watched)
    started_s = time.perf_counter()
    ends_s: list[float] = []

    def progress(_: str, done: int, __: int) -> None:
        ends_s.append(time.perf_counter())
        watch.done = done

    with closing(watch):
        summary = run_songs(_work(run), _songs(run), run.output, workers=_workers(run), progress=progress)
        spent_s = watch.spent_s()
    seconds = time.perf_counter() - started_s
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    print(
        json.dumps(
            {
                "seconds": seconds,
                "first_s": ends_s[0] - started_s if ends_s else seconds,
                "between_s": (ends_s[-1] - ends_s[0]) / max(1, len(ends_s) - 1) if ends_s else 0.0,
                "done": summary.done,
                "kept": summary.kept,
                "failed": len(summary.failed),
                "cpu_s": sum(usage.ru_utime + usage.ru_stime for usage in (own, children)),
                "worker_peak_mib": children.ru_maxrss / 1024.0,
                "spent_s": spent_s,
                "samples": watch.samples,
            }
        )
    )


class Watch:
    """Looks again and again at the fullest folder of the results and at the memory of this process and of another one.

    Parameters
    ----------
    output : Path
        The folder of the results.
    process : int
        The other one; 0 for none.
    """

    def __init__(self, output: Path, process: int) -> None:
        self.done = 0
        self.samples: list[tuple[int, int, float, float]] = []
        self._output = output
        self._seen = [psutil.Process()] + ([psutil.Process(process)] if process else [])
        self._before_s = self._spent_s()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self) -> None:
        while not self._ended.wait(_SAMPLED_S):
            mib = [process.memory_info().rss / _MIB for process in self._seen]
            files = max((len(names) for _, _, names in os.walk(self._output)), default=0)
            self.samples.append((self.done, files, mib[0], mib[-1] if len(mib) > 1 else 0.0))

    def _spent_s(self) -> list[float]:
        return [sum(process.cpu_times()[:2]) for process in self._seen]

    def spent_s(self) -> list[float]:
        """Return the processor seconds of each process since the beginning."""
        return [now - before for now, before in zip(self._spent_s(), self._before_s, strict=True)]

    def close(self) -> None:
        """End looking."""
        self._ended.set()
        self._thread.join()


def _songs(run: RunOf) -> Catalogue:
    if run.work in ("sleep", "nothing"):
        return SimulatedSongs(Path(run.root), songs=run.songs)
    return Catalogue(Path(run.root), run.layout)


def _work(run: RunOf) -> Any:
    if run.work == "mix":
        from mixrules import presets
        from mixrules.corpus.batch.mixing import Mixing

        return Mixing(rules=presets.load("default"))
    if run.work == "extract":
        from mixrules.corpus.extraction.extracting import Extraction

        return Extraction(root=Path(run.root))
    return Sleeping(sleep_s=run.sleep_s, writes=run.work == "sleep")


def _workers(run: RunOf) -> Workers:
    if run.workers == "here":
        return InThisProcess()
    if run.workers == "pool":
        return LocalPool(run.processes)
    return DaskWorkers(scheduler=run.scheduler, workers=run.processes)


def run_apart(run: RunOf) -> dict[str, Any]:
    """Do a run in a process of its own, and return what it took."""
    words = [sys.executable, "-c", "from simulated_songs import main; main()"]
    done = subprocess.run(
        [*words, json.dumps(dataclasses.asdict(run))], env=environment(), stdout=subprocess.PIPE, check=True
    )
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def environment() -> dict[str, str]:
    """Return what lets another process import this file, and the package of this checkout."""
    here = Path(__file__).resolve().parent
    paths = [str(here), str(here.parent), *filter(None, [os.environ.get("PYTHONPATH")])]
    return os.environ | {"PYTHONPATH": os.pathsep.join(paths)}
