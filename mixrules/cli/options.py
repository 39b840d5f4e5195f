"""Options that several commands share, and what they mean."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import math
import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from mixrules.cli.completions import (
    constant_names,
    engine_names,
    preset_names,
    rule_names,
    style_names,
)
from mixrules.cli.output_names import require_apart_from_stems
from mixrules.cli.plan_files import is_ours, read_plan, require_stems_first
from mixrules.errors import ParameterError

if TYPE_CHECKING:
    from mixrules.mixplan import MixPlan
    from mixrules.ruleset import RuleSet
    from mixrules.stems import Stems
    from mixrules.systems import System

_F = TypeVar("_F", bound=Callable[..., Any])


class FiniteFloat(click.FloatRange):
    """A number within bounds, where there are any; nan and inf are none, though Python reads them."""

    name = "number"

    def _describe_range(self) -> str:
        """Return the bounds for the help; click would show some where there are none."""
        return super()._describe_range() if (self.min, self.max) != (None, None) else ""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return the number that the text is."""
        number = float(super().convert(value, param, ctx))
        if not math.isfinite(number):
            self.fail(f"{value!r} is not a finite number.", param, ctx)
        return number


def systems_of(names: Sequence[str], *, option: str) -> list[System]:
    """Return the systems that an option names; what is wrong with a name is said with the option's own."""
    from mixrules.systems import parse_systems

    try:
        return list(parse_systems(names))
    except ParameterError as error:
        raise ParameterError(f"{option}: {error}") from None


folder_argument = click.argument("folder", type=click.Path(path_type=Path))
start_option = click.option(
    "--start",
    type=click.Path(path_type=Path),
    metavar="PLAN",
    help="A plan from which the rules go on, e.g. one that names plug-ins; faders and all else that they decide, "
    "they decide anew.",
)
quiet_option = click.option("-q", "--quiet", is_flag=True, help="Print nothing but errors.")
force_option = click.option("--force", is_flag=True, help="Replace files that are there already.")
engine_option = click.option(
    "--engine",
    default="native",
    show_default=True,
    metavar="NAME",
    shell_complete=engine_names,
    help="native or pedalboard.",
)


threads_option = click.option(
    "--threads",
    type=click.IntRange(1, 256),
    metavar="N",
    help="Stems worked on at once [default: as many as there are cores]; the result is the same.",
)


def stems_options(command: _F) -> _F:
    """Add the options that say how the stems are read."""
    for option in (
        click.option(
            "--sample-rate",
            type=int,
            metavar="HZ",
            help="Resample to this rate [default: the rate most stems have].",
        ),
        click.option(
            "--role",
            "roles",
            multiple=True,
            metavar="FILE=ROLE",
            help='Say what a stem is, e.g. --role "Lead 1.wav=vocal", "Aux 3.wav=support". Repeatable.',
        ),
    ):
        command = option(command)
    return command


def output_options(command: _F) -> _F:
    """Add the options that say what audio is written and how."""
    for option in (
        force_option,
        click.option(
            "--subtype", metavar="NAME", help="Sample format, e.g. PCM_16, PCM_24, FLOAT [default: PCM_24]."
        ),
        click.option(
            "--stems-out",
            type=click.Path(path_type=Path),
            metavar="DIR",
            help="Also write every stem as it sits in the mix; a missing folder is made.",
        ),
        click.option(
            "-o",
            "--output",
            type=click.Path(path_type=Path),
            default="mix.wav",
            show_default=True,
            help="Where the mix goes: .wav, .flac, .aiff, .ogg, .mp3, .opus or .m4a; a missing folder is made.",
        ),
    ):
        command = option(command)
    return command


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesChoice:
    """What the options that choose and change the rule set say; see `rules_options`."""

    preset: str
    style: str | None
    strength: float
    settings: tuple[str, ...]
    without: tuple[str, ...]
    target_lufs: float | None
    ceiling_dbtp: float | None


def _once(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> str | None:
    """Return what an option was given; of two answers neither is the last word."""
    if len(values) > 1 and not context.resilient_parsing:
        raise click.UsageError(f"{parameter.opts[0]} is given twice ({', '.join(values)}): choose one")
    return values[0] if values else None


def rules_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that choose and change the rule set; the command is given them as its `rules_choice`."""
    names = tuple(field.name for field in dataclasses.fields(RulesChoice))

    @functools.wraps(command)
    def with_choice(**values: Any) -> Any:
        choice = RulesChoice(**{name: values.pop(name) for name in names})
        return command(rules_choice=choice, **values)

    wrapped: Callable[..., Any] = with_choice
    for option in (
        click.option(
            "--without",
            multiple=True,
            metavar="RULE",
            shell_complete=rule_names,
            help="Leave a rule out, e.g. --without eq. Repeatable.",
        ),
        click.option(
            "--ceiling-dbtp",
            type=FiniteFloat(),
            metavar="DBTP",
            help="Highest true peak, for --set master.ceiling_dbtp.",
        ),
        click.option(
            "--target-lufs",
            type=FiniteFloat(),
            metavar="LUFS",
            help="Loudness of the mix, for --set master.target_lufs.",
        ),
        click.option(
            "--set",
            "settings",
            multiple=True,
            shell_complete=constant_names,
            metavar="NAME=VALUE",
            help="Change a constant, e.g. --set level.vocal_to_backing_lu=-1; a list's items are separated by commas. "
            "Repeatable.",
        ),
        click.option(
            "--strength",
            type=FiniteFloat(),
            default=1.0,
            show_default=True,
            metavar="SHARE",
            help="How far the rules go: 0 leaves the faders as given and adds next to nothing, 0.5 half of the way, "
            "2 twice as far.",
        ),
        click.option(
            "--style",
            multiple=True,
            callback=_once,
            shell_complete=style_names,
            metavar="NAME",
            help="A taste: dry, roomy, vocal-forward or flat; `mixrules presets default` says what each changes.",
        ),
        click.option(
            "--preset",
            multiple=True,
            callback=_once,
            shell_complete=preset_names,
            default=["default"],
            show_default=True,
            metavar="NAME",
            help="The rule set.",
        ),
    ):
        wrapped = option(wrapped)
    return wrapped


def chosen_rules(
    choice: RulesChoice,
    *,
    like: Callable[[RuleSet], RuleSet] | None = None,
    prepared: Callable[[RuleSet], RuleSet] | None = None,
) -> RuleSet:
    """Return the rule set that the options describe.

    `like` gives the preset the targets of references, and a style is a taste on top of these; `prepared` adds what may be
    set besides. Then style and strength: a constant that is set has the value that it is set to.
    """
    from mixrules import presets

    values: dict[str, object] = _pairs(choice.settings, "--set", "NAME=VALUE (none for an empty list)")  # type: ignore[assignment]
    if choice.target_lufs is not None:
        values["master.target_lufs"] = choice.target_lufs
    if choice.ceiling_dbtp is not None:
        values["master.ceiling_dbtp"] = choice.ceiling_dbtp
    rules = presets.load(choice.preset)
    rules = like(rules) if like else rules
    if choice.style is not None:
        rules = rules.with_style(choice.style)
    rules = rules.with_strength(choice.strength)
    return (prepared(rules) if prepared else rules).with_values(values).without(*choice.without)


def require_one_layout(layout: str | None, dual_mono: bool) -> None:
    """Refuse two answers to what the channels are, and a layout that there is not."""
    from mixrules.loudness import channel_weights

    if layout is not None:
        if dual_mono:
            raise click.UsageError("choose one of --layout and --dual-mono")
        channel_weights(layout)


def read_stems(
    folder: Path, roles: tuple[str, ...], sample_rate: int | None, threads: int | None, progress: Any
) -> Stems:
    """Read the stems as the options say, and import meanwhile what the mix will need."""
    from mixrules.stems import load_stems

    require_stems_first(folder)
    # Files are read outside the interpreter's lock. Not waited for where there is nothing to read.
    threading.Thread(target=_import_kernels, daemon=True).start()
    return load_stems(
        folder,
        roles=_pairs(roles, "--role", "FILE=ROLE"),
        sample_rate=sample_rate,
        threads=threads,
        progress=progress,
    )


def _import_kernels() -> None:
    # What cannot be imported is told where it is used.
    with contextlib.suppress(Exception):
        import scipy.fft  # noqa: F401

        from mixrules.warmup import import_kernels

        import_kernels()


def read_start(path: Path | None) -> MixPlan | None:
    """Read the plan from which the rules go on, if there is one."""
    return None if path is None else read_plan(path)


def refuse_to_replace(*paths: Path, force: bool, option: str = "-o") -> None:
    """Raise `ParameterError` where a file is there already, unless it may be replaced."""
    for path in paths:
        if path.exists() and not force:
            raise ParameterError(f"{path} exists already: name another with {option}, or --force replaces it")


def lies_within(path: Path, folder: Path) -> bool:
    """Return whether a path leads to a folder or into it, links followed."""
    real = path.resolve()
    return folder.resolve() in (real, *real.parents)


def refuse_to_overwrite(
    outputs: Sequence[Path], folder: Path, stems: Stems, stems_out: Path | None = None, *, force: bool
) -> None:
    """Refuse what would replace a stem, another file that is there, or a file of the same run.

    Parameters
    ----------
    outputs : sequence of Path
        The mix or the plan, and what is written beside it.
    folder : Path
        The song.
    stems : Stems
        What was read of it.
    stems_out : Path, optional
        Where rendered stems go.
    force : bool
        Whether files that are there may be replaced: never those that were read.

    Raises
    ------
    ParameterError
        If a file would be replaced.
    AudioFileError
        If the rendered stems cannot be written.
    """
    from mixrules.files import check_folder, check_writable

    output = outputs[0]
    read = {(folder / name).resolve() for stem in stems for name in stem.file_names} | {folder.resolve()}
    if stems.mixture_path is not None and ".stem." in stems.mixture_path.name:
        read.add(stems.mixture_path.resolve())
    if output.resolve() in read:
        raise ParameterError(f"{output} is one of the stems: choose another name for the output")
    if lies_within(output, folder) and output.exists() and not is_ours(output):
        raise ParameterError(
            f"{output} lies among the stems and is no mix or plan of ours: choose another name for the output"
        )
    refuse_to_replace(*outputs, force=force)
    if stems_out is None:
        return
    if stems_out.resolve() == output.resolve():
        raise ParameterError(f"{stems_out} cannot be both the mix and the stems' folder: name another folder")
    check_folder(stems_out)
    require_apart_from_stems(stems_out, folder, read)
    taken = set()
    for stem in stems:
        path = rendered_stem_path(stems_out, stem.name)
        if path in taken:
            raise ParameterError(f"{path} would hold two stems: rename one of them")
        taken.add(path)
        if path.resolve() in read:
            raise ParameterError(f"{path} is one of the stems: choose another folder for --stems-out")
        if path.resolve() == output.resolve():
            raise ParameterError(
                f"{output} would replace the rendered stem of that name: choose another name"
            )
        if stems_out.is_dir():
            check_writable(path)
        refuse_to_replace(path, force=force, option="--stems-out")


def rendered_stem_path(stems_out: Path, name: str) -> Path:
    """Return where a rendered stem goes; a stem's name from a .stem.mp4 may hold a separator."""
    return stems_out / f"{name.replace('/', '_').replace(os.sep, '_')}.wav"


def _pairs(given: tuple[str, ...], option: str, form: str) -> dict[str, str]:
    pairs = {}
    for text in given:
        # A file name may hold an equals sign, a value does not: split at the last one.
        name, equals, value = text.rpartition("=")
        if not equals or not name or not value:
            raise ParameterError(f"{option} takes {form}, got {text!r}")
        pairs[name.strip()] = value.strip()
    return pairs
