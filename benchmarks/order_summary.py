"""Tables of the sanity experiment: whether the order comes out, where it fails, what each rule brings."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from mixrules.evaluation import MEASURES
from mixrules.statistics import bootstrap_mean, paired_test

Row = dict[str, Any]

WITHOUT = "-without-"
TUNED = ("sek_caesium", "sek_hydrogen", "sek_rubidium")
"""The songs that constants may be set on; all others are held out."""

SHOWN = (
    *("stem_balance_error_lu", "vocal_to_backing_error_lu", "octave_spectrum_distance_db"),
    *("log_mel_distance_db", "side_to_mid_error_db", "short_term_distance_lu", "mean_smr_error_db"),
    *("spectral_mape", "panning_mape", "dynamic_mape", "diff_mst_loss"),
)
ORDERS = (
    *(("default", "none"), ("default", "random"), ("survey-2022", "none"), ("survey-2022", "random")),
    *(("default", "equal"), ("equal", "none"), ("none", "random"), ("levels", "default")),
)


def summary(rows: Sequence[Row]) -> str:
    """Return the tables as Markdown, a set for each kind of scrambling and half of the songs."""
    parts: list[str] = []
    for kind in dict.fromkeys(row["scramble"] for row in rows):
        # The last run of a song, seed and system counts: rules may have changed in between.
        latest = {(r["song"], r["seed"], r["system"]): r for r in rows if r["scramble"] == kind}
        complete = _complete(list(latest.values()))
        songs = sorted({row["song"] for row in complete})
        halves = {
            "all songs": songs,
            "tuned songs": [s for s in songs if s in TUNED],
            "held-out songs": [s for s in songs if s not in TUNED],
        }
        for name, chosen in halves.items():
            if chosen:
                parts += _tables(kind, name, [r for r in complete if r["song"] in chosen])
        parts += _failures(kind, complete)
    return "\n".join(parts) + "\n"


def tuning(rows: Sequence[Row]) -> str:
    """Return a table of systems: means over songs, tuned and held-out songs apart, as Markdown."""
    parts: list[str] = []
    for kind in dict.fromkeys(row["scramble"] for row in rows):
        latest = {(r["song"], r["seed"], r["system"]): r for r in rows if r["scramble"] == kind}
        complete = _complete(list(latest.values()))
        measures = [m for m in SHOWN if m in complete[0]["values"]] if complete else []
        songs = len({r["song"] for r in complete})
        parts.append(f"\n### Scramble `{kind}`: {songs} songs, {len({r['seed'] for r in complete})} seeds\n")
        heads = ("system", *(f"{_named(m)}: tuned / held out" for m in measures))
        lines = []
        for system in dict.fromkeys(r["system"] for r in complete):
            cells = [f"`{system}`"]
            for measure in measures:
                by_song = _by_song(_values(complete, system, measure))
                halves = ([v for s, v in by_song.items() if (s in TUNED) is side] for side in (True, False))
                cells.append(" / ".join(_number(_mean(half)) for half in halves))
            lines.append(cells)
        parts += _table(heads, lines)
    return "\n".join(parts) + "\n"


def _complete(rows: list[Row]) -> list[Row]:
    """Return the rows of songs and seeds that every system has; a rule may be left out for fewer of them."""
    systems = {row["system"] for row in rows if WITHOUT not in row["system"]}
    have: dict[tuple[str, int], set[str]] = {}
    for row in rows:
        have.setdefault((row["song"], row["seed"]), set()).add(row["system"])
    return [row for row in rows if systems <= have[row["song"], row["seed"]]]


def _tables(kind: str, name: str, rows: list[Row]) -> Iterator[str]:
    systems = [s for s in dict.fromkeys(r["system"] for r in rows) if WITHOUT not in s]
    seeds = len({r["seed"] for r in rows})
    songs = len({r["song"] for r in rows})
    yield f"\n### Scramble `{kind}`, {name}: {songs} songs, {seeds} seeds\n"
    yield "Median distance over songs and seeds.\n"
    yield from _table(
        ("measure", *systems), ([_named(m), *(_median(rows, s, m) for s in systems)] for m in SHOWN)
    )
    yield "\nIn how many of 100 song-seeds the first is nearer; in brackets in how many of the songs, by its mean.\n"
    orders = [pair for pair in ORDERS if set(pair) <= set(systems)]
    yield from _table(
        ("measure", *(f"{a} < {b}" for a, b in orders)),
        ([_named(m), *(_order(rows, a, b, m) for a, b in orders)] for m in SHOWN),
    )
    ablations = [s for s in dict.fromkeys(r["system"] for r in rows) if WITHOUT in s]
    if ablations:
        few = len({r["seed"] for r in rows if r["system"] == ablations[0]})
        yield f"\nWhat each rule of `default` brings ({few} seeds): distance without it minus with it, mean and 95 %"
        yield "interval over songs; above 0 the rule brings the mix nearer.\n"
        yield from _table(
            ("measure", *(s.partition(WITHOUT)[2] for s in ablations)),
            ([_named(m), *(_brings(rows, s, m) for s in ablations)] for m in SHOWN),
        )


def _failures(kind: str, rows: list[Row]) -> Iterator[str]:
    """Yield for each song how often default is nearer than none, measure by measure."""
    songs = sorted({row["song"] for row in rows})
    yield f"\n### Scramble `{kind}`: where `default` fails to come nearer than `none` (nearer in so many of 100 seeds)\n"
    yield from _table(
        ("measure", *songs),
        (
            [_named(m), *(_order([r for r in rows if r["song"] == s], "default", "none", m) for s in songs)]
            for m in SHOWN
        ),
    )


def _table(heads: Iterable[str], lines: Iterable[list[str]]) -> Iterator[str]:
    heads = list(heads)
    yield "| " + " | ".join(heads) + " |"
    yield "|" + "---|" * len(heads)
    for cells in lines:
        yield "| " + " | ".join(cells) + " |"


def _values(rows: list[Row], system: str, measure: str) -> dict[tuple[str, int], float]:
    return {
        (r["song"], r["seed"]): math.nan if r["values"][measure] is None else r["values"][measure]
        for r in rows
        if r["system"] == system
    }


def _median(rows: list[Row], system: str, measure: str) -> str:
    values = np.array(list(_values(rows, system, measure).values()))
    values = values[np.isfinite(values)]
    return _number(float(np.median(values))) if values.size else "–"


def _by_song(values: dict[tuple[str, int], float]) -> dict[str, float]:
    songs = dict.fromkeys(song for song, _ in values)
    return {s: _mean([v for (song, _), v in values.items() if song == s]) for s in songs}


def _mean(values: list[float]) -> float:
    defined = [v for v in values if math.isfinite(v)]
    return float(np.mean(defined)) if defined else math.nan


def _order(rows: list[Row], first: str, second: str, measure: str) -> str:
    one, other = _values(rows, first, measure), _values(rows, second, measure)
    test = paired_test(list(one.values()), [other[key] for key in one])
    songs = paired_test(*_aligned(_by_song(one), _by_song(other)))
    count = test.wins + test.losses + test.ties
    if not count:
        return "–"
    return f"{100 * test.wins / count:.0f} ({songs.wins}/{songs.wins + songs.losses + songs.ties})"


def _brings(rows: list[Row], without: str, measure: str) -> str:
    left_out = _values(rows, without, measure)
    every = _values(rows, "default", measure)
    with_rule = _by_song({key: every[key] for key in left_out})
    a, b = _aligned(_by_song(left_out), with_rule)
    interval = bootstrap_mean(np.asarray(a) - np.asarray(b))
    if not math.isfinite(interval.mean):
        return "–"
    return f"{_signed(interval.mean)} [{_signed(interval.low)}, {_signed(interval.high)}]"


def _aligned(one: dict[str, float], other: dict[str, float]) -> tuple[list[float], list[float]]:
    return list(one.values()), [other[key] for key in one]


def _named(measure: str) -> str:
    unit = MEASURES[measure].unit
    return f"{measure}{f', {unit}' if unit else ''}"


def _number(value: float) -> str:
    return f"{value:.3f}" if abs(value) < 1 else f"{value:.2f}"


_signed: Callable[[float], str] = "{:+.3f}".format
