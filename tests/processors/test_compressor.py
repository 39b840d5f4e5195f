from typing import Any

import naive_processors as naive
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mixrules.errors import AudioError, ParameterError
from mixrules.processors import (
    CompressorParams,
    compress,
    gain_reduction_db,
    smooth_reduction_db,
    static_curve_db,
)

Array = npt.NDArray[Any]


def steady(level_db: float, samples: int = 20_000, sample_rate: int = 48_000) -> Array:
    """A square wave: its magnitude is its peak at every sample."""
    return 10 ** (level_db / 20) * np.where(np.arange(samples) // 50 % 2, 1.0, -1.0)


CURVES = [
    (threshold_db, ratio, knee_db)
    for threshold_db in (-40.0, -18.0, -3.0)
    for ratio in (1.0, 1.5, 4.0, 1000.0)
    for knee_db in (0.0, 6.0, 20.0)
]


@pytest.mark.parametrize(("threshold_db", "ratio", "knee_db"), CURVES)
def test_static_curve_on_steady_sines(threshold_db: float, ratio: float, knee_db: float) -> None:
    params = CompressorParams(
        threshold_db=threshold_db, ratio=ratio, knee_db=knee_db, attack_ms=1, release_ms=20_000
    )
    # fs/4 at phase 0: every other sample is the peak, and the slow release holds over the one between
    sine = np.sin(0.5 * np.pi * np.arange(20_000))
    for level_db in threshold_db + np.array([-15.0, -knee_db / 3, 0.0, knee_db / 4, 2.9]):
        audio = 10 ** (level_db / 20) * sine
        out = compress(audio, 48_000, params)
        measured_db = 20 * np.log10(np.abs(out[-200:]).max())
        assert measured_db == pytest.approx(float(static_curve_db(level_db, params)), abs=0.01)


@pytest.mark.parametrize(("threshold_db", "ratio", "knee_db"), CURVES)
def test_static_curve_is_the_three_cases_of_the_paper(
    threshold_db: float, ratio: float, knee_db: float
) -> None:
    params = CompressorParams(threshold_db=threshold_db, ratio=ratio, knee_db=knee_db)
    levels_db = np.linspace(-80, 10, 541)
    expected = [level - naive.static_reduction_db(level, params) for level in levels_db]
    np.testing.assert_allclose(static_curve_db(levels_db, params), expected, atol=1e-12)
    assert np.all(np.diff(static_curve_db(levels_db, params)) >= -1e-12)


def test_static_curve_keeps_shape_and_silence() -> None:
    params = CompressorParams()
    assert static_curve_db(-np.inf, params) == -np.inf
    assert static_curve_db(np.zeros((2, 3)), params).shape == (2, 3)


@pytest.mark.parametrize(("attack_ms", "release_ms"), [(10, 120), (30, 150), (1, 500), (5, 25)])
@pytest.mark.parametrize("sample_rate", [44_100, 96_000])
def test_a_step_gets_63_percent_in_the_attack_and_in_the_release(
    attack_ms: int, release_ms: int, sample_rate: int
) -> None:
    params = CompressorParams(
        threshold_db=-30, ratio=4, knee_db=0, attack_ms=attack_ms, release_ms=release_ms
    )
    half = sample_rate * 3
    audio = np.concatenate([steady(-60, 100), steady(-6, half), steady(-60, half)])
    reduction = gain_reduction_db(audio, sample_rate, params)
    full = 24 * 0.75
    up = np.argmax(reduction[100:] >= (1 - np.exp(-1)) * full) / sample_rate * 1000
    down = np.argmax(reduction[100 + half :] <= np.exp(-1) * full) / sample_rate * 1000
    assert up == pytest.approx(attack_ms, rel=0.05, abs=1000 / sample_rate)
    assert down == pytest.approx(release_ms, rel=0.05)


@settings(max_examples=15, deadline=None, derandomize=True)
@given(
    threshold_db=st.floats(-60, 0),
    ratio=st.floats(1, 1000),
    attack_ms=st.floats(0, 50),
    release_ms=st.floats(0, 300),
    knee_db=st.one_of(st.just(0.0), st.floats(0.01, 24)),
    makeup_db=st.floats(-12, 24),
    channels=st.integers(1, 3),
    seed=st.integers(0, 1000),
)
def test_naive_twin(
    threshold_db: float,
    ratio: float,
    attack_ms: float,
    release_ms: float,
    knee_db: float,
    makeup_db: float,
    channels: int,
    seed: int,
) -> None:
    params = CompressorParams(
        threshold_db=threshold_db,
        ratio=ratio,
        attack_ms=attack_ms,
        release_ms=release_ms,
        knee_db=knee_db,
        makeup_db=makeup_db,
    )
    audio = 0.5 * np.random.default_rng(seed).standard_normal((1500, channels))
    audio[400:700] *= 1e-4
    reduction = gain_reduction_db(audio, 8000, params)
    np.testing.assert_allclose(reduction, naive.gain_reduction_db(audio, 8000, params), atol=1e-9)
    assert np.all(reduction >= 0)
    expected = naive.compress(audio, 8000, params)
    np.testing.assert_allclose(compress(audio, 8000, params), expected, rtol=1e-9, atol=1e-9)
    single = compress(audio.astype(np.float32), 8000, params)
    np.testing.assert_allclose(single, expected, rtol=1e-5, atol=1e-5)


def test_long_audio_crosses_blocks_and_quiet_ones_are_left_alone(rng: np.random.Generator) -> None:
    params = CompressorParams(threshold_db=-20, makeup_db=3)
    audio = 0.3 * rng.standard_normal((30_000, 2))
    audio[5000:] *= 1e-3
    np.testing.assert_allclose(compress(audio, 8000, params), naive.compress(audio, 8000, params), atol=1e-9)


def test_smoothing_alone_at_a_decimated_rate(rng: np.random.Generator) -> None:
    params = CompressorParams(attack_ms=30, release_ms=150)
    asked = np.maximum(rng.standard_normal(500) * 4, 0)
    expected = naive.smooth_decoupled(asked, 100.0, params)
    np.testing.assert_allclose(smooth_reduction_db(asked, 100.0, params), expected, atol=1e-12)


def test_the_sidechain_decides(rng: np.random.Generator) -> None:
    audio = 0.01 * rng.standard_normal((5000, 2))
    loud = steady(-6, 5000)
    params = CompressorParams(threshold_db=-20)
    np.testing.assert_allclose(
        gain_reduction_db(audio, 48_000, params, sidechain=loud),
        gain_reduction_db(loud, 48_000, params),
    )
    ducked = compress(audio, 48_000, params, sidechain=loud)
    gain = 10 ** (-gain_reduction_db(loud, 48_000, params) / 20)
    np.testing.assert_allclose(ducked, audio * gain[:, np.newaxis], atol=1e-12)
    with pytest.raises(AudioError, match="sidechain has 10 samples"):
        compress(audio, 48_000, params, sidechain=loud[:10])


def test_hard_knee_steady_gain_agrees_with_pedalboard() -> None:
    pedalboard = pytest.importorskip("pedalboard")
    audio = steady(-6, 48_000)[:, np.newaxis].astype(np.float32)
    theirs = pedalboard.Compressor(threshold_db=-20, ratio=4, attack_ms=1, release_ms=100)(
        audio.T.copy(), 48_000
    ).T
    ours = compress(
        audio,
        48_000,
        CompressorParams(threshold_db=-20, ratio=4, knee_db=0, attack_ms=1, release_ms=100),
    )
    assert np.abs(ours[-1, 0]) == pytest.approx(np.abs(theirs[-1, 0]), rel=2e-3)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"ratio": 0.5}, "ratio must be 1 to 1000"),
        ({"attack_ms": -5.0}, "attack_ms must be at least 0, got -5"),
        ({"release_ms": float("inf")}, "release_ms must be a finite number"),
        ({"knee_db": -1}, "knee_db"),
        ({"threshold_db": 61}, "threshold_db"),
        ({"makeup_db": 100}, "makeup_db"),
    ],
)
def test_bad_settings_are_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        CompressorParams(**fields)


def test_bad_series_are_refused() -> None:
    with pytest.raises(ParameterError, match="reduction_db must be"):
        smooth_reduction_db(np.zeros((2, 2)), 100, CompressorParams())
    with pytest.raises(ParameterError, match="reduction_db must be"):
        smooth_reduction_db([np.nan], 100, CompressorParams())
    with pytest.raises(ParameterError, match="sample_rate must be above 0"):
        smooth_reduction_db([1.0], 0, CompressorParams())


@pytest.mark.parametrize("attack_ms", [0.0, 8.0])
@pytest.mark.parametrize("knee_db", [0.0, 9.0])
@pytest.mark.parametrize("ratio", [1.5, 1000.0])
@pytest.mark.parametrize("channels", [1, 2, 3])
def test_single_precision_has_the_gains_of_double(
    rng: np.random.Generator, attack_ms: float, knee_db: float, ratio: float, channels: int
) -> None:
    params = CompressorParams(
        threshold_db=-30.0, ratio=ratio, attack_ms=attack_ms, release_ms=90.0, knee_db=knee_db, makeup_db=4.0
    )
    # From far below the threshold to 60 dB over full scale, with silence between, an odd number of samples.
    level = 10.0 ** (rng.uniform(-150.0, 60.0, 40) / 20.0)
    level[7:9] = 0.0
    audio = (
        np.repeat(level, 1111)[: 40 * 1111 - 1, None] * rng.standard_normal((40 * 1111 - 1, channels))
    ).astype(np.float32)
    double = compress(audio.astype(np.float64), 44_100, params)
    rounding = 1e-6 if ratio < 10.0 else 2e-6  # 30 and 90 dB of reduction: decibels are singles, too
    np.testing.assert_allclose(compress(audio, 44_100, params), double, rtol=rounding, atol=1e-30)
