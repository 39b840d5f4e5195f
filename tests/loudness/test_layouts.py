"""Layouts: what positions count, their names, and what users write."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mixrules import loudness
from mixrules.errors import ParameterError
from mixrules.loudness.layouts import LAYOUTS


@pytest.mark.parametrize(
    ("positions", "weights"),
    [
        ("FC", (1.0,)),
        ("FL FC FR BL BR LFE", (1.0, 1.0, 1.0, 1.41, 1.41, 0.0)),
        ("FL FR FC LFE SL SR", (1.0, 1.0, 1.0, 0.0, 1.41, 1.41)),
        ("FL FC FR SL SR BL BR LFE", (1.0, 1.0, 1.0, 1.41, 1.41, 1.0, 1.0, 0.0)),
        ("FL FR FC LFE BL BR FLC FRC", (1.0, 1.0, 1.0, 0.0, 1.41, 1.41, 1.0, 1.0)),
        ("FL FR FC LFE BC SL SR", (1.0, 1.0, 1.0, 0.0, 1.0, 1.41, 1.41)),
        ("FL FR FC LFE BL BR BC", (1.0, 1.0, 1.0, 0.0, 1.41, 1.41, 1.0)),
        ("FL FR FC LFE SL SR TFL TFR", (1.0, 1.0, 1.0, 0.0, 1.41, 1.41, 1.0, 1.0)),
        ("FL FR WL WR LFE LFE2", (1.0, 1.0, 1.41, 1.41, 0.0, 0.0)),
        ("SL SR", (1.41, 1.41)),
        ("BL SR", (1.0, 1.41)),
    ],
)
def test_positions_weigh_by_their_angle(positions: str, weights: tuple[float, ...]) -> None:
    assert loudness.weights_of_positions(positions.split()) == weights


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_named_layout_is_named_again(name: str) -> None:
    assert loudness.layout_name(loudness.positions_of(name)) == name
    assert len(loudness.channel_weights(name)) == len(LAYOUTS[name])


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("FL FR FC LFE BL BR", "5.1"),
        ("fl,fr,fc,lfe,sl,sr", "5.1"),
        ("L R C LFE Ls Rs", "5.1"),
        (" 5.1 ", "5.1"),
        ("L R C LFE Lb Rb Ls Rs", "7.1"),
        ("L C R Ls Rs LFE", "FL FC FR SL SR LFE"),
        ("L R S", "FL FR BC"),
        ("R L", "FR FL"),
        ("LR", None),
        ("", None),
        ("5.2", None),
        ("L, R, ACN0", None),
    ],
)
def test_what_users_write(text: str, name: str | None) -> None:
    if name is None:
        with pytest.raises(ParameterError, match="layout must be one of mono, dual_mono, stereo"):
            loudness.positions_of(text)
    else:
        assert loudness.layout_name(loudness.positions_of(text)) == name


@pytest.mark.parametrize("text", ["5.1.4", "7.1.4", "22.2", "FL FR FC LFE SL SR BL BR TFL TFR"])
def test_more_channels_than_can_be_measured(text: str) -> None:
    with pytest.raises(ParameterError, match=r"has \d+ channels, at most 8 can be measured"):
        loudness.channel_weights(text)


@pytest.mark.parametrize("layout", [None, 5.1, ["5.1"], np.array(["5.1"]), b"5.1"])
def test_what_is_no_text(layout: Any) -> None:
    with pytest.raises(ParameterError, match="layout must be one of"):
        loudness.channel_weights(layout)


@pytest.mark.parametrize(
    ("positions", "message"),
    [
        (("ACN0", "ACN1", "ACN2", "ACN3"), "the channels are Ambisonics"),
        (("FL", "XX"), "there is no position 'XX'"),
        ("FL FR", "positions must be a sequence of names"),
        ((1, 2), "positions must be a sequence of names"),
    ],
)
def test_positions_that_cannot_be_weighed(positions: Any, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        loudness.weights_of_positions(positions)


def test_any_order_reads_the_same() -> None:
    audio = np.random.default_rng(3).standard_normal((48_000, 6)) * 0.1  # WAV order
    audio[:, 3] *= 10  # the LFE
    vorbis = audio[:, [0, 2, 1, 4, 5, 3]]
    expected = loudness.integrated_loudness(audio, 48_000)
    got = loudness.integrated_loudness(vorbis, 48_000, channel_weights="FL FC FR BL BR LFE")
    assert got == pytest.approx(expected, abs=1e-9)
    assert loudness.integrated_loudness(vorbis, 48_000) != pytest.approx(expected, abs=0.1)
