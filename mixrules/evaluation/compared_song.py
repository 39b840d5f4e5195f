"""One song of a comparison: every system's mix, measured against the reference."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from mixrules._support.version import __version__
from mixrules.corpus.work.outcomes import reason_of
from mixrules.evaluation.audio_excerpts import write_excerpt
from mixrules.evaluation.comparison_cache import (
    own_path,
    read_plan,
    read_reference,
    read_result,
    write_plan,
    write_reference,
    write_result,
)
from mixrules.evaluation.comparison_results import LeftOut, ReferenceBalance, Result
from mixrules.evaluation.constants import CONSTANTS, constant_plan, role_levels
from mixrules.evaluation.fingerprint import song_hash, system_hash, text_hash
from mixrules.evaluation.measures.registry import evaluate, groups_named
from mixrules.evaluation.rendition import Rendition
from mixrules.evaluation.systems_rendered import SystemMix, mix_of, rendered
from mixrules.evaluation.undone import Undo, undone
from mixrules.evaluation.vetoes import VETOES, HeardMix, vetoes_of
from mixrules.systems import Song, SongSource, System, make_plan
from mixrules.systems.system import rules_of


@dataclass(frozen=True, slots=True, kw_only=True)
class SongTask:
    """What is to be done with a song; small, since it goes to another process.

    Attributes
    ----------
    source : SongSource
        Its name, its stems and its mixture.
    output : Path
        The report's folder.
    systems : tuple of System
        Who mixes it.
    reference : System
        What all are compared with.
    seed : int
        What chance is drawn from.
    groups : tuple of str
        Groups of measures.
    excerpt_s : float
        Length of the excerpt; 0 for none.
    undo : Undo or None
        How the stems' balance is undone before anybody mixes; None for stems as they are.
    is_plain_sum : bool
        Whether the reference is the plain sum of the stems.
    levels : dict of str to dict
        Levels by role of all songs whose reference has a known balance.
    """

    source: SongSource
    output: Path
    systems: tuple[System, ...]
    reference: System
    seed: int
    groups: tuple[str, ...]
    excerpt_s: float
    undo: Undo | None = None
    is_plain_sum: bool = False
    levels: dict[str, dict[str, float]] = field(default_factory=dict)

    def load(self) -> Song:
        """Return the song, as the systems get it."""
        song = self.source.load()
        if self.undo is None:
            return song
        return dataclasses.replace(song, stems=undone(song.stems, song.name, self.undo))


@dataclass(frozen=True, slots=True, kw_only=True)
class SongResults:
    """What was found of a song.

    Attributes
    ----------
    results : tuple of Result
        One for each system whose mix could be measured.
    left_out : tuple of LeftOut
        The systems whose mix could not.
    cached : int
        How many of the results come from an earlier run.
    undone_db : dict of str to float
        The gain that each stem got before the systems mixed, dB; empty where the balance was not undone.
    """

    results: tuple[Result, ...]
    left_out: tuple[LeftOut, ...]
    cached: int
    undone_db: dict[str, float] = field(default_factory=dict)


def reference_balance(task: SongTask) -> ReferenceBalance:
    """Return what is known of the balance of a song's reference."""
    song = task.load()
    against = system_hash(task.reference, song, seed=task.seed)
    key = text_hash("balance", song.name, __version__, song_hash(song), against)
    known = read_reference(task.output, key, song.name)
    if known is None:
        mix = _mix_of(task, task.reference, song)
        known = ReferenceBalance(
            levels=role_levels(mix.rendition, song.stems), off_sum_lu=_off_sum_lu(mix, song)
        )
        write_reference(task.output, key, song.name, known)
    return known


def _off_sum_lu(mix: SystemMix, song: Song) -> float | None:
    active = [stem.name for stem in song.stems if not stem.silent]
    if mix.matched is None or not mix.matched.is_plain_sum(active):
        return None
    return mix.matched.off_sum_lu(active)


def measure_song(task: SongTask) -> SongResults:
    """Return every system's result for one song; a system that fails costs its own.

    Raises
    ------
    Exception
        Of any kind, where the stems or the reference cannot be used.
    """
    song = task.load()
    stems = song_hash(song)
    against = system_hash(task.reference, song, seed=task.seed)
    groups = groups_named(task.groups)
    revisions = [(group.name, group.revision) for group in groups]
    lines = [(veto.name, veto.threshold, veto.revision) for veto in VETOES.values()]
    measures = [measure.name for group in groups for measure in group.measures]
    reference: SystemMix | None = None
    results, left_out, cached = [], [], 0
    by_name = {system.name: system for system in task.systems}
    for name in [*by_name, *(CONSTANTS if task.levels else ())]:
        system = by_name.get(name)
        try:
            own = task.levels if system is None else system_hash(system, song, seed=task.seed)
            key = text_hash(
                song.name, name, __version__, stems, own, against, revisions, lines, task.excerpt_s
            )
            files = _files(task, system, song.name, name)
            kept = read_result(task.output, key, song=song.name, system=name, measures=measures, files=files)
            same = own == against or (task.is_plain_sum and system is not None and system.kind == "none")
            if kept is not None:
                results.append(dataclasses.replace(kept, is_reference=same))
                cached += 1
                continue
            mix = _mixed(task, system, song, name)
        except Exception as error:
            left_out.append(LeftOut(song=song.name, system=name, reason=reason_of(error)))
            continue
        if reference is None:
            reference = _mix_of(task, task.reference, song)
        try:
            result = _written(task, name, mix, reference, files, _heard(system, song, mix))
            write_result(task.output, key, result, files)
        except Exception as error:
            left_out.append(LeftOut(song=song.name, system=name, reason=reason_of(error)))
            continue
        results.append(dataclasses.replace(result, is_reference=same))
    return SongResults(
        results=tuple(results),
        left_out=tuple(left_out),
        cached=cached,
        undone_db={} if task.undo is None else task.undo.gains_db(song.stems, song.name),
    )


def _files(task: SongTask, system: System | None, song: str, name: str) -> tuple[str, ...]:
    """Return the files that belong to a result, relative to the report's folder."""
    audio = (f"audio/{song}/{name}.ogg",) if task.excerpt_s > 0.0 else ()
    planned = system is None or system.kind not in ("human", "audio")
    return (*audio, *((f"plans/{name}/{song}.plan.json",) if planned else ()))


def _mixed(task: SongTask, system: System | None, song: Song, name: str) -> SystemMix:
    if system is not None:
        return _mix_of(task, system, song)
    plan = constant_plan(song.stems, task.levels, song=song.name, name=name)
    return SystemMix(rendition=rendered(plan, song.stems, song.vocal), plan=plan, notes=())


def _mix_of(task: SongTask, system: System, song: Song) -> SystemMix:
    """Return a system's mix; a plan that explains a finished mix is found once, whatever is measured."""
    if system.kind != "matched":
        return mix_of(system, song, seed=task.seed)
    heard = system_hash(system, song, seed=task.seed)
    key = text_hash("plan", song.name, __version__, song_hash(song), heard)
    plan = read_plan(task.output, key, song.name)
    if plan is None:
        plan = make_plan(system, song, seed=task.seed)
        write_plan(task.output, key, song.name, plan)
    return mix_of(system, song, seed=task.seed, plan=plan)


def _heard(system: System | None, song: Song, mix: SystemMix) -> HeardMix:
    """Return a mix as vetoes hear it; a preset alone promises a loudness."""
    promised = None
    if system is not None and system.kind == "preset":
        rules = rules_of(system.name)
        if "master" in rules.rules:
            promised = float(cast("float", rules["master.target_lufs"]))
    return HeardMix(mix.rendition, song.stems, mix.plan, promised)


def _written(
    task: SongTask,
    name: str,
    mix: SystemMix,
    reference: SystemMix,
    files: tuple[str, ...],
    heard: HeardMix,
) -> Result:
    """Measure a mix and write its files; return its result."""
    values = evaluate(mix.rendition, reference.rendition, groups=task.groups)
    audio = ""
    for file in files:
        path = own_path(task.output, file)
        if file.startswith("audio/"):
            audio = file
            _write_excerpt(path, mix.rendition, reference.rendition, task.excerpt_s)
        elif mix.plan is not None:
            mix.plan.save(path)
    about_reference = [f"{task.reference.name}: {note}" for note in reference.notes if note not in mix.notes]
    return Result(
        song=task.source.name,
        system=name,
        values=values,
        lufs=mix.rendition.integrated_lufs(),
        audio=audio,
        notes=(*mix.notes, *about_reference),
        vetoes=vetoes_of(heard),
    )


def _write_excerpt(path: Path, mix: Rendition, reference: Rendition, seconds: float) -> None:
    write_excerpt(path, mix.fitted_to(reference), reference, seconds)
