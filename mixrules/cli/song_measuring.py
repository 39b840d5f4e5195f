"""What `plot` and `masking` share: a song and a plan on the command line, mixed and measured."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from mixrules.cli.options import RulesChoice, chosen_rules, read_stems
from mixrules.cli.plan_files import fitted_to, read_plan, require_stems_first
from mixrules.errors import ParameterError

if TYPE_CHECKING:
    from mixrules.mixplan import MixPlan
    from mixrules.report.song.pictures import MeasuredSong
    from mixrules.stems import Progress


def is_audio_file(path: Path) -> bool:
    """Return whether a path is a file of audio rather than a song: no folder, no plan, no archive, no stem file."""
    from mixrules.stems.file_extensions import (
        AUDIO_EXTENSIONS,
        FILM_EXTENSIONS,
        LIBAV_EXTENSIONS,
        STEM_FILE_EXTENSIONS,
    )

    name = path.name.lower()
    known = path.suffix.lower() in AUDIO_EXTENSIONS | LIBAV_EXTENSIONS | FILM_EXTENSIONS
    return known and not name.endswith(STEM_FILE_EXTENSIONS) and not path.is_dir()


def song_and_plan(sources: Sequence[Path]) -> tuple[Path, Path | None]:
    """Return the song and the plan that the arguments name.

    Raises
    ------
    click.UsageError
        If there are more than two.
    ParameterError
        If the first is a plan or audio.
    """
    folder, *rest = sources
    if len(rest) > 1:
        raise click.UsageError(f"one song and one plan, got {len(sources)} arguments")
    plan = rest[0] if rest else None
    require_stems_first(folder, plan)
    if is_audio_file(folder):
        raise ParameterError(f"{folder} is a file of audio, a folder of stems is needed")
    return folder, plan


def _refuse_rules_options(plan_file: Path) -> None:
    """Refuse options that change the rules where a plan has decided already."""
    context = click.get_current_context()
    for field in dataclasses.fields(RulesChoice):
        if context.get_parameter_source(field.name) is ParameterSource.COMMANDLINE:
            option = next(each for each in context.command.params if each.name == field.name)
            raise click.UsageError(f"{plan_file} has decided already, leave {option.opts[0]} out")


def measured_mix(
    folder: Path,
    plan_file: Path | None,
    *,
    rules_choice: RulesChoice,
    roles: tuple[str, ...],
    sample_rate: int | None,
    engine: str,
    threads: int | None,
    progress: Progress | None,
) -> MeasuredSong:
    """Read a song, mix it by a plan or by the rules, and measure what it looks like.

    Parameters
    ----------
    folder : Path
        The song.
    plan_file : Path or None
        The plan; None: the rules decide.
    rules_choice, roles, sample_rate, engine, threads
        As the options say.
    progress : callable or None
        Told what is being done.
    """
    from mixrules.mixer import plan as decide
    from mixrules.report.song.measured import measure_song

    mix_plan: MixPlan | None = None
    if plan_file is None:
        rules = chosen_rules(rules_choice)
    else:
        _refuse_rules_options(plan_file)
        mix_plan = read_plan(plan_file)
    stems = read_stems(folder, roles, sample_rate, threads, progress)
    if mix_plan is None:
        mix_plan = decide(stems, rules=rules, engine=engine, threads=threads, progress=progress)
    else:
        mix_plan, stems = fitted_to(mix_plan, stems, engine, source=plan_file)
    return measure_song(stems, mix_plan, engine=engine, threads=threads, progress=progress)
