"""A search among rooms for the one whose energy decays most like that of a response, in time and frequency."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mixrules.errors import AudioError
from mixrules.matching.decay_relief import DecayRelief, ReliefBands
from mixrules.matching.room_box import DIMENSIONS, point_of, room_at
from mixrules.matching.searches import search
from mixrules.processors import ReverbParams, impulse_response

Floats = npt.NDArray[np.float64]

_RATE_HZ = 24_000  # at which a network's response costs half as much
_NO_ROOM_DB = 100.0


def searched_room(
    reverberation: Floats,
    sample_rate: int,
    start: ReverbParams | None,
    like: ReverbParams,
    *,
    kind: str,
    bands: ReliefBands,
    evaluations: int,
    seed: int,
) -> tuple[ReverbParams, int]:
    """Return the cheapest room that a search finds, and the responses that it made.

    Parameters
    ----------
    reverberation : ndarray of float64, shape (samples, channels)
        The response without its direct sound.
    sample_rate : int
        Hz.
    start : ReverbParams or None
        Where the search begins; by chance, without one.
    like : ReverbParams
        The room whose delay lines are kept.
    kind : str
        As for `mixrules.matching.searches.search`.
    bands : str
        As for `DecayRelief`.
    evaluations, seed : int
        As for `mixrules.matching.searches.search`.

    Raises
    ------
    AudioError
        If none of the points that the search tried is a room.
    """
    import soxr

    rate = min(_RATE_HZ, sample_rate)
    relief = DecayRelief(soxr.resample(reverberation, sample_rate, rate), rate, bands)

    def cost(point: Floats) -> float:
        params = room_at(point, like, rate)
        return _NO_ROOM_DB if params is None else relief.distance_db(impulse_response(rate, params))

    found = search(
        cost,
        DIMENSIONS,
        kind,
        start=None if start is None else point_of(start),
        most_evaluations=evaluations,
        seed=seed,
    )
    params = room_at(found.best, like, sample_rate)
    if params is None:
        raise AudioError(f"{kind} found no room in {evaluations} evaluations: let it make more")
    return params, found.evaluations
