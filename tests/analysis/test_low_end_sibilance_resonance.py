"""Clashes, sibilants and lasting peaks of tables of powers that are written down."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mixrules.analysis import (
    block_band_powers,
    erb_bands,
    lasting_peaks,
    low_end_clash,
    sibilance,
    third_octave_bands,
)
from mixrules.errors import ParameterError

LOW = third_octave_bands().below(120.0)
FINE = erb_bands()


def low_table(*levels_db: dict[int, float]) -> np.ndarray:
    table = np.full((len(levels_db), len(LOW)), 1e-9)
    for row, bands in zip(table, levels_db, strict=True):
        for band, level_db in bands.items():
            row[band] = 10 ** (level_db / 10)
    return table


def test_a_clash_is_where_one_band_leads_both_equally() -> None:
    kick = low_table({4: 0}, {4: 0}, {4: 0}, {4: 0})
    bass = low_table({4: -2.9}, {4: -3.1}, {4: -1, 6: 5}, {6: 0})
    found = low_end_clash(kick, bass, LOW)
    assert found.share == 0.25  # the first; further apart; not the bass's own band; another band
    assert found.by_band[4] == 0.25
    assert found.by_band.sum() == 0.25


def test_a_clash_needs_both_to_sound() -> None:
    assert math.isnan(low_end_clash(np.zeros((5, len(LOW))), np.ones((5, len(LOW))), LOW).share)
    with pytest.raises(ParameterError, match="one shape"):
        low_end_clash(np.ones((5, len(LOW))), np.ones((4, len(LOW))), LOW)


def test_sibilants_are_the_sharpest_blocks_against_the_mean_of_the_vowels() -> None:
    centers_hz = np.asarray(FINE.centers_hz)
    table = np.zeros((100, len(FINE)))
    vowels = (centers_hz >= 300) & (centers_hz < 3000)
    table[:, vowels] = 1.0 / vowels.sum()
    s = int(np.argmin(np.abs(centers_hz - 7000)))
    table[:20, s] = 10 ** (-4 / 10)
    found = sibilance(table, FINE)
    assert found.ratio_db == pytest.approx(-4.0)
    assert found.level_db == pytest.approx(-4.0)
    assert found.center_hz == pytest.approx(centers_hz[s])
    assert math.isnan(sibilance(np.zeros((100, len(FINE))), FINE).ratio_db)
    narrow = FINE.below(4000.0)
    assert math.isnan(sibilance(np.ones((100, len(narrow))), narrow).ratio_db)


def test_a_lasting_peak_is_found_where_other_bands_come_and_go() -> None:
    rng = np.random.default_rng(3)
    table = 10 ** (rng.normal(0, 2, (200, len(FINE))) / 10)
    notes = rng.integers(5, 15, 200)
    table[np.arange(200), notes] *= 100
    ring = int(np.argmin(np.abs(np.asarray(FINE.centers_hz) - 4000)))
    assert all(peak.over_db < 3 for peak in lasting_peaks(table, FINE))
    table[:, ring] *= 10 ** (14 / 10)
    (strongest, *_) = lasting_peaks(table, FINE)
    assert strongest.frequency_hz == FINE.centers_hz[ring]
    assert strongest.over_db == pytest.approx(14, abs=2.5)
    table[rng.random(200) < 0.5, ring] = 1.0  # half of the time is no resonance but a part
    assert all(peak.over_db < 3 for peak in lasting_peaks(table, FINE))


def test_the_overtones_of_a_held_note_and_few_blocks_are_no_resonance() -> None:
    time = np.arange(3 * 44_100) / 44_100
    held = sum(np.sin(2 * np.pi * 2200 * part * time) for part in (1, 2))
    powers = block_band_powers(
        held + 0.01 * np.random.default_rng(0).standard_normal(time.size), 44_100, FINE
    )
    assert lasting_peaks(powers, FINE) == []
    assert lasting_peaks(powers[:3], FINE) == []
    assert lasting_peaks(powers[:0], FINE) == []
