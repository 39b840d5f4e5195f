"""The compressor and the limiter.

    python benchmarks/bench_compressor.py --minutes 1 5 --json compressor.json

Ours links the channels and has a soft knee; pedalboard's compressor treats each channel alone and has a
hard knee. Ours limits true peaks; pedalboard's brickwall limiter is asked to as well. One core.
"""

from __future__ import annotations

from typing import Any

import harness
import numpy as np
from harness import OURS, Entry, Goal
from signals import SAMPLE_RATE, Audio, channels_first, signal

from mixrules.processors import CompressorParams, LimiterParams, apply_gain, compress, limit

PEDALBOARD = "pedalboard"
DRIVE_DB = 6.0


def race_compressor(audio: Audio, minutes: float, rounds: int, peers: bool) -> harness.Race:
    soft = CompressorParams(threshold_db=-24.0, ratio=4.0, attack_ms=30.0, release_ms=150.0, knee_db=6.0)
    hard = CompressorParams(threshold_db=-24.0, ratio=4.0, attack_ms=30.0, release_ms=150.0, knee_db=0.0)
    entries = [
        Entry(f"{OURS}, linked, soft knee", lambda: compress(audio, SAMPLE_RATE, soft), _rms),
        Entry(f"{OURS}, linked, hard knee", lambda: compress(audio, SAMPLE_RATE, hard), _rms),
    ]
    if peers and harness.installed("pedalboard"):
        import pedalboard

        effect = pedalboard.Compressor(threshold_db=-24.0, ratio=4.0, attack_ms=30.0, release_ms=150.0)
        turned = channels_first(audio)
        entries.append(Entry(f"{PEDALBOARD}, unlinked, hard knee", lambda: effect(turned, SAMPLE_RATE), _rms))
    goals = [Goal("times", 2.0, f"{PEDALBOARD}, unlinked, hard knee")]
    return harness.run_race("compressor, stereo", entries, minutes=minutes, rounds=rounds, goals=goals)


def race_limiter(audio: Audio, minutes: float, rounds: int, peers: bool) -> harness.Race:
    driven = apply_gain(audio, DRIVE_DB)
    params = LimiterParams(ceiling_dbtp=-1.0)
    entries = [Entry(OURS, lambda: limit(driven, SAMPLE_RATE, params), _rms)]
    if peers and harness.installed("pedalboard"):
        import pedalboard

        if hasattr(pedalboard, "BrickwallLimiter"):
            effect = pedalboard.BrickwallLimiter(ceiling_db=-1.0, true_peak=True)
            turned = channels_first(driven)
            name = f"{PEDALBOARD} BrickwallLimiter"
            entries.append(Entry(name, lambda: effect(turned, SAMPLE_RATE), _rms))
    return harness.run_race("limiter, true peak, 6 dB over", entries, minutes=minutes, rounds=rounds)


def _rms(found: Any) -> str:
    return f"{10.0 * np.log10(np.mean(np.square(found, dtype=np.float64))):.1f} dBFS RMS"


def main() -> None:
    chosen = harness.options(__doc__ or "").parse_args()
    harness.on_one_core()
    races = []
    for minutes in chosen.minutes:
        audio = signal(minutes, chosen.signal)
        races.append(race_compressor(audio, minutes, chosen.rounds, not chosen.no_peers))
        races.append(race_limiter(audio, minutes, chosen.rounds, not chosen.no_peers))
    harness.finish("compressor", races, chosen.json)


if __name__ == "__main__":
    main()
