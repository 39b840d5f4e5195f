"""What is finished of a comparison, kept from one run to the next.

An entry is written after the files that it vouches for, with their hashes. It is believed only where everything
in it is what this run would have written: anything else is made again.
"""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from mixrules._support.json_values import defined
from mixrules.errors import AudioFileError, PlanError
from mixrules.evaluation.comparison_results import ReferenceBalance, Result
from mixrules.evaluation.fingerprint import file_hash
from mixrules.evaluation.vetoes import VETOES, VetoResult
from mixrules.files import make_folder, write_text_atomic
from mixrules.files.own_documents import COMPARISON_CACHE
from mixrules.mixplan import MixPlan
from mixrules.stems.roles import ROLES

_LARGEST_BYTES = 1 << 22  # an entry takes some 5 kB

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class _KeptVeto:
    value: float | None
    fires: bool
    stems: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _KeptResult:
    song: str
    system: str
    values: dict[str, float | None]
    lufs: float | None
    notes: tuple[str, ...]
    files: dict[str, str]
    vetoes: dict[str, _KeptVeto]


@dataclass(frozen=True, slots=True, kw_only=True)
class _KeptReference:
    song: str
    levels: dict[str, float]
    off_sum_lu: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _KeptPlan:
    song: str
    plan: str


def make_report_folder(output: Path) -> None:
    """Make a report's folder, recognised as one from now on; fails with `AudioFileError`."""
    make_folder(output)
    _require_there(output, COMPARISON_CACHE)
    make_folder(output / COMPARISON_CACHE)


def own_path(output: Path, name: str) -> Path:
    """Return the path of a report's file, its folder made; fails with `AudioFileError` where a link leads elsewhere."""
    _require_there(output, name)
    make_folder((output / name).parent)
    return output / name


def write_result(output: Path, key: str, result: Result, files: Collection[str]) -> None:
    """Keep a result, once its files are complete: names relative to the report's folder."""
    kept = _KeptResult(
        song=result.song,
        system=result.system,
        values={name: value if math.isfinite(value) else None for name, value in result.values.items()},
        lufs=result.lufs if math.isfinite(result.lufs) else None,
        notes=result.notes,
        files={name: file_hash(output / name) for name in files},
        vetoes={
            name: _KeptVeto(value=defined(line.value), fires=line.fires, stems=line.stems)
            for name, line in result.vetoes.items()
        },
    )
    _write(output, key, kept)


def read_result(
    output: Path, key: str, *, song: str, system: str, measures: Collection[str], files: Collection[str]
) -> Result | None:
    """Return a result that was kept; None where it is not what this run would have written.

    Parameters
    ----------
    output : Path
        The report's folder.
    key : str
        Under which hash it is kept.
    song, system : str
        Whose it must be.
    measures : collection of str
        The measures that it must have, no others.
    files : collection of str
        The files that must be complete: names relative to the report's folder; the excerpt comes first.
    """
    kept = _read(output, key, _KeptResult)
    if kept is None or (kept.song, kept.system) != (song, system):
        return None
    if set(kept.values) != set(measures) or set(kept.files) != set(files) or set(kept.vetoes) != set(VETOES):
        return None
    lines = {name: kept.vetoes[name] for name in VETOES}
    numbers = [*kept.values.values(), kept.lufs, *(line.value for line in lines.values())]
    if not all(number is None or math.isfinite(number) for number in numbers):
        return None
    if not all(_is_complete(output, name, digest) for name, digest in kept.files.items()):
        return None
    return Result(
        song=song,
        system=system,
        values={name: math.nan if value is None else value for name, value in kept.values.items()},
        lufs=-math.inf if kept.lufs is None else kept.lufs,
        audio=next((name for name in files if name.startswith("audio/")), ""),
        notes=kept.notes,
        vetoes={
            name: VetoResult(
                value=math.nan if line.value is None else line.value, fires=line.fires, stems=line.stems
            )
            for name, line in lines.items()
        },
    )


def write_reference(output: Path, key: str, song: str, known: ReferenceBalance) -> None:
    """Keep what is known of the balance of a song's reference."""
    _write(output, key, _KeptReference(song=song, levels=known.levels, off_sum_lu=known.off_sum_lu))


def read_reference(output: Path, key: str, song: str) -> ReferenceBalance | None:
    """Return what was kept of the balance of a song's reference; None where it is not such."""
    kept = _read(output, key, _KeptReference)
    if kept is None or kept.song != song or not set(kept.levels) <= set(ROLES):
        return None
    numbers = [*kept.levels.values(), *([] if kept.off_sum_lu is None else [kept.off_sum_lu])]
    if not all(math.isfinite(number) for number in numbers):
        return None
    return ReferenceBalance(levels=kept.levels, off_sum_lu=kept.off_sum_lu)


def write_plan(output: Path, key: str, song: str, plan: MixPlan) -> None:
    """Keep a plan that took long to find, whatever is measured of it."""
    _write(output, key, _KeptPlan(song=song, plan=plan.to_json()))


def read_plan(output: Path, key: str, song: str) -> MixPlan | None:
    """Return a plan of a song that was kept; None where it is not such."""
    kept = _read(output, key, _KeptPlan)
    if kept is None or kept.song != song:
        return None
    try:
        return MixPlan.from_json(kept.plan)
    except PlanError:
        return None


def _write(output: Path, key: str, kept: Any) -> None:
    import msgspec

    text = msgspec.json.encode({"checksum": _checksum(kept), "kept": kept}).decode()
    write_text_atomic(own_path(output, f"{COMPARISON_CACHE}/{key}.json"), text)


def _read(output: Path, key: str, expected: type[_T]) -> _T | None:
    import msgspec

    name = f"{COMPARISON_CACHE}/{key}.json"
    try:
        if not _lies_there(output, name) or not (output / name).is_file():
            return None
        with open(output / name, "rb") as file:
            data = file.read(_LARGEST_BYTES + 1)
        document = msgspec.json.decode(data) if len(data) <= _LARGEST_BYTES else None
        if not isinstance(document, dict) or set(document) != {"checksum", "kept"}:
            return None
        kept = msgspec.convert(document["kept"], expected)
        return kept if document["checksum"] == _checksum(kept) else None
    except (OSError, ValueError, OverflowError, RecursionError, msgspec.MsgspecError):
        return None


def _checksum(kept: Any) -> str:
    import msgspec

    return hashlib.sha256(msgspec.json.encode(kept)).hexdigest()


def _is_complete(output: Path, name: str, digest: str) -> bool:
    try:
        return _lies_there(output, name) and (output / name).is_file() and file_hash(output / name) == digest
    except AudioFileError:
        return False


def _require_there(output: Path, name: str) -> None:
    if not _lies_there(output, name):
        raise AudioFileError(f"{output / name} leads elsewhere by a link: name another folder for the report")


def _lies_there(output: Path, name: str) -> bool:
    """Return whether no link on the way leads to another place than the name says."""
    return os.path.realpath(output / name) == os.path.join(os.path.realpath(output), *name.split("/"))
