import math
from typing import Any

import naive_analysis
import numpy as np
import numpy.typing as npt
import pytest

from analysis.synth import RATE, noise, sine
from mixrules.analysis import (
    Bands,
    MaskingSums,
    apply_eq_to_powers,
    bark_number,
    block_band_powers,
    erb_bands,
    masking,
    spreading_matrix,
)
from mixrules.errors import ParameterError

Array = npt.NDArray[Any]

BANDS = erb_bands()


def random_powers(blocks: int, seed: int) -> Array:
    return 10.0 ** np.random.default_rng(seed).uniform(-9, -2, (blocks, len(BANDS)))


@pytest.mark.parametrize("blocks", [20, 2100])
def test_agrees_with_its_slow_twin(blocks: int) -> None:
    target, masker = random_powers(blocks, 0), random_powers(blocks, 1)
    active = np.arange(blocks) % 3 > 0
    ours = masking(target, masker, BANDS, threshold_db=-6, active=active)
    share, mean, cells = naive_analysis.masking(target, masker, BANDS.centers_hz, -6, active)
    assert ours.share_masked == pytest.approx(share)
    assert ours.mean_smr_db == pytest.approx(mean)
    assert ours.cells == cells


def test_masking_adds_up_over_stretches_of_blocks() -> None:
    target, masker = random_powers(300, 0), random_powers(300, 1)
    sums = MaskingSums(BANDS, threshold_db=-3.0, power_exponent=0.3)
    for start, stop in ((0, 100), (100, 101), (101, 300)):
        sums.add(target[start:stop], masker[start:stop])
    found, whole = (
        sums.result(),
        masking(target, masker, BANDS, threshold_db=-3.0, power_exponent=0.3, active=[True] * 300),
    )
    assert found.cells == whole.cells
    assert found.share_masked == pytest.approx(whole.share_masked, rel=1e-12)
    assert found.mean_smr_db == pytest.approx(whole.mean_smr_db, rel=1e-12)


def test_a_masker_spreads_further_up_than_down() -> None:
    spread_db = 10 * np.log10(spreading_matrix(BANDS))
    bark = bark_number(BANDS.centers_hz)
    assert np.diag(spread_db) == pytest.approx(0.0)
    assert spread_db[10, 20] == pytest.approx(-10 * (bark[20] - bark[10]))
    assert spread_db[20, 10] == pytest.approx(-25 * (bark[20] - bark[10]))


def test_a_loud_tone_masks_upward_and_not_downward() -> None:
    masker = block_band_powers(0.5 * sine(950, 3.0), RATE, BANDS)
    shares = {}
    for hz in (500, 830, 950, 1083, 4000):
        target = block_band_powers(0.05 * sine(hz, 3.0), RATE, BANDS)
        shares[hz] = masking(target, masker, BANDS).share_masked
    assert min(shares[950], shares[1083]) > 0.95  # one band up the masker has lost 9 dB of its 20
    assert max(shares[500], shares[830], shares[4000]) < 0.05  # one band down it has lost 22


def test_equal_noises_are_as_loud_as_their_masker_and_its_skirts() -> None:
    one, other = (block_band_powers(noise(10.0, seed=seed), RATE, BANDS) for seed in (0, 1))
    result = masking(one, other, BANDS)
    # Neighbours one ERB away add some 2 to 3 dB to each band of the masker.
    assert -4.0 < result.mean_smr_db < -1.0
    assert masking(one, 0.01 * other, BANDS).mean_smr_db == pytest.approx(result.mean_smr_db + 20, abs=0.01)
    assert masking(one, 100 * other, BANDS).share_masked == pytest.approx(1.0, abs=1e-6)


def test_only_active_blocks_and_strong_cells_count() -> None:
    target = np.full((4, len(BANDS)), 1e-4)
    target[2:] = 1e-9
    target[:, 20:] *= 10**-3.5
    assert masking(target, target, BANDS).cells == 2 * 20
    assert masking(target, target, BANDS, active=[True] * 4).cells == 4 * 20


def test_silence_and_a_lone_track() -> None:
    some, none = random_powers(5, 0), np.zeros((5, len(BANDS)))
    assert masking(some, none, BANDS).mean_smr_db == pytest.approx(60.0)
    assert masking(some, none, BANDS).share_masked == 0.0
    silent = masking(none, some, BANDS)
    assert silent.cells == 0
    assert math.isnan(silent.mean_smr_db)


def test_equaliser_on_powers_is_an_equaliser() -> None:
    from mixrules.processors import EqBand, EqualizerParams, equalize, frequency_response

    audio = noise(10.0)
    params = EqualizerParams(bands=(EqBand(frequency_hz=1000.0, gain_db=-6.0, q=1.0),))
    response = frequency_response(params, RATE, np.asarray(BANDS.centers_hz))
    response_db = 20 * np.log10(np.abs(response))
    predicted = apply_eq_to_powers(block_band_powers(audio, RATE, BANDS), BANDS, response_db)
    real = block_band_powers(equalize(audio, RATE, params), RATE, BANDS)
    assert np.abs(10 * np.log10(predicted.mean(axis=0) / real.mean(axis=0)))[5:].max() < 0.1


def test_shapes_that_do_not_agree_are_refused() -> None:
    powers = random_powers(3, 0)
    for call in (
        lambda: masking(powers, powers[:2], BANDS),
        lambda: masking(powers[:, :5], powers[:, :5], BANDS),
        lambda: masking(powers, powers, BANDS, active=[True]),
        lambda: apply_eq_to_powers(powers, BANDS, [0.0]),
        lambda: apply_eq_to_powers(powers[0], Bands((100.0,), (50.0,), (150.0,)), [0.0]),
    ):
        with pytest.raises(ParameterError, match="shape"):
            call()
