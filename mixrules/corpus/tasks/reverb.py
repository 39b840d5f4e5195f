"""Task ``reverb``: the parameters of a reverb on the vocal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from mixrules.corpus.tasks.mel_blocks import SAMPLE_RATE
from mixrules.corpus.tasks.task import Audio, Drawn, Output, PlainTask
from mixrules.processors import ReverbParams, db_to_gain
from mixrules.processors.reverb import ReverbStream, impulse_response

# Each between two ends: uniform, or uniform in the logarithm where the ratio is what the ear compares.
_UNIFORM = {
    "pre_delay_ms": (0.0, 100.0),
    "low_shelf_db_per_s": (-20.0, 0.0),
    "high_shelf_db_per_s": (-60.0, 0.0),
    "wet_db": (-20.0, 0.0),
}
_LOGARITHMIC = {
    "t60_s": (0.3, 5.0),
    "room_size_m": (4.0, 30.0),
    "low_cut_hz": (50.0, 500.0),
    "high_cut_hz": (3000.0, 16_000.0),
}
RANGES = {**_LOGARITHMIC, **_UNIFORM}
_UNITS = {
    "t60_s": "s, time for 60 dB of decay between the shelves",
    "room_size_m": "m, size of the room",
    "low_cut_hz": "Hz, high-pass filter of the reverb",
    "high_cut_hz": "Hz, low-pass filter of the reverb",
    "pre_delay_ms": "ms, silence before the reverb",
    "low_shelf_db_per_s": "dB/s, what the decay below 102 Hz is faster by (negative)",
    "high_shelf_db_per_s": "dB/s, what the decay above 11.9 kHz is faster by (negative)",
    "wet_db": "dB, energy of the reverb's impulse response to the direct sound's, in the mean of the channels",
}


@dataclass(frozen=True, slots=True)
class ReverbTask(PlainTask):
    """Eight parameters of the reverb, drawn for a song."""

    name = "reverb"
    outputs = tuple(Output(name=name, unit=_UNITS[name]) for name in RANGES)
    random = True

    def draw(self, rng: np.random.Generator, channels: int) -> Drawn:
        """Draw the parameters and make the reverb."""
        values = {name: float(np.exp(rng.uniform(*np.log(ends)))) for name, ends in _LOGARITHMIC.items()}
        values |= {name: float(rng.uniform(*ends)) for name, ends in _UNIFORM.items()}
        return Drawn((added_reverb(values),), tuple(values[name] for name in RANGES))


def added_reverb(values: dict[str, float]) -> AddedReverb:
    """Return the reverb with these parameters beside the dry sound."""
    room: dict[str, Any] = {name: value for name, value in values.items() if name != "wet_db"}
    return AddedReverb(ReverbParams(**room), db_to_gain(values["wet_db"]))


class AddedReverb:
    """A reverb beside the dry sound; blocks but for the last are whole multiples of the reverb's.

    Parameters
    ----------
    params : ReverbParams
        The room.
    wet : float
        Gain of the reverb, whose impulse response has the energy of one sample of 1.0 in the mean of the channels: that
        is what a mel block shows, of mono and of stereo.
    dry : float
        Gain of the dry sound.
    """

    def __init__(self, params: ReverbParams, wet: float, *, dry: float = 1.0) -> None:
        self._reverb = ReverbStream(SAMPLE_RATE, params)
        mean = impulse_response(SAMPLE_RATE, params).mean(axis=1, dtype=np.float64)
        self._wet, self._dry = np.float32(wet / np.sqrt(np.sum(np.square(mean)))), np.float32(dry)

    def process(self, block: Audio) -> Audio:
        """Return the next block with its reverb; the tail after the end is left away."""
        wet = self._reverb.process(block)
        if block.shape[1] == 1:
            wet = wet.mean(axis=1, keepdims=True, dtype=np.float32)
        return np.asarray(self._dry * block + self._wet * wet, dtype=np.float32)
