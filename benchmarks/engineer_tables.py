"""Tables of `engineer_mixes.py`: distances by scramble and half, paired tests, human spread, vetoes, ablation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

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
# De Man et al. 2014, 64 mixes of 8 songs, LU against the whole mix: mean and standard deviation.
SPREAD_OF_MIX = {
    "vocal": (-2.7, 1.6),
    "bass": (-9.5, 3.5),
    "kick": (-13.2, 4.1),
    "snare": (-16.8, 6.2),
    **dict.fromkeys(("toms", "hihat", "cymbals", "percussion"), (-12.7, 5.5)),
}
TARGET_LUFS, TARGET_WITHIN_LU = -14.0, 0.5


def halves(rows: Sequence[Row]) -> dict[str, set[str]]:
    """Return the songs to work on and those to report, every other one of the sorted names."""
    names = sorted({row["song"] for row in rows})
    return {"work": set(names[::2]), "report": set(names[1::2])}


def tables(rows: Sequence[Row]) -> str:
    """Return all tables as Markdown."""
    latest = {(row["song"], row["scramble_db"], row["system"]): row for row in rows}
    rows = list(latest.values())
    split = halves(rows)
    main = [row for row in rows if "-without-" not in row["system"]]
    parts = []
    for half, songs in split.items():
        parts.append(f"## {half.capitalize()} half: {len(songs)} songs\n")
        parts.extend(distance_table(_of(main, songs), scramble) for scramble in _scrambles(rows))
    parts += ["## By source of the songs, all scrambles, medians\n", source_table(main)]
    parts += ["## Levels against the human spread\n", spread_table(main)]
    parts += [
        f"## {TARGET_LUFS:g} LUFS met within {TARGET_WITHIN_LU:g} LU, share of mixes\n",
        target_table(main),
    ]
    parts += ["## Stems that each processor acts on\n", acted_table(rows)]
    parts += ["## Vetoes: share of mixes\n", veto_table(main)]
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


def _table(header: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    rule = ["---", *["---:"] * (len(header) - 1)]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (header, rule, *lines)) + "\n"


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
        word = "nearer" if np.median(np.subtract(ours, theirs)) < 0.0 else "farther"
        return f"{word}, p {p[against, measure]:.2g}" if p[against, measure] < 0.05 else "tie"

    lines = [
        [
            label,
            *(_median(_values(rows, system, measure).values()) for system in systems),
            *(verdict(against, measure) for against in (BEFORE, "equal")),
        ]
        for measure, label in DISTANCES.items()
    ]
    title = f"Faders within ±{scramble_db:g} dB:" if scramble_db else "Stems as they are:"
    header = ["median over songs", *systems, "default against before", "default against equal"]
    return f"{title}\n\n{_table(header, lines)}"


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
    return _table(["", *systems], lines)


def spread_table(rows: Sequence[Row]) -> str:
    """Return how many levels lie within one and two standard deviations of human mixes."""
    lines = []
    for system in _systems(rows):
        z = [
            abs((level - SPREAD_OF_MIX[role][0]) / SPREAD_OF_MIX[role][1])
            for row in rows
            if row["system"] == system
            for name, level in row["levels_lu"].items()
            if (role := row["roles"].get(name)) in SPREAD_OF_MIX
        ]
        if z:
            lines.append(
                [system, str(len(z)), *(f"{np.mean(np.array(z) <= most):.0%}" for most in (1.0, 2.0))]
            )
    return _table(["system", "levels", "within 1 SD (normal: 68 %)", "within 2 SD (95 %)"], lines)


def target_table(rows: Sequence[Row]) -> str:
    """Return how often the target was met, by scramble."""
    scrambles = _scrambles(rows)

    def share(system: str, scramble_db: float) -> str:
        lufs = [r["lufs"] for r in rows if r["system"] == system and r["scramble_db"] == scramble_db]
        met = [value is not None and abs(value - TARGET_LUFS) <= TARGET_WITHIN_LU for value in lufs]
        return f"{np.mean(met):.0%}" if met else ""

    systems = [system for system in _systems(rows) if system in (BEFORE, AFTER, "libsonare")]
    return _table(
        ["system", *(f"±{scramble:g} dB" for scramble in scrambles)],
        [[system, *(share(system, scramble) for scramble in scrambles)] for system in systems],
    )


def acted_table(rows: Sequence[Row]) -> str:
    """Return the share of undisturbed stems that each processor acts on."""
    lines = []
    for system in (BEFORE, AFTER):
        own = [row for row in rows if row["system"] == system and row["scramble_db"] == 0.0]
        stems = sum(len(row["roles"]) for row in own)
        fields = {field: 0 for row in own for field in row["acted_on"]}
        for row in own:
            for field, count in row["acted_on"].items():
                fields[field] += count
        if stems:
            lines.append((system, {field: f"{count / stems:.0%}" for field, count in fields.items()}))
    names = list(dict.fromkeys(field for _, fields in lines for field in fields))
    return _table(["system", *names], [[system, *(f.get(name, "") for name in names)] for system, f in lines])


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
    lines.append(["**no veto**", *(share(s, lambda row: not any(row["vetoes"].values())) for s in systems)])
    return _table(["", *systems], lines)


def ablation_table(rows: Sequence[Row]) -> str:
    """Return by how much each distance is larger without a rule, with 95 % intervals over songs."""
    rows = [row for row in rows if row["scramble_db"] == 8.0]
    lines = []
    for system in sorted({row["system"] for row in rows if "-without-" in row["system"]}):
        cells = [system.removeprefix("default-without-")]
        for measure in DISTANCES:
            without, with_rule = _paired(_values(rows, system, measure), _values(rows, AFTER, measure))
            if len(without) < 2:
                cells.append("")
                continue
            interval = bootstrap_mean(np.subtract(without, with_rule))
            text = f"{interval.mean:+.2f} ({interval.low:+.2f} to {interval.high:+.2f})"
            cells.append(f"**{text}**" if interval.low > 0.0 or interval.high < 0.0 else text)
        lines.append(cells)
    return _table(["without", *DISTANCES.values()], lines)
