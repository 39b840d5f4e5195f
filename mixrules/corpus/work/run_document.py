"""``run.json`` in a folder of results: what they are, of which songs and by what settings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from mixrules.errors import AudioFileError, ParameterError
from mixrules.files import read_text, write_text_atomic

NAME = "run.json"
FORMAT = "mixrules-corpus-run"


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
        What the results hang on besides the songs.
    """

    kind: str
    version: str
    root: str
    layout: str
    settings: dict[str, Any]
    format: str = FORMAT


def read_run(folder: Path) -> RunDocument:
    """Return what a folder of results is; fails with `AudioFileError` where it is none."""
    text = read_text(folder / NAME)
    try:
        document = msgspec.json.decode(text, type=RunDocument)
    except msgspec.MsgspecError as error:
        raise AudioFileError(f"{folder / NAME} does not describe results of ours: {error}") from error
    if document.format != FORMAT:
        raise AudioFileError(f"{folder / NAME} is of another format, {FORMAT} is needed")
    return document


def claim(folder: Path, document: RunDocument) -> None:
    """Write what a folder is to hold, or raise `ParameterError` where it holds something else already."""
    if (folder / NAME).exists():
        there = read_run(folder)
        for what in ("kind", "version", "layout", "settings"):
            if getattr(there, what) != getattr(document, what):
                raise ParameterError(
                    f"{folder} holds results of another run ({what} {getattr(there, what)!r}, now "
                    f"{getattr(document, what)!r}): name another folder"
                )
        return
    write_text_atomic(
        folder / NAME, msgspec.json.format(msgspec.json.encode(document), indent=1).decode() + "\n"
    )
