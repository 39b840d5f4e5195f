"""Where the results of an analysis may go: an older analysis is refreshed, nothing else is replaced."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mixrules.errors import AudioFileError
from mixrules.files import names_format

FORMAT = "mixrules-listening-results"
TABLES = (
    *("descriptions", "omnibus", "comparisons", "group_comparisons"),
    *("model_contrasts", "model_effects", "model_checks"),
    *("songs", "consistency", "outliers", "exclusions", "comments", "ratings"),
    *("preferences", "strengths", "discriminations", "listeners", "positions", "agreement", "choices"),
)
FILES = (*(f"{name}.csv" for name in TABLES), "results.json", "table.tex", "methods.txt", "index.html")
_PICTURES = (".svg", ".png")


def require_place(folder: Path, inputs: Sequence[Path], *, force: bool) -> None:
    """Raise `AudioFileError` where results in `folder` would replace what is not an older analysis.

    Parameters
    ----------
    folder : Path
        Where the results go; it need not be there.
    inputs : sequence of Path
        What is analysed: it is never replaced.
    force : bool
        Whether other files may be replaced.
    """
    for path in inputs:
        if path.resolve() == folder.resolve():
            raise AudioFileError(f"{folder} is the folder of the ratings: name another with -o")
        if path.name in FILES and (folder / path.name).resolve() == path.resolve():
            raise AudioFileError(f"{path} is read and would be replaced: name another folder with -o")
    if force or names_format(folder / "results.json", FORMAT):
        return
    there = [folder / name for name in FILES if (folder / name).exists()]
    if folder.is_dir():
        there += sorted(path for path in folder.iterdir() if path.suffix in _PICTURES)
    if there:
        raise AudioFileError(
            f"{there[0]} exists already and is no result of ours: name another folder with -o, or --force "
            "replaces files there"
        )
