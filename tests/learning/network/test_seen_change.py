from __future__ import annotations

import numpy as np
import pytest

from mixrules.errors import ParameterError
from mixrules.learning.network.seen_change import equalized_noise, seen_change
from mixrules.learning.network.switches import NAMES, Switches, switches_of

FAITHFUL, CORRECTED = switches_of("faithful", "eq"), Switches()
# Mean absolute change of the mel spectrum: about 4.2 dB.
GAINS_DB = (7.0, 0.0, -11.0, 0.0, 12.0, 0.0, -13.0, 0.0, 0.0)


def test_what_the_published_normalization_leaves_of_4_db_is_a_hundredth() -> None:
    before, after = equalized_noise(seed=1, gains_db=GAINS_DB)
    seen = seen_change(before, after, FAITHFUL)
    assert seen.mel_db == pytest.approx(4.2, abs=0.15)
    assert seen.input_db == pytest.approx(0.013, abs=0.003)


@pytest.mark.parametrize("levels", ["given", "hidden"])
def test_the_corrected_input_shows_the_whole_change(levels: str) -> None:
    before, after = equalized_noise(seed=1, gains_db=GAINS_DB)
    seen = seen_change(before, after, CORRECTED, levels)
    # The reference, a mean over all bands, has moved as well.
    assert seen.input_db == pytest.approx(seen.mel_db, rel=0.1)
    moved_db = seen.input_bands_db - seen.mel_bands_db
    # Low bands are narrow: of their noise, the mean of 64 levels in dB is not quite the level of the mean.
    np.testing.assert_allclose(moved_db, np.median(moved_db), atol=0.4)


def test_it_is_the_normalization_and_not_the_missing_logarithm_that_hides_the_change() -> None:
    before, after = equalized_noise(seed=2, gains_db=GAINS_DB)
    power = seen_change(before, after, CORRECTED.changed(on=["power_input"]))
    assert power.input_db == power.mel_db
    normalized = seen_change(before, after, CORRECTED.changed(on=["time_normalization"]))
    assert normalized.input_db < 0.02 * normalized.mel_db


def test_the_change_of_each_band_is_that_of_the_equalizer() -> None:
    only_2_khz = [12.0 * (octave == 5) for octave in range(9)]
    seen = seen_change(*equalized_noise(seed=3, blocks=8, gains_db=only_2_khz), FAITHFUL)
    # Edges of the HTK mel bands from 0 Hz to 22.05 kHz, equally apart in 2595 log10(1 + f / 700).
    mels = np.linspace(0.0, 2595.0 * np.log10(1.0 + 22_050.0 / 700.0), 130)
    centers_hz = 700.0 * (10.0 ** (mels[1:-1] / 2595.0) - 1.0)
    assert centers_hz[np.argmax(seen.mel_bands_db)] == pytest.approx(2000.0, rel=0.05)
    assert seen.mel_bands_db.max() == pytest.approx(12.0, abs=0.1)
    assert np.abs(seen.mel_bands_db[centers_hz > 15_000.0]).max() < 0.2
    assert np.abs(seen.input_bands_db).max() < 0.1


@pytest.mark.parametrize(
    ("switches", "levels", "left_db"),
    [
        (FAITHFUL, "given", 0.0),  # the level itself is normalised away
        (CORRECTED, "hidden", 0.0),
        # Both channels are measured against their mean, which rises from 1 to 2.5, 3.98 dB.
        (CORRECTED, "given", 6.02 - 3.98),
        (CORRECTED.changed(on=["power_input"]), "given", 6.02),
    ],
)
def test_what_is_left_of_a_gain_on_the_vocal(switches: Switches, levels: str, left_db: float) -> None:
    before, _ = equalized_noise(seed=4)
    before[:, 1] = before[:, 0]
    after = before * np.array([1.0, 4.0])[:, np.newaxis, np.newaxis]
    seen = seen_change(before, after, switches, levels)
    assert seen.mel_db == pytest.approx(6.02, abs=0.01)
    np.testing.assert_allclose(seen.input_bands_db, left_db, atol=0.01)


@pytest.mark.parametrize("on", [(), NAMES])
def test_silence_that_stays_silent_does_not_change(on: tuple[str, ...]) -> None:
    before, after = equalized_noise(seed=5, blocks=1)
    before[:, 1], after[:, 1] = 0.0, 0.0
    seen = seen_change(before, after, Switches().changed(on=on))
    assert (seen.mel_db, seen.input_db) == (0.0, 0.0)


def test_chance_is_drawn_from_the_seed() -> None:
    one, again, other = (equalized_noise(seed)[1] for seed in (6, 6, 7))
    np.testing.assert_array_equal(one, again)
    assert not np.array_equal(one, other)


@pytest.mark.parametrize("shape", [(0, 2, 128, 64), (2, 128, 64), (4, 2, 64, 128), (3, 2, 128, 64)])
def test_what_are_no_mel_blocks_of_one_shape_is_refused(shape: tuple[int, ...]) -> None:
    before, _ = equalized_noise(seed=8)
    with pytest.raises(ParameterError, match="mel blocks of one shape"):
        seen_change(before, np.ones(shape), CORRECTED)
