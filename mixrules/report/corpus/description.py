"""A corpus described: its values, statistics, shifts between splits, songs that stand out, and what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mixrules.corpus.work.ledger import failed_songs
from mixrules.errors import ParameterError
from mixrules.report.corpus.measures import SPECTRA
from mixrules.report.corpus.outliers import Outlier, outliers
from mixrules.report.corpus.series import CorpusTables, Series, open_corpus
from mixrules.report.corpus.shifts import Shift, split_shifts
from mixrules.report.corpus.statistics import (
    BandStatistics,
    Settings,
    Statistic,
    band_statistics,
    series_statistics,
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CorpusDescription:
    """Everything that is said of one corpus.

    Attributes
    ----------
    name : str
        What it is called: the name of its folder, with as much of the path as tells it from others.
    tables : CorpusTables
        Its tables.
    series : tuple of Series
        The values of each measure.
    statistics : tuple of Statistic
        Of them.
    spectra : tuple of BandStatistics
        Its spectra.
    shifts : tuple of Shift
        Its splits compared.
    outliers : tuple of Outlier
        Songs that stand out.
    failed : dict of str to str
        Songs that could not be measured, each with the reason.
    """

    name: str
    tables: CorpusTables
    series: tuple[Series, ...]
    statistics: tuple[Statistic, ...]
    spectra: tuple[BandStatistics, ...]
    shifts: tuple[Shift, ...]
    outliers: tuple[Outlier, ...]
    failed: dict[str, str]

    def find(self, column: str, signal: str, of: str) -> Series | None:
        """Return the values of a measure of one signal, if there are any."""
        return next((s for s in self.find_all(column, of) if s.signal == signal), None)

    def find_all(self, column: str, of: str) -> list[Series]:
        """Return the values of a measure, of every signal or role."""
        return [s for s in self.series if s.measure.column == column and s.table == of]

    def statistic(self, series: Series) -> Statistic:
        """Return the statistics of a series, over all splits."""
        key = (series.measure.column, series.table, series.signal, series.role, "")
        return next(
            row for row in self.statistics if (row.measure, row.of, row.signal, row.role, row.split) == key
        )

    def missing(self) -> list[Statistic]:
        """Return the statistics of what is not defined for some songs, stems or snippets."""
        return [row for row in self.statistics if row.missing and not row.split]


def describe_corpora(folders: Sequence[Path], settings: Settings) -> list[CorpusDescription]:
    """Describe folders of ground truth.

    Parameters
    ----------
    folders : sequence of Path
        What `mixrules extract` wrote.
    settings : Settings
        How intervals are made and what is an outlier.

    Returns
    -------
    list of CorpusDescription
        One a folder, in order.

    Raises
    ------
    AudioFileError
        If a folder holds no ground truth.
    ParameterError
        If a folder is named twice.
    """
    resolved = [folder.resolve() for folder in folders]
    if len(set(resolved)) < len(resolved):
        raise ParameterError("a folder of ground truth is named twice: name each once")
    return [
        _described(open_corpus(folder), name, settings)
        for folder, name in zip(folders, _names(resolved), strict=True)
    ]


def _described(tables: CorpusTables, name: str, settings: Settings) -> CorpusDescription:
    series = tuple(tables.series())
    return CorpusDescription(
        name=name,
        tables=tables,
        series=series,
        statistics=tuple(series_statistics(tables, name, series, settings)),
        spectra=tuple(
            bands for spectrum in SPECTRA for bands in band_statistics(tables, name, spectrum, settings)
        ),
        shifts=tuple(split_shifts(tables, name, series)),
        outliers=tuple(outliers(tables, name, series, settings)),
        failed=failed_songs(tables.folder),
    )


def _names(folders: Sequence[Path]) -> list[str]:
    """Return the shortest end of each path that no other one has."""
    for parts in range(1, max(len(folder.parts) for folder in folders) + 1):
        names = ["/".join(folder.parts[-parts:]) for folder in folders]
        if len(set(names)) == len(names):
            return names
    return [str(folder) for folder in folders]
