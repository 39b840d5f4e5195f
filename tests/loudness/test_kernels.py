"""Each kernel against its slow twin in naive_loudness."""

from typing import Any

import naive_loudness as naive
import numpy as np
import numpy.typing as npt
import pytest

from mixrules import loudness
from mixrules.loudness import _peak_kernels, peaks
from mixrules.loudness.energy_stream import EnergyStream

Array = npt.NDArray[Any]


def stages(sample_rate: int) -> list[tuple[list[float], list[float]]]:
    return [(list(stage.b), list(stage.a)) for stage in loudness.k_weighting(sample_rate)]


def music(sample_rate: int, seconds: float, channels: int, seed: int = 1) -> Array:
    """Noise in bursts with silences and a low tone: loud and quiet hops, states that decay."""
    rng = np.random.default_rng(seed)
    n = round(sample_rate * seconds)
    envelope = np.repeat(rng.choice([0.0, 0.001, 0.1, 0.5], size=n // 500 + 1), 500)[:n, np.newaxis]
    low = 0.2 * np.sin(2 * np.pi * 50 / sample_rate * np.arange(n))[:, np.newaxis]
    audio: Array = envelope * (rng.standard_normal((n, channels)) * 0.5 + low)
    return audio


@pytest.mark.parametrize("sample_rate", [8_000, 11_025, 22_050])
@pytest.mark.parametrize("channels", [1, 2])
def test_serial_energies(sample_rate: int, channels: int) -> None:
    audio = music(sample_rate, 1.003, channels)
    got = loudness.block_energies(audio, sample_rate)
    starts = naive.hop_starts(len(audio), sample_rate, 0.01)
    assert got.boundaries.tolist() == starts
    expected = naive.energies(naive.k_filter(audio, stages(sample_rate)), starts, [1.0] * channels)
    np.testing.assert_allclose(got.energies, expected, rtol=1e-9, atol=1e-18)


@pytest.mark.parametrize("channels", [1, 2, 3, 5, 6, 8])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_energies_in_lanes(channels: int, dtype: type[np.floating[Any]]) -> None:
    audio = music(8_000, 0.8 * 16 / channels + 1, channels).astype(dtype)
    weights: list[float] = list(range(1, channels + 1))
    stream = EnergyStream(8_000, np.array(weights, dtype=np.float64))
    assert stream._hops_in_lanes(len(audio) // 80) > 0
    got = loudness.block_energies(audio, 8_000, channel_weights=weights)
    starts = naive.hop_starts(len(audio), 8_000, 0.01)
    expected = naive.energies(naive.k_filter(audio, stages(8_000)), starts, weights)
    np.testing.assert_allclose(got.energies, expected, rtol=1e-9, atol=1e-18)


@pytest.mark.parametrize("sample_rate", [44_100, 192_000])
def test_lanes_equal_serial_energies(sample_rate: int) -> None:
    audio = music(sample_rate, 6.007, 2)
    in_lanes = loudness.block_energies(audio, sample_rate).energies
    stream = EnergyStream(sample_rate, np.ones(2))
    for block in np.array_split(audio, 40):
        assert stream._hops_in_lanes(block.shape[0] * 100 // sample_rate) == 0
        stream.update(block)
    # Rounding in the high-pass, whose poles lie close to 1, is some -250 dB under the loudest passages.
    np.testing.assert_allclose(
        np.sqrt(in_lanes), np.sqrt(stream.block_energies().energies), rtol=0, atol=1e-12
    )


@pytest.mark.parametrize(
    ("sample_rate", "width"), [(44_100, 12), (95_999, 12), (96_000, 24), (192_000, 24), (384_000, 24)]
)
@pytest.mark.parametrize("samples", [1, 5, 31, 32, 33, 4095, 4096, 4097, 9000])
def test_true_peak(sample_rate: int, width: int, samples: int) -> None:
    audio = np.random.default_rng(samples).standard_normal((samples, 2)) * [0.1, 0.2]
    expected = 20 * np.log10(max(naive.true_peak(audio, width), np.abs(audio).max()))
    assert loudness.true_peak(audio, sample_rate) == pytest.approx(expected, abs=1e-11)
    assert peaks.interpolator_width(sample_rate) == width


@pytest.mark.parametrize("sample_rate", [44_100, 96_000])
@pytest.mark.parametrize("kind", ["music", "clipped", "growing", "falling"])
def test_skipping_blocks_changes_nothing(sample_rate: int, kind: str) -> None:
    audio = music(sample_rate, 1.0, 2)
    if kind == "clipped":
        audio = np.clip(audio * 20, -0.5, 0.5)
    if kind in ("growing", "falling"):
        ramp = np.linspace(0.01, 1.0, len(audio))[:, np.newaxis]
        audio = np.sin(0.77 * np.arange(len(audio)))[:, np.newaxis] * (
            ramp if kind == "growing" else ramp[::-1]
        )
    readings = []
    for worst_gain in (None, np.inf):
        stream = peaks.PeakStream(sample_rate, audio.shape[1])
        if worst_gain is not None:
            stream._worst_gain = worst_gain
        stream.update(audio)
        readings.append(stream.true_peak_dbtp())
    assert readings[0] == readings[1]


@pytest.mark.parametrize("width", [12, 24])
def test_folded_taps(width: int) -> None:
    taps, folded = peaks.interpolation_taps(width), peaks.folded_taps(width)
    x = np.random.default_rng(2).standard_normal(width)
    half = width // 2
    sums, differences = x[half - 1 :: -1] + x[half:], x[half - 1 :: -1] - x[half:]
    even, odd = folded[1] @ sums, folded[2] @ differences
    np.testing.assert_allclose([even + odd, folded[0] @ sums, even - odd], taps @ x, atol=1e-14)


def test_state_does_not_decay_into_denormals() -> None:
    audio = np.zeros((20 * 48_000, 2))
    audio[0] = 1.0
    stream = EnergyStream(48_000, np.ones(2))
    stream.update(audio)
    assert not stream._state.any()
    assert stream.block_energies().energies[-1] == 0.0


def test_the_buffer_holds_the_longest_history() -> None:
    assert _peak_kernels._BUFFER >= 23 + _peak_kernels._CHUNK + 2 * _peak_kernels.PEAK_BLOCK
