"""Kick and bass as a pair: songs with two basses."""

from __future__ import annotations

import numpy as np

from mixrules import Stems, plan

RATE = 44_100


def test_a_kick_that_gave_way_to_one_bass_is_not_cut_again_for_the_next() -> None:
    t = np.arange(8 * RATE) / RATE
    beat = np.exp(-(t % 0.5) / 0.12)
    hum = np.sin(2.0 * np.pi * 60.0 * t)
    audio = {
        "kick": 0.5 * hum * beat,
        "bass": 0.25 * (hum * (0.6 + 0.4 * beat) + 0.3 * np.sin(2.0 * np.pi * 95.0 * t)),
        "bass_fretless": 0.3 * (hum * beat + 0.3 * np.sin(2.0 * np.pi * 110.0 * t)),
    }
    stems = Stems.from_arrays({n: a[:, None].astype(np.float32) for n, a in audio.items()}, RATE)
    decided = plan(stems)
    cut = [d.stem for d in decided.decisions if d.rule == "low_end" and "equalizer" in d.parameters]
    assert cut == ["kick", "bass_fretless"]
    for name in cut:
        gains_db = [
            band.gain_db for band in decided.stem(name).equalizer.bands if 50 < band.frequency_hz < 60
        ]
        assert len([gain_db for gain_db in gains_db if gain_db < 0.0]) == 1
