"""What the tone rule does to stems as their authors had them, and to stems whose equaliser was set at random.

    python benchmarks/tone_songs.py songs/* [--seeds 2] [--set tone.share=0] -o tone.jsonl

The reference is the sum of the stems as they are. Disturbed stems have 4 of 9 octaves moved within ±8 dB. After the rule
every stem is brought back to the loudness it had, so that what is left is tone. Printed are the distances of the
octave and log-mel spectra before and after, with intervals over songs, for the songs of even and of odd place in the
sorted list of names: constants are chosen on the former.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scramble import OCTAVES_HZ

from mixrules import Stems, integrated_loudness, load_stems, presets
from mixrules.evaluation.measures.spectrum import measured
from mixrules.evaluation.rendition import Rendition
from mixrules.processors import EqBand, EqualizerParams, equalize
from mixrules.rules import RULES
from mixrules.ruleset import RuleSet
from mixrules.session import Session

WITHIN_DB, MOVED = 8.0, 4
MEASURES = {"octaves": "octave_spectrum_distance_db", "log-mel": "log_mel_distance_db"}


def disturbed(stems: Stems, song: str, seed: int) -> Stems:
    """Return the stems with some octaves of each moved, drawn from song and seed, at the loudness that they had."""
    rng = np.random.default_rng([seed, zlib.crc32(song.encode())])
    changed = []
    for stem in stems:
        centers_hz = rng.choice(OCTAVES_HZ, size=MOVED, replace=False)
        gains_db = rng.uniform(-WITHIN_DB, WITHIN_DB, size=MOVED)
        bands = [
            EqBand(frequency_hz=float(hz), gain_db=float(db))
            for hz, db in zip(centers_hz, gains_db, strict=True)
            if hz < stems.sample_rate / 2
        ]
        changed.append(_equalized(stem.audio, stems.sample_rate, bands))
    return _with(stems, changed)


def corrected(stems: Stems, rules: RuleSet) -> tuple[Stems, int, int]:
    """Return the stems through the rule's filters at the loudness that they had, and how many got which kind."""
    session = Session(stems)
    session.apply(RULES["tone:by_class"].decide(session, rules, "tone"))
    filters = [session.plan.stem(name).equalizer.bands for name in stems.names]
    audio = [
        _equalized(stem.audio, stems.sample_rate, bands) for stem, bands in zip(stems, filters, strict=True)
    ]
    passed = sum(any(band.kind == "high_pass" for band in bands) for bands in filters)
    moved = sum(any(band.kind != "high_pass" for band in bands) for bands in filters)
    return _with(stems, audio), passed, moved


def rows_of(folder: Path, number: int, rules: RuleSet, seeds: int) -> list[dict[str, Any]]:
    stems = load_stems(folder)
    reference = _mix(stems)
    rows = []
    for seed in range(-1, seeds):
        before = stems if seed < 0 else disturbed(stems, folder.name, seed)
        after, passed, moved = corrected(before, rules)
        distances = [measured(_mix(each), reference) for each in (before, after)]
        rows.append(
            {
                "song": folder.name,
                "half": ("chosen on", "held out")[number % 2],
                "stems": "as they are" if seed < 0 else "disturbed",
                "count": len(stems),
                "high_pass": passed,
                "octaves_moved": moved,
                **{name: [each[key] for each in distances] for name, key in MEASURES.items()},
            }
        )
    return rows


def print_table(rows: Sequence[dict[str, Any]]) -> None:
    print(
        "| stems | half | songs | octaves, dB | change | log-mel, dB | change | high-pass | octaves moved |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for kind in ("disturbed", "as they are"):
        for half in ("chosen on", "held out"):
            chosen = [row for row in rows if (row["stems"], row["half"]) == (kind, half)]
            songs = list(dict.fromkeys(row["song"] for row in chosen))
            cells = []
            for name in MEASURES:
                means = np.array(
                    [np.mean([row[name] for row in chosen if row["song"] == song], axis=0) for song in songs]
                )
                change = means[:, 1] - means[:, 0]
                interval = 1.96 * change.std(ddof=1) / np.sqrt(len(songs)) if len(songs) > 1 else np.nan
                cells.append(
                    f"{means[:, 0].mean():.2f} → {means[:, 1].mean():.2f} | {change.mean():+.3f} ± {interval:.3f}"
                )
            count = sum(row["count"] for row in chosen)
            shares = [
                f"{sum(row[key] for row in chosen) / count:.0%}" for key in ("high_pass", "octaves_moved")
            ]
            print(f"| {kind} | {half} | {len(songs)} | {' | '.join(cells)} | {' | '.join(shares)} |")


def _equalized(stem_audio: Any, rate: int, bands: Sequence[EqBand]) -> np.ndarray:
    """Return a stem's audio through filters, at its own loudness."""
    audio: np.ndarray = np.asarray(stem_audio[:], np.float32)
    if not bands:
        return audio
    out = equalize(audio, rate, EqualizerParams(bands=tuple(bands)))
    missing_lu = integrated_loudness(audio, rate) - integrated_loudness(out, rate)
    gain = 10.0 ** (missing_lu / 20.0) if np.isfinite(missing_lu) else 1.0
    return np.asarray(out * gain, np.float32)


def _with(stems: Stems, audio: Sequence[np.ndarray]) -> Stems:
    return dataclasses.replace(
        stems,
        stems=tuple(dataclasses.replace(stem, audio=each) for stem, each in zip(stems, audio, strict=True)),
    )


def _mix(stems: Stems) -> Rendition:
    total = np.zeros((stems.samples, 2), np.float32)
    for stem in stems:
        total += np.asarray(stem.audio[:]) * np.float32(0.5**0.5 if stem.channels == 1 else 1.0)
    return Rendition(total, stems.sample_rate)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER", help="a folder of stems")
    parser.add_argument("--seeds", type=int, default=2, help="so many disturbances of each song")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="constants")
    parser.add_argument("-o", "--output", type=Path, help="JSON lines, a line for each song and disturbance")
    options = parser.parse_args()
    rules = presets.load().with_values(dict(each.split("=", 1) for each in options.set))
    folders = sorted(
        (f for f in options.folders if not f.name.startswith("_") and f.is_dir()), key=lambda f: f.name
    )
    rows = [
        row for number, folder in enumerate(folders) for row in rows_of(folder, number, rules, options.seeds)
    ]
    if options.output:
        options.output.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    print_table(rows)


if __name__ == "__main__":
    main()
