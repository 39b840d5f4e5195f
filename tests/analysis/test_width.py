import math
from typing import Any

import numpy as np
import pytest

from analysis.synth import noise, sine
from mixrules.analysis import correlation, is_mono, side_to_mid_db


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_mono_in_every_form(dtype: type[np.floating[Any]]) -> None:
    one = noise().astype(dtype)
    for audio in (one, one[:, 0], np.repeat(one, 2, axis=1), np.zeros((10, 2), dtype)):
        assert side_to_mid_db(audio) == -math.inf
        assert is_mono(audio)
    assert correlation(np.repeat(one, 2, axis=1)) == pytest.approx(1.0)


def test_known_widths() -> None:
    pair = noise(20.0, channels=2)
    assert side_to_mid_db(pair) == pytest.approx(0.0, abs=0.1)
    assert correlation(pair) == pytest.approx(0.0, abs=0.01)
    left = sine(500) * [1.0, 0.0]
    assert side_to_mid_db(left) == pytest.approx(0.0, abs=1e-9)
    assert correlation(left) == 0.0
    opposite = sine(500) * [1.0, -1.0]
    assert side_to_mid_db(opposite) == math.inf
    assert correlation(opposite) == pytest.approx(-1.0)


@pytest.mark.parametrize(("side_db", "mono"), [(-50, False), (-59, False), (-61, True), (-80, True)])
def test_mono_ends_at_a_side_60_db_down(side_db: int, mono: bool) -> None:
    mid, side = noise(seed=0), noise(seed=1) * 10 ** (side_db / 20)
    side -= mid * float((mid * side).sum() / (mid**2).sum())
    audio = np.hstack((mid + side, mid - side))
    assert side_to_mid_db(audio) == pytest.approx(side_db, abs=0.2)
    assert is_mono(audio) is mono
