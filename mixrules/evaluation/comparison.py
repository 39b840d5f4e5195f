"""Compare systems over songs: mix, measure, keep what is finished.

Every song is a task of its own; tasks run side by side in processes. What a result depends on (stems, plan or
rules, reference, measures, version) is hashed, and a result with that hash is not made again, so that a run
that was killed goes on where it was.
"""

from __future__ import annotations

import dataclasses
import os
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar, cast

from mixrules.corpus.work.local_pool import LocalPool
from mixrules.corpus.work.lock import only_run_in
from mixrules.corpus.work.workers import InThisProcess, Workers, attempt_all
from mixrules.errors import ParameterError, StemsError
from mixrules.evaluation.compared_song import SongTask, measure_song, reference_balance
from mixrules.evaluation.compared_together import InTheReport, absolute_song, absolute_system, needed_mib
from mixrules.evaluation.comparison_cache import make_report_folder
from mixrules.evaluation.comparison_results import Comparison, LeftOut
from mixrules.evaluation.constants import CONSTANTS
from mixrules.evaluation.measures.registry import DEFAULT_GROUPS, groups_named
from mixrules.evaluation.undone import Undo
from mixrules.stems.song_description import SongDescription
from mixrules.systems import SongSource, System, song_sources
from mixrules.systems.system import hearing

Progress = Callable[[str, int, int], None]

LONGEST_EXCERPT_S = 600.0
_FEWEST_FOR_CONSTANTS = 2
_MOST_REASONS = 5

_Found = TypeVar("_Found")


def compare(
    songs: Iterable[str | os.PathLike[str] | SongDescription | SongSource],
    systems: Sequence[System],
    reference: System,
    output: str | os.PathLike[str],
    *,
    seed: int = 0,
    groups: Sequence[str] = DEFAULT_GROUPS,
    constants: bool = True,
    excerpt_s: float = 10.0,
    workers: int | Workers = 1,
    progress: Progress | None = None,
    undo: Undo | None = None,
) -> Comparison:
    """Let systems mix songs and measure every mix against the reference.

    A song that cannot be used, or a system that has no mix of it, costs its own results; what is left out is
    named in the result.

    Parameters
    ----------
    songs : iterable of path-like, SongDescription or SongSource
        Folders of stems, or the songs of a data set: what a `Catalogue` yields, called as `song_sources` says.
    systems : sequence of System
        Who mixes. ``matched`` explains the reference where that is finished audio, unless it names a folder.
    reference : System
        What all are compared with, usually a person's mix.
    output : path-like
        A folder for excerpts and for what is cached for the next run; made if it is not there. Not the folder of
        the songs, nor in a song.
    seed : int
        What chance is drawn from.
    groups : sequence of str
        Groups of measures.
    constants : bool
        Add the constant predictors of the balance where two songs or more have a known one.
    excerpt_s : float
        Length of the excerpts to listen to, at most 600; 0 for none.
    workers : int or Workers
        Songs at once, each in a process; or who does them, such as a `LocalPool` or `DaskWorkers`. Machines of a cluster
        see songs and report under the same paths.
    progress : callable, optional
        Told what is done.
    undo : Undo, optional
        Move every stem to another level before the systems mix. The reference stays what it is where it is a finished
        mix; the stems of most data sets sum to it, so that as they are nothing is left to decide.

    Returns
    -------
    Comparison

    Raises
    ------
    MixrulesError
        If an argument cannot be used, or no song; names why. If another comparison has the folder, or a cluster's
        scheduler goes away: what is finished is kept.
    """
    sources = song_sources(songs)
    names = [source.name for source in sources]
    if not names:
        raise ParameterError("there is no song to compare: one at least is needed")
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise ParameterError(f"every song needs a name of its own, several are called {', '.join(twice)}")
    if seed < 0:
        raise ParameterError(f"seed must be 0 or more, got {seed}")
    if not 0.0 <= excerpt_s <= LONGEST_EXCERPT_S:  # NaN is refused too
        raise ParameterError(f"excerpt_s must be 0 to {LONGEST_EXCERPT_S:g} s, got {excerpt_s!r}")
    groups_named(groups)  # refuses before anything is mixed
    clash = [system.name for system in systems if system.name in CONSTANTS]
    if clash:
        raise ParameterError(f"{clash[0]!r} is added by itself: leave it out of the systems")
    systems = hearing(systems, reference)
    output = Path(output)
    require_apart(output, sources)
    make_report_folder(output)
    left_out = [
        LeftOut(song=source.name, system="", reason=source.description.problem)
        for source in sources
        if source.description.problem
    ]
    tasks = {
        source.name: SongTask(
            source=absolute_song(source),
            output=output.absolute(),
            systems=tuple(map(absolute_system, systems)),
            reference=absolute_system(reference),
            seed=seed,
            groups=tuple(groups),
            excerpt_s=excerpt_s,
            undo=undo,
        )
        for source in sources
        if not source.description.problem
    }
    with only_run_in(output) as run:
        each = _Each(_who(workers, len(tasks)), run, progress, left_out)
        balances = each.song(reference_balance, tasks, "reading")
        levels = {name: known.levels for name, known in balances.items() if known.levels}
        if not constants or len(levels) < _FEWEST_FOR_CONSTANTS:
            levels = {}
        sums = {name: known.off_sum_lu for name, known in balances.items() if known.off_sum_lu is not None}
        tasks = {
            name: dataclasses.replace(tasks[name], levels=levels, is_plain_sum=name in sums)
            for name in balances
        }
        made = each.song(measure_song, tasks, "comparing")
    left_out += [gone for song in made.values() for gone in song.left_out]
    place = {name: number for number, name in enumerate(names)}
    measured = tuple(name for name in names if name in made and made[name].results)
    if not measured:
        raise StemsError(f"nothing could be compared: {'; '.join(map(str, left_out[:_MOST_REASONS]))}")
    return Comparison(
        songs=measured,
        systems=(*(system.name for system in systems), *(CONSTANTS if levels else ())),
        reference=reference.name,
        matched=tuple(
            dict.fromkeys(system.name for system in (*systems, reference) if system.kind == "matched")
        ),
        groups=tuple(groups),
        results=tuple(result for song in made.values() for result in song.results),
        cached=sum(song.cached for song in made.values()),
        left_out=tuple(sorted(left_out, key=lambda gone: place[gone.song])),
        described={source.name: source.description for source in sources if source.of_data_set},
        plain_sums={name: sums[name] for name in measured if name in sums},
        undo=undo,
        undone_db={name: made[name].undone_db for name in measured if undo is not None},
    )


def require_apart(output: Path, sources: Iterable[SongSource]) -> None:
    """Raise `ParameterError` where a report would lie among the songs' own files, and be taken for a song."""
    place = output.resolve()
    inside = {place, *place.parents}
    folders = dict.fromkeys(
        (folder, source.description.folder is not None) for source in sources for folder in source.folders
    )
    for folder, whole in folders:
        if place == Path(os.path.abspath(folder)).parent.resolve():
            raise ParameterError(f"{output} is the folder of the songs: name another for the report")
        # A folder that holds files of several songs may hold a report, too, in a folder of its own.
        if folder.resolve() in (inside if whole else {place}):
            what = f"lies in the song {folder}" if whole else "holds files of the songs"
            raise ParameterError(f"{output} {what}: name another folder for the report")


def _who(workers: int | Workers, songs: int) -> Workers:
    """Return who does the songs: processes where several are asked for, and there is more than one song."""
    if not isinstance(workers, int):
        return workers
    if workers < 1:
        raise ParameterError(f"workers must be at least 1, got {workers}")
    count = min(workers, songs)
    return LocalPool(count) if count > 1 else InThisProcess()


@dataclass(frozen=True, slots=True)
class _Each:
    """Does the same for every song; the songs that fail are added to `left_out`."""

    workers: Workers
    run: str
    progress: Progress | None
    left_out: list[LeftOut]

    def song(
        self, work: Callable[[SongTask], _Found], tasks: dict[str, SongTask], what: str
    ) -> dict[str, _Found]:
        """Return what was found, by song."""

        def tell(done: int) -> None:
            if self.progress is not None:
                self.progress(what, done, len(tasks))

        outcomes = attempt_all(
            InTheReport(work, self.run),
            list(tasks.values()),
            workers=self.workers,
            tell=tell,
            needed_mib=needed_mib,
        )
        found = {}
        for name, outcome in zip(tasks, outcomes, strict=True):
            if outcome.reason:
                self.left_out.append(LeftOut(song=name, system="", reason=outcome.reason))
            else:
                found[name] = cast("_Found", outcome.found)
        return found
