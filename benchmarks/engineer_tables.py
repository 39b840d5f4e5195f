"""Tables of `engineer_mixes.py`: distances by scramble and half, paired tests, human spread, vetoes, ablation.

Shown is the median over songs; differences are tested over songs (Wilcoxon's signed ranks, Holm's correction
over the eight distances) and given with the 95 % bootstrap interval of their mean. A tie is what the test calls one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from engineer_spread import markdown, spread_by_role, spread_table

from mixrules.statistics import bootstrap_mean, holm, paired_test

Row = Mapping[str, Any]

DISTANCES = {
    "stem_balance_error_lu": "stem balance, LU",
    "vocal_to_backing_error_lu": "vocal to backing, LU",
    "octave_spectrum_distance_db": "octave spectrum, dB",
    "log_mel_distance_db": "log mel, dB",
    "side_to_mid_error_db": "side to mid, dB",
    "short_term_distance_lu": "short-term loudness, LU",
    "mean_smr_error_db": "signal to masker, dB",
    "masked_share_error": "masked share, error",
}
BEFORE, AFTER = "before", "default"
ORDER = ("none", "equal", "libsonare", BEFORE, AFTER, "levels", "human")
BLIND = ("equal", "levels")
"""Systems that no fader as given changes: a row of one scramble stands for all of them."""
TARGET_LUFS, TARGET_WITHIN_LU = -14.0, 0.5


def halves(rows: Sequence[Row]) -> dict[str, set[str]]:
    """Return the songs to work on and those to report, every other one of the sorted names."""
    names = sorted({row["song"] for row in rows})
    return {"work": set(names[::2]), "report": set(names[1::2])}


def whole(rows: Sequence[Row]) -> list[Row]:
    """Return the last row of each song, scramble and system, those of blind systems at every scramble."""
    scrambles = _scrambles(rows)
    found: dict[tuple[str, float, str], Row] = {}
    for row in rows:
        if row["system"] in BLIND:
            for scramble_db in scrambles:
                key = (row["song"], scramble_db, row["system"])
                found.setdefault(key, {**row, "scramble_db": scramble_db})
        found[row["song"], row["scramble_db"], row["system"]] = row
    return list(found.values())


def tables(rows: Sequence[Row]) -> str:
    """Return all tables as Markdown."""
    rows = whole(rows)
    split = halves(rows)
    main = [row for row in rows if "-without-" not in row["system"]]
    parts = []
    for half, songs in split.items():
        parts.append(f"## {half.capitalize()} half: {len(songs)} songs\n")
        parts.extend(distance_table(_of(main, songs), scramble) for scramble in _scrambles(rows))
    parts += ["## By source of the songs, all scrambles, medians\n", source_table(main)]
    systems = _systems(main)
    parts += ["## Levels against the human spread\n", spread_table(main, systems)]
    parts += [spread_by_role(main, [name for name in systems if name in (BEFORE, AFTER, "levels")])]
    parts += [
        f"## {TARGET_LUFS:g} LUFS met within {TARGET_WITHIN_LU:g} LU, share of mixes\n",
        target_table(main),
    ]
    for key, what in (("acted_on", "processor"), ("rules_acting", "rule")):
        parts += [f"## Share of undisturbed stems that each {what} acts on\n", acted_table(rows, key)]
    parts += [f"## Vetoes: share of mixes ({len(split['work'] | split['report'])} songs, all scrambles)\n"]
    parts += [veto_table(main)]
    for half, songs in split.items():
        parts += [f"{half.capitalize()} half:\n", no_veto_table(_of(main, songs))]
    if any("-without-" in row["system"] for row in rows):
        parts += [
            "## Ablation, report half: without the rule minus with it\n",
            ablation_table(_of(rows, split["report"])),
        ]
    return "\n".join(parts) + "\n"


def _of(rows: Iterable[Row], songs: set[str]) -> list[Row]:
    return [row for row in rows if row["song"] in songs]


def _scrambles(rows: Iterable[Row]) -> list[float]:
    return sorted({row["scramble_db"] for row in rows})


def _systems(rows: Iterable[Row]) -> list[str]:
    there = {row["system"] for row in rows}
    return [name for name in ORDER if name in there] + sorted(there - set(ORDER))


def _values(rows: Iterable[Row], system: str, measure: str) -> dict[str, float]:
    """Return a measure by song, the mean over scrambles."""
    found: dict[str, list[float]] = defaultdict(list)
    for row in rows:
        if row["system"] == system and row["values"].get(measure) is not None:
            found[row["song"]].append(row["values"][measure])
    return {song: float(np.mean(values)) for song, values in found.items()}


def _median(values: Iterable[float]) -> str:
    numbers = list(values)
    return f"{np.median(numbers):.2f}" if numbers else ""


def _paired(a: Mapping[str, float], b: Mapping[str, float]) -> tuple[list[float], list[float]]:
    songs = sorted(set(a) & set(b))
    return [a[song] for song in songs], [b[song] for song in songs]


def distance_table(rows: Sequence[Row], scramble_db: float) -> str:
    """Return medians over songs, and whether `default` differs from what was before and from equal loudness."""
    rows = [row for row in rows if row["scramble_db"] == scramble_db]
    systems = _systems(rows)
    p: dict[tuple[str, str], float] = {}
    for against in (BEFORE, "equal"):
        tests = {}
        for measure in DISTANCES:
            ours, theirs = _paired(_values(rows, AFTER, measure), _values(rows, against, measure))
            if ours:
                tests[measure] = paired_test(np.array(ours), np.array(theirs)).p
        p |= (
            {(against, m): v for m, v in zip(tests, holm(list(tests.values())), strict=True)} if tests else {}
        )

    def verdict(against: str, measure: str) -> str:
        ours, theirs = _paired(_values(rows, AFTER, measure), _values(rows, against, measure))
        if (against, measure) not in p:
            return ""
        found = bootstrap_mean(np.subtract(ours, theirs))
        word = "nearer" if found.mean < 0.0 else "farther"
        word = f"{word}, p {p[against, measure]:.2g}" if p[against, measure] < 0.05 else "tie"
        return f"{found.mean:+.2f} ({found.low:+.2f} to {found.high:+.2f}), {word}"

    lines = [
        [
            label,
            *(_median(_values(rows, system, measure).values()) for system in systems),
            *(verdict(against, measure) for against in (BEFORE, "equal")),
        ]
        for measure, label in DISTANCES.items()
    ]
    title = f"Faders within ±{scramble_db:g} dB:" if scramble_db else "Stems as they are:"
    header = ["median over songs", *systems, "default minus before", "default minus equal"]
    return f"{title}\n\n{markdown(header, lines)}"


def source_table(rows: Sequence[Row]) -> str:
    """Return balance and spectrum by source."""
    systems = _systems(rows)
    lines = []
    for source in sorted({row["source"] for row in rows}):
        own = [row for row in rows if row["source"] == source]
        songs = len({row["song"] for row in own})
        for measure in ("stem_balance_error_lu", "octave_spectrum_distance_db", "log_mel_distance_db"):
            cells = [_median(_values(own, system, measure).values()) for system in systems]
            lines.append([f"{source}, {songs} songs: {DISTANCES[measure]}", *cells])
    return markdown(["", *systems], lines)


def target_table(rows: Sequence[Row]) -> str:
    """Return how often the target was met, by scramble."""
    scrambles = _scrambles(rows)

    def share(system: str, scramble_db: float) -> str:
        lufs = [r["lufs"] for r in rows if r["system"] == system and r["scramble_db"] == scramble_db]
        met = [value is not None and abs(value - TARGET_LUFS) <= TARGET_WITHIN_LU for value in lufs]
        return f"{np.mean(met):.0%}" if met else ""

    systems = [system for system in _systems(rows) if system in (BEFORE, AFTER, "libsonare")]
    return markdown(
        ["system", *(f"±{scramble:g} dB" for scramble in scrambles)],
        [[system, *(share(system, scramble) for scramble in scrambles)] for system in systems],
    )


def acted_table(rows: Sequence[Row], key: str) -> str:
    """Return the share of undisturbed stems that each processor, or each rule, acts on."""
    lines = []
    for system in (BEFORE, AFTER):
        own = [row for row in rows if row["system"] == system and row["scramble_db"] == 0.0]
        stems = sum(len(row["roles"]) for row in own)
        fields = {field: 0 for row in own for field in row.get(key, {})}
        for row in own:
            for field, count in row.get(key, {}).items():
                fields[field] += count
        if stems:
            lines.append((system, {field: f"{count / stems:.0%}" for field, count in fields.items()}))
    names = list(dict.fromkeys(field for _, fields in lines for field in fields))
    return markdown(
        ["system", *names], [[system, *(f.get(name, "") for name in names)] for system, f in lines]
    )


def veto_table(rows: Sequence[Row]) -> str:
    """Return in how many mixes each veto fires, and how many have none."""
    with_vetoes = [row for row in rows if row["vetoes"] is not None]
    systems = _systems(with_vetoes)
    names = list(dict.fromkeys(name for row in with_vetoes for name in row["vetoes"]))

    def share(system: str, counts: Callable[[Row], bool]) -> str:
        own = [counts(row) for row in with_vetoes if row["system"] == system]
        return f"{np.mean(own):.0%}" if own else ""

    def fires(name: str) -> Callable[[Row], bool]:
        return lambda row: bool(row["vetoes"].get(name))

    lines = [[name, *(share(system, fires(name)) for system in systems)] for name in names]
    lines.append(["**no veto**", *(share(s, _no_veto) for s in systems)])
    lines.append(["**no veto but the loudness**", *(share(s, _no_other_veto) for s in systems)])
    return markdown(["", *systems], lines)


def no_veto_table(rows: Sequence[Row]) -> str:
    """Return the share of mixes without a veto by scramble; without what sums cannot promise, their loudness, as well."""
    with_vetoes = [row for row in rows if row["vetoes"] is not None]
    systems = _systems(with_vetoes)
    lines = []
    for scramble_db in _scrambles(with_vetoes):
        own = [row for row in with_vetoes if row["scramble_db"] == scramble_db]
        cells = []
        for system in systems:
            free = [(_no_veto(row), _no_other_veto(row)) for row in own if row["system"] == system]
            cells.append(" / ".join(f"{share:.0%}" for share in np.mean(free, axis=0)) if free else "")
        lines.append([f"±{scramble_db:g} dB", *cells])
    return markdown(["no veto / none but the loudness", *systems], lines)


def _no_veto(row: Row) -> bool:
    return not any(row["vetoes"].values())


def _no_other_veto(row: Row) -> bool:
    return not any(fires for name, fires in row["vetoes"].items() if name != "loudness_missed")


OWN_MEASURE: Mapping[str, tuple[str, Callable[[Row], float | None]]] = {
    "level": ("stem balance, LU", lambda row: row["values"]["stem_balance_error_lu"]),
    "tone": ("octave spectrum, dB", lambda row: row["values"]["octave_spectrum_distance_db"]),
    "eq": ("share masked", lambda row: row["values"]["masked_share"]),
    "pan": ("side to mid, dB", lambda row: row["values"]["side_to_mid_error_db"]),
    "width": ("side to mid, dB", lambda row: row["values"]["side_to_mid_error_db"]),
    "low_end": ("kick and bass clash", lambda row: _fires(row, "kick_bass_clash")),
    "deess": ("sibilance, resonance", lambda row: max(_fires(row, "sibilance"), _fires(row, "resonance"))),
    "ride": ("vocal to backing, LU", lambda row: row["values"]["vocal_to_backing_error_lu"]),
    "duck": ("share masked", lambda row: row["values"]["masked_share"]),
    "peaks": ("short of the target, LU", lambda row: _short_of_target(row)),
    "master": ("short of the target, LU", lambda row: _short_of_target(row)),
    "fades": ("clicks at an end", lambda row: _fires(row, "click_at_an_end")),
}
"""What a rule is there to lower."""


def _fires(row: Row, veto: str) -> float:
    return float(bool((row["vetoes"] or {}).get(veto)))


def _short_of_target(row: Row) -> float | None:
    return None if row["lufs"] is None else abs(row["lufs"] - TARGET_LUFS)


def ablation_table(rows: Sequence[Row], scramble_db: float = 8.0) -> str:
    """Return by how much each distance is larger without a rule, over the songs where it acts, with 95 % intervals."""
    rows = [row for row in rows if row["scramble_db"] == scramble_db]
    default = {row["song"]: row for row in rows if row["system"] == AFTER}
    stems = sum(len(row["roles"]) for row in default.values())
    lines = []
    for system in sorted({row["system"] for row in rows if "-without-" in row["system"]}):
        rule = system.removeprefix(f"{AFTER}-without-")
        acting = {song: row.get("rules_acting", {}).get(rule, 0) for song, row in default.items()}
        songs = {song for song, count in acting.items() if count}
        cells = [rule, f"{len(songs)} of {len(default)}", f"{sum(acting.values()) / max(stems, 1):.0%}"]
        own = _of(rows, songs)
        name, of = OWN_MEASURE.get(rule, ("", lambda row: None))
        by_system = {
            which: {
                row["song"]: value for row in own if row["system"] == which and (value := of(row)) is not None
            }
            for which in (system, AFTER)
        }
        cells.append(f"{name}: {_larger(by_system[system], by_system[AFTER])}" if name else "")
        cells += [_larger(_values(own, system, m), _values(own, AFTER, m)) for m in DISTANCES]
        lines.append(cells)
    header = ["without", "songs where it acts", "stems", "its own measure", *DISTANCES.values()]
    return markdown(header, lines)


def _larger(without: Mapping[str, float], with_rule: Mapping[str, float]) -> str:
    """Return the mean difference over songs with its interval, bold where 0 is not in it."""
    one, other = _paired(without, with_rule)
    if not one:
        return ""
    found = bootstrap_mean(np.subtract(one, other))
    if np.isnan(found.low):
        return f"{found.mean:+.2f} ({found.count} songs)"
    text = f"{found.mean:+.2f} ({found.low:+.2f} to {found.high:+.2f})"
    return f"**{text}**" if found.low > 0.0 or found.high < 0.0 else text
