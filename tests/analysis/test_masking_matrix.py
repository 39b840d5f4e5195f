"""Who hides whom, on noises whose answer is known, and beside the measure that it takes apart."""

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from analysis.synth import RATE
from mixrules.analysis import MaskingMatrix, block_band_powers, blocks_to_mask, erb_bands, masking
from mixrules.errors import ParameterError

Array = npt.NDArray[Any]

BANDS = erb_bands()
EDGES_HZ = (20.0, 500.0, 2000.0, 20_001.0)


def noise_between(low_hz: float, high_hz: float, level_db: float, seed: int, seconds: float = 3.0) -> Array:
    samples = round(seconds * RATE)
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(samples))
    hz = np.fft.rfftfreq(samples, 1 / RATE)
    spectrum[(hz < low_hz) | (hz >= high_hz)] = 0.0
    audio = np.fft.irfft(spectrum, samples)
    scaled: Array = 10 ** (level_db / 20) * audio / np.sqrt(np.mean(audio**2))
    return scaled


def powers_of(*sounds: Array) -> list[Array]:
    return [block_band_powers(sound[:, np.newaxis], RATE, BANDS) for sound in sounds]


def test_the_loud_one_hides_the_quiet_one_where_both_are_and_nowhere_else() -> None:
    quiet_low, quiet_high = noise_between(100, 400, -40, 1), noise_between(4000, 8000, -40, 2)
    loud_low = noise_between(100, 400, -20, 3)
    found = MaskingMatrix(BANDS, EDGES_HZ).measure(powers_of(quiet_low, quiet_high, loud_low))
    by = found.hidden_by.sum(axis=0)
    assert by[0, 2] > 0.9
    assert found.hidden_by[0, 0, 2] == pytest.approx(by[0, 2], abs=0.02)  # below 500 Hz
    assert by[1, 2] < 0.01
    assert by[2] == pytest.approx([0.0, 0.0, 0.0], abs=0.01)
    assert np.diag(by) == pytest.approx(0.0, abs=0.0)
    assert found.weight[0] == pytest.approx([1.0, 0.0, 1.0], abs=0.05)
    assert found.weight.sum(axis=0) == pytest.approx(1.0)


def test_a_masker_hides_more_above_itself_than_below() -> None:
    masker = noise_between(900, 1100, -20, 1)
    above, below = noise_between(1500, 1700, -60, 2), noise_between(500, 620, -60, 3)
    by = MaskingMatrix(BANDS, EDGES_HZ).measure(powers_of(above, below, masker)).hidden_by.sum(axis=0)
    assert by[0, 2] > 0.5 > by[1, 2]


@pytest.mark.parametrize("exponent", [1.0, 0.3])
def test_together_they_hide_what_the_measure_of_masking_says(exponent: float) -> None:
    rng = np.random.default_rng(7)
    tables = [10.0 ** rng.uniform(-9, -2, (2100, len(BANDS))) for _ in range(3)]
    found = MaskingMatrix(BANDS, (20.0, 20_001.0), power_exponent=exponent).measure(tables)
    for track, own in enumerate(tables):
        rest = np.sum([other for number, other in enumerate(tables) if number != track], axis=0)
        whole = masking(own, rest, BANDS, power_exponent=exponent)
        assert found.hidden[0, track] == pytest.approx(whole.share_masked, rel=1e-9)
        for other in range(3):
            if other != track:
                alone = masking(own, tables[other], BANDS, power_exponent=exponent)
                assert found.hidden_by[0, track, other] == pytest.approx(alone.share_masked, rel=1e-9)


def test_only_the_blocks_count_in_which_a_track_sounds() -> None:
    tables = [np.full((40, len(BANDS)), 1e-4) for _ in range(2)]
    tables[0][20:] = 1e-12
    tables[1][20:] = 1.0
    assert blocks_to_mask(tables[0].sum(axis=1)).tolist() == [True] * 20 + [False] * 20
    assert MaskingMatrix(BANDS, EDGES_HZ).measure(tables).hidden_by.sum() == 0.0


def test_silence_hides_nothing_and_has_no_weight() -> None:
    sound, silence = powers_of(noise_between(100, 8000, -20, 1), np.zeros(RATE))
    found = MaskingMatrix(BANDS, EDGES_HZ).measure([sound, silence])
    assert found.weight.sum(axis=0) == pytest.approx([1.0, 0.0])
    assert found.hidden_by.sum() == found.hidden.sum() == 0.0


def test_tracks_of_one_level_hide_nothing_of_each_other() -> None:
    same = powers_of(noise_between(100, 8000, -20, 1))[0]
    assert MaskingMatrix(BANDS, EDGES_HZ).measure([same, same]).hidden_by.sum() == 0.0


@pytest.mark.parametrize("edges_hz", [(), (20.0,), (500.0, 20.0), (20.0, 20.0), (20.0, math.nan)])
def test_edges_must_rise(edges_hz: tuple[float, ...]) -> None:
    with pytest.raises(ParameterError, match="rising"):
        MaskingMatrix(BANDS, edges_hz)
