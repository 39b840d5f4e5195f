"""Channel weights: defaults, named layouts, refusals, and their effect against libebur128."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import reference_meters

from mixrules import loudness
from mixrules.errors import ParameterError

Array = npt.NDArray[Any]


@pytest.fixture
def noise() -> Callable[[int], Array]:
    return lambda channels: np.random.default_rng(5).standard_normal((5 * 48_000, channels)) * 0.05


@pytest.mark.parametrize("channels", [1, 2, 3, 4, 5, 6])
def test_defaults_are_libebur128s(noise: Callable[[int], Array], channels: int) -> None:
    audio = noise(channels)
    expected = reference_meters.libebur128(audio, 48_000).integrated_lufs
    assert loudness.integrated_loudness(audio, 48_000) == pytest.approx(expected, abs=1e-6)


def test_dual_mono(noise: Callable[[int], Array]) -> None:
    audio = noise(1)
    expected = reference_meters.libebur128(audio, 48_000, dual_mono=True).integrated_lufs
    got = loudness.integrated_loudness(audio, 48_000, channel_weights="dual_mono")
    assert got == pytest.approx(expected, abs=1e-6)
    both = loudness.integrated_loudness(np.repeat(audio, 2, axis=1), 48_000)
    assert got == pytest.approx(both, abs=1e-9)
    assert got - loudness.integrated_loudness(audio, 48_000) == pytest.approx(3.0103, abs=1e-4)


def test_lfe_counts_nothing(noise: Callable[[int], Array]) -> None:
    audio = noise(6)
    louder = audio.copy()
    louder[:, 3] *= 10
    assert loudness.integrated_loudness(louder, 48_000) == loudness.integrated_loudness(audio, 48_000)


@pytest.mark.parametrize(
    ("layout", "weights"),
    [
        ("mono", (1.0,)),
        ("stereo", (1.0, 1.0)),
        ("quad", (1.0, 1.0, 1.41, 1.41)),
        ("5.1", (1.0, 1.0, 1.0, 0.0, 1.41, 1.41)),
        ("6.1", (1.0, 1.0, 1.0, 0.0, 1.0, 1.41, 1.41)),
        ("7.1", (1.0, 1.0, 1.0, 0.0, 1.0, 1.0, 1.41, 1.41)),
    ],
)
def test_layouts(noise: Callable[[int], Array], layout: str, weights: tuple[float, ...]) -> None:
    assert loudness.channel_weights(layout) == weights
    audio = noise(len(weights))
    default = loudness.measure(audio, 48_000)
    assert default == loudness.measure(audio, 48_000, channel_weights=weights)
    assert default == loudness.measure(audio, 48_000, channel_weights=layout)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([1.0], "one weight for each of 2 channels"),
        ("5.1", "one weight for each of 2 channels"),
        ("2.2", "layout must be one of mono"),
        ("5.1.4", "has 10 channels, at most 8"),
        ([1.0, -1.0], "finite and at least 0"),
        ([1.0, np.nan], "finite and at least 0"),
        ([1.0, "loud"], "must be numbers"),
    ],
)
def test_bad_weights(noise: Callable[[int], Array], weights: Any, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        loudness.measure(noise(2), 48_000, channel_weights=weights)


@pytest.mark.parametrize("channels", [0, 9, 2.0, True])
def test_bad_channel_counts(channels: Any) -> None:
    with pytest.raises(ParameterError, match="channels must be"):
        loudness.LoudnessMeter(48_000, channels)


def test_unknown_layout() -> None:
    with pytest.raises(ParameterError, match="layout must be one of"):
        loudness.channel_weights("5.2")
