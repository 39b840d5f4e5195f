"""What vocals, drums, bass and the other stems of finished songs sound like on average, in octave bands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixrules.analysis.bands import Bands


@dataclass(frozen=True, slots=True)
class ClassSpectrum:
    """The spectrum of a class of stems.

    Attributes
    ----------
    stems : str
        What its stems are called, in sentences.
    mean_db : tuple of float
        Level of each band of `octave_bands`; only their differences mean something.
    spread_db : tuple of float
        Standard deviation between finished stems of what is left of a stem's levels less the mean's, less its own mean.
    """

    stems: str
    mean_db: tuple[float, ...]
    spread_db: tuple[float, ...]

    def far_db(self, levels_db: npt.ArrayLike, bands: Bands, *, within_db: float) -> npt.NDArray[np.float64]:
        """Return how far a stem's octaves lie from the class's, the mean distance subtracted, shape (bands,).

        Parameters
        ----------
        levels_db : array_like, shape (bands,)
            Levels of the stem in the lowest octave bands.
        bands : Bands
            So many octave bands there are.
        within_db : float
            A band further below the stem's loudest does not count: 0 there.
        """
        levels = np.asarray(levels_db, np.float64)
        counts = levels > levels.max() - within_db
        far = levels - np.asarray(self.mean_db[: len(bands)])
        return np.where(counts, far - far[counts].mean(), 0.0)


# Means: MUSDB18's 100 training songs, octave sums of features_MUSDB18.npy of sony/FxNorm-automix (MIT licence,
# copyright (c) 2022 Sony Group Corporation): the square of the mean STFT magnitude over songs, sources at -30 LUFS.
# Spreads: ours, over the stems of 33 songs as their authors had them (16 vocals and choirs, 14 kits, 29 basses,
# 135 others), drawn towards the neighbouring bands' where few stems reach.
CLASS_SPECTRA: Mapping[str, ClassSpectrum] = {
    "vocals": ClassSpectrum(
        "vocals",
        (-24.6, -16.0, -8.2, -4.6, -5.7, -9.1, -12.7, -17.0, -25.8),
        (10.7, 7.7, 7.3, 4.3, 4.9, 4.1, 5.7, 8.3, 12.0),
    ),
    "drums": ClassSpectrum(
        "drum kits",
        (-5.6, -4.2, -8.0, -12.5, -16.1, -16.3, -14.2, -14.9, -21.0),
        (6.8, 3.7, 3.6, 3.9, 4.3, 3.8, 4.1, 4.1, 4.2),
    ),
    "bass": ClassSpectrum(
        "basses",
        (-5.5, -2.6, -8.3, -19.4, -25.3, -27.0, -32.6, -47.5, -52.8),
        (7.9, 7.3, 5.6, 4.7, 5.0, 4.4, 3.1, 5.0, 9.1),
    ),
    "other": ClassSpectrum(
        "instruments",
        (-16.4, -10.5, -5.9, -6.0, -7.8, -8.1, -12.4, -24.3, -34.2),
        (9.8, 10.0, 7.2, 5.0, 5.2, 6.6, 7.6, 6.2, 6.8),
    ),
}
"""By class: vocals, drums, bass, other."""
