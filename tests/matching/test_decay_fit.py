import dataclasses
import math
from typing import Any

import numpy as np
import pytest
from schroeder import schroeder_t60

from mixrules.errors import ParameterError
from mixrules.matching import fit_reverb_to_decay
from mixrules.processors import ReverbParams, impulse_response, t60_at

RATE = 48_000
OCTAVES_HZ = [125.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0]
# Seconds at those octaves.
ASKED_S = {
    "hall": [2.3, 2.2, 2.1, 2.0, 1.7, 1.3, 0.8],
    "flat": [1.0] * 7,
    "boomy": [2.2, 1.5, 1.2, 1.2, 1.2, 1.1, 0.9],
    "thin": [0.8, 1.1, 1.3, 1.4, 1.4, 1.3, 1.0],
    "mid hump": [1.2, 1.5, 1.9, 2.0, 1.8, 1.4, 1.0],
    "short": [0.35, 0.3, 0.28, 0.25, 0.24, 0.22, 0.2],
}


@pytest.mark.parametrize("name", ASKED_S)
def test_the_response_decays_within_ten_per_cent_of_what_was_asked(name: str) -> None:
    params = fit_reverb_to_decay(OCTAVES_HZ, ASKED_S[name], sample_rate=RATE)
    response = impulse_response(RATE, params)
    measured = [schroeder_t60(response, RATE, band, 0.0) for band in OCTAVES_HZ]
    assert measured == pytest.approx(ASKED_S[name], rel=0.1)


def test_by_the_equations_alone_a_room_of_this_network_is_recovered() -> None:
    room = ReverbParams(
        t60_s=1.6,
        low_shelf_hz=200,
        low_shelf_db_per_s=-12,
        high_shelf_hz=4000,
        high_shelf_db_per_s=-20,
    )
    asked = t60_at(room, OCTAVES_HZ, RATE)
    params = fit_reverb_to_decay(OCTAVES_HZ, asked, sample_rate=RATE, corrections=0)
    np.testing.assert_allclose(t60_at(params, OCTAVES_HZ, RATE), asked, rtol=0.02)


def test_what_is_not_known_does_not_count() -> None:
    asked = [math.nan, math.nan, 1.5, 1.4, math.nan, math.nan, math.nan]
    params = fit_reverb_to_decay(OCTAVES_HZ, asked, sample_rate=RATE)
    response = impulse_response(RATE, params)
    assert schroeder_t60(response, RATE, 500.0, 0.0) == pytest.approx(1.5, rel=0.1)
    # and nothing else rings on
    assert t60_at(params, np.geomspace(20, 20_000, 50), RATE).max() < 2.4


def test_a_weight_decides_between_two_times_that_no_room_has_together() -> None:
    light = fit_reverb_to_decay(
        [1000.0, 1010.0], [1.0, 2.0], sample_rate=RATE, weights=[1, 1000], corrections=0
    )
    assert t60_at(light, 1010.0, RATE) == pytest.approx(2.0, rel=0.05)


def test_the_rest_of_the_room_is_kept() -> None:
    like = ReverbParams(
        t60_s=9.0, room_size_m=8.0, lines=32, pre_delay_ms=30.0, fade_in_s=0.05, low_cut_hz=150.0
    )
    params = fit_reverb_to_decay(OCTAVES_HZ, ASKED_S["hall"], sample_rate=RATE, like=like, corrections=1)
    for name in ("room_size_m", "lines", "pre_delay_ms", "fade_in_s", "low_cut_hz"):
        assert getattr(params, name) == getattr(like, name)


@pytest.mark.parametrize("rate", [8000, 44_100, 192_000])
def test_any_sample_rate(rate: int) -> None:
    params = fit_reverb_to_decay(OCTAVES_HZ, ASKED_S["hall"], sample_rate=rate, corrections=0)
    inside = [band for band in OCTAVES_HZ if band < 0.45 * rate]
    np.testing.assert_allclose(t60_at(params, inside, rate), ASKED_S["hall"][: len(inside)], rtol=0.1)


def test_the_same_again_gives_the_same() -> None:
    first, again = (
        fit_reverb_to_decay(OCTAVES_HZ, ASKED_S["thin"], sample_rate=RATE, corrections=0) for _ in range(2)
    )
    assert dataclasses.asdict(first) == dataclasses.asdict(again)


@pytest.mark.parametrize(
    ("bands", "times", "more", "match"),
    [
        ([500.0], [1.0, 2.0], {}, "one length"),
        ([-5.0], [1.0], {}, "positive"),
        ([500.0], [math.nan], {}, "at least one band"),
        ([500.0], [0.0], {}, r"0.05 to 30 s, got \[0.0\]"),
        ([500.0], [1.0], {"weights": [-1.0]}, "weights"),
        ([500.0], [1.0], {"sample_rate": 0}, "sample_rate"),
    ],
)
def test_bad_arguments_are_refused(bands: Any, times: Any, more: dict[str, Any], match: str) -> None:
    with pytest.raises(ParameterError, match=match):
        fit_reverb_to_decay(bands, times, **{"sample_rate": RATE, **more})
