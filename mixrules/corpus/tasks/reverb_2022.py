"""Task ``reverb-2022``: the ten parameters of the vocal's reverb in likelian/Lab_spring2022 (2022)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np  # noqa: TC002

from mixrules.corpus.tasks.mel_blocks import SAMPLE_RATE
from mixrules.corpus.tasks.reverb import AddedReverb
from mixrules.corpus.tasks.task import Drawn, Output, PlainTask
from mixrules.systems.random_reverb import WET_SHARE, drawn_reverb

_WET_SHARE = "wet_share"
# Named as the constants of preset survey-2022 are.
_UNITS = {
    "room_size_m": "m, size of the room",
    "t60_s": "s, time for 60 dB of decay between the shelves",
    "low_shelf_hz": "Hz, corner below which the decay changes",
    "low_shelf_q": "1, quality factor of that shelf",
    "low_shelf_db_per_s": "dB/s, what the decay below is faster by (negative) or slower",
    "high_shelf_hz": "Hz, corner above which the decay changes",
    "high_shelf_q": "1, quality factor of that shelf",
    "high_shelf_db_per_s": "dB/s, what the decay above is faster by (negative) or slower",
    "fade_in_s": "s, time over which the reverb rises",
    _WET_SHARE: "1, share of the reverb in dry x (1 - share) + wet x share",
}


@dataclass(frozen=True, slots=True)
class PublishedReverbTask(PlainTask):
    """Ten parameters of the reverb, drawn for a song as the random mixer draws them."""

    name = "reverb-2022"
    outputs = tuple(Output(name=name, unit=unit) for name, unit in _UNITS.items())
    random = True

    def draw(self, rng: np.random.Generator, channels: int) -> Drawn:
        """Draw the parameters and make the reverb."""
        params = drawn_reverb(rng, SAMPLE_RATE)
        share = float(rng.uniform(*WET_SHARE))
        target = tuple(share if name == _WET_SHARE else float(getattr(params, name)) for name in _UNITS)
        return Drawn((AddedReverb(params, share, dry=1.0 - share),), target)
