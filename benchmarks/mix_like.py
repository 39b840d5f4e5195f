"""How near a mix comes to a reference with --like and without: targets of other songs, and the song's own human mix.

    python benchmarks/mix_like.py songs/* --references songs/_references -o like.jsonl [--seconds 20]
    python benchmarks/mix_like.py -o like.jsonl --tables docs/mix-like.md

A song is a folder of stems whose human mix is REFERENCES/SONG.flac; so many seconds from its middle are used. Its stems
get wrong faders first (each within ±8 dB, by a seed), so that the balance has to be found. Preset `default` mixes them:

- as it is;
- like the song's own human mix, with these stems (`own`);
- like the next song of the list and its human mix (`other`);
- where both songs have a vocal, the vocal and the sum of its backing alone, like that next song (`karaoke`).

What is read of the reference is read of the mix in the same way, and the two are compared, target by target. Of `own` the
rendered mix is also compared with the human one, by the measures of `mixrules compare`. One line of JSON for each; a run
that was stopped goes on where it was. `--tables` writes the medians into the page.
"""

from __future__ import annotations

import argparse
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mixrules import (
    MixPlan,
    MixResult,
    Reference,
    ReferenceTargets,
    Stems,
    load_stems,
    mix,
    presets,
    reference_targets,
)
from mixrules.analysis.matched_gains import EXPLAINED_SHARE, matched_gains
from mixrules.evaluation.measures.registry import evaluate
from mixrules.evaluation.rendition import Rendition
from mixrules.files import read_audio, write_audio
from mixrules.reference.constants import read_constants
from mixrules.stems.resampling import resampled

WITHIN_DB = 8.0
GROUPS = {
    "level.vocal_to_backing_lu": "vocal to backing, LU",
    "compression.": "ranges and crests, LU and dB",
    "tone.mix_slope_db_per_octave": "slope of the mix, dB/octave",
    "tone.": "spectra by class, dB",
    "width.mix_side_to_mid_db": "side to mid of the mix, dB",
    "master.target_lufs": "loudness, LU",
}
LEVELS = "levels by role, LU"
NO_LEVELS = (
    "level.kit_",
    "level.vocal_to_backing_lu",
    "level.vocal_above_loudest_lu",
    "level.backing_vocals_to_lead_lu",
    "level.support_return_lu",
    "level.support_double_lu",
)
MEASURES = {
    "stem_balance_error_lu": "stem balance, LU",
    "vocal_to_backing_error_lu": "vocal to backing, LU",
    "octave_spectrum_distance_db": "octave spectrum, dB",
    "log_mel_distance_db": "log mel, dB",
    "side_to_mid_error_db": "side to mid, dB",
}
KINDS = {
    "other": "another song",
    "karaoke": "another song, for a vocal and its backing in one file",
    "own": "its own human mix",
}


def excerpt(folder: Path, references: Path, seconds: float, work: Path) -> tuple[Stems, Path]:
    """Return the middle of a song's stems at wrong faders, and the file that holds that of its human mix."""
    stems = load_stems(folder)
    rate = stems.sample_rate
    data = read_audio(references / f"{folder.name}.flac", channels_max=2)
    audio = data.audio if data.sample_rate == rate else resampled(data.audio, data.sample_rate, rate)
    length = min(round(seconds * rate), stems.samples, len(audio))
    start = (min(stems.samples, len(audio)) - length) // 2
    rng = np.random.default_rng(zlib.crc32(folder.name.encode()))
    arrays = {
        stem.name: stem.audio[start : start + length]
        * np.float32(10.0 ** (rng.uniform(-WITHIN_DB, WITHIN_DB) / 20.0))
        for stem in stems
    }
    roles = {stem.name: stem.role for stem in stems}
    path = work / f"{folder.name}.wav"
    write_audio(path, np.ascontiguousarray(audio[start : start + length]), rate, subtype="FLOAT")
    return Stems.from_arrays(arrays, rate, roles=roles, title=folder.name, join_pairs=False), path


def karaoke(stems: Stems, human: Path) -> Stems | None:
    """Return the lead vocal and the sum of all else, as loud as the human mix has them; None without either."""
    audio = read_audio(human).audio
    found = matched_gains({stem.name: stem.audio for stem in stems if not stem.silent}, audio)
    vocals = [stem.name for stem in stems if stem.role == "vocal" and not stem.silent]
    if not vocals or found.explained_share < EXPLAINED_SHARE or len(vocals) == len(stems):
        return None
    sums = {
        "vocals": np.zeros((stems.samples, 2), np.float32),
        "backing track": np.zeros((stems.samples, 2), np.float32),
    }
    for name, gain_db in found.gains_db.items():
        part = "vocals" if name in vocals else "backing track"
        sums[part] += np.float32(10.0 ** (gain_db / 20.0)) * stems[name].audio
    if not all(np.any(audio) for audio in sums.values()):
        return None
    sums["vocals"] *= np.float32(0.3)  # a take that nobody has balanced
    roles = {"vocals": "vocal", "backing track": "accompaniment"}
    return Stems.from_arrays(sums, stems.sample_rate, roles=roles, title=f"{stems.title}, karaoke")


def errors(made: Stems, plan: MixPlan, wanted: ReferenceTargets) -> dict[str, float]:
    """Return how far the targets of a mix are from those of a reference, by group: means over what both tell."""
    rules = presets.load()
    found = read_constants(reference_targets(Reference(stems=made, plan=plan, name="the mix")), rules)
    asked = read_constants(wanted, rules)
    apart: dict[str, list[float]] = {}
    both = sorted(set(found) & set(asked))
    # Levels have no zero of their own: those of roles that both have are compared, less their mean difference.
    levels = [name for name in both if name.startswith("level.") and not name.startswith(NO_LEVELS)]
    off_lu = float(np.mean([np.subtract(found[name], asked[name]) for name in levels])) if levels else 0.0
    if len(levels) > 1:
        apart[LEVELS] = [abs(float(np.subtract(found[name], asked[name])) - off_lu) for name in levels]
    for name in both:
        group = next((words for start, words in GROUPS.items() if name.startswith(start)), "")
        if group and name not in levels:
            apart.setdefault(group, []).append(float(np.mean(np.abs(np.subtract(found[name], asked[name])))))
    return {group: float(np.mean(values)) for group, values in apart.items()}


def distances(result: MixResult, stems: Stems, human: Path) -> dict[str, float]:
    """Return how far a rendered mix is from the human one."""
    theirs = read_audio(human).audio
    found = matched_gains({stem.name: stem.audio for stem in stems}, theirs)
    vocals = tuple(stem.name for stem in stems if stem.role == "vocal")
    samples = min(len(result.audio), len(theirs))
    known = found.explained_share >= EXPLAINED_SHARE
    ours = dict(result.stems) if known else None
    at_gains = {
        stem.name: stem.audio * np.float32(10.0 ** (found.gains_db[stem.name] / 20.0)) for stem in stems
    }
    values = evaluate(
        Rendition(result.audio[:samples], stems.sample_rate, ours, vocals),
        Rendition(theirs[:samples], stems.sample_rate, at_gains if known else None, vocals),
    )
    return {name: values[name] for name in MEASURES if np.isfinite(values[name])}


def rows_of(
    song: Path, other: Path, references: Path, seconds: float, work: Path
) -> Iterator[dict[str, Any]]:
    stems, human = excerpt(song, references, seconds, work)
    other_stems, other_human = excerpt(other, references, seconds, work)
    own = reference_targets(Reference(stems=stems, mix=human, name=song.name))
    theirs = reference_targets(Reference(stems=other_stems, mix=other_human, name=other.name))
    usual = mix(stems)
    for kind, wanted in (("own", own), ("other", theirs)):
        liked = mix(stems, like=wanted)
        row = {
            "without": errors(stems, usual.plan, wanted),
            "with": errors(stems, liked.plan, wanted),
        }
        if kind == "own":
            row["human without"] = distances(usual, stems, human)
            row["human with"] = distances(liked, stems, human)
        yield {"song": song.name, "kind": kind, "reference": wanted.name, "notes": wanted.notes, **row}
    two = karaoke(stems, human)
    if two is not None and theirs.has_vocal:
        without, liked = mix(two), mix(two, like=theirs)
        yield {
            **{"song": song.name, "kind": "karaoke", "reference": theirs.name, "notes": theirs.notes},
            "without": errors(two, without.plan, theirs),
            "with": errors(two, liked.plan, theirs),
        }


def tables(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return the medians over songs as Markdown, and in how many songs --like comes nearer."""
    parts = []
    for kind, words in KINDS.items():
        of_kind = [row for row in rows if row["kind"] == kind]
        if of_kind:
            parts.append(
                _table(
                    f"Targets of the mix against those of {words}",
                    of_kind,
                    "without",
                    "with",
                    (LEVELS, *GROUPS.values()),
                )
            )
    own = [row for row in rows if row["kind"] == "own"]
    if own:
        renamed = [
            {
                key: {MEASURES[name]: value for name, value in row[f"human {key}"].items()}
                for key in ("without", "with")
            }
            for row in own
        ]
        parts.append(
            _table(
                "The rendered mix against its own human mix", renamed, "without", "with", MEASURES.values()
            )
        )
    return "\n\n".join(parts)


def _table(title: str, rows: Sequence[Mapping[str, Any]], before: str, after: str, groups: Any) -> str:
    lines = [
        f"{title}, medians over songs:",
        "",
        "| | songs | without | with `--like` | nearer in |",
        "|---|---:|---:|---:|---:|",
    ]
    for group in groups:
        pairs = [
            (row[before][group], row[after][group])
            for row in rows
            if group in row[before] and group in row[after]
        ]
        if pairs:
            without, liked = np.array(pairs).T
            nearer = 100.0 * np.mean(liked < without)
            lines.append(
                f"| {group} | {len(pairs)} | {np.median(without):.2f} | {np.median(liked):.2f} | {nearer:.0f} % |"
            )
    return "\n".join(lines)


def write_tables(page: Path, text: str) -> None:
    """Put the tables into a page, between its marks."""
    begin, end = "<!-- table: like -->\n", "<!-- /table -->"
    before, _, rest = page.read_text(encoding="utf-8").partition(begin)
    _, mark, after = rest.partition(end)
    if not mark:
        raise SystemExit(f"{page} has no place for the tables: {begin.strip()} and {end}")
    page.write_text(f"{before}{begin}{text}\n{end}{after}", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("songs", nargs="*", type=Path)
    parser.add_argument("--references", type=Path)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--tables", type=Path)
    options = parser.parse_args()
    done = []
    if options.output.exists():
        done = [json.loads(line) for line in options.output.read_text(encoding="utf-8").splitlines()]
    if options.songs:
        import tempfile

        if options.references is None:
            parser.error("--references names the folder of human mixes")
        songs = [song for song in options.songs if (options.references / f"{song.name}.flac").is_file()]
        known = {row["song"] for row in done}
        with tempfile.TemporaryDirectory() as work:
            for song, other in zip(songs, [*songs[1:], *songs[:1]], strict=True):
                if song.name in known:
                    continue
                rows = list(rows_of(song, other, options.references, options.seconds, Path(work)))
                with options.output.open("a", encoding="utf-8") as file:
                    file.writelines(json.dumps(row) + "\n" for row in rows)
                done += rows
                print(f"{song.name} like {other.name}", flush=True)
    text = tables(done)
    print(text)
    if options.tables:
        write_tables(options.tables, text)


if __name__ == "__main__":
    main()
