"""Whatever is given to the meter, it reads it or raises an error of this package, and a stream goes on."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from mixrules.errors import AudioError, ParameterError
from mixrules.loudness import LoudnessMeter, measure

TONE = 0.25 * np.sin(0.13 * np.arange(48_000))


class HasArray:
    """As a series of pandas or a tensor of torch on the processor."""

    def __init__(self, audio: Any) -> None:
        self._audio = audio

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        if isinstance(self._audio, Exception):
            raise self._audio
        return self._audio


UNUSABLE: dict[str, Any] = {
    "what soundfile.read returns": (TONE, 48_000),
    "ragged lists": [[0.1, 0.2], [0.3]],
    "text": "song.wav",
    "texts": ["0.1", "0.2"],
    "None": None,
    "a dict": {"audio": TONE},
    "objects": np.array([0.1, None], object),
    "complex": TONE + 0j,
    "one number": 0.5,
    "three axes": np.zeros((5, 2, 2)),
    "masked samples": np.ma.masked_array(TONE, mask=np.arange(48_000) == 9),
    "whole numbers": np.zeros(9, int),
    "booleans": TONE > 0,
    "a generator": (x for x in TONE),
    "a set": {0.1, 0.2},
    "dates": np.zeros(9, "M8[s]"),
    "fields": np.zeros(9, [("left", float), ("right", float)]),
    "an array on another device": HasArray(TypeError("can't convert cuda:0 device type tensor to numpy")),
    "too large a number": [1e400],
}


@pytest.mark.parametrize("case", UNUSABLE)
def test_what_is_no_audio(case: str) -> None:
    with pytest.raises(AudioError) as caught:
        measure(UNUSABLE[case], 48_000)
    assert "\n" not in str(caught.value)
    meter = LoudnessMeter(48_000, 1)
    meter.update(TONE)
    before = meter.result()
    with pytest.raises(AudioError):
        meter.update(UNUSABLE[case])
    assert dataclasses.astuple(meter.result()) == dataclasses.astuple(before)


USABLE: dict[str, Any] = {
    "a list": TONE.tolist(),
    "an object with __array__": HasArray(TONE),
    "a masked array without masked samples": np.ma.masked_array(TONE),
    "big-endian": TONE.astype(">f8"),
    "extended": TONE.astype(np.longdouble),
    "every second of a longer one": np.repeat(TONE, 2)[::2],
    "read-only": np.broadcast_to(TONE, (1, 48_000)).T,
}


@pytest.mark.parametrize("case", USABLE)
def test_what_is_audio_in_another_shape(case: str) -> None:
    assert dataclasses.astuple(measure(USABLE[case], 48_000)) == dataclasses.astuple(measure(TONE, 48_000))


@pytest.mark.parametrize(
    "sample_rate",
    [
        *("48000", True, None, [48_000], np.array([48_000]), 48_000 + 0j),
        *(float("nan"), 10**400, -1, 44_100.5),
    ],
)
def test_what_is_no_sample_rate(sample_rate: Any) -> None:
    with pytest.raises(ParameterError, match="sample_rate must be"):
        measure(TONE, sample_rate)
    with pytest.raises(ParameterError, match="sample_rate must be"):
        LoudnessMeter(sample_rate, 1)


@pytest.mark.parametrize(
    "weights",
    [
        *(True, 1, b"mono", [None], ["1.0"], [[1.0]], [[1], [1, 2]], {"FL": 1}, {1.0}, object()),
        [10**400],
        [1j],
    ],
)
def test_what_is_no_weight(weights: Any) -> None:
    with pytest.raises(ParameterError, match="channel_weights must"):
        measure(TONE, 48_000, channel_weights=weights)
