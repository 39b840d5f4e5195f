from typing import Any

import naive_processors as naive
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

from mixrules.errors import ParameterError
from mixrules.processors import LimiterParams, limit, limiter_gain_db

Array = npt.NDArray[Any]

pyebur128 = pytest.importorskip("pyebur128")

OVER = 10 ** (12 / 20)  # twelve decibels above the ceiling
CEILING_DBTP = -1.0


def libebur128_dbtp(audio: Array, sample_rate: int) -> float:
    mode = pyebur128.MeasurementMode.MODE_TRUE_PEAK
    meter = pyebur128.R128State(audio.shape[1], sample_rate, mode)
    meter.add_frames(np.ascontiguousarray(audio, dtype=np.float32).ravel(), len(audio))
    peaks = [pyebur128.get_true_peak(meter, channel) for channel in range(audio.shape[1])]
    return float(20 * np.log10(max(peaks)))


def eightfold_dbtp(audio: Array) -> float:
    return float(20 * np.log10(np.abs(signal.resample_poly(audio.astype(np.float64), 8, 1, axis=0)).max()))


def loud_signals(sample_rate: int) -> dict[str, Array]:
    rng = np.random.default_rng(11)
    samples = sample_rate // 2
    time_s = np.arange(samples) / sample_rate
    ceiling = 10 ** (CEILING_DBTP / 20)
    impulses = np.zeros((samples, 1))
    impulses[[0, samples // 2, samples // 2 + 1, -1], 0] = [0.7, 1, -0.8, 0.9]
    clicks = (rng.random((samples, 2)) < 1e-3) * rng.uniform(-1, 1, (samples, 2))
    bursts = (-1.0) ** np.arange(samples) * (np.arange(samples) % 200 < 7)
    return {
        name: (np.atleast_2d(x.T).T * OVER * ceiling).astype(np.float32)
        for name, x in {
            "square": np.sign(np.sin(2 * np.pi * 441 * time_s)),
            "quarter": np.sqrt(2) * np.sin(0.5 * np.pi * np.arange(samples) + np.pi / 4),
            "uniform": rng.uniform(-1, 1, (samples, 2)),
            "gauss": rng.standard_normal((samples, 2)) / 3,
            "impulses": impulses,
            "clicks": clicks,
            "bursts": bursts,
            "bass": np.sin(2 * np.pi * 50 * time_s),
            "edge": np.sin(2 * np.pi * 0.45 * np.arange(samples)),
        }.items()
    }


NAMES = ["square", "quarter", "uniform", "gauss", "impulses", "clicks", "bursts", "bass", "edge"]


@pytest.mark.parametrize("sample_rate", [44_100, 48_000, 96_000, 192_000])
@pytest.mark.parametrize("name", NAMES)
def test_no_reading_finds_a_peak_above_the_ceiling(name: str, sample_rate: int) -> None:
    audio = loud_signals(sample_rate)[name]
    out = limit(audio, sample_rate, LimiterParams(ceiling_dbtp=CEILING_DBTP))
    assert libebur128_dbtp(out, sample_rate) <= CEILING_DBTP + 1e-4
    assert eightfold_dbtp(out) <= CEILING_DBTP + 1e-4
    # and no more is taken than is needed: the highest peak stands just under it
    assert max(libebur128_dbtp(out, sample_rate), eightfold_dbtp(out)) > CEILING_DBTP - 0.1


@pytest.mark.parametrize(
    "params",
    [
        LimiterParams(lookahead_ms=0.1, release_ms=1),
        LimiterParams(lookahead_ms=50, release_ms=5000),
        LimiterParams(ceiling_dbtp=-20, lookahead_ms=0.5),
        LimiterParams(ceiling_dbtp=0),
    ],
    ids=["fast", "slow", "low", "full scale"],
)
@pytest.mark.parametrize("name", NAMES)
def test_extreme_settings_hold_the_ceiling_too(name: str, params: LimiterParams) -> None:
    audio = loud_signals(44_100)[name]
    out = limit(audio, 44_100, params)
    assert libebur128_dbtp(out, 44_100) <= params.ceiling_dbtp + 0.01
    assert eightfold_dbtp(out) <= params.ceiling_dbtp + 0.01


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_what_is_under_the_ceiling_comes_back_bit_by_bit(
    rng: np.random.Generator, dtype: type[np.floating[Any]]
) -> None:
    audio = rng.standard_normal((50_000, 2)).astype(dtype)
    audio *= dtype(
        10 ** (-1.001 / 20) / 10 ** (max(eightfold_dbtp(audio), libebur128_dbtp(audio, 44_100)) / 20)
    )
    out = limit(audio, 44_100, LimiterParams())
    np.testing.assert_array_equal(out, audio)
    assert out is not audio
    assert not limiter_gain_db(audio, 44_100, LimiterParams()).any()


@pytest.mark.parametrize("name", NAMES)
def test_the_gain_is_the_trace_smooth_and_never_a_boost(name: str) -> None:
    audio = loud_signals(48_000)[name].astype(np.float64)
    params = LimiterParams()
    gain_db = limiter_gain_db(audio, 48_000, params)
    assert gain_db.shape == (len(audio),)
    assert gain_db.max() <= 0
    np.testing.assert_allclose(
        limit(audio, 48_000, params), audio * 10 ** (gain_db / 20)[:, np.newaxis], atol=1e-6
    )
    # a triangle of 2 ms (97 samples) that falls by G moves at most 2 G / 97 a sample
    assert np.abs(np.diff(gain_db)).max() <= 2.1 * np.abs(gain_db).max() / 97
    assert np.abs(np.diff(gain_db, 2)).max() <= 5 * np.abs(gain_db).max() / 48**2 + 1e-5


def test_the_gain_returns_with_the_release_and_ends_exactly() -> None:
    audio = np.full((96_000, 1), 0.01)
    audio[1000] = 3.0
    gain_db = limiter_gain_db(audio, 48_000, LimiterParams(release_ms=80))
    depth = gain_db.min()
    at = int(np.argmin(gain_db))
    assert gain_db[at + 3840] / depth == pytest.approx(np.exp(-1), rel=0.03)
    assert gain_db[: 1000 - 97].max() == 0 == gain_db[: 1000 - 98].min()
    assert not gain_db[-10_000:].any()
    np.testing.assert_array_equal(limit(audio, 48_000, LimiterParams())[-10_000:], audio[-10_000:])


def test_channels_share_the_gain() -> None:
    audio = np.column_stack([loud_signals(48_000)["bass"][:, 0], np.full(24_000, 0.1, dtype=np.float32)])
    out = limit(audio, 48_000, LimiterParams())
    gain = 10 ** (limiter_gain_db(audio, 48_000, LimiterParams()) / 20)
    np.testing.assert_allclose(out[:, 1], 0.1 * gain, rtol=1e-5)


@settings(max_examples=20, deadline=None, derandomize=True)
@given(
    samples=st.integers(1, 900),
    channels=st.integers(1, 2),
    loud=st.floats(0.05, 8),
    lookahead=st.integers(1, 120),
    release=st.floats(0.5, 0.9999),
    seed=st.integers(0, 10_000),
)
def test_naive_twins(
    samples: int, channels: int, loud: float, lookahead: int, release: float, seed: int
) -> None:
    from mixrules.processors._limiter_kernels import (
        BLOCK_SAMPLES,
        add_excess,
        mark_loud_blocks,
        shape_reduction,
    )
    from mixrules.processors.limiter import _interpolators

    rng = np.random.default_rng(seed)
    audio = (rng.standard_normal((samples, channels)) * (rng.random((samples, 1)) < 0.1) * loud).astype(
        np.float32
    )
    bank = _interpolators(4)
    blocks = -(-samples // BLOCK_SAMPLES)
    flags, active = np.empty(blocks, dtype=bool), np.empty(blocks, dtype=bool)
    bound = np.float32(0.9 / np.abs(bank).sum(axis=1).max())
    mark_loud_blocks(audio.view(np.int32), bound.view(np.int32), np.int32(0x7FFFFFFF), flags)
    required = np.zeros(samples + 2, dtype=np.float32)
    scratch = np.zeros((3, BLOCK_SAMPLES + 1 + bank.shape[1]), dtype=np.float32)
    found = add_excess(audio, bank, 0.9, 0.89, flags, scratch, required)

    peaks = naive.between_samples(audio.astype(np.float64), bank.astype(np.float64))
    over = np.where(peaks > 0.9, 20 * np.log10(np.maximum(peaks, 0.1) / 0.89), 0.0)
    expected = np.maximum(np.append(over, 0), np.append(0, over))
    assert found == bool(over.any())
    np.testing.assert_allclose(required, expected, atol=1e-4)

    reduction = np.zeros(samples + 2, dtype=np.float32)
    histories = np.zeros(lookahead // 2 + 1), np.zeros(lookahead - lookahead // 2 + 1)
    queue = np.empty(lookahead + 2, dtype=np.int64)
    shape_reduction(required, flags, release, queue, *histories, active, reduction)
    shaped = naive.shape_reduction(required.astype(np.float64), lookahead, release)
    np.testing.assert_allclose(reduction, shaped, atol=1e-5)
    assert np.all(reduction >= required - 1e-5)
    moved = np.flatnonzero(reduction[1:-1]) // BLOCK_SAMPLES
    assert active[moved].all()


@pytest.mark.parametrize("alike", [True, False])
def test_what_is_not_interpolated_holds_no_peak(rng: np.random.Generator, alike: bool) -> None:
    """Bursts between quiet stretches, channels that are the same and are not: as scipy interpolates all."""
    from mixrules.processors._limiter_kernels import BLOCK_SAMPLES, add_excess
    from mixrules.processors.limiter import _interpolators, _without_idle_taps

    samples = 40 * BLOCK_SAMPLES + 17
    audio = 0.3 * rng.standard_normal((samples, 2))
    audio *= 1.0 + 6.0 * (rng.random((samples, 1)) < 0.01)
    audio[:, 1] = audio[:, 0] if alike else np.roll(audio[:, 0], 50)
    audio = np.ascontiguousarray(audio, np.float32)
    bank = _without_idle_taps(_interpolators(4)[8:])
    assert bank.shape == (3, 16)
    loud = np.ones(-(-samples // BLOCK_SAMPLES), dtype=bool)
    required = np.zeros(samples + 2, dtype=np.float32)
    scratch = np.zeros((3, BLOCK_SAMPLES + 1 + bank.shape[1]), dtype=np.float32)
    assert add_excess(audio, bank, 0.9, 0.89, loud, scratch, required)
    fourfold = signal.upfirdn(_hann(), audio.astype(np.float64), up=4, axis=0)[24:]
    between = np.abs(fourfold).max(axis=1)[: 4 * samples].reshape(samples, 4).max(axis=1)
    over = np.where(between > 0.9, 20 * np.log10(np.maximum(between, 0.1) / 0.89), 0.0)
    expected = np.maximum(over, np.append(0.0, over[:-1]))
    np.testing.assert_allclose(required[1:-1], expected, atol=1e-4)


def _hann() -> np.ndarray:
    """libebur128's interpolator of 49 taps."""
    distance = np.arange(-24, 25) / 4.0
    return np.asarray(np.sinc(distance) * 0.5 * (1.0 + np.cos(np.pi * distance / 6.0)))


def test_interpolators_are_scipys_and_libebur128s_filters() -> None:
    from mixrules.processors.limiter import _interpolators

    impulse = np.zeros(64)
    impulse[32] = 1
    eightfold = signal.resample_poly(impulse, 8, 1)
    bank = _interpolators(4)
    assert bank.shape == (11, 24)
    for phase in range(8):
        # row p at interval i reads sample i + offset: run it over the impulse
        ours = [bank[phase] @ impulse[i - 11 : i + 13] for i in range(20, 45)]
        np.testing.assert_allclose(ours, eightfold[8 * 20 + phase : 8 * 45 + phase : 8], atol=1e-6)
    # libebur128: h[j] = sinc((j - 24) / 4) times a Hann window, j = 0 to 48
    taps = np.arange(49)
    fourfold = np.sinc((taps - 24) / 4) * 0.5 * (1 - np.cos(2 * np.pi * taps / 48))
    for phase in range(1, 4):
        np.testing.assert_allclose(bank[7 + phase, 6:18], fourfold[phase::4][::-1][:12], atol=1e-6)
    twofold = np.sinc((taps - 24) / 2) * 0.5 * (1 - np.cos(2 * np.pi * taps / 48))
    np.testing.assert_allclose(_interpolators(2)[8], twofold[1::2][::-1], atol=1e-6)
    assert _interpolators(2).shape == (9, 24)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"ceiling_dbtp": 0.1}, "ceiling_dbtp must be -60 to 0"),
        ({"lookahead_ms": 0}, "lookahead_ms must be 0.1 to 50"),
        ({"release_ms": 0.5}, "release_ms must be 1 to 5000"),
    ],
)
def test_bad_settings_are_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        LimiterParams(**fields)
