"""The reverb of the rules: 64 delay lines, a decay of 2 s.

    python benchmarks/bench_reverb.py --minutes 1 5 --json reverb.json

Ours with the room's response computed anew each time, which is what the first stem of a song costs, and with
the response known, which is what every other costs. Against pedalboard's Reverb (Freeverb: 16 combs and
8 all-passes) and, for the convolution alone, pedalboard's Convolution and scipy's oaconvolve with the
same response. One core.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import harness
import numpy as np
from harness import OURS, Entry, Goal
from signals import SAMPLE_RATE, Audio, channels_first, signal

from mixrules.processors import ReverbParams, impulse_response, reverberate

FREEVERB = "pedalboard Reverb (Freeverb)"
ROOM = ReverbParams(t60_s=2.0, lines=64)


def anew(audio: Audio) -> Audio:
    impulse_response.cache_clear()
    return reverberate(audio, SAMPLE_RATE, ROOM)


def race(audio: Audio, minutes: float, rounds: int, peers: bool, scratch: Path) -> harness.Race:
    entries = [
        Entry(f"{OURS}, response computed anew", lambda: anew(audio), _rms),
        Entry(f"{OURS}, response known", lambda: reverberate(audio, SAMPLE_RATE, ROOM), _rms),
    ]
    if peers:
        from scipy.signal import oaconvolve

        response = impulse_response(SAMPLE_RATE, ROOM).T
        mono = audio.mean(axis=1)[np.newaxis]
        entries.append(
            Entry("scipy oaconvolve, same response", lambda: oaconvolve(mono, response, axes=1), _rms)
        )
    if peers and harness.installed("pedalboard"):
        import pedalboard
        import soundfile

        turned = channels_first(audio)
        freeverb = pedalboard.Reverb(room_size=0.7, damping=0.3, wet_level=1.0, dry_level=0.0)
        path = scratch / "response.wav"
        soundfile.write(path, response.T, SAMPLE_RATE, subtype="FLOAT")
        convolver = pedalboard.Convolution(str(path), mix=1.0)
        entries += [
            Entry(FREEVERB, lambda: freeverb(turned, SAMPLE_RATE), _rms),
            Entry("pedalboard Convolution, same response", lambda: convolver(turned, SAMPLE_RATE), _rms),
        ]
    goals = [Goal("times", 1.0, FREEVERB)]
    return harness.run_race("reverb, T60 2 s, stereo", entries, minutes=minutes, rounds=rounds, goals=goals)


def _rms(found: Any) -> str:
    return f"{10.0 * np.log10(np.mean(np.square(found, dtype=np.float64))):.1f} dBFS RMS"


def main() -> None:
    chosen = harness.options(__doc__ or "").parse_args()
    harness.on_one_core()
    races = []
    with tempfile.TemporaryDirectory() as scratch:
        for minutes in chosen.minutes:
            audio = signal(minutes, chosen.signal)
            races.append(race(audio, minutes, chosen.rounds, not chosen.no_peers, Path(scratch)))
    harness.finish("reverb", races, chosen.json)


if __name__ == "__main__":
    main()
