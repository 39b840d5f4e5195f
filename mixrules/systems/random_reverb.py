"""The reverb that the random mixer draws, from the ranges of likelian/Lab_spring2022 (2022)."""

from __future__ import annotations

import numpy as np  # noqa: TC002

from mixrules.errors import ParameterError
from mixrules.processors import ReverbParams
from mixrules.processors.room import GRID_HZ, t60_at

# In the order in which they are drawn.
REVERB_RANGES = {
    "room_size_m": (1.0, 30.0),
    "t60_s": (0.1, 9.0),
    "low_shelf_hz": (20.0, 20_000.0),
    "high_shelf_hz": (20.0, 20_000.0),
    "low_shelf_q": (0.01, 0.9),
    "high_shelf_q": (0.01, 0.9),
    "low_shelf_db_per_s": (-80.0, 6.0),
    "high_shelf_db_per_s": (-80.0, 4.0),
    "fade_in_s": (0.0, 9.0),
}
"""Each parameter is uniform between two ends."""
WET_SHARE = (0.01, 0.99)
"""The share of the reverb in dry × (1 - share) + wet × share: 0 and 1 have no level in dB."""


def drawn_reverb(rng: np.random.Generator, sample_rate: int) -> ReverbParams:
    """Return a reverb whose parameters are uniform within `REVERB_RANGES`.

    Where the shelves would make a band ring for over a minute, all of them are drawn again.

    Parameters
    ----------
    rng : numpy.random.Generator
        Where chance comes from.
    sample_rate : int
        Hz: the delay lines, and with them the decay, depend on it.
    """
    while True:
        values = {name: float(rng.uniform(*ends)) for name, ends in REVERB_RANGES.items()}
        try:
            params = ReverbParams(**values)  # type: ignore[arg-type]
            t60_at(params, GRID_HZ, sample_rate)
        except ParameterError:
            continue
        return params
