"""``run.json`` in a folder of results: what they are, of which songs and by what settings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from mixrules.corpus.work.place import Place, open_place
from mixrules.errors import AudioFileError, ParameterError
from mixrules.files import read_text
from mixrules.files.own_documents import RUN_DOCUMENT

FORMAT = "mixrules-corpus-run"
_MOST_SHOWN = 2
_LONGEST_SHOWN = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class RunDocument:
    """What a folder of results is.

    Attributes
    ----------
    format : str
        Always the same.
    kind : str
        What the results are: ``"mixes"``, ``"truth"``, ``"dataset"``.
    version : str
        The version of this package that made them.
    root, layout : str
        The data set.
    settings : dict
        What the results depend on besides the songs.
    """

    kind: str
    version: str
    root: str
    layout: str
    settings: dict[str, Any]
    format: str = FORMAT


def read_run(output: str | Path | Place) -> RunDocument:
    """Return what a folder of results is; fails with `AudioFileError` where it is none."""
    place = open_place(output) if isinstance(output, str | Path) else output
    if not place.exists(RUN_DOCUMENT):
        raise AudioFileError(
            f"{place} holds no results of ours, what mixrules batch, extract or dataset wrote is needed: "
            f"{RUN_DOCUMENT} is missing there"
        )
    with place.reading(RUN_DOCUMENT) as path:
        text = read_text(path)
    try:
        document = msgspec.json.decode(text, type=RunDocument)
    except msgspec.MsgspecError as error:
        raise AudioFileError(
            f"{RUN_DOCUMENT} in {place} does not describe results of ours: {error}"
        ) from error
    if document.format != FORMAT:
        raise AudioFileError(f"{RUN_DOCUMENT} in {place} is of another format, {FORMAT} is needed")
    return document


def claim(place: Place, document: RunDocument) -> None:
    """Write what a place is to hold, or raise `ParameterError` where it holds something else already."""
    if not place.exists(RUN_DOCUMENT):
        if not place.is_empty():
            raise ParameterError(
                f"{place} holds files that are no results of ours ({RUN_DOCUMENT} is missing): name another folder, or "
                "empty that one"
            )
        _write(place, document)
        return
    there = read_run(place)
    why = _why_other(there, document)
    if why and next(iter(place.ledger_lines().read()), None) is not None:
        raise ParameterError(f"the results in {place} {why}: name another folder, or empty that one")
    if why or there.root != document.root:  # nothing was done there yet, or the data set has moved
        _write(place, document)


def _why_other(there: RunDocument, document: RunDocument) -> str:
    """Return how results differ from those that a run would make; empty where they do not."""
    for what, said in (
        ("kind", "are of another kind"),
        ("version", "are of another version of mixrules"),
        ("layout", "are of another layout"),
    ):
        old, new = getattr(there, what), getattr(document, what)
        if old != new:
            return f"{said} ({old}, this run: {new})"
    differing = _differing(there.settings, _as_read(document.settings))
    return f"are of other settings ({differing})" if differing else ""


def _write(place: Place, document: RunDocument) -> None:
    with place.writing(RUN_DOCUMENT) as (path,):
        path.write_bytes(msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n")


def _as_read(settings: dict[str, Any]) -> dict[str, Any]:
    """Return settings as they are once they are written and read: tuples are lists then."""
    found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(settings))
    return found


def _differing(old: dict[str, Any], new: dict[str, Any], path: str = "") -> str:
    """Return the first few settings that differ, with both values."""
    found: list[str] = []
    for key in dict.fromkeys([*old, *new]):
        before, now = old.get(key), new.get(key)
        if isinstance(before, dict) and isinstance(now, dict):
            found.append(_differing(before, now, f"{path}{key}."))
        elif before != now:
            found.append(f"{path}{key} {_shown(before)}, this run: {_shown(now)}")
    return "; ".join(sorted(filter(None, found), key=len)[:_MOST_SHOWN])


def _shown(value: object) -> str:
    text = msgspec.json.encode(value).decode()
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."
