"""Songs that stand out from their corpus, by name, so that a broken one is found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from mixrules.report.corpus.measures import SONGS, Measure
from mixrules.report.corpus.series import CorpusTables, Series
from mixrules.report.corpus.statistics import Settings
from mixrules.statistics import modified_z

BOUNDED = "vocal_to_backing_lu"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlier:
    """A value of a song that stands out.

    Attributes
    ----------
    corpus, song, split : str
        Which song.
    measure : Measure
        What of it.
    signal : str
        Of which signal.
    value : float
        The value.
    z : float
        Its modified z-score; NaN where there are too few songs for one.
    beyond_bounds : bool
        Whether it lies beyond the bounds of the vocal's level.
    """

    corpus: str
    song: str
    split: str
    measure: Measure
    signal: str
    value: float
    z: float
    beyond_bounds: bool


def outliers(
    tables: CorpusTables, corpus: str, series: Iterable[Series], settings: Settings
) -> list[Outlier]:
    """Return every value of a song that stands out, the songs with most of them first.

    Parameters
    ----------
    tables : CorpusTables
        The corpus.
    corpus : str
        What it is called.
    series : iterable of Series
        Its values; those of songs are looked at.
    settings : Settings
        The bounds and the highest z-score.
    """
    found = []
    low, high = settings.level_bounds_lu
    for each in series:
        if each.table != SONGS:
            continue
        values = each.song_means
        scores = modified_z(np.log10(np.maximum(values, 1e-12)) if each.measure.logarithmic else values)
        beyond = np.zeros(values.size, bool)
        if each.measure.column == BOUNDED:
            beyond = (values < low) | (values > high)
        for place in np.flatnonzero(beyond | (np.abs(scores) > settings.most_z)):
            found.append(
                Outlier(
                    corpus=corpus,
                    song=tables.songs[place],
                    split=str(tables.splits[place]),
                    measure=each.measure,
                    signal=each.signal,
                    value=float(values[place]),
                    z=float(scores[place]),
                    beyond_bounds=bool(beyond[place]),
                )
            )
    times: dict[str, int] = {}
    for outlier in found:
        times[outlier.song] = times.get(outlier.song, 0) + 1
    return sorted(found, key=lambda o: (not o.beyond_bounds, -times[o.song], o.song))
