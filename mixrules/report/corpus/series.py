"""The values of a corpus, measure by measure: of its songs, of the stems of a role, of its snippets."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mixrules.corpus.extraction.reading import Truth, read_truth
from mixrules.corpus.extraction.schema import SIGNALS, SNIPPETS, STEMS
from mixrules.report.corpus.columns import (
    Places,
    band_levels,
    batches,
    column_floats,
    floats,
    known,
    numbered,
    signal_numbers,
)
from mixrules.report.corpus.measures import MEASURES, SONGS, Measure, Spectrum
from mixrules.report.corpus.value_counts import CountedValues, ExactValues, Values

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Series:
    """The values of a measure of one signal, or of the stems of one role.

    Attributes
    ----------
    measure : Measure
        What it is.
    table : str
        ``"songs"``, ``"stems"`` or ``"snippets"``: of what there is a value each.
    signal, role : str
        Whose it is; the role for stems.
    values : Values
        Every defined value.
    song_means : ndarray, shape (songs,)
        The mean of each song's values, NaN where it has none. Songs are what is independent.
    missing : int
        How many values are not defined.
    """

    measure: Measure
    table: str
    signal: str
    role: str
    values: Values
    song_means: Floats
    missing: int


class CorpusTables:
    """The tables of one folder of ground truth.

    Songs and roles are numbered in the order in which they come; their numbers are all that is kept of the rows.

    Parameters
    ----------
    truth : Truth
        The folder, opened.

    Attributes
    ----------
    folder : Path
        The folder.
    songs : list of str
        The names of its songs.
    splits : ndarray of str, shape (songs,)
        The split of each; empty where there is none.
    roles : list of str
        The roles of its stems.
    """

    def __init__(self, truth: Truth) -> None:
        self._truth = truth
        self.folder = truth.folder
        numbers: dict[str, int] = {}
        roles: dict[str, int] = {}
        splits: list[str] = []
        rows: list[tuple[Places, Places, Places]] = []
        for batch in batches(truth.stems, ["song", "split", "signal", "role"]):
            songs, first = numbered(batch.column("song"), numbers)
            if first.size:  # the rows at which songs come for the first time, in their order
                splits += batch.column("split").take(first).to_pylist()
            rows.append((songs, signal_numbers(batch), numbered(batch.column("role"), roles)[0]))
        self.songs = list(numbers)
        self.splits = np.array([split or "" for split in splits], dtype=np.str_)
        self.roles = list(roles)
        song, signal, role = zip(*rows, strict=True) if rows else ((), (), ())
        self._song, self._signal, self._role = map(_joined, (song, signal, role))
        self._numbers = numbers

    def split_names(self) -> list[str]:
        """Return the splits that there are, in the order of their use; nothing where no song has one."""
        order = {"train": 0, "validation": 1, "test": 2, "": 4}
        found = sorted(set(self.splits.tolist()), key=lambda name: (order.get(name, 3), name))
        return found if any(found) else []

    def series(self) -> list[Series]:
        """Return every measure of songs, of stems by role and of snippets; what has no row is left out."""
        found: list[Series] = []
        snippets = {
            (series.measure.column, series.signal): series for series in self._snippet_series() if series
        }
        for measure in MEASURES:
            if SONGS in measure.tables or STEMS in measure.tables:
                column = floats(self._truth.stems, measure.column)
                found += (
                    self._by_role(measure, column)
                    if STEMS in measure.tables
                    else [s for signal in measure.signals if (s := self._by_song(measure, signal, column))]
                )
            if SNIPPETS in measure.tables:
                keys = [(measure.column, signal) for signal in measure.signals]
                found += [snippets[key] for key in keys if key in snippets]
        return found

    def spectra(self, spectrum: Spectrum) -> Iterator[tuple[str, str, Floats, Places]]:
        """Yield the signal, the role, the spectra (rows, bands) in dB and the songs that they are of."""
        levels = band_levels(self._truth.stems, spectrum.column)
        if spectrum.relative:
            with np.errstate(divide="ignore"):
                levels = levels - 10.0 * np.log10(np.nansum(10.0 ** (levels / 10.0), axis=1, keepdims=True))
        levels[~np.isfinite(levels)] = math.nan
        for signal in spectrum.signals:
            rows = self._signal == SIGNALS.index(signal)
            yield signal, "", levels[rows], self._song[rows]
        for number, role in enumerate(self.roles if spectrum.by_role else []):
            rows = (self._role == number) & (self._signal == SIGNALS.index("stem"))
            yield "stem", role, levels[rows], self._song[rows]

    def _by_song(self, measure: Measure, signal: str, column: Floats) -> Series | None:
        rows = self._signal == SIGNALS.index(signal)
        if not rows.any():
            return None
        values = np.full(len(self.songs), math.nan)
        values[self._song[rows]] = column[rows]
        return Series(
            measure=measure,
            table=SONGS,
            signal=signal,
            role="",
            values=ExactValues(values),
            song_means=values,
            missing=int(np.isnan(column[rows]).sum()),
        )

    def _by_role(self, measure: Measure, column: Floats) -> list[Series]:
        found = []
        for number, role in enumerate(self.roles):
            rows = (self._role == number) & (self._signal == SIGNALS.index("stem"))
            if rows.any():
                found.append(
                    Series(
                        measure=measure,
                        table=STEMS,
                        signal="stem",
                        role=role,
                        values=ExactValues(column[rows]),
                        song_means=song_means(column[rows], self._song[rows], len(self.songs)),
                        missing=int(np.isnan(column[rows]).sum()),
                    )
                )
        return found

    def _snippet_series(self) -> list[Series]:
        """Go once through the snippets, counting."""
        measures = [measure for measure in MEASURES if SNIPPETS in measure.tables]
        keys = [(measure, signal) for measure in measures for signal in measure.signals]
        counted = {key: CountedValues() for key in keys}
        sums = {key: np.zeros((2, len(self.songs))) for key in keys}
        missing = dict.fromkeys(keys, 0)
        columns = ["song", "signal", *(measure.column for measure in measures)]
        for batch in batches(self._truth.snippets, columns):
            song = known(batch.column("song"), self._numbers)
            signal = signal_numbers(batch)
            for measure in measures:
                column = column_floats(batch.column(measure.column))
                for name in measure.signals:
                    key = measure, name
                    rows = (signal == SIGNALS.index(name)) & (song >= 0)
                    defined = rows & np.isfinite(column)
                    counted[key].add(column[defined])
                    missing[key] += int(rows.sum() - defined.sum())
                    # Snippets of a song stand together: few songs in a batch, whose sums are small.
                    own, place = np.unique(song[defined], return_inverse=True)
                    sums[key][0, own] += np.bincount(place, column[defined], own.size)
                    sums[key][1, own] += np.bincount(place, minlength=own.size)
        return [
            Series(
                measure=measure,
                table=SNIPPETS,
                signal=signal,
                role="",
                values=counted[measure, signal],
                song_means=_ratio(*sums[measure, signal]),
                missing=missing[measure, signal],
            )
            for measure, signal in keys
            if counted[measure, signal].count or missing[measure, signal]
        ]


def open_corpus(folder: Path) -> CorpusTables:
    """Open a folder of ground truth; fails with `AudioFileError` where it is none."""
    return CorpusTables(read_truth(folder))


def song_means(values: Floats, songs: Places, count: int) -> Floats:
    """Return the mean of each song's values, NaN where it has none.

    Parameters
    ----------
    values : ndarray, shape (rows,)
        NaN is left out.
    songs : ndarray of int, shape (rows,)
        The number of each row's song.
    count : int
        How many songs there are.
    """
    defined = np.isfinite(values)
    own = songs[defined]
    return _ratio(np.bincount(own, values[defined], count), np.bincount(own, minlength=count))


def _joined(parts: Sequence[Places]) -> Places:
    return np.concatenate([np.zeros(0, np.int32), *parts])


def _ratio(sums: npt.NDArray[Any], counts: npt.NDArray[Any]) -> Floats:
    return np.asarray(np.divide(sums, counts, out=np.full(sums.shape, math.nan), where=counts > 0))
