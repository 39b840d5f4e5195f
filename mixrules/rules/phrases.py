"""Phrases: stretches of hops in which something happens, without the short pauses in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Phrase:
    """The hops of a phrase in which something happens, and where it begins and ends in seconds."""

    hops: Sequence[int]
    start_s: float
    end_s: float


def phrases_of(
    times_s: npt.NDArray[np.float64], active: npt.NDArray[np.bool_], bridged_pause_s: float
) -> list[Phrase]:
    """Return the phrases of a signal.

    Parameters
    ----------
    times_s : ndarray of float64, shape (hops,)
        The middle of each hop.
    active : ndarray of bool, shape (hops,)
        In which hops something happens.
    bridged_pause_s : float
        A shorter pause does not end a phrase.

    Returns
    -------
    list of Phrase
        In order of time.
    """
    hops = np.flatnonzero(active)
    if not hops.size:
        return []
    hop_s = float(times_s[1] - times_s[0]) if times_s.size > 1 else 0.0
    pauses_s = np.diff(times_s[hops]) - hop_s
    groups = np.split(hops, np.flatnonzero(pauses_s >= bridged_pause_s) + 1)
    return [Phrase(group.tolist(), float(times_s[group[0]]), float(times_s[group[-1]])) for group in groups]
