"""Running a work over all songs: what is finished is kept, what fails is recorded, nothing is done twice."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from mixrules._support.version import __version__
from mixrules.corpus.work.blocks import Block, Blocks
from mixrules.corpus.work.content import stamp_of
from mixrules.corpus.work.ledger import Ledger
from mixrules.corpus.work.pace import Pace, Progress
from mixrules.corpus.work.place import Place, open_place
from mixrules.corpus.work.run_document import RunDocument, claim
from mixrules.corpus.work.run_ending import RunEndingError
from mixrules.corpus.work.song_tasks import DoTask, SongTask, TaskResult
from mixrules.corpus.work.song_work import DataSet, Record, SongWork
from mixrules.corpus.work.workers import InThisProcess, Workers
from mixrules.errors import AudioFileError, MixrulesError
from mixrules.stems.song_description import SongDescription

_BLOCK_MIB = 512.0
"""What finishing a block may take: tables of some songs at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """How a run went: every song of the data set is done, kept or failed.

    Attributes
    ----------
    done : int
        Songs that this run did.
    kept : int
        Songs that were done before.
    failed : tuple of Record
        Songs that failed, now or before, in the order of the data set.
    seconds : float
        How long it took.
    songs_per_minute : float
        What it did of them a minute, failures included.
    """

    done: int
    kept: int
    failed: tuple[Record, ...]
    seconds: float
    songs_per_minute: float


def run_songs(
    work: SongWork,
    songs: DataSet,
    output: str | Path,
    *,
    workers: Workers | None = None,
    retry_failed: bool = False,
    progress: Progress | None = None,
) -> RunSummary:
    """Do a work on every song of a data set, but for those whose results are there.

    Parameters
    ----------
    work : SongWork
        What is done.
    songs : Catalogue
        The songs, or what lists them as one does.
    output : str or Path
        Where the results go.
    workers : Workers, optional
        Who does it; by default this process.
    retry_failed : bool
        Do songs again that failed in an earlier run, though their files are the same.
    progress : callable, optional
        Told at what rate songs are done, how many are dealt with, and how many there are (0 while that is not known).

    Returns
    -------
    RunSummary

    Raises
    ------
    ParameterError
        If another run has the output, or it holds something else.
    AudioFileError
        If the songs cannot be listed, or the results not be written. What is done by then is kept.
    """
    next(iter(songs), None)  # where there is none it fails before anything is made
    with open_place(output).held() as place:
        return run_in(place, work, songs, workers=workers, retry_failed=retry_failed, progress=progress)


def run_in(
    place: Place,
    work: SongWork,
    songs: DataSet,
    *,
    workers: Workers | None = None,
    retry_failed: bool = False,
    progress: Progress | None = None,
) -> RunSummary:
    """Do what `run_songs` does in a place that is held already, and stays so."""
    claim_for(work, songs, place)
    with closing(Ledger(place.ledger_lines())) as ledger:
        run = _Run(work, songs, place, ledger, Pace(songs, progress), retry_failed)
        return run.through(workers or InThisProcess())


def claim_for(work: SongWork, songs: DataSet, place: Place) -> None:
    """Make a place that is held one for the results of a work; errors as of `run_songs`, where it is something else."""
    claim(place, _document(work, songs))


def _document(work: SongWork, songs: DataSet) -> RunDocument:
    return RunDocument(
        kind=work.kind,
        version=__version__,
        root=os.path.abspath(songs.root),
        layout=songs.layout,
        settings=dict(work.settings()),
    )


@dataclass(slots=True)
class _Run:
    work: SongWork
    songs: DataSet
    place: Place
    ledger: Ledger
    pace: Pace
    retry_failed: bool
    blocks: Blocks = field(init=False)
    met: bytearray = field(init=False)
    doubles: list[Record] = field(default_factory=list)
    ends: MixrulesError | None = None

    def __post_init__(self) -> None:
        self.blocks = Blocks(self.work.songs_in_block, self.ledger)
        self.met = bytearray(len(self.ledger))

    def through(self, workers: Workers) -> RunSummary:
        """Go through all songs."""
        self._do(workers, self._tasks())
        self.blocks.all_met()
        # A single block that is left is finished here: other processes would take longer to begin.
        who = workers if self.blocks.complete > 1 else InThisProcess()
        self._do(who, ((block, _BLOCK_MIB) for block in self.blocks.to_finish()))
        if self.blocks.failures:
            raise AudioFileError(f"{self.place}: {'; '.join(self.blocks.failures.values())}")
        failed = [n for n in range(len(self.met)) if self.met[n] and self.ledger.has_failed(n)]
        failed.sort(key=self.ledger.index)
        ended, seconds = self.pace.done + self.pace.failed, self.pace.seconds
        return RunSummary(
            done=self.pace.done,
            kept=self.pace.kept,
            failed=(*map(self.ledger.record, failed), *self.doubles),
            seconds=seconds,
            songs_per_minute=60.0 * ended / seconds,
        )

    def _do(self, workers: Workers, tasks: Iterator[tuple[SongTask | Block, float]]) -> None:
        """Let tasks be done and keep what comes of them; fails where the run has to end."""
        with closing(workers.each(DoTask(self.work, self.place), tasks)) as outcomes:
            for task, outcome in outcomes:
                result = outcome.found or TaskResult()
                if result.ends:
                    self.ends = self.ends or RunEndingError(
                        f"{result.ends}; run it again to go on from there"
                    )
                elif isinstance(task, Block):
                    self.blocks.finished(task.number, result.outputs, outcome.reason)
                elif outcome.reason:
                    self._keep(task, Record(song=task.song.song, stamp=task.stamp, reason=outcome.reason))
                else:
                    self._keep(task, result.record)
        if self.ends is not None:
            raise self.ends

    def _tasks(self) -> Iterator[tuple[SongTask | Block, float]]:
        """Yield the songs that are to be done, and between them the blocks that are complete.

        An error of the data set is kept until those in progress are done.
        """
        try:
            for index, song in enumerate(self.songs):
                task = self._task(index, song)
                if task is not None:
                    self.pace.count()
                    self.pace.looking()
                    yield task, self._needed_mib(song)
                if self.ends is not None:
                    return
                self.blocks.passed(index + 1)
                for block in self.blocks.to_finish():
                    yield block, _BLOCK_MIB
        except MixrulesError as error:
            self.ends = error

    def _task(self, index: int, song: SongDescription) -> SongTask | None:
        """Return what is to be done with a song, if anything."""
        ledger = self.ledger
        number = ledger.number(song.song)
        if number is None:
            number = ledger.add(song.song, index)
            self.blocks.add(number)
            self.met.append(0)
        if self.met[number]:
            self.doubles.append(
                Record(song=song.song, reason="another song of the data set has this name, and was used")
            )
            return None
        self.met[number] = 1
        stamp = stamp_of(song, self.work.also(song))
        known_key = ""
        if ledger.is_recorded(number):
            same, failed = ledger.has_stamp(number, stamp), ledger.has_failed(number)
            known = ledger.record(number)
            there = (
                not failed
                and self.place.still_has(known.outputs)
                and not self.blocks.is_lost(number, self.place)
            )
            if same and (there or (failed and not self.retry_failed)):
                self.blocks.met(number, running=False)
                if failed:
                    self.pace.failed_before += 1
                else:
                    self.pace.kept += 1
                self.pace.looking()
                return None
            known_key = known.key if there else ""
        self.blocks.met(number, running=True)
        task = SongTask(number, song, stamp, known_key)
        if song.problem:
            self._keep(task, Record(song=song.song, stamp=stamp, reason=song.problem))
            return None
        return task

    def _needed_mib(self, song: SongDescription) -> float:
        """Return what memory a song needs; where that cannot be told the song will say why."""
        try:
            return self.work.needed_mib(song)
        except Exception:
            return 0.0

    def _keep(self, task: SongTask, record: Record | None) -> None:
        """Keep how a song went; None is that the result that is there is still right."""
        if record is None:
            self.ledger.put_stamp(task.number, task.song.song, task.stamp)
            self.pace.kept += 1
        else:
            self.ledger.put(task.number, record)
            if record.reason:
                self.pace.failed += 1
            else:
                self.pace.done += 1
        self.pace.tell()
        self.blocks.ended(task.number)
