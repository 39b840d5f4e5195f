"""The K filter: the table, the response at every rate, pyloudnorm's exact class."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from reference_meters import pyloudnorm_exact

from mixrules.errors import ParameterError
from mixrules.loudness import (
    BS1770_TABLE_48K,
    KWeighting,
    k_weighting,
    k_weighting_response_db,
    max_table_deviation,
)

Array = npt.NDArray[Any]

GAINS_DB = {
    20: -13.275,
    40: -5.567,
    100: -1.133,
    200: -0.265,
    500: 0.042,
    997: 0.6910,
    1000: 0.698,
    2000: 3.071,
    4000: 3.968,
    10_000: 4.042,
}
B_44K = [1.53084123005035, -2.65097999515473, 1.16907907992159]
A_44K = [1.0, -1.66365511325602, 0.71259542807323]


def rows(stages: KWeighting) -> Array:
    return np.array([[*stage.b, *stage.a] for stage in stages])


def test_48_khz_is_the_table() -> None:
    assert np.abs(rows(k_weighting(48_000)) - rows(BS1770_TABLE_48K)).max() < 1e-12
    deviation = max_table_deviation(48_000)
    assert deviation is not None
    assert deviation < 1e-12
    assert max_table_deviation(44_100) is None


def test_published_44_1_khz_coefficients() -> None:
    shelf, high_pass = k_weighting(44_100)
    np.testing.assert_allclose([*shelf.b, *shelf.a], [*B_44K, *A_44K], atol=1e-13)
    np.testing.assert_allclose(high_pass.a, [1.0, -1.98916967362980, 0.98919903578704], atol=1e-13)
    assert high_pass.b == (1.0, -2.0, 1.0)


def test_gain_table() -> None:
    got = k_weighting_response_db(list(GAINS_DB), 48_000)
    np.testing.assert_allclose(got, list(GAINS_DB.values()), atol=6e-4)


@pytest.mark.parametrize(
    "sample_rate",
    [
        32_000,
        37_800,
        44_056,
        44_100,
        47_952,
        50_000,
        64_000,
        88_200,
        96_000,
        176_400,
        192_000,
        352_800,
        384_000,
    ],
)
def test_response_follows_48_khz(sample_rate: int) -> None:
    hz = np.geomspace(10, 0.4 * min(sample_rate, 48_000), 2000)
    difference = k_weighting_response_db(hz, sample_rate) - k_weighting_response_db(hz, 48_000)
    assert np.abs(difference).max() < 0.05


@pytest.mark.parametrize(("sample_rate", "departure_db"), [(8_000, 0.501), (16_000, 0.152), (22_050, 0.082)])
def test_documented_departure_below_32_khz(sample_rate: int, departure_db: float) -> None:
    hz = np.geomspace(10, 0.4 * sample_rate, 2000)
    difference = k_weighting_response_db(hz, sample_rate) - k_weighting_response_db(hz, 48_000)
    assert np.abs(difference).max() == pytest.approx(departure_db, abs=0.001)


@pytest.mark.parametrize("sample_rate", [8_000, 22_050, 44_100, 48_000, 192_000])
def test_against_pyloudnorm_deman(sample_rate: int) -> None:
    filters = pyloudnorm_exact(sample_rate)._filters.values()
    theirs = [[*stage.b, *stage.a] for stage in filters]
    np.testing.assert_allclose(rows(k_weighting(sample_rate)), theirs, atol=1e-9)


@pytest.mark.parametrize("sample_rate", [8_000, 44_100, 384_000])
def test_stable(sample_rate: int) -> None:
    for stage in k_weighting(sample_rate):
        assert np.abs(np.roots(stage.a)).max() < 1.0


def test_response_at_zero_and_shape() -> None:
    got = k_weighting_response_db([[0.0, 1000.0]], 48_000)
    assert got.shape == (1, 2)
    assert got[0, 0] == -np.inf


@pytest.mark.parametrize("sample_rate", [7_999, 384_001, 44_100.5, float("nan"), "48000", True])
def test_bad_rates(sample_rate: Any) -> None:
    with pytest.raises(ParameterError, match="sample_rate must be"):
        k_weighting(sample_rate)
