"""An engine's processor on a whole signal, as the chain would prepare and feed it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from mixrules.engine import Engine, Processor, Signal
from mixrules.processors import ReverbParams, impulse_response

Samples = npt.NDArray[Any]


def through(
    prepare: Callable[..., Processor], audio: Samples, sample_rate: int, *settings: Any, block: int = 0
) -> Samples:
    """Return audio, shape (samples, channels), through the processor that `prepare(signal, *settings)` returns."""
    signal = Signal(
        sample_rate=sample_rate,
        channels=audio.shape[1],
        samples=len(audio),
        threads=1,
        run=lambda tasks: [task() for task in tasks],
        cached=lambda make: make(),
    )
    processor = prepare(signal, *settings)
    step = block or len(audio)
    parts = [processor.process(audio[start : start + step]) for start in range(0, len(audio), step)]
    return np.concatenate([part for part in [*parts, processor.flush()] if len(part)])


def reverberated(engine: Engine, audio: Samples, sample_rate: int, params: ReverbParams) -> Samples:
    """Return what an engine's reverb makes of audio, with its tail."""
    tail = len(impulse_response(sample_rate, params)) - 1
    return through(engine.reverb, np.pad(audio, ((0, tail), (0, 0))), sample_rate, params)
