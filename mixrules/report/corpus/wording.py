"""What is said below the figures of a corpus, and above their panels."""

from __future__ import annotations

import math
from collections.abc import Sequence

from mixrules.report.corpus.description import CorpusDescription
from mixrules.report.corpus.measures import SONGS
from mixrules.report.corpus.series import Series
from mixrules.report.corpus.statistics import BandStatistics

_ENOUGH_FOR_ENDS = 20
"""From so many values on the middle 90 % are said, below it the smallest and the largest."""


def usual(corpus: CorpusDescription, series: Series) -> str:
    """Return in words what is usual: the median, and the middle 90 % where there are enough values."""
    row, shown = corpus.statistic(series), series.measure.shown
    unit = f" {series.measure.unit_in_words}" if series.measure.unit else ""
    if not row.values:
        return "not defined"
    if row.values == 1:
        return f"{shown(row.median)}{unit} (1 {series.table.removesuffix('s')})"
    many = row.values >= _ENOUGH_FOR_ENDS
    low, high = map(shown, (row.q05, row.q95) if many else (row.minimum, row.maximum))
    ends = f"90 % lie between {low} and {high}" if many else f"all between {low} and {high}"
    songs = f"{row.songs:,} song{'' if row.songs == 1 else 's'}"
    of = songs if series.table == SONGS else f"{row.values:,} {series.table} of {songs}"
    return f"median {shown(row.median)}{unit} ({ends}; {of})"


def loudest(bands: BandStatistics) -> str:
    """Return the band with the highest median, as it is called."""
    medians = [-math.inf if math.isnan(row.median) else row.median for row in bands.rows]
    center_hz = bands.centers_hz[medians.index(max(medians))]
    return f"{float(f'{center_hz:.3g}'):g} Hz"


def panel_name(signal: str, of: str, wanted: Sequence[tuple[str, str]]) -> str:
    """Return what a panel is called: the signal, or of what each value is where a measure is shown of several."""
    return f"per {of.removesuffix('s')}" if len(wanted) > 1 else signal


def titled(corpora: Sequence[CorpusDescription], corpus: CorpusDescription, text: str) -> str:
    """Return a text with the name of the corpus, where there are several."""
    return text if len(corpora) == 1 else f"{corpus.name}: {text}" if text else corpus.name
