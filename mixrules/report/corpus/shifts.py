"""Where the splits of a corpus differ: a rank test a measure, Holm's correction for all of them, and a sentence."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from mixrules.report.corpus.measures import SONGS, Measure
from mixrules.report.corpus.series import CorpusTables, Series
from mixrules.report.page_frame import fixed
from mixrules.statistics import holm, omnibus_independent, rank_sum

FEWEST_IN_SPLIT = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """One measure compared between the splits.

    Attributes
    ----------
    corpus : str
        Whose splits.
    measure : Measure
        What is compared.
    signal : str
        Of which signal.
    medians : dict of str to float
        By split.
    songs : dict of str to int
        How many songs of each split have a value.
    p, p_holm : float
        Of Mann and Whitney's test (two splits) or Kruskal and Wallis' (more), and after Holm's correction.
    delta : float
        Cliff's delta of the first split against the second, -1 to 1; NaN with more than two.
    """

    corpus: str
    measure: Measure
    signal: str
    medians: dict[str, float]
    songs: dict[str, int]
    p: float
    p_holm: float
    delta: float

    @property
    def sentence(self) -> str:
        """What is said of it."""
        medians = ", ".join(f"{split} {self.measure.shown(median)}" for split, median in self.medians.items())
        unit = f" {self.measure.unit_in_words}" if self.measure.unit else ""
        effect = f", Cliff's delta {fixed(self.delta)}" if math.isfinite(self.delta) else ""
        p = "p < 0.001" if self.p_holm < 0.001 else f"p = {self.p_holm:.3f}"
        return f"{self.measure.label_of(self.signal)}: medians {medians}{unit}; {p}{effect}."


def split_shifts(tables: CorpusTables, corpus: str, series: Iterable[Series]) -> list[Shift]:
    """Compare every measure of songs between the splits; those of fewer than three songs do not count.

    Parameters
    ----------
    tables : CorpusTables
        The corpus.
    corpus : str
        What it is called.
    series : iterable of Series
        Its values.

    Returns
    -------
    list of Shift
        Empty where no two splits can be compared; the smallest p first.
    """
    shifts = []
    for each in series:
        if each.table != SONGS:
            continue
        samples = {
            split or "none": own
            for split in tables.split_names()
            if (own := _defined(each.song_means[tables.splits == split])).size >= FEWEST_IN_SPLIT
        }
        if len(samples) < 2:
            continue
        values = list(samples.values())
        p, delta = rank_sum(*values) if len(values) == 2 else (omnibus_independent(values)[1], math.nan)
        shifts.append(
            Shift(
                corpus=corpus,
                measure=each.measure,
                signal=each.signal,
                medians={name: float(np.median(own)) for name, own in samples.items()},
                songs={name: own.size for name, own in samples.items()},
                p=p,
                p_holm=math.nan,
                delta=delta,
            )
        )
    adjusted = holm([shift.p for shift in shifts])
    told = [replace(shift, p_holm=float(p)) for shift, p in zip(shifts, adjusted, strict=True)]
    return sorted(told, key=lambda shift: (math.isnan(shift.p), shift.p))


def _defined(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return values[np.isfinite(values)]
