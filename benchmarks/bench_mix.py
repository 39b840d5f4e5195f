"""The whole song: arrays in, decisions, render, checked report, array out.

    python benchmarks/bench_mix.py --minutes 1 5 15 60 --stems 4 8 --json mix.json

Preset `default` on so many stereo stems, and `survey-2022` on two, a vocal and the sum of the rest. All
cores. The demo's parts repeat for as long as the song is; arrays of an hour take 1.3 GB a stem. `plan` and
`render` are parts of `mix`, which also measures its report.
"""

from __future__ import annotations

import functools
import operator
from typing import Any

import harness
from harness import OURS, Entry, Goal
from signals import SAMPLE_RATE, Audio, stems

import mixrules

LINEAR_FROM_MIN = 5.0
LINEAR_WITHIN = 0.1


def race(song: dict[str, Audio], preset: str, minutes: float, rounds: int, goal: float) -> harness.Race:
    decided = mixrules.plan(song, sample_rate=SAMPLE_RATE, rules=preset)
    whole = f"{OURS} mix"
    entries = [
        Entry(whole, lambda: mixrules.mix(song, sample_rate=SAMPLE_RATE, rules=preset), _words),
        Entry(f"{OURS} plan", lambda: mixrules.plan(song, sample_rate=SAMPLE_RATE, rules=preset)),
        Entry(f"{OURS} render", lambda: mixrules.render(song, decided, sample_rate=SAMPLE_RATE)),
    ]
    goals = [Goal("realtime", goal)] if goal else []
    work = f"{len(song)} stems, preset {preset}"
    return harness.run_race(work, entries, minutes=minutes, rounds=rounds, goals=goals)


def linear(races: list[harness.Race]) -> list[dict[str, Any]]:
    """Return, for each kind of song, whether the time for a minute stays the same."""
    verdicts = []
    for work in dict.fromkeys(race.work for race in races):
        long = sorted(
            (race.minutes, race.results[0].median_s / race.minutes)
            for race in races
            if race.work == work and race.minutes >= LINEAR_FROM_MIN
        )
        if len(long) > 1:
            change = long[-1][1] / long[0][1] - 1.0
            text = (
                f"{work}: time for a minute at {long[-1][0]:g} min within 10 % of that at {long[0][0]:g} min"
            )
            verdicts.append(harness.verdict(text, f"{100.0 * change:+.0f} %", abs(change) <= LINEAR_WITHIN))
    return verdicts


def _words(result: Any) -> str:
    found = result.loudness
    return f"{found.integrated_lufs:.2f} LUFS, {found.true_peak_dbtp:.2f} dBTP"


def main() -> None:
    parser = harness.options(__doc__ or "", minutes=(1.0, 5.0), rounds=5)
    parser.add_argument("--stems", nargs="+", type=int, default=[4], help="how many, for preset default")
    chosen = parser.parse_args()
    races = []
    for minutes in chosen.minutes:
        for count in chosen.stems:
            goal = 150.0 if count == 4 else 0.0
            races.append(race(stems(minutes, count), "default", minutes, chosen.rounds, goal))
        parts = stems(minutes, 4)
        vocal = parts.pop("vocals")
        song = {"vocals": vocal, "accompaniment": functools.reduce(operator.add, parts.values())}
        del parts
        races.append(race(song, "survey-2022", minutes, chosen.rounds, 200.0))
        del song
    verdicts = linear(races)
    for found in verdicts:
        print(f"\ngoal: {found['text']}: {found['found']}, {harness.outcome(found)}")
    harness.finish("mix", races, chosen.json, verdicts=verdicts)


if __name__ == "__main__":
    main()
