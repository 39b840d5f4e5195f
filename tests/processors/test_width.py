"""Stereo width: the side alone changes, the mono sum never does."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.signal

from mixrules.errors import AudioError, ParameterError
from mixrules.processors import WidthParams, WidthStream, set_width
from mixrules.processors.width import SPREAD_LOW_CUT_HZ

RATE = 44_100


def mid_and_side(audio: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return 0.5 * (audio[:, 0] + audio[:, 1]), 0.5 * (audio[:, 0] - audio[:, 1])


@pytest.mark.parametrize("rate", [8000, 44_100, 192_000])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    "params", [WidthParams(side_gain_db=-144.0), WidthParams(side_gain_db=6.0, spread=0.7)]
)
def test_the_mono_sum_stays(rng: np.random.Generator, rate: int, dtype: Any, params: WidthParams) -> None:
    audio = (0.2 * rng.standard_normal((5000, 2))).astype(dtype)
    changed = set_width(audio, rate, params)
    np.testing.assert_allclose(changed.sum(axis=1), audio.sum(axis=1), atol=4.0 * np.finfo(dtype).eps)


@pytest.mark.parametrize("gain_db", [-20.0, -3.0, 6.0])
def test_the_side_gets_its_gain(rng: np.random.Generator, gain_db: float) -> None:
    audio = rng.standard_normal((3000, 2))
    side = mid_and_side(audio)[1]
    changed = mid_and_side(set_width(audio, RATE, WidthParams(side_gain_db=gain_db)))[1]
    np.testing.assert_allclose(changed, side * 10.0 ** (gain_db / 20.0), atol=1e-12)


def test_the_lowest_side_gain_leaves_mono(rng: np.random.Generator) -> None:
    changed = set_width(rng.standard_normal((1000, 2)), RATE, WidthParams(side_gain_db=-144.0))
    np.testing.assert_array_equal(changed[:, 0], changed[:, 1])


def test_a_spread_gives_a_mono_source_a_side_above_the_low_cut(rng: np.random.Generator) -> None:
    audio = rng.standard_normal((20 * RATE, 1))
    spread = 0.4
    mid, side = mid_and_side(set_width(audio, RATE, WidthParams(spread=spread)))
    hz, of_mid = scipy.signal.welch(mid, RATE, nperseg=16_384)
    of_side = scipy.signal.welch(side, RATE, nperseg=16_384)[1]
    ratio = np.sqrt(of_side / of_mid)
    # All-pass filters leave the level to a Butterworth high-pass of second order.
    expected = spread / np.sqrt(1.0 + (SPREAD_LOW_CUT_HZ / np.maximum(hz, 1.0)) ** 4)
    heard = (hz > 40.0) & (hz < 10_000.0)
    np.testing.assert_allclose(ratio[heard], expected[heard], rtol=0.02, atol=0.002)
    left, right = mid + side, mid - side
    assert abs(np.corrcoef(left, right)[0, 1]) < 0.95


def test_blocks_joined_are_the_whole(rng: np.random.Generator) -> None:
    audio = (0.2 * rng.standard_normal((5000, 2))).astype(np.float32)
    params = WidthParams(side_gain_db=3.0, spread=0.5)
    stream = WidthStream(RATE, params)
    parts = [stream.process(audio[start : start + 700]) for start in range(0, 5000, 700)]
    np.testing.assert_array_equal(np.concatenate(parts), set_width(audio, RATE, params))


@pytest.mark.parametrize(
    "settings", [{"side_gain_db": 13.0}, {"side_gain_db": -145.0}, {"spread": 1.1}, {"spread": np.nan}]
)
def test_settings_out_of_bounds_are_refused(settings: dict[str, float]) -> None:
    with pytest.raises(ParameterError, match=next(iter(settings))):
        WidthParams(**settings)


def test_more_than_two_channels_are_refused() -> None:
    with pytest.raises(AudioError):
        set_width(np.zeros((10, 3)), RATE, WidthParams())
