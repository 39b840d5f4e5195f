"""Running a work over all songs: what is finished is kept, what fails is recorded, nothing is done twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from mixrules._support.version import __version__
from mixrules.corpus.catalogue import Catalogue
from mixrules.corpus.work.content import content_key, stamp_of
from mixrules.corpus.work.ledger import Ledger
from mixrules.corpus.work.place import LocalPlace, Place
from mixrules.corpus.work.run_document import RunDocument, claim
from mixrules.corpus.work.song_work import Record, SongWork
from mixrules.corpus.work.workers import InThisProcess, Workers
from mixrules.files import make_folder
from mixrules.stems.song_description import SongDescription

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """How a run went.

    Attributes
    ----------
    done : int
        Songs that this run did.
    kept : int
        Songs that were finished before.
    failed : tuple of Record
        Songs that failed, now or before.
    """

    done: int
    kept: int
    failed: tuple[Record, ...]


@dataclass(frozen=True, slots=True)
class _Task:
    work: SongWork
    song: SongDescription
    stamp: str
    place: Place
    known_key: str


def run_songs(
    work: SongWork,
    songs: Catalogue,
    output: Path,
    *,
    workers: Workers | None = None,
    retry_failed: bool = False,
    progress: Progress | None = None,
) -> RunSummary:
    """Do a work on every song of a data set.

    Parameters
    ----------
    work : SongWork
        What is done.
    songs : Catalogue
        The songs.
    output : Path
        The folder of the results.
    workers : Workers, optional
        Who does it; by default this process.
    retry_failed : bool
        Do songs again that failed in an earlier run.
    progress : callable, optional
        Told what is done.

    Returns
    -------
    RunSummary
    """
    make_folder(output)
    claim(
        output,
        RunDocument(
            kind=work.kind,
            version=__version__,
            root=str(songs.root),
            layout=songs.layout,
            settings=dict(work.settings()),
        ),
    )
    place = LocalPlace(output)
    ledger = Ledger(output)
    records = ledger.read()
    total = sum(1 for _ in songs)
    kept = 0

    def tasks() -> Iterator[tuple[_Task, float]]:
        nonlocal kept
        for song in songs:
            stamp, known = stamp_of(song), records.get(song.song)
            if known is not None and known.stamp == stamp and not (known.reason and retry_failed):
                kept += 1
                continue
            needed = 0.0 if song.problem else work.needed_mib(song)
            yield _Task(work, song, stamp, place, known.key if known else ""), needed

    done = 0
    for task, outcome in (workers or InThisProcess()).each(_do, tasks()):
        failed = Record(song=task.song.song, stamp=task.stamp, reason=outcome.reason)
        record = outcome.found or failed
        ledger.append(record)
        records[record.song] = record
        done += 1
        if progress is not None:
            progress(record.song, done + kept, total)
    ledger.close()
    order = [song.song for song in songs]
    for number, first in enumerate(range(0, len(order), work.songs_in_block)):
        block = [records[name] for name in order[first : first + work.songs_in_block]]
        work.finish_block(number, block, place)
    failures = tuple(records[name] for name in order if records[name].reason)
    return RunSummary(done=done, kept=kept, failed=failures)


def _do(task: _Task) -> Record:
    """Do the work on one song, in whatever process this is."""
    if task.song.problem:
        return Record(song=task.song.song, stamp=task.stamp, reason=task.song.problem)
    key = content_key(task.song, task.work.settings())
    result = task.work.do(task.song, task.place)
    return Record(
        song=task.song.song, stamp=task.stamp, key=key, values=result.values, outputs=result.outputs
    )
