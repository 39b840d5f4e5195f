"""Compare systems over songs: mix, measure, keep what is finished.

Every song is a task of its own; tasks run side by side in processes. What a result hangs on (stems, plan or
rules, reference, measures, version) is hashed, and a result with that hash is not made again, so that a run
that was killed goes on where it was.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mixrules._support.version import __version__
from mixrules.errors import AudioFileError, MixrulesError, ParameterError
from mixrules.evaluation.audio_excerpts import write_excerpt
from mixrules.evaluation.comparison_results import (
    CACHE_FOLDER,
    Comparison,
    Result,
    from_document,
    read_cached,
    to_document,
    write_cached,
)
from mixrules.evaluation.constants import CONSTANTS, constant_plan, role_levels
from mixrules.evaluation.fingerprint import stems_hash, system_hash, text_hash
from mixrules.evaluation.measures.registry import DEFAULT_GROUPS, evaluate, groups_named
from mixrules.evaluation.rendition import Rendition
from mixrules.evaluation.systems_rendered import SystemMix, mix_of, rendered
from mixrules.files import make_folder
from mixrules.systems import System, load_song

Progress = Callable[[str, int, int], None]

_FEWEST_FOR_CONSTANTS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class _Task:
    folder: Path
    output: Path
    systems: tuple[System, ...]
    reference: System
    seed: int
    groups: tuple[str, ...]
    excerpt_s: float
    levels: dict[str, dict[str, float]] = field(default_factory=dict)


def song_folders(folder: str | os.PathLike[str]) -> list[Path]:
    """Return the songs in a folder: each a folder of stems; names that begin with ``_`` or ``.`` are left out.

    Raises
    ------
    AudioFileError
        If there is no such folder, or no song in it.
    """
    top = Path(folder)
    if not top.is_dir():
        raise AudioFileError(f"{top} is no folder: a folder with one folder of stems for each song is needed")
    found = [entry for entry in sorted(top.iterdir()) if entry.is_dir() and entry.name[0] not in "_."]
    if not found:
        raise AudioFileError(f"{top} holds no songs: one folder of stems for each is needed")
    return found


def compare(
    songs: Sequence[str | os.PathLike[str]],
    systems: Sequence[System],
    reference: System,
    output: str | os.PathLike[str],
    *,
    seed: int = 0,
    groups: Sequence[str] = DEFAULT_GROUPS,
    constants: bool = True,
    excerpt_s: float = 10.0,
    workers: int = 1,
    progress: Progress | None = None,
) -> Comparison:
    """Let systems mix songs and measure every mix against the reference.

    Parameters
    ----------
    songs : sequence of path-like
        Folders of stems.
    systems : sequence of System
        Who mixes.
    reference : System
        What all are compared with, usually a person's mix.
    output : path-like
        A folder for excerpts and for what is cached for the next run; made if it is not there.
    seed : int
        What chance is drawn from.
    groups : sequence of str
        Groups of measures.
    constants : bool
        Add the constant predictors of the balance where two songs or more have a known one.
    excerpt_s : float
        Length of the excerpts to listen to; 0 for none.
    workers : int
        Songs at once, each in a process.
    progress : callable, optional
        Told what is done.

    Returns
    -------
    Comparison

    Raises
    ------
    MixrulesError
        If a song or a system cannot be used; names it.
    """
    folders = [Path(song) for song in songs]
    names = [folder.resolve().name for folder in folders]
    if len(set(names)) < len(names) or not names:
        raise ParameterError(f"every song needs a name of its own, got {', '.join(names) or 'none'}")
    if seed < 0:
        raise ParameterError(f"seed must be 0 or more, got {seed}")
    groups_named(groups)  # refuses before anything is mixed
    clash = [system.name for system in systems if system.name in CONSTANTS]
    if clash:
        raise ParameterError(f"{clash[0]!r} is added by itself: leave it out of the systems")
    output = Path(output)
    make_folder(output)
    make_folder(output / CACHE_FOLDER)
    base = _Task(
        folder=folders[0],
        output=output,
        systems=tuple(systems),
        reference=reference,
        seed=seed,
        groups=tuple(groups),
        excerpt_s=excerpt_s,
    )
    levels: dict[str, dict[str, float]] = {}
    if constants:
        found = _each(_reference_levels, [_replaced(base, f) for f in folders], workers, progress, "reading")
        levels = {name: levels for name, levels in zip(names, found, strict=True) if levels}
    if len(levels) < _FEWEST_FOR_CONSTANTS:
        levels = {}
    tasks = [_replaced(base, folder, levels) for folder in folders]
    made = _each(_measure_song, tasks, workers, progress, "comparing")
    added = CONSTANTS if levels else ()
    return Comparison(
        songs=tuple(names),
        systems=(*(system.name for system in systems), *added),
        reference=reference.name,
        groups=tuple(groups),
        results=tuple(result for results, _ in made for result in results),
        cached=sum(cached for _, cached in made),
    )


def _replaced(base: _Task, folder: Path, levels: dict[str, dict[str, float]] | None = None) -> _Task:
    return dataclasses.replace(base, folder=folder, levels=levels or {})


def _each(
    work: Callable[[_Task], Any], tasks: list[_Task], workers: int, progress: Progress | None, what: str
) -> list[Any]:
    """Do the same for every song, in as many processes as asked for, results in order."""

    def tell(done: int) -> None:
        if progress is not None:
            progress(what, done, len(tasks))

    found = []
    if workers < 2 or len(tasks) < 2:
        for done, task in enumerate(tasks):
            tell(done)
            found.append(work(task))
    else:
        with ProcessPoolExecutor(min(workers, len(tasks))) as pool:
            for done, result in enumerate(pool.map(work, tasks)):
                tell(done)
                found.append(result)
    tell(len(tasks))
    return found


def _reference_levels(task: _Task) -> dict[str, float]:
    """Return the levels by role in a song's reference, cached by its hash; empty where they are not known."""
    song = load_song(task.folder)
    key = text_hash(
        "levels", __version__, stems_hash(song.stems), system_hash(task.reference, song, seed=task.seed)
    )
    cached = read_cached(task.output, key)
    if cached is None:
        mix = mix_of(task.reference, song, seed=task.seed).rendition
        cached = {"levels": role_levels(mix, song.stems)}
        write_cached(task.output, key, cached)
    return {str(role): float(level) for role, level in cached["levels"].items()}


def _measure_song(task: _Task) -> tuple[list[Result], int]:
    """Return every system's result for one song, and how many of them come from the cache."""
    song = load_song(task.folder)
    stems = stems_hash(song.stems)
    against = system_hash(task.reference, song, seed=task.seed)
    reference: list[SystemMix] = []
    results, cached_count = [], 0
    names = [*(system.name for system in task.systems), *(CONSTANTS if task.levels else ())]
    by_name = {system.name: system for system in task.systems}

    def mixed(name: str) -> SystemMix:
        if name in by_name:
            return mix_of(by_name[name], song, seed=task.seed)
        plan = constant_plan(song.stems, task.levels, song=song.name, name=name)
        return SystemMix(rendition=rendered(plan, song.stems), plan=plan, notes=())

    for name in names:
        own = system_hash(by_name[name], song, seed=task.seed) if name in by_name else task.levels
        measures = [(group.name, group.revision) for group in groups_named(task.groups)]
        key = text_hash(song.name, name, __version__, stems, own, against, measures, task.excerpt_s)
        cached = read_cached(task.output, key)
        if cached is not None and (not cached["audio"] or (task.output / cached["audio"]).is_file()):
            results.append(from_document(cached))
            cached_count += 1
            continue
        try:
            if not reference:
                reference.append(mix_of(task.reference, song, seed=task.seed))
            mix = mixed(name)
            result = _result(task, song.name, name, mix, reference[0].rendition)
        except MixrulesError as error:
            raise type(error)(f"song {song.name}, system {name}: {error}") from error
        write_cached(task.output, key, to_document(result))
        if mix.plan is not None:
            make_folder(task.output / "plans" / name)
            mix.plan.save(task.output / "plans" / name / f"{song.name}.plan.json")
        results.append(result)
    return results, cached_count


def _result(task: _Task, song: str, name: str, mix: SystemMix, reference: Rendition) -> Result:
    values = evaluate(mix.rendition, reference, groups=task.groups)
    audio = ""
    if task.excerpt_s > 0.0:
        audio = f"audio/{song}/{name}.ogg"
        make_folder((task.output / audio).parent)
        write_excerpt(task.output / audio, mix.rendition.fitted_to(reference), reference, task.excerpt_s)
    return Result(
        song=song,
        system=name,
        values=values,
        lufs=mix.rendition.integrated_lufs(),
        audio=audio,
        notes=mix.notes,
    )
