"""The decay time of a stem's reverb, where the data set has its impulse response or the stem without reverb."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from mixrules._support.channels import mean_of_channels
from mixrules.analysis import decay_time
from mixrules.corpus.extraction.signals import SongSignals
from mixrules.stems.described_song import load_described, read_parts
from mixrules.stems.song_description import SongDescription, StemDescription


def decay_times(song: SongDescription, signals: SongSignals) -> list[float]:
    """Return the decay time (T30, in seconds) of each signal of a song; NaN where nothing says it."""
    described = {stem.name: stem for stem in song.stems}
    return [
        _decay_time(described[signal.stem], signal.audio, signals.sample_rate)
        if signal.kind == "stem" and signal.stem in described
        else math.nan
        for signal in signals.signals
    ]


def _decay_time(stem: StemDescription, wet: Any, sample_rate: int) -> float:
    if stem.impulse_response:
        response = read_parts(stem.impulse_response)
        return decay_time(response.audio, response.sample_rate)
    return math.nan
