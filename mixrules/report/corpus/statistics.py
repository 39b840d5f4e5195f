"""The statistics of a corpus: a row a measure, signal and split; the interval of a mean is over songs."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixrules.corpus.extraction.schema import OCTAVES_HZ, THIRD_OCTAVES_HZ
from mixrules.report.corpus.measures import SONGS, Spectrum
from mixrules.report.corpus.series import CorpusTables, Series, song_means
from mixrules.report.corpus.value_counts import ExactValues, Values
from mixrules.statistics import FEWEST_FOR_INTERVAL, bootstrap_mean, normal_mean

Floats = npt.NDArray[np.float64]

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
BOOTSTRAP_SONGS = 1000
"""Up to so many songs the interval of a mean is a bootstrap's. Above it is the mean ± z standard errors."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How intervals are made and what is an outlier.

    Attributes
    ----------
    confidence : float
        Of the intervals.
    resamples, seed : int
        Of the bootstrap; 0 resamples for no intervals.
    level_bounds_lu : tuple of float
        A song whose vocal lies beyond these against the backing is named.
    most_z : float
        A song whose modified z-score is above this is named.
    alpha : float
        Level of the family of tests between splits.
    """

    confidence: float = 0.95
    resamples: int = 2000
    seed: int = 0
    level_bounds_lu: tuple[float, float] = (-10.0, 6.0)
    most_z: float = 3.5
    alpha: float = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistic:
    """A row of the table of statistics; its fields are the columns. What is not defined is NaN.

    Attributes
    ----------
    corpus : str
        The folder of ground truth.
    measure, unit : str
        The column, with its band where it holds several; its unit.
    of : str
        ``"songs"``, ``"stems"`` or ``"snippets"``: of what there is a value each.
    signal, role, split : str
        Whose it is; empty for all roles, all splits.
    songs, values, missing : int
        How many songs have a value, how many values there are, how many are null.
    mean, mean_low, mean_high : float
        Mean over songs of each song's mean, with its interval.
    sd : float
        Standard deviation of the values.
    minimum, q05, q25, median, q75, q95, maximum : float
        Quantiles of the values.
    """

    corpus: str
    measure: str
    unit: str
    of: str
    signal: str
    role: str
    split: str
    songs: int
    values: int
    missing: int
    mean: float
    mean_low: float
    mean_high: float
    sd: float
    minimum: float
    q05: float
    q25: float
    median: float
    q75: float
    q95: float
    maximum: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BandStatistics:
    """The spectra of one signal or role, band by band.

    Attributes
    ----------
    spectrum : Spectrum
        Which.
    signal, role : str
        Whose.
    centers_hz : tuple of float
        The bands.
    rows : tuple of Statistic
        One a band.
    """

    spectrum: Spectrum
    signal: str
    role: str
    centers_hz: tuple[float, ...]
    rows: tuple[Statistic, ...]

    @property
    def songs(self) -> int:
        """How many songs have a value in some band."""
        return max(row.songs for row in self.rows)


def series_statistics(
    tables: CorpusTables, corpus: str, series: Iterable[Series], settings: Settings
) -> list[Statistic]:
    """Return the statistics of each series: of all songs, and of each split where there are some.

    Parameters
    ----------
    tables : CorpusTables
        The corpus.
    corpus : str
        What it is called.
    series : iterable of Series
        Its values.
    settings : Settings
        How intervals are made.
    """
    splits = tables.split_names()
    found = []
    for each in series:
        found.append(_of_series(each, corpus, "", each.values, each.song_means, each.missing, settings))
        if each.table != SONGS or len(splits) < 2:
            continue
        for split in splits:
            own = each.song_means[tables.splits == split]
            missing = int(np.isnan(own).sum())
            found.append(_of_series(each, corpus, split or "none", ExactValues(own), own, missing, settings))
    return found


def band_statistics(
    tables: CorpusTables, corpus: str, spectrum: Spectrum, settings: Settings
) -> Iterator[BandStatistics]:
    """Yield the statistics of each signal's and role's spectra.

    Parameters
    ----------
    tables : CorpusTables
        The corpus.
    corpus : str
        What it is called.
    spectrum : Spectrum
        Which column.
    settings : Settings
        How intervals are made.
    """
    for signal, role, levels, songs in tables.spectra(spectrum):
        if not np.isfinite(levels).any():
            continue
        centers = OCTAVES_HZ if levels.shape[1] == len(OCTAVES_HZ) else THIRD_OCTAVES_HZ
        rows = []
        for center, band in zip(centers, levels.T, strict=True):
            rows.append(
                _statistic(
                    ExactValues(band),
                    song_means(band, songs, len(tables.songs)),
                    int(np.isnan(band).sum()),
                    settings,
                    corpus=corpus,
                    measure=f"{spectrum.column} {center:g} Hz",
                    unit="dB",
                    of="stems" if role else SONGS,
                    signal=signal,
                    role=role,
                    split="",
                )
            )
        yield BandStatistics(
            spectrum=spectrum, signal=signal, role=role, centers_hz=centers, rows=tuple(rows)
        )


def _of_series(
    series: Series,
    corpus: str,
    split: str,
    values: Values,
    means: Floats,
    missing: int,
    settings: Settings,
) -> Statistic:
    return _statistic(
        values,
        means,
        missing,
        settings,
        corpus=corpus,
        measure=series.measure.column,
        unit=series.measure.unit,
        of=series.table,
        signal=series.signal,
        role=series.role,
        split=split,
    )


def _statistic(values: Values, means: Floats, missing: int, settings: Settings, **whose: str) -> Statistic:
    low, *inner, high = values.quantiles((0.0, *QUANTILES, 1.0)).tolist()
    mean, mean_low, mean_high = _mean_of_songs(means, settings)
    q05, q25, median, q75, q95 = inner
    return Statistic(
        **whose,
        songs=int(np.isfinite(means).sum()),
        values=values.count,
        missing=missing,
        mean=mean,
        mean_low=mean_low,
        mean_high=mean_high,
        sd=values.sd,
        minimum=low,
        q05=q05,
        q25=q25,
        median=median,
        q75=q75,
        q95=q95,
        maximum=high,
    )


def _mean_of_songs(means: Floats, settings: Settings) -> tuple[float, float, float]:
    """Return the mean over songs and its interval."""
    defined = means[np.isfinite(means)]
    if defined.size > BOOTSTRAP_SONGS and settings.resamples:
        found = normal_mean(defined, confidence=settings.confidence)
        return found.mean, found.low, found.high
    few = defined.size < FEWEST_FOR_INTERVAL
    with warnings.catch_warnings():
        # Values of which all but one are the same have no acceleration; the bounds are then NaN, a dash on the page.
        warnings.simplefilter("ignore")
        found = bootstrap_mean(
            defined,
            confidence=settings.confidence,
            resamples=0 if few else settings.resamples,
            seed=settings.seed,
        )
    return found.mean, found.low, found.high
