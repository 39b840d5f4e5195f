"""The meter: streams, edge cases, errors, layouts of the input."""

import dataclasses
import math
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mixrules import loudness
from mixrules.errors import AudioError

Array = npt.NDArray[Any]

FIELDS = [
    "sample_rate",
    "channels",
    "duration_s",
    "integrated_lufs",
    "loudness_range_lu",
    "momentary_max_lufs",
    "short_term_max_lufs",
    "true_peak_dbtp",
    "sample_peak_dbfs",
]


def noise(seconds: float, sample_rate: int = 44_100, channels: int = 2, seed: int = 3) -> Array:
    rng = np.random.default_rng(seed)
    audio = rng.standard_normal((round(seconds * sample_rate), channels))
    return audio * np.interp(np.arange(len(audio)), [0, len(audio)], [0.01, 0.2])[:, np.newaxis]


def assert_same(one: loudness.Loudness, other: loudness.Loudness, tolerance: float) -> None:
    np.testing.assert_allclose(
        dataclasses.astuple(one), dataclasses.astuple(other), rtol=0, atol=tolerance, equal_nan=True
    )


def stream(audio: Array, sample_rate: int, cuts: list[int] | Array) -> loudness.Loudness:
    meter = loudness.LoudnessMeter(sample_rate, audio.shape[1])
    for block in np.split(audio, cuts):
        if len(block):
            meter.update(block)
    return meter.result()


def test_fields() -> None:
    got = loudness.measure(noise(0.5), 44_100)
    assert [field.name for field in dataclasses.fields(got)] == FIELDS
    assert (got.sample_rate, got.channels, got.duration_s) == (44_100, 2, 0.5)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    cuts=st.lists(st.integers(0, 44_100 * 9), max_size=12),
    sample_rate=st.sampled_from([44_100, 22_050, 96_000]),
    channels=st.sampled_from([1, 2, 6]),
)
def test_stream_in_any_blocks_equals_whole(cuts: list[int], sample_rate: int, channels: int) -> None:
    audio = noise(9, 44_100, channels)
    assert_same(stream(audio, sample_rate, sorted(cuts)), loudness.measure(audio, sample_rate), 1e-9)


@settings(max_examples=10, deadline=None, derandomize=True)
@given(sizes=st.lists(st.integers(1, 7), min_size=50, max_size=200))
def test_stream_in_tiny_blocks_equals_whole(sizes: list[int]) -> None:
    audio = noise(0.5)[: sum(sizes)]
    assert_same(stream(audio, 44_100, np.cumsum(sizes)[:-1]), loudness.measure(audio, 44_100), 1e-9)


def test_stream_sample_by_sample() -> None:
    audio = noise(0.45, 8_000)
    assert_same(stream(audio, 8_000, np.arange(1, len(audio))), loudness.measure(audio, 8_000), 1e-9)


def test_result_does_not_disturb_the_stream() -> None:
    audio = noise(7)
    meter = loudness.LoudnessMeter(44_100, 2)
    for end in range(0, len(audio), 10_000):
        meter.update(audio[end : end + 10_000])
        assert_same(meter.result(), meter.result(), 0.0)
        so_far = loudness.measure(audio[: end + 10_000], 44_100)
        assert_same(meter.result(), so_far, 1e-9)
    assert meter.block_energies().energies.size == 700


def test_meters_share_nothing() -> None:
    signals = [noise(4, seed=seed) for seed in range(10)]
    with ThreadPoolExecutor(10) as pool:
        together = list(pool.map(lambda audio: loudness.measure(audio, 44_100), signals))
    assert together == [loudness.measure(audio, 44_100) for audio in signals]


@pytest.mark.parametrize("sample_rate", [8_000, 22_050, 44_100, 48_000, 96_000, 192_000, 384_000])
@pytest.mark.parametrize("channels", [1, 2])
def test_float32_and_float64_agree(sample_rate: int, channels: int) -> None:
    audio = noise(4, sample_rate, channels)
    assert_same(
        loudness.measure(audio, sample_rate), loudness.measure(audio.astype(np.float32), sample_rate), 1e-4
    )


@pytest.mark.parametrize("sample_rate", [8_000, 11_025, 22_050, 44_100, 384_000])
def test_one_sample(sample_rate: int) -> None:
    got = loudness.measure(np.array([0.5]), sample_rate)
    assert not got.gated
    assert got.sample_peak_dbfs == pytest.approx(-6.0206, abs=1e-4)
    assert got.true_peak_dbtp == got.sample_peak_dbfs
    assert math.isfinite(got.integrated_lufs)
    assert math.isnan(got.momentary_max_lufs)
    assert math.isnan(got.short_term_max_lufs)
    assert math.isnan(got.loudness_range_lu)


@pytest.mark.parametrize("seconds", [0.001, 0.3, 2.9, 5.0])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_silence(seconds: float, dtype: type[np.floating[Any]]) -> None:
    got = loudness.measure(np.zeros((round(seconds * 44_100), 2), dtype), 44_100)
    assert got.integrated_lufs == got.true_peak_dbtp == got.sample_peak_dbfs == -math.inf
    assert math.isnan(got.loudness_range_lu)
    assert got.momentary_max_lufs == -math.inf or (seconds < 0.4 and math.isnan(got.momentary_max_lufs))
    assert got.short_term_max_lufs == -math.inf or (seconds < 3.0 and math.isnan(got.short_term_max_lufs))


def test_dc_is_not_loud() -> None:
    got = loudness.measure(np.full((10 * 48_000, 2), 0.5), 48_000)
    assert got.sample_peak_dbfs == pytest.approx(-6.0206, abs=1e-4)
    # Only the step at the start sounds; the steady part dies away entirely.
    assert loudness.momentary_loudness(np.full(5 * 48_000, 0.5), 48_000)[1][-1] < -150.0


def test_300_ms_is_one_ungated_block() -> None:
    audio = noise(0.3)
    got = loudness.measure(audio, 44_100)
    assert not got.gated
    energies = loudness.block_energies(audio, 44_100)
    mean = energies.energies @ np.diff(energies.boundaries) / len(audio)
    assert got.integrated_lufs == pytest.approx(float(loudness.energy_to_lufs(mean)), abs=1e-12)
    quiet = loudness.measure(audio * 1e-5, 44_100)
    assert quiet.integrated_lufs == pytest.approx(got.integrated_lufs - 100.0, abs=1e-6)


@pytest.mark.parametrize("sample_rate", [8_000, 11_025, 44_100])
def test_gating_begins_with_the_first_whole_block(sample_rate: int) -> None:
    block = math.floor(0.4 * sample_rate + 0.5)
    assert loudness.measure(np.ones(block), sample_rate).gated
    assert not loudness.measure(np.ones(block - 1), sample_rate).gated


def test_2_9_s_has_momentary_but_no_short_term() -> None:
    got = loudness.measure(noise(2.9), 44_100)
    assert got.gated
    assert math.isfinite(got.integrated_lufs)
    assert math.isfinite(got.momentary_max_lufs)
    assert math.isnan(got.short_term_max_lufs)
    assert math.isnan(got.loudness_range_lu)


@pytest.mark.parametrize("sample_rate", [8_000, 11_025, 22_050, 44_056, 384_000])
def test_odd_rates_read_a_tone_right(sample_rate: int) -> None:
    tone = np.sin(2 * np.pi * 997 / sample_rate * np.arange(4 * sample_rate))
    got = loudness.measure(tone, sample_rate)
    assert got.integrated_lufs == pytest.approx(-3.01, abs=0.1)
    assert got.short_term_max_lufs == pytest.approx(-3.01, abs=0.1)
    assert got.loudness_range_lu == pytest.approx(0.0, abs=0.01)


def test_a_partial_last_block_is_dropped() -> None:
    audio = np.concatenate([noise(4), 0.9 * np.ones((2000, 2))])
    assert loudness.integrated_loudness(audio, 44_100) == loudness.integrated_loudness(
        audio[: 4 * 44_100], 44_100
    )


def test_one_dimension_is_mono_and_layouts_do_not_matter() -> None:
    audio = noise(4)
    reference = loudness.measure(audio, 44_100)
    assert loudness.measure(np.asfortranarray(audio), 44_100) == reference
    assert loudness.measure(np.repeat(audio, 2, axis=0)[::2], 44_100) == reference
    locked = audio.copy()
    locked.setflags(write=False)
    assert loudness.measure(locked, 44_100) == reference
    assert loudness.measure(audio[:, 0], 44_100) == loudness.measure(audio[:, :1], 44_100)


def test_input_is_left_alone() -> None:
    audio = noise(4).astype(np.float32)
    before = audio.copy()
    loudness.measure(audio, 44_100)
    np.testing.assert_array_equal(audio, before)


def test_channel_swap_and_polarity() -> None:
    audio = noise(6)
    reference = loudness.measure(audio, 44_100)
    assert_same(loudness.measure(audio[:, ::-1], 44_100), reference, 1e-9)
    assert_same(loudness.measure(-audio, 44_100), reference, 1e-12)


@settings(max_examples=15, deadline=None, derandomize=True)
@given(gain_db=st.floats(-30, 12))
def test_gain_moves_levels_and_not_the_range(gain_db: float) -> None:
    audio = noise(6)
    before, after = (loudness.measure(audio * gain, 44_100) for gain in (1.0, 10 ** (gain_db / 20)))
    for name in FIELDS[3:]:
        moved = 0.0 if name == "loudness_range_lu" else gain_db
        assert getattr(after, name) == pytest.approx(getattr(before, name) + moved, abs=1e-6)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_not_finite(bad: float) -> None:
    audio = noise(1)
    audio[1234, 1] = bad
    measures = (loudness.measure, loudness.integrated_loudness, loudness.loudness_range, loudness.true_peak)
    for measure in measures:
        with pytest.raises(AudioError, match="at sample 1234, channel 1"):
            measure(audio, 44_100)
    with pytest.raises(AudioError, match="at sample 1234, channel 1"):
        loudness.sample_peak(audio)


@pytest.mark.parametrize(
    ("audio", "message"),
    [
        (np.zeros(1000, np.int16), "16-bit integers"),
        (np.zeros((2, 1000)), "looks transposed"),
        (np.zeros((0, 2)), "is empty"),
        (np.zeros((10, 2, 2)), "has shape"),
    ],
)
def test_unusable_audio(audio: Array, message: str) -> None:
    with pytest.raises(AudioError, match=message):
        loudness.measure(audio, 44_100)
    with pytest.raises(AudioError, match=message):
        loudness.LoudnessMeter(44_100, 2).update(audio)


def test_a_refused_block_leaves_the_meter_as_it_was() -> None:
    meter = loudness.LoudnessMeter(44_100, 2)
    meter.update(noise(1))
    before = meter.result()
    with pytest.raises(AudioError, match=r"block at sample 44100 holds nan at sample 5, channel 0"):
        meter.update(np.where(np.arange(20).reshape(10, 2) == 10, np.nan, 0.0))
    with pytest.raises(AudioError, match="block has 1 channels: this meter measures 2"):
        meter.update(np.zeros(10))
    # As tuples: from Python 3.13 on, dataclasses with the same NaN differ.
    assert dataclasses.astuple(meter.result()) == dataclasses.astuple(before)


def test_nothing_measured_yet() -> None:
    got = loudness.LoudnessMeter(44_100, 2).result()
    assert got.duration_s == 0.0
    assert got.integrated_lufs == got.true_peak_dbtp == got.sample_peak_dbfs == -math.inf
    assert not got.gated


def test_sample_peak_looks_at_both_signs() -> None:
    assert loudness.sample_peak(np.array([0.1, -1.0, 0.5])) == 0.0
    assert loudness.sample_peak(np.array([[0.1, 0.5]], np.float32)) == pytest.approx(-6.0206, abs=1e-4)


def test_true_peak_never_below_the_sample_peak() -> None:
    for sample_rate in (44_100, 96_000, 192_000):
        audio = noise(0.2, sample_rate)
        assert loudness.true_peak(audio, sample_rate) >= loudness.sample_peak(audio)


def test_import_is_light() -> None:
    code = (
        "import sys, mixrules.loudness; "
        "print([name for name in ('numba', 'scipy.signal', 'librosa') if name in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
