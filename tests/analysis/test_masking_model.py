"""The masking between stems on their band powers, and what an equaliser does to it."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pytest

from mixrules._support.validation import SlicedAudio
from mixrules.analysis import MaskingModel, apply_eq_to_powers, erb_bands, masking
from mixrules.processors import EqBand, EqualizerParams, frequency_response

RATE = 44_100
BANDS = erb_bands()
BLOCKS = 2500
CUT = EqualizerParams(bands=(EqBand(frequency_hz=1000.0, gain_db=-6.0, q=1.0),))

Powers = npt.NDArray[np.float64]


class Table(SlicedAudio):
    """Powers that are not an array, as on a disk."""

    def __init__(self, powers: Powers) -> None:
        super().__init__(*powers.shape)
        self._powers = powers

    def __getitem__(self, place: slice) -> Powers:
        return self._powers[place]


def random_powers(seed: int, blocks: int = BLOCKS) -> Powers:
    return 10.0 ** np.random.default_rng(seed).uniform(-9, -2, (blocks, len(BANDS)))


def joined(parts: Iterable[Powers], blocks: int, bands: int) -> Powers:
    table = np.concatenate(list(parts))
    assert table.shape == (blocks, bands)
    return table


POWERS = {name: random_powers(seed) for seed, name in enumerate(("voice", "piano", "bass"))}


def model(powers: dict[str, Powers] | dict[str, Table] = POWERS) -> MaskingModel:
    return MaskingModel(BANDS, powers, sample_rate=RATE, store=joined)


def expected_smr_db(maskee: str, powers: dict[str, Powers]) -> float:
    masker = sum(table for name, table in powers.items() if name != maskee)
    return masking(powers[maskee], masker, BANDS, power_exponent=0.3).mean_smr_db


def cut(powers: Powers) -> Powers:
    response = frequency_response(CUT, RATE, np.asarray(BANDS.centers_hz))
    return apply_eq_to_powers(powers, BANDS, 20.0 * np.log10(np.abs(response)))


@pytest.mark.parametrize("table", [np.asarray, Table])
def test_each_stem_is_masked_by_the_sum_of_the_others(table: type[Table]) -> None:
    made = model({name: table(powers) for name, powers in POWERS.items()})
    expected = [expected_smr_db(name, POWERS) for name in POWERS]
    for name, smr_db in zip(POWERS, expected, strict=True):
        assert made.mean_smr_db([name], power_exponent=0.3) == pytest.approx(smr_db, rel=1e-12)
    assert made.mean_smr_db(list(POWERS), power_exponent=0.3) == pytest.approx(np.mean(expected), rel=1e-12)


def test_an_equaliser_is_tried_before_it_is_taken_over() -> None:
    made = model()
    before_db = made.mean_smr_db(["voice"], power_exponent=0.3)
    powers = made.equalized("piano", CUT)
    np.testing.assert_allclose(np.asarray(powers), cut(POWERS["piano"]), rtol=1e-12)
    after_db = expected_smr_db("voice", {**POWERS, "piano": cut(POWERS["piano"])})
    assert after_db > before_db
    tried_db = made.mean_smr_db(["voice"], power_exponent=0.3, changed={"piano": powers})
    assert tried_db == pytest.approx(after_db, rel=1e-12)
    assert made.mean_smr_db(["voice"], power_exponent=0.3) == before_db
    made.replace("piano", powers)
    assert made.mean_smr_db(["voice"], power_exponent=0.3) == tried_db


def test_a_stem_with_other_powers_is_masked_in_other_blocks() -> None:
    made = model()
    made.mean_smr_db(["voice"], power_exponent=0.3)
    half = POWERS["voice"].copy()
    half[BLOCKS // 2 :] *= 1e-6
    made.replace("voice", half)
    expected = expected_smr_db("voice", {**POWERS, "voice": half})
    assert made.mean_smr_db(["voice"], power_exponent=0.3) == pytest.approx(expected, rel=1e-12)


def test_blocks_past_the_shortest_stem_do_not_count() -> None:
    longer = np.concatenate([POWERS["bass"], random_powers(9, 100)])
    made = model({**POWERS, "bass": longer})
    assert made.mean_smr_db(["voice"], power_exponent=0.3) == model().mean_smr_db(
        ["voice"], power_exponent=0.3
    )


def test_a_silent_stem_has_no_ratio() -> None:
    made = model({**POWERS, "voice": np.zeros((BLOCKS, len(BANDS)))})
    assert np.isnan(made.mean_smr_db(["voice"], power_exponent=0.3))
