"""Where the chord changes, from chroma: the likeliest path through the 24 major and minor triads.

A frame's chroma is compared with binary templates of the triads by the cosine of their angle (after Fujishima 1999);
`librosa.sequence` finds the path.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mixrules.corpus.extraction.snippets import Integers

_MAJOR, _MINOR = (0, 4, 7), (0, 3, 7)
_CONCENTRATION = 20.0  # of the probability of a chord around the cosine; ours
_STAY = 0.9  # the probability that the next frame has the same chord, as in librosa's example


def chord_changes(chroma: npt.NDArray[np.float32], hop: int) -> Integers:
    """Return the samples at which another chord begins.

    Parameters
    ----------
    chroma : ndarray, shape (12, frames)
        From C; frames are about 0.2 s long. A silent frame keeps the chord before.
    hop : int
        Samples from frame to frame.

    Returns
    -------
    ndarray of int64
        Centres of the first frames of all chords but the first.
    """
    import librosa

    if chroma.shape[1] < 2:
        return np.empty(0, np.int64)
    direction = chroma / np.maximum(np.linalg.norm(chroma, axis=0), 1e-9)
    likelihood = np.exp(_CONCENTRATION * (_templates() @ direction))
    transitions = librosa.sequence.transition_loop(24, _STAY)
    path = librosa.sequence.viterbi_discriminative(likelihood / likelihood.sum(axis=0), transitions)
    return np.asarray((np.flatnonzero(np.diff(path)) + 1) * hop, dtype=np.int64)


def _templates() -> npt.NDArray[np.float64]:
    """Return the triads as unit vectors, shape (24, 12)."""
    rows = np.zeros((24, 12))
    for root in range(12):
        for row, steps in ((root, _MAJOR), (12 + root, _MINOR)):
            rows[row, [(root + step) % 12 for step in steps]] = 3.0**-0.5
    return rows
