"""Plans that are named on the command line: read, told from what is none, and fitted to the song."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mixrules.errors import MixrulesError, ParameterError, PlanError

if TYPE_CHECKING:
    from mixrules.mixplan import MixPlan
    from mixrules.stems import Stems


def read_plan(path: Path) -> MixPlan:
    """Read a plan; a folder and audio in its place are told as such."""
    from mixrules.mixplan import MixPlan
    from mixrules.stems.file_extensions import AUDIO_EXTENSIONS

    if path.is_dir():
        raise PlanError(f"{path} is a folder, a plan (a JSON file) is needed")
    if path.suffix.lower() in AUDIO_EXTENSIONS and path.exists():
        beside = path.with_suffix(".plan.json")
        hint = f": {beside} beside it is one" if beside.exists() else ""
        raise PlanError(f"{path} is audio, a plan (a JSON file) is needed{hint}")
    return MixPlan.load(path)


def require_stems_first(folder: Path, plan: Path | None = None) -> None:
    """Raise `ParameterError` where a plan is named in place of the folder of stems."""
    if not folder.is_file() or folder.suffix.lower() != ".json":
        return
    if plan is not None and plan.is_dir():
        raise ParameterError(
            f"{folder} is a file and {plan} a folder: the folder of stems comes first, mixrules render {plan} {folder}"
        )
    raise ParameterError(
        f"{folder} is a JSON file, a folder of stems is needed; a plan is rendered by mixrules render FOLDER PLAN"
    )


def is_ours(output: Path) -> bool:
    """Return whether a file among the stems is a plan, or a mix that has its plan beside it."""
    from mixrules.mixplan import MixPlan

    if output.with_suffix(".plan.json").exists():
        return True
    if output.suffix.lower() != ".json" or not output.is_file():
        return False
    try:
        MixPlan.load(output)
    except MixrulesError:
        return False
    return True


def refuse_to_replace_start(start: Path | None, *outputs: Path) -> None:
    """Raise `ParameterError` where an output would replace the plan from which the rules go on, whatever names it."""
    for path in outputs:
        if start is not None and path.exists() and path.samefile(start):
            raise ParameterError(
                f"{path} is the plan that --start names, which is never replaced: name another with -o"
            )


def fitted_to(plan: MixPlan, stems: Stems, engine: str, *, source: Path | None) -> tuple[MixPlan, Stems]:
    """Return a plan and a song's stems that fit each other; errors name the plan's file."""
    from mixrules.engine import load_engine
    from mixrules.plan_fitting import fitted

    return fitted(plan, stems, load_engine(engine), source=str(source))
