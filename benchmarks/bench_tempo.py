"""The tempo of a song.

    python benchmarks/bench_tempo.py --minutes 1 5 --json tempo.json

Against librosa.feature.tempo, at the signal's own rate and as librosa is mostly used, after bringing the
signal to 22 050 Hz. The synthesised signals both have 112 beats a minute. One core.
"""

from __future__ import annotations

from typing import Any

import harness
import numpy as np
from harness import OURS, Entry
from signals import SAMPLE_RATE, Audio, signal

from mixrules.analysis import estimate_tempo


def librosa_tempo(audio: Audio, rate: int) -> float:
    import librosa

    mono = np.ascontiguousarray(audio.mean(axis=1))
    if rate != SAMPLE_RATE:
        mono = librosa.resample(mono, orig_sr=SAMPLE_RATE, target_sr=rate)
    return float(librosa.feature.tempo(y=mono, sr=rate)[0])


def race(audio: Audio, minutes: float, rounds: int, peers: bool) -> harness.Race:
    entries = [Entry(OURS, lambda: estimate_tempo(audio, SAMPLE_RATE).bpm, _bpm)]
    if peers and harness.installed("librosa"):
        entries += [
            Entry("librosa.feature.tempo", lambda: librosa_tempo(audio, SAMPLE_RATE), _bpm),
            Entry("librosa, resampled to 22 050 Hz", lambda: librosa_tempo(audio, 22_050), _bpm),
        ]
    return harness.run_race("tempo", entries, minutes=minutes, rounds=rounds)


def _bpm(found: Any) -> str:
    return f"{found:.2f} BPM"


def main() -> None:
    chosen = harness.options(__doc__ or "").parse_args()
    harness.on_one_core()
    races = []
    for minutes in chosen.minutes:
        audio = signal(minutes, chosen.signal)
        races.append(race(audio, minutes, chosen.rounds, not chosen.no_peers))
    harness.finish("tempo", races, chosen.json)


if __name__ == "__main__":
    main()
