"""What is written of a corpus: the page, every figure as SVG and PNG, tables as CSV."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from mixrules._support.installed import is_installed
from mixrules._support.version import __version__
from mixrules.errors import MissingPackageError, ParameterError
from mixrules.files import atomic_path, names_format, write_text_atomic
from mixrules.files.tables.writing import csv_text
from mixrules.report.corpus.description import CorpusDescription
from mixrules.report.corpus.outliers import Outlier
from mixrules.report.corpus.page import corpus_page
from mixrules.report.corpus.page_figures import page_figures
from mixrules.report.corpus.statistics import Settings, Statistic

FORMAT = "mixrules-corpus-description"
_DOCUMENT = "description.json"
_TABLES = ("statistics.csv", "spectra.csv", "splits.csv", "outliers.csv")


def write_description(corpora: Sequence[CorpusDescription], folder: Path, settings: Settings) -> list[str]:
    """Write the description of corpora into an existing folder.

    Parameters
    ----------
    corpora : sequence of CorpusDescription
        What is described.
    folder : Path
        Where to; files of the same names are replaced.
    settings : Settings
        How intervals were made.

    Returns
    -------
    list of str
        The names of the files.

    Raises
    ------
    AudioFileError
        If a file cannot be written.
    """
    texts = {f"{name}.csv": text for name, text in _tables(corpora).items()}
    texts[_DOCUMENT] = _document(corpora, settings)
    drawn = []
    for figure in page_figures(corpora):
        drawn.append(figure)
        texts[f"{figure.name}.svg"] = figure.svg
    texts["index.html"] = corpus_page(corpora, drawn, settings)
    for name, text in texts.items():
        write_text_atomic(folder / name, text)
    for figure in drawn:
        with atomic_path(folder / f"{figure.name}.png") as temporary:
            temporary.write_bytes(figure.png)
    return [*texts, *(f"{figure.name}.png" for figure in drawn)]


def require_libraries() -> None:
    """Raise `MissingPackageError` unless what reads the tables, draws and fills pages is installed."""
    missing = [name for name in ("pyarrow", "matplotlib", "jinja2") if not is_installed(name)]
    if missing:
        raise MissingPackageError(
            f"mixrules describe needs {' and '.join(missing)}: pip install 'mixrules[report,corpus]'"
        )


def require_place(folder: Path, truths: Sequence[Path], *, force: bool) -> None:
    """Raise `ParameterError` where a description would stand among other files.

    Parameters
    ----------
    folder : Path
        Where it goes; it need not be there.
    truths : sequence of Path
        What is described: it stays as it is.
    force : bool
        Whether files that are not of an earlier description may be replaced.
    """
    for truth in truths:
        if truth.resolve() in (folder.resolve(), *folder.resolve().parents):
            raise ParameterError(
                f"{folder} lies within the ground truth {truth}: name another folder with -o"
            )
    if force or names_format(folder / _DOCUMENT, FORMAT) or not folder.is_dir():
        return
    there = [folder / name for name in (*_TABLES, "index.html", _DOCUMENT) if (folder / name).exists()]
    there += sorted(path for path in folder.iterdir() if path.suffix in (".svg", ".png"))
    if there:
        raise ParameterError(
            f"{there[0]} exists already and is no description of ours: name another folder with -o, or --force "
            "replaces files there"
        )


def _tables(corpora: Sequence[CorpusDescription]) -> dict[str, str]:
    statistics = [asdict(row) for corpus in corpora for row in corpus.statistics]
    bands = [asdict(row) for corpus in corpora for spectrum in corpus.spectra for row in spectrum.rows]
    names = [field.name for field in fields(Statistic)]
    shifts = [
        {
            "corpus": shift.corpus,
            "measure": shift.measure.column,
            "signal": shift.signal,
            "split": split,
            "songs": shift.songs[split],
            "median": median,
            "p": shift.p,
            "p_holm": shift.p_holm,
            "cliffs_delta": shift.delta,
        }
        for corpus in corpora
        for shift in corpus.shifts
        for split, median in shift.medians.items()
    ]
    outliers = [
        asdict(outlier) | {"measure": outlier.measure.column, "unit": outlier.measure.unit}
        for corpus in corpora
        for outlier in corpus.outliers
    ]
    columns = ("corpus", "measure", "signal", "split", "songs", "median", "p", "p_holm", "cliffs_delta")
    return {
        "statistics": _csv(statistics, names),
        "spectra": _csv(bands, names),
        "splits": _csv(shifts, columns),
        "outliers": _csv(outliers, [*(field.name for field in fields(Outlier)), "unit"]),
    }


def _document(corpora: Sequence[CorpusDescription], settings: Settings) -> str:
    document = {
        "format": FORMAT,
        "version": 1,
        "made_with": __version__,
        "corpora": [{"name": c.name, "songs": len(c.tables.songs), "failed": len(c.failed)} for c in corpora],
        "settings": asdict(settings),
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _csv(rows: Sequence[dict[str, Any]], columns: Sequence[str]) -> str:
    return csv_text(({name: _cell(value) for name, value in row.items()} for row in rows), columns)


def _cell(value: Any) -> Any:
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:.6g}"
    return value
