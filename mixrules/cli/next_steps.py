"""What one would do next, as commands that work as they are printed: those of this run with another wish."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from mixrules.errors import ParameterError

if TYPE_CHECKING:
    from mixrules.ruleset import RuleSet

_NOT_REPEATED = {
    *("output", "force", "quiet", "explain", "profile", "stems_out", "report", "report_audio"),
}
_MOST_TRIED = 1000
_LOUDER_LU = 2.0
_VOCAL_DB = 2.0


def command_again(context: click.Context, changes: Mapping[str, Any]) -> str:
    """Return the command of this run as one would type it, with some options changed.

    Parameters
    ----------
    context : click.Context
        That of the command.
    changes : mapping of str to object
        Parameters' names to values; None leaves an option out, True is a flag. What says where files go, or what is
        printed, is not repeated unless it stands here.

    Returns
    -------
    str
        Quoted for a POSIX shell; empty where a name cannot be printed.
    """
    arguments = ["mixrules", str(context.info_name)]
    options: list[str] = []
    for parameter in context.command.params:
        name = str(parameter.name)
        given = context.get_parameter_source(name) == ParameterSource.COMMANDLINE
        value = context.params.get(name) if given and name not in _NOT_REPEATED else None
        value = changes.get(name, value)
        if isinstance(parameter, click.Argument):
            arguments.append(_operand(context.params[name] if value is None else value))
        elif value is True:
            options.append(parameter.opts[-1])
        elif value is not None and value is not False:  # 0 is a value
            values = value if isinstance(value, tuple) else (value,)
            # Short where there is a short one: -o.
            option = min(parameter.opts, key=len)
            options += [text for each in values for text in (option, _written(each))]
    texts = [*arguments, *options]
    return shlex.join(texts) if all(text.isprintable() for text in texts) else ""


def _operand(value: object) -> str:
    """Return an argument, one that begins with a dash such that it is not read as an option."""
    text = str(value)
    return f"./{text}" if text.startswith("-") else text


def _written(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def free_path(path: Path, word: str) -> Path:
    """Return a name beside `path` that is not taken, e.g. ``mix-louder.wav``."""
    for number in range(1, _MOST_TRIED):
        free = path.with_name(f"{path.stem}-{word}{'' if number == 1 else number}{path.suffix}")
        if not free.exists() and not free.with_suffix(".plan.json").exists():
            return free
    return path


def after_mix(
    context: click.Context, output: Path, rules: RuleSet, *, has_vocal: bool, more_limiting: str
) -> list[str]:
    """Return what one would do after a mix: louder, more vocal, a picture, every decision, a DAW; what these rules can.

    Parameters
    ----------
    context : click.Context
        That of the command.
    output : Path
        The mix.
    rules : RuleSet
        What made it.
    has_vocal : bool
        Whether there is a lead vocal to raise.
    more_limiting : str
        The setting that keeps the mix from being louder, with a value that would not; empty where none does.

    Returns
    -------
    list of str
        Commands.
    """
    given, names = context.params, {parameter.name for parameter in context.command.params}
    wishes: list[Mapping[str, Any]] = []
    louder = {"output": free_path(output, "louder")}
    if more_limiting:
        wishes.append({"settings": _set_again(given["settings"], more_limiting), **louder})
    elif _can(rules.with_louder, _LOUDER_LU):
        wishes.append({"louder_lu": (given["louder_lu"] or 0.0) + _LOUDER_LU, **louder})
    if has_vocal and _can(rules.with_vocal_db, _VOCAL_DB):
        vocal_db = (given["vocal_db"] or 0.0) + _VOCAL_DB
        wishes.append({"vocal_db": f"{vocal_db:+g}", "output": free_path(output, "vocal")})
    elif given["strength"] and _can(rules.with_strength, 0.5):
        wishes.append({"strength": given["strength"] / 2.0, "output": free_path(output, "half")})
    if "report" in names and not given["report"]:
        page = output.with_suffix(".html")
        # --force, which the mix needs, must not cost a page that somebody else made.
        page = free_path(page, "report") if page.exists() else page
        wishes.append({"report": page, "output": output, "force": True})
    if not given["explain"]:
        wishes.append({"explain": True, "output": output, "force": True})
    return [*_commands(context, wishes), *_into_a_daw(context, output.with_suffix(".plan.json"))]


def _set_again(settings: Sequence[str], setting: str) -> tuple[str, ...]:
    """Return settings with another in place of those of the same name."""
    name = setting.partition("=")[0]
    return (*(each for each in settings if each.partition("=")[0].strip() != name), setting)


def _can(change: Callable[[float], RuleSet], value: float) -> bool:
    try:
        change(value)
    except ParameterError:
        return False
    return True


def after_plan(context: click.Context, folder: Path, output: Path) -> list[str]:
    """Return what one would do after a plan: render it, read every decision, open it in a DAW."""
    rendered = free_path(Path("mix.wav"), "rendered") if Path("mix.wav").exists() else Path("mix.wav")
    render = shlex.join(["mixrules", "render", _operand(folder), _operand(output), "-o", str(rendered)])
    return [
        *([render] if render.isprintable() else []),
        *_commands(context, [{"explain": True, "output": output, "force": True}]),
        *_into_a_daw(context, output),
    ]


def _into_a_daw(context: click.Context, plan_file: Path) -> list[str]:
    """Return the export of a plan as a DAWproject, its stems read as they were for this run."""
    given = context.params
    base = plan_file.name.removesuffix(".json").removesuffix(".plan")
    project = plan_file.with_name(f"{base}.dawproject")
    project = free_path(project, "daw") if project.exists() else project
    arguments = ["mixrules", "export", _operand(given["folder"]), _operand(plan_file), "-o", str(project)]
    arguments += [text for role in given["roles"] for text in ("--role", role)]
    if given["sample_rate"] is not None:
        arguments += ["--sample-rate", str(given["sample_rate"])]
    if given["engine"] != "native":
        arguments += ["--engine", given["engine"]]
    command = shlex.join(arguments)
    return [command] if command.isprintable() else []


def _commands(context: click.Context, wishes: Sequence[Mapping[str, Any]]) -> list[str]:
    return [command for wish in wishes if (command := command_again(context, wish))]
