import numpy as np
import pytest

from mixrules.analysis import Weighting, octave_bands, power_per_hz_db, weighting_db
from mixrules.errors import ParameterError

# IEC 61672-1:2013, Table 3, at the exact base-ten frequencies.
A_TABLE = {
    10: -70.4, 20: -50.5, 31.5: -39.4, 63: -26.2, 125: -16.1, 250: -8.6, 500: -3.2, 1000: 0.0,
    2000: 1.2, 4000: 1.0, 8000: -1.1, 16000: -6.6, 20000: -9.3,
}  # fmt: skip
# ITU-R BS.1770: the cascade at 48 kHz.
K_TABLE = {20: -13.275, 40: -5.567, 100: -1.133, 500: 0.042, 1000: 0.698, 2000: 3.071, 10000: 4.042}


def test_a_weighting_agrees_with_the_standard() -> None:
    for nominal, expected in A_TABLE.items():
        exact = 1000 * 10 ** (round(10 * np.log10(nominal / 1000)) / 10)
        assert weighting_db(exact, "a") == pytest.approx(expected, abs=0.051)


def test_k_weighting_agrees_with_the_recommendation() -> None:
    assert weighting_db(list(K_TABLE), "k") == pytest.approx(list(K_TABLE.values()), abs=1e-3)
    assert weighting_db(60000.0, "k") == weighting_db(24000.0, "k")


@pytest.mark.parametrize("kind", ["a", "k", "none"])
def test_weightings_are_finite_at_zero(kind: Weighting) -> None:
    assert np.isfinite(weighting_db([0.0, 1e5], kind)).all()


def test_unknown_weighting() -> None:
    with pytest.raises(ParameterError, match="k, a or none"):
        weighting_db(100.0, "c")  # type: ignore[arg-type]


def test_power_per_hz() -> None:
    bands = octave_bands()
    white = bands.bandwidths_hz * 1e-6
    assert power_per_hz_db(white, bands) == pytest.approx(-60.0)
    assert power_per_hz_db(np.zeros((3, 9)), bands) == pytest.approx(-200.0)
