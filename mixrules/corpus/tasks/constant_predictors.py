"""Constants as predictors: mean and median of the targets of unchanged training songs, and how far they are off.

Two errors, each named: the mean absolute error, and the root of the mean squared error. A network that does not do better
on the test songs has learned nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mixrules.corpus.tasks.settings import SPLITS

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Targets:
    """The targets of a split.

    Attributes
    ----------
    values : ndarray of float32, shape (samples, outputs)
        One row a sample.
    songs : ndarray of int, shape (samples,)
        Which song each is of.
    copies : ndarray of int, shape (samples,)
        0 for a song as it is, else which changed copy.
    """

    values: npt.NDArray[np.float32]
    songs: npt.NDArray[np.int64]
    copies: npt.NDArray[np.int64]

    def unchanged(self) -> Targets:
        """Return the targets of songs as they are; all of them where there are but changed copies."""
        wanted = self.copies == 0
        if not wanted.any():
            return self
        return Targets(self.values[wanted], self.songs[wanted], self.copies[wanted])

    def by_song(self) -> Floats:
        """Return the mean target of each song, shape (songs, outputs)."""
        return song_means(self.values, self.songs)


def song_means(values: npt.NDArray[np.floating], songs: npt.NDArray[np.integer]) -> Floats:
    """Return the mean of the values of each song, shape (songs, outputs); `songs` says which each row is of."""
    _, place, counts = np.unique(songs, return_inverse=True, return_counts=True)
    sums: Floats = np.zeros((len(counts), values.shape[1]))
    np.add.at(sums, place, values)
    means: Floats = sums / counts[:, np.newaxis]
    return means


def constant_predictors(
    targets: Mapping[str, Targets], outputs: Sequence[str], *, together: bool
) -> dict[str, Any]:
    """Return both constants and their errors.

    Parameters
    ----------
    targets : mapping of str to Targets
        By split.
    outputs : sequence of str
        What the numbers to predict are called.
    together : bool
        Whether they have one unit, so that there is an error over all of them.

    Returns
    -------
    dict
        ``mean`` and ``median`` of training songs as they are: what changed copies would be answered with is no measure of
        music. Each with ``prediction`` (by output) and, for each split, without copies, the errors
        ``mean_absolute_error`` and ``root_mean_square_error`` by sample, and by song (targets averaged over the samples
        of a song), for each output, and for ``all`` where they have one unit.
    """
    targets = {split: targets[split].unchanged() for split in SPLITS}
    training = targets["train"].values
    found: dict[str, Any] = {}
    for name, constant in (("mean", np.mean), ("median", np.median)):
        prediction = np.array([constant(column.astype(np.float64)) for column in training.T])
        found[name] = {
            "prediction": dict(zip(outputs, map(float, prediction), strict=True)),
            "errors": {
                split: {
                    "by_sample": _errors(targets[split].values - prediction, outputs, together),
                    "by_song": _errors(targets[split].by_song() - prediction, outputs, together),
                }
                for split in SPLITS
            },
        }
    return found


def _errors(differences: Floats, outputs: Sequence[str], together: bool) -> dict[str, Any]:
    """Return both errors, of each output and of all together."""
    absolute = np.mean(np.abs(differences), axis=0)
    square = np.mean(np.square(differences), axis=0)
    both = []
    for values, total in ((absolute, absolute.mean()), (np.sqrt(square), np.sqrt(square.mean()))):
        errors = dict(zip(outputs, map(float, values), strict=True))
        both.append({**errors, "all": float(total)} if together else errors)
    return {
        "count": len(differences),
        "mean_absolute_error": both[0],
        "root_mean_square_error": both[1],
    }


def statistics_of(targets: Targets, outputs: Sequence[str]) -> dict[str, Any]:
    """Return mean, standard deviation, median and ends of each output, to standardise by: ``(target - mean) / std``.

    Changed copies count, since they are learnt from, too.
    The deviation of an output that does not vary is given as 1, so that it can be divided by.
    """
    found: dict[str, Any] = {}
    for number, output in enumerate(outputs):
        values = targets.values[:, number].astype(np.float64)
        deviation = float(np.std(values))
        found[output] = {
            "mean": float(np.mean(values)),
            "std": deviation if deviation > 0.0 else 1.0,
            "median": float(np.median(values)),
            "lowest": float(np.min(values)),
            "highest": float(np.max(values)),
        }
    return found
