"""What a comparison found, and where it is cached from one run to the next."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mixrules.evaluation.measures.registry import group_named
from mixrules.files import read_text, write_text_atomic

CACHE_FOLDER = ".kept"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One system's mix of one song, measured.

    Attributes
    ----------
    song, system : str
        Which.
    values : dict of str to float
        By measure; NaN where one is not defined.
    lufs : float
        Integrated loudness of the mix as delivered.
    audio : str
        An excerpt to listen to, relative to the report's folder, at equal loudness; empty if none.
    notes : tuple of str
        What was noticed and done.
    """

    song: str
    system: str
    values: dict[str, float]
    lufs: float
    audio: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What `compare` found.

    Attributes
    ----------
    songs, systems : tuple of str
        In order; the reference is not among the systems unless it was named.
    reference : str
        The system that all are compared with.
    groups : tuple of str
        The groups of measures made.
    results : tuple of Result
        One for each song and system.
    cached : int
        How many of them were there from an earlier run.
    """

    songs: tuple[str, ...]
    systems: tuple[str, ...]
    reference: str
    groups: tuple[str, ...]
    results: tuple[Result, ...]
    cached: int = 0

    def values(self, system: str, measure: str) -> list[float]:
        """Return one measure of one system, song by song."""
        found = {r.song: r.values.get(measure, math.nan) for r in self.results if r.system == system}
        return [found.get(song, math.nan) for song in self.songs]

    @property
    def measures(self) -> tuple[str, ...]:
        """The names of the measures made, in order."""
        return tuple(measure.name for group in self.groups for measure in group_named(group).measures)


def to_document(result: Result) -> dict[str, Any]:
    """Return a result as plain data."""
    values = {name: None if not math.isfinite(v) else v for name, v in result.values.items()}
    lufs = result.lufs if math.isfinite(result.lufs) else None
    return {
        **{"song": result.song, "system": result.system, "values": values, "lufs": lufs},
        **{"audio": result.audio, "notes": list(result.notes)},
    }


def from_document(cached: dict[str, Any]) -> Result:
    """Return the result that plain data holds."""
    values = {name: math.nan if v is None else float(v) for name, v in cached["values"].items()}
    return Result(
        song=cached["song"],
        system=cached["system"],
        values=values,
        lufs=-math.inf if cached["lufs"] is None else cached["lufs"],
        audio=cached["audio"],
        notes=tuple(cached["notes"]),
    )


def read_cached(output: Path, key: str) -> dict[str, Any] | None:
    """Return what an earlier run cached under a hash; None where there is nothing complete."""
    path = output / CACHE_FOLDER / f"{key}.json"
    if not path.is_file():
        return None
    try:
        cached: dict[str, Any] = json.loads(read_text(path))
    except json.JSONDecodeError:
        return None
    return cached


def write_cached(output: Path, key: str, value: dict[str, Any]) -> None:
    """Keep plain data under a hash."""
    write_text_atomic(output / CACHE_FOLDER / f"{key}.json", json.dumps(value))
