"""Many songs: songs a minute, what one costs, Dask's overhead, and a simulation of a hundred thousand.

    python benchmarks/many_songs.py [--songs FOLDER --layout NAME] [--rounds 3] [--markdown]
    python benchmarks/many_songs.py --only simulation --simulate 100000
    python benchmarks/many_songs.py --page docs/scaling.md    # put the tables into the page

Without a folder the songs are copies of the demo song as a separation leaves it: vocals and backing. Every run is a
process of its own with results of its own; the ways to run are taken in turn, round after round, and medians are
compared. The overhead is that of songs that need nothing. The simulation does its songs in two processes, and on a
cluster of two processes with many threads: 99 % of them, then, in a new run, the rest; the memory of scheduler and client
is looked at all the while.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import os
import platform
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from harness import note
from many_songs_tables import NAMES, markdown, plain, put_into, tables_of
from simulated_songs import RunOf, environment, run_apart

from mixrules.corpus.catalogue import Catalogue
from mixrules.demo import demo_stems
from mixrules.files import audio_header, write_audio
from mixrules.stems import load_stems

PARTS = ("pace", "overhead", "simulation")
_WAYS = (("pool", 1), ("pool", 2), ("dask", 1), ("dask", 2))
_MIB = 1 << 20


def main() -> None:
    """Run what was asked for and print it."""
    options = _options()
    found: dict[str, Any] = {
        "machine": (
            f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}, "
            f"Python {platform.python_version()}"
        ),
        "load": os.getloadavg()[0],
    }
    with tempfile.TemporaryDirectory(prefix="many-songs-", dir=options.scratch) as scratch:
        folder = Path(scratch)
        if "pace" in options.only:
            songs, layout = options.songs, options.layout
            if songs is None:
                songs, layout = _copies(folder / "songs", options.copies, options.minutes), "folders"
            found["songs"] = _about(songs, layout)
            found["pace"] = {
                work: _pace(work, songs, layout, folder, options.rounds) for work in options.works
            }
        if "overhead" in options.only:
            found["overhead"] = _overhead(folder, options.empty, options.rounds)
        if "simulation" in options.only:
            found["simulation"] = {
                "pool": _simulation(folder, "pool", options.simulate, options.sleep, options.threads),
                "dask": _simulation(folder, "dask", options.simulate, options.sleep, options.threads),
            }
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n")
    tables = list(tables_of(found))
    for table in tables:
        print(markdown(table) if options.markdown else plain(table), end="\n\n")
    if options.page:
        put_into(options.page, tables)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--songs", type=Path, help="a data set; by default copies of the demo song")
    parser.add_argument("--layout", default="folders", help="its layout")
    parser.add_argument("--copies", type=int, default=24, help="how many copies of the demo song")
    parser.add_argument("--minutes", type=float, default=3.0, help="how long each is, repeating itself")
    parser.add_argument("--works", nargs="+", default=["mix", "extract"], choices=("mix", "extract"))
    parser.add_argument("--rounds", type=int, default=3, help="how often each way is taken")
    parser.add_argument("--empty", type=int, default=500, help="songs that need nothing")
    parser.add_argument("--simulate", type=int, default=100_000, metavar="N", help="songs of the simulation")
    parser.add_argument("--sleep", type=float, default=0.0, metavar="S", help="what each of them takes")
    parser.add_argument("--threads", type=int, default=8, help="threads of each of the two processes there")
    parser.add_argument("--only", nargs="+", default=PARTS, choices=PARTS)
    parser.add_argument("--scratch", type=Path, help="where results go meanwhile")
    parser.add_argument("--json", type=Path, help="write everything that was measured")
    parser.add_argument("--page", type=Path, help="put the tables into this page, between their marks")
    parser.add_argument("--markdown", action="store_true", help="print tables as the documentation has them")
    return parser.parse_args()


def _copies(folder: Path, copies: int, minutes: float) -> Path:
    """Write the demo song as vocals and backing, so often, each repeated to a length.

    Processes take seconds to start: with few and short songs that is what would be measured.
    """
    stems = demo_stems()
    backing = sum(
        (np.broadcast_to(audio, (len(audio), 2)) for name, audio in stems.items() if name != "vocals"),
        np.zeros((max(map(len, stems.values())), 2), dtype=np.float32),
    )
    for number in range(copies):
        song = folder / f"copy {number}"
        song.mkdir(parents=True)
        parts = {"vocals": stems["vocals"], "backing": backing / np.abs(backing).max()}
        for name, audio in parts.items():
            repeated = np.resize(audio, (round(minutes * 60 * 44_100), audio.shape[1]))
            write_audio(song / f"{name}.wav", repeated, 44_100, subtype="PCM_16")
    return folder


def _about(root: Path, layout: str) -> dict[str, float]:
    """Return how many songs there are, their minutes and stem-minutes, and the size of their files."""
    count, minutes, stem_minutes, mib = 0, 0.0, 0.0, 0.0
    for song in Catalogue(root, layout):
        if song.problem:
            continue
        count += 1
        if song.folder is not None:
            stems = load_stems(song.folder)
            song_minutes, number = stems.duration_s / 60.0, len(stems)
            files = [path for path in song.folder.rglob("*") if path.is_file()]
        else:
            headers = [audio_header(part.path) for stem in song.stems for part in stem.parts]
            song_minutes, number = max(h.samples / h.sample_rate for h in headers) / 60.0, len(song.stems)
            files = [path for path in song.files if path.is_file()]
        minutes += song_minutes
        stem_minutes += song_minutes * number
        mib += sum(path.stat().st_size for path in files) / _MIB
    return {"count": count, "minutes": minutes, "stem_minutes": stem_minutes, "mib": mib}


def _pace(work: str, songs: Path, layout: str, folder: Path, rounds: int) -> list[dict[str, Any]]:
    """Do all songs in every way, in turn."""
    took: dict[tuple[str, int], list[dict[str, Any]]] = {way: [] for way in _WAYS}
    written_mib = 0.0
    numbers = itertools.count()
    for number in range(-1, rounds):  # once to warm up
        for way in _WAYS if number >= 0 else _WAYS[:1]:
            output = folder / f"{work}-{next(numbers)}"
            workers, processes = way
            told = run_apart(
                RunOf(
                    work=work,
                    root=str(songs),
                    layout=layout,
                    output=str(output),
                    workers=workers,
                    processes=processes,
                )
            )
            written_mib = sum(path.stat().st_size for path in output.rglob("*") if path.is_file()) / _MIB
            shutil.rmtree(output)
            if number >= 0:
                took[way].append(told)
                note(f"{work}, {NAMES[workers]}, {processes}: {told['seconds']:.1f} s")
    return [
        {
            "way": f"{NAMES[workers]}, {processes}",
            "seconds": statistics.median(told["seconds"] for told in took[workers, processes]),
            "cpu_s": statistics.median(told["cpu_s"] for told in took[workers, processes]),
            "worker_peak_mib": max(told["worker_peak_mib"] for told in took[workers, processes]),
            "done": took[workers, processes][0]["done"],
            "failed": took[workers, processes][0]["failed"],
            "written_mib": written_mib,
        }
        for workers, processes in _WAYS
    ]


def _overhead(folder: Path, songs: int, rounds: int) -> list[dict[str, Any]]:
    """Do songs that need nothing in every way."""
    file = folder / "stem"
    file.write_bytes(b"x")
    took: dict[tuple[str, int], list[dict[str, Any]]] = {way: [] for way in (("here", 1), *_WAYS)}
    for number, way in itertools.product(range(rounds), took):
        output = folder / f"nothing-{number}-{way[0]}-{way[1]}"
        told = run_apart(
            RunOf(
                work="nothing",
                root=str(file),
                output=str(output),
                workers=way[0],
                processes=way[1],
                songs=songs,
            )
        )
        took[way].append(told)
    return [
        {
            "way": "this process" if workers == "here" else f"{NAMES[workers]}, {processes}",
            "start_s": statistics.median(told["first_s"] for told in told_of),
            "song_ms": 1000.0 * statistics.median(told["between_s"] for told in told_of),
        }
        for (workers, processes), told_of in took.items()
    ]


def _simulation(folder: Path, way: str, songs: int, sleep_s: float, threads: int) -> dict[str, Any]:
    """Do 99 % of the songs, then all."""
    file, output = folder / "stem", folder / f"simulation-{way}"
    file.write_bytes(b"x")
    runs = []
    with (
        _cluster(threads, folder) if way == "dask" else contextlib.nullcontext(("", 0)) as (address, watched)
    ):
        for part in (songs * 99 // 100, songs):
            note(f"simulation, {way}: {part} songs")
            runs.append(
                run_apart(
                    RunOf(
                        work="sleep",
                        root=str(file),
                        output=str(output),
                        workers=way,
                        processes=2,
                        scheduler=address or "local",
                        songs=part,
                        sleep_s=sleep_s,
                        watched=watched,
                    )
                )
            )
    tables = list((output / "rows").iterdir())
    result = {
        "songs": songs,
        "threads": 2 * threads if way == "dask" else 2,
        "runs": runs,
        "ledger_mib": (output / "ledger.jsonl").stat().st_size / _MIB,
        "tables": len(tables),
        "tables_mib": sum(path.stat().st_size for path in tables) / _MIB,
    }
    shutil.rmtree(output)
    return result


@contextlib.contextmanager
def _cluster(threads: int, folder: Path) -> Iterator[tuple[str, int]]:
    """Yield the address and the process of a scheduler with two workers, each of many threads."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    dask = [sys.executable, "-m", "dask"]
    common = ("--no-dashboard",)
    worker = ("worker", address, "--nthreads", str(threads), "--local-directory", str(folder))
    commands = [("scheduler", "--host", address), worker, worker]
    started = [
        subprocess.Popen([*dask, *words, *common], env=environment(), stderr=subprocess.DEVNULL)
        for words in commands
    ]
    try:
        _await(address)
        yield address, started[0].pid
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait()


def _await(address: str) -> None:
    """Wait until somebody listens."""
    port = int(address.rpartition(":")[2])
    for _ in range(300):
        with socket.socket() as one, contextlib.suppress(OSError):
            one.connect(("127.0.0.1", port))
            return
        time.sleep(0.1)
    raise SystemExit(f"no scheduler at {address}")


if __name__ == "__main__":
    main()
