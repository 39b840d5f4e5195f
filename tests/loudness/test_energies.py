"""What follows from block energies: gating, range, series, gains; against naive twins and by hand."""

import math
from dataclasses import FrozenInstanceError
from typing import Any

import naive_loudness as naive
import numpy as np
import numpy.typing as npt
import pytest
import reference_meters
from scipy import signal

from mixrules import loudness
from mixrules.errors import ParameterError

Array = npt.NDArray[Any]

RATE = 8_000


def filtered(audio: Array, sample_rate: int) -> Array:
    out = audio
    for stage in loudness.k_weighting(sample_rate):
        out = signal.lfilter(stage.b, stage.a, out, axis=0)
    return out


@pytest.fixture(scope="module")
def programme() -> Array:
    """40 s of noise at levels from -75 to -15 dBFS that change every second, two channels."""
    rng = np.random.default_rng(11)
    levels = np.repeat(10 ** (rng.uniform(-75, -15, 40) / 20), RATE)[:, np.newaxis]
    return levels * rng.standard_normal((40 * RATE, 2))


def test_integrated_and_range_against_naive(programme: Array) -> None:
    k = filtered(programme, RATE)
    got = loudness.measure(programme, RATE)
    assert got.integrated_lufs == pytest.approx(naive.integrated(k, RATE, [1.0, 1.0]), abs=1e-9)
    assert got.loudness_range_lu == pytest.approx(naive.loudness_range(k, RATE, [1.0, 1.0]), abs=1e-9)
    assert loudness.loudness_range(programme, RATE, hop_s=0.1) == pytest.approx(
        naive.loudness_range(k, RATE, [1.0, 1.0], 0.1), abs=1e-9
    )


@pytest.mark.parametrize("hop_s", [0.01, 0.1, 1.0])
def test_series_against_naive(programme: Array, hop_s: float) -> None:
    k = filtered(programme, RATE)
    for window_s, measure in ((3.0, loudness.short_term_loudness), (0.4, loudness.momentary_loudness)):
        times_s, lufs = measure(programme, RATE, hop_s=hop_s)
        expected = [naive.lufs(energy) for energy in naive.windows(k, RATE, window_s, hop_s, [1.0, 1.0])]
        np.testing.assert_allclose(lufs, expected, atol=1e-9)
        np.testing.assert_allclose(times_s, window_s + hop_s * np.arange(lufs.size), atol=1e-12)


def test_maxima_are_those_of_the_10_ms_series(programme: Array) -> None:
    got = loudness.measure(programme, RATE)
    assert got.momentary_max_lufs == loudness.momentary_loudness(programme, RATE, hop_s=0.01)[1].max()
    assert got.short_term_max_lufs == loudness.short_term_loudness(programme, RATE, hop_s=0.01)[1].max()


def test_against_libebur128(programme: Array) -> None:
    theirs = reference_meters.libebur128(programme, RATE)
    ours = loudness.measure(programme, RATE)
    assert ours.integrated_lufs == pytest.approx(theirs.integrated_lufs, abs=1e-6)
    assert ours.loudness_range_lu == pytest.approx(theirs.loudness_range_lu, abs=1e-6)


def test_a_gain_needs_no_audio(programme: Array) -> None:
    energies = loudness.block_energies(programme, RATE)
    after = loudness.measure(programme * 0.5, RATE)
    scaled = energies.scaled(0.5)
    assert loudness.integrated_from_energies(scaled) == pytest.approx(after.integrated_lufs, abs=1e-9)
    assert loudness.loudness_range_from_energies(scaled) == pytest.approx(after.loudness_range_lu, abs=1e-9)
    lufs = loudness.short_term_from_energies(scaled)[1]
    np.testing.assert_allclose(lufs, loudness.short_term_from_energies(energies)[1] - 6.0206, atol=1e-4)
    lufs = loudness.momentary_from_energies(scaled)[1]
    np.testing.assert_allclose(lufs, loudness.momentary_from_energies(energies)[1] - 6.0206, atol=1e-4)


def test_a_gain_for_each_hop() -> None:
    energies = loudness.block_energies(np.full((RATE, 1), 0.1), RATE)
    gains = np.linspace(0.0, 1.0, energies.energies.size)
    np.testing.assert_allclose(energies.scaled(gains).energies, energies.energies * gains**2)


@pytest.mark.parametrize("hop_s", [0.001, 0.01, 0.02, 0.05, 0.1])
def test_any_hop_gives_the_same_loudness(programme: Array, hop_s: float) -> None:
    energies = loudness.block_energies(programme, RATE, hop_s=hop_s)
    assert energies.hop_s == pytest.approx(hop_s)
    reference = loudness.measure(programme, RATE)
    assert loudness.integrated_from_energies(energies) == pytest.approx(reference.integrated_lufs, abs=1e-9)
    assert loudness.loudness_range_from_energies(energies) == pytest.approx(
        reference.loudness_range_lu, abs=1e-9
    )


def test_quiet_windows_after_loud_ones_keep_their_digits() -> None:
    energies = np.concatenate([np.full(1000, 1.0), np.full(1000, 1e-12)])
    blocks = loudness.BlockEnergies(energies=energies, boundaries=np.arange(2001) * 480, sample_rate=48_000)
    lufs = loudness.short_term_from_energies(blocks)[1]
    assert lufs[-1] == pytest.approx(-120.691, abs=1e-9)


@pytest.mark.parametrize("sample_rate", [8_000, 11_025, 22_050, 44_056, 44_100, 48_000, 384_000])
@pytest.mark.parametrize("samples", [1, 79, 80, 81, 110, 111, 4410, 12_345])
def test_hops_cover_the_signal(sample_rate: int, samples: int) -> None:
    energies = loudness.block_energies(np.ones(samples), sample_rate)
    assert energies.boundaries[0] == 0
    assert energies.boundaries[-1] == samples
    assert energies.energies.size == energies.boundaries.size - 1
    exact = np.arange(energies.boundaries.size) * sample_rate / 100
    complete = energies.complete_hops
    assert np.abs(energies.boundaries - exact)[: complete + 1].max() <= 0.5
    assert complete in (energies.energies.size, energies.energies.size - 1)
    assert samples < exact[complete] + sample_rate / 100 + 0.5


def test_silence_and_too_short() -> None:
    silent = loudness.block_energies(np.zeros(5 * RATE), RATE)
    assert loudness.integrated_from_energies(silent) == -math.inf
    assert math.isnan(loudness.loudness_range_from_energies(silent))
    assert (loudness.short_term_from_energies(silent)[1] == -math.inf).all()
    short = loudness.block_energies(np.ones(RATE // 10), RATE)
    assert math.isnan(loudness.loudness_range_from_energies(short))
    for series in (loudness.short_term_from_energies(short), loudness.momentary_from_energies(short)):
        assert [part.size for part in series] == [0, 0]


def test_energy_and_lufs_are_inverse() -> None:
    lufs = np.array([-70.0, -23.0, 0.0])
    np.testing.assert_allclose(loudness.energy_to_lufs(loudness.lufs_to_energy(lufs)), lufs, atol=1e-12)
    assert loudness.energy_to_lufs(0.0) == -math.inf
    assert loudness.lufs_to_energy(-math.inf) == 0.0
    assert float(loudness.energy_to_lufs(1.0)) == -0.691


@pytest.mark.parametrize("hop_s", [0.0, -0.1, 0.015, math.nan, math.inf, 0.001, "0.1", None])
def test_series_hops_off_the_grid(programme: Array, hop_s: Any) -> None:
    with pytest.raises(ParameterError, match=r"hop_s must be a multiple of 0.01 s"):
        loudness.short_term_loudness(programme[: 4 * RATE], RATE, hop_s=hop_s)


@pytest.mark.parametrize("hop_s", [0.0, -0.01, 0.03, 0.2, 0.0001, math.nan, "0.01"])
def test_block_hops_that_do_not_divide_100_ms(hop_s: Any) -> None:
    with pytest.raises(ParameterError, match=r"hop_s must be 0.1 divided by a whole number"):
        loudness.block_energies(np.ones(RATE), RATE, hop_s=hop_s)


def test_block_energies_are_checked_and_frozen() -> None:
    energies = loudness.block_energies(np.ones(RATE), RATE)
    with pytest.raises(FrozenInstanceError):
        energies.sample_rate = 1  # type: ignore[misc]
    with pytest.raises(ParameterError, match="one more entry"):
        loudness.BlockEnergies(energies=np.ones(3), boundaries=np.arange(3, dtype=np.int64), sample_rate=RATE)
