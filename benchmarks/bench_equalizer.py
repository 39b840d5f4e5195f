"""The equaliser: six peaking filters on stereo.

    python benchmarks/bench_equalizer.py --minutes 1 5 --json equalizer.json

Against scipy's sosfilt with the same coefficients, in the faster of its layouts, and pedalboard's peak filters.
One core.
"""

from __future__ import annotations

from typing import Any

import harness
import numpy as np
from harness import OURS, Entry, Goal
from signals import SAMPLE_RATE, Audio, channels_first, signal

from mixrules.processors import EqBand, EqualizerParams, biquad_coefficients, equalize

FREQUENCIES_HZ = (100.0, 300.0, 800.0, 2000.0, 5000.0, 9000.0)
GAINS_DB = (2.0, -3.0, 1.5, -2.0, 3.0, -1.0)
SCIPY, PEDALBOARD = "scipy sosfilt", "pedalboard, six PeakFilter"


def race(audio: Audio, minutes: float, rounds: int, peers: bool) -> harness.Race:
    bands = tuple(
        EqBand(frequency_hz=hz, gain_db=gain, q=1.0)
        for hz, gain in zip(FREQUENCIES_HZ, GAINS_DB, strict=True)
    )
    params = EqualizerParams(bands=bands)
    entries = [Entry(OURS, lambda: equalize(audio, SAMPLE_RATE, params), _rms)]
    turned = channels_first(audio)
    if peers:
        from scipy.signal import sosfilt

        sections = np.array([np.concatenate(biquad_coefficients(band, SAMPLE_RATE)) for band in bands])
        entries.append(Entry(SCIPY, lambda: sosfilt(sections, turned, axis=1), _rms))
    if peers and harness.installed("pedalboard"):
        import pedalboard

        effects: list[pedalboard.Plugin] = [
            pedalboard.PeakFilter(b.frequency_hz, b.gain_db, b.q) for b in bands
        ]
        board = pedalboard.Pedalboard(effects)
        entries.append(Entry(PEDALBOARD, lambda: board(turned, SAMPLE_RATE), _rms))
    goals = [Goal("times", 1.5, SCIPY), Goal("times", 3.0, PEDALBOARD)]
    return harness.run_race("6 peaking filters, stereo", entries, minutes=minutes, rounds=rounds, goals=goals)


def _rms(found: Any) -> str:
    return f"{10.0 * np.log10(np.mean(np.square(found, dtype=np.float64))):.2f} dBFS RMS"


def main() -> None:
    chosen = harness.options(__doc__ or "").parse_args()
    harness.on_one_core()
    races = []
    for minutes in chosen.minutes:
        audio = signal(minutes, chosen.signal)
        races.append(race(audio, minutes, chosen.rounds, not chosen.no_peers))
    harness.finish("equalizer", races, chosen.json)


if __name__ == "__main__":
    main()
