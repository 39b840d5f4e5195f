import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixrules.errors import AudioError, ParameterError
from mixrules.processors import PanParams, apply_gain, db_to_gain, gain_to_db, mix_into, pan


def test_decibels() -> None:
    assert db_to_gain(0.0) == 1
    assert db_to_gain(-np.inf) == 0
    assert db_to_gain(20.0) == pytest.approx(10)
    assert gain_to_db(0.0) == -np.inf
    assert gain_to_db(-2.0) == pytest.approx(6.0206, abs=1e-4)
    np.testing.assert_allclose(gain_to_db(db_to_gain(np.array([-30.0, 0.0, 7.0]))), [-30, 0, 7])
    assert isinstance(db_to_gain(3.0), float)
    assert isinstance(gain_to_db(3.0), float)


def test_gain(rng: np.random.Generator) -> None:
    audio = rng.standard_normal((100, 2))
    np.testing.assert_allclose(apply_gain(audio, -6.0), audio * 10**-0.3)
    assert not apply_gain(audio, -np.inf).any()
    for bad in (np.nan, np.inf, 201):
        with pytest.raises(ParameterError, match="gain_db must be at most 200"):
            apply_gain(audio, bad)


@pytest.mark.parametrize(("law_db", "centre"), [(-3.0, 0.5**0.5), (-4.5, 0.5**0.75), (-6.0, 0.5)])
def test_laws_at_centre_and_ends(law_db: float, centre: float) -> None:
    mono = np.ones((1, 1))
    np.testing.assert_allclose(pan(mono, 48_000, PanParams(pan_law_db=law_db)), [[centre, centre]])
    np.testing.assert_array_equal(pan(mono, 48_000, PanParams(pan=-1, pan_law_db=law_db)), [[1, 0]])
    np.testing.assert_array_equal(pan(mono, 48_000, PanParams(pan=1, pan_law_db=law_db)), [[0, 1]])


@given(position=st.floats(-1, 1))
def test_what_the_laws_keep_constant(position: float) -> None:
    gains = {
        law_db: pan(np.ones(1), 48_000, PanParams(pan=position, pan_law_db=law_db))[0]
        for law_db in (-3.0, -4.5, -6.0)
    }
    assert np.sum(gains[-3.0] ** 2) == pytest.approx(1)
    assert np.sum(gains[-6.0]) == pytest.approx(1)
    np.testing.assert_allclose(gains[-4.5] ** 2, gains[-3.0] * gains[-6.0], atol=1e-12)


@pytest.mark.parametrize("law_db", [-3.0, -4.5, -6.0])
def test_balance_attenuates_the_opposite_side_only(rng: np.random.Generator, law_db: float) -> None:
    audio = rng.standard_normal((50, 2))
    np.testing.assert_array_equal(pan(audio, 48_000, PanParams(pan_law_db=law_db)), audio)
    right = pan(audio, 48_000, PanParams(pan=0.5, pan_law_db=law_db))
    np.testing.assert_array_equal(right[:, 1], audio[:, 1])
    assert np.all(np.abs(right[:, 0]) < np.abs(audio[:, 0]))
    assert not pan(audio, 48_000, PanParams(pan=1, pan_law_db=law_db))[:, 0].any()


def test_bad_pans_are_refused() -> None:
    with pytest.raises(ParameterError, match="pan must be -1 to 1"):
        PanParams(pan=1.5)
    with pytest.raises(ParameterError, match=r"pan_law_db must be -3, -4\.5 or -6, got -2"):
        PanParams(pan_law_db=-2)
    with pytest.raises(AudioError, match="3 channels"):
        pan(np.zeros((10, 3)), 48_000, PanParams())


def test_what_cannot_be_added_to_is_refused() -> None:
    audio = np.ones((4, 2), np.float32)
    frozen = np.zeros((4, 2), np.float32)
    frozen.flags.writeable = False
    for total in (frozen, np.zeros((4, 2), np.float32, order="F")):
        with pytest.raises(AudioError, match="cannot be added to"):
            mix_into(total, audio, 0.0)
