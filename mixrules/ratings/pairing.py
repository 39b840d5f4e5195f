"""From single ratings to one number a listener: the unit of within-subject tests.

Ratings that one listener gave to several songs are not independent of each other. Counting each as an
observation of its own (pseudo-replication) makes tests far too sure. So repeats of a page are averaged
first, then songs, and every test sees a listener once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixrules.ratings.table import RatingTable

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Cube:
    """Ratings of one attribute, shape (listeners, songs, conditions), 0 to 1; NaN where there is none."""

    listeners: tuple[str, ...]
    songs: tuple[str, ...]
    conditions: tuple[str, ...]
    values: Floats

    def means(self) -> Floats:
        """Return each listener's mean over songs, shape (listeners, conditions); NaN where nothing was rated."""
        return _mean_over_songs(self.values)

    def complete(self) -> Floats:
        """Return the same of songs rated in all conditions, for listeners who have one at least."""
        complete = ~np.isnan(self.values).any(axis=2, keepdims=True)
        means = _mean_over_songs(np.where(complete, self.values, np.nan))
        listeners: Floats = means[~np.isnan(means).any(axis=1)]
        return listeners

    def differences(self, first: int, second: int) -> Floats:
        """Return each listener's mean difference of two conditions, over the songs rated in both."""
        difference = self.values[:, :, [first]] - self.values[:, :, [second]]
        means = _mean_over_songs(difference)[:, 0]
        # Means of the same steps can differ in the last bit; equal ones must count as tied.
        rounded: Floats = np.round(means[~np.isnan(means)], 9)
        return rounded


def cube_of(table: RatingTable, attribute: str, conditions: tuple[str, ...]) -> Cube:
    """Return one attribute's ratings by listener, song and condition, repeats averaged, 0 to 1.

    Parameters
    ----------
    table : RatingTable
        Of a within-subject design.
    attribute : str
        Which to take.
    conditions : tuple of str
        In which order.

    Returns
    -------
    Cube
    """
    rows = [row for row in table.rows() if row.attribute == attribute]
    listeners = tuple(dict.fromkeys(row.listener for row in rows))
    songs = tuple(dict.fromkeys(row.song for row in rows))
    index = [{name: i for i, name in enumerate(names)} for names in (listeners, songs, conditions)]
    sums = np.zeros((len(listeners), len(songs), len(conditions)))
    counts = np.zeros_like(sums)
    for row in rows:
        if row.condition not in index[2]:
            continue
        at = index[0][row.listener], index[1][row.song], index[2][row.condition]
        sums[at] += table.scale.normalised(row.value)
        counts[at] += 1
    values = np.divide(sums, counts, out=np.full_like(sums, np.nan), where=counts > 0)
    return Cube(listeners, songs, conditions, values)


def _mean_over_songs(values: Floats) -> Floats:
    given = ~np.isnan(values)
    counts = given.sum(axis=1)
    sums = np.where(given, values, 0.0).sum(axis=1)
    means: Floats = np.divide(sums, counts, out=np.full(sums.shape, np.nan), where=counts > 0)
    return means
