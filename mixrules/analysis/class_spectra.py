"""What a class of stems sounds like: a spectrum in octave bands, and how far a stem lies from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixrules.analysis.bands import Bands


@dataclass(frozen=True, slots=True)
class ClassSpectrum:
    """The spectrum of a class of stems.

    Attributes
    ----------
    mean_db : tuple of float
        Level of each band of `octave_bands`; only their differences mean something.
    spread_db : tuple of float
        Standard deviation between finished stems of what is left of a stem's levels less the mean's, less its own mean.
    """

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
