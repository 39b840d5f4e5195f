"""Band powers in nine octaves, block by block.

    python benchmarks/bench_bands.py --minutes 1 5 --json bands.json

Our two methods against scipy.signal.welch (one spectrum of the whole, windows of the same length at its own
overlap of a half) and nine scipy Butterworth band-passes with their mean squares. One core.
"""

from __future__ import annotations

from typing import Any

import harness
import numpy as np
from harness import OURS, Entry, Goal
from signals import SAMPLE_RATE, Audio, signal

from mixrules.analysis import block_band_powers, octave_bands

WELCH, WELCH_STEREO = "scipy welch, mono sum", "scipy welch, both channels"
BUTTERWORTH = "9 scipy Butterworth bands"
WINDOW = 8192


def welch(audio: Audio, mono: bool) -> Any:
    import scipy.signal

    heard = audio.mean(axis=1) if mono else audio
    hz, density = scipy.signal.welch(heard, SAMPLE_RATE, nperseg=WINDOW, axis=0)
    bands = octave_bands()
    edges = np.searchsorted(hz, [*bands.low_hz, bands.high_hz[-1]])
    return np.add.reduceat(density, edges[:-1], axis=0) * hz[1]


def butterworth(audio: Audio) -> Any:
    import scipy.signal

    mono = audio.mean(axis=1)
    bands = octave_bands()
    block = SAMPLE_RATE // 10
    rows = []
    for low, high in zip(bands.low_hz, bands.high_hz, strict=True):
        edges = [low, min(high, 0.499 * SAMPLE_RATE)]
        sections = scipy.signal.butter(2, edges, "bandpass", fs=SAMPLE_RATE, output="sos")
        filtered = scipy.signal.sosfilt(sections, mono)
        whole = filtered[: len(filtered) // block * block].reshape(-1, block)
        rows.append(np.einsum("ij,ij->i", whole, whole) / block)
    return np.array(rows).T


def race(audio: Audio, minutes: float, rounds: int, peers: bool) -> harness.Race:
    bands = octave_bands().below(SAMPLE_RATE / 2)
    by_filters = f"{OURS}, Butterworth"
    entries = [
        Entry(f"{OURS}, Fourier transform", lambda: block_band_powers(audio, SAMPLE_RATE, bands), _total),
        Entry(by_filters, lambda: block_band_powers(audio, SAMPLE_RATE, bands, method="butterworth"), _total),
    ]
    if peers:
        entries += [
            Entry(WELCH, lambda: welch(audio, True), _sum),
            Entry(WELCH_STEREO, lambda: welch(audio, False)),
            Entry(BUTTERWORTH, lambda: butterworth(audio), _total),
        ]
    goals = [Goal("times", 4.0, WELCH), Goal("times", 4.0, WELCH_STEREO), Goal("times", 12.0, BUTTERWORTH)]
    return harness.run_race("octave band powers", entries, minutes=minutes, rounds=rounds, goals=goals)


def _total(powers: Any) -> str:
    return _sum(powers.mean(axis=0))


def _sum(powers: Any) -> str:
    return f"{10.0 * np.log10(powers.sum()):.2f} dB in all bands"


def main() -> None:
    chosen = harness.options(__doc__ or "").parse_args()
    harness.on_one_core()
    races = []
    for minutes in chosen.minutes:
        audio = signal(minutes, chosen.signal)
        races.append(race(audio, minutes, chosen.rounds, not chosen.no_peers))
    harness.finish("bands", races, chosen.json)


if __name__ == "__main__":
    main()
