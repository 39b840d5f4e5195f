"""Songs at the balance of their mixes: stems as loud as a person had them, and a manifest that names the lead.

    python benchmarks/songs_at_balance.py songs --references songs/_references -o balanced
    python benchmarks/songs_at_balance.py midi --faders midi/_truth --artist "blues_*=A. Name" -o balanced

How loud a vocal should be is learnt from stems that sum to a finished mix. Stems are brought to it by the first that
is there: the faders in FADERS/SONG.json, `{"stems": {"bass": {"left": 0.5, "right": 0.7}, ...}}`; gains found from
REFERENCES/SONG.flac, where a sum of the stems with gains explains 70 % or more of its power and the plain sum less than
99 %; else they are at that balance already.

Which stem is the lead: where a stem has the role of a lead vocal, all voices are, as in any data set. In an
instrumental it is one stem, given the role `vocal`: one whose name says lead; else the first role of winds, synth,
guitar, piano, keys, strings that there is, and of several stems the loudest in the mix. Names that say pad or drone
lead only where nothing else can, and other voices, such as a choir, are backing.

OUT/songs.csv is a manifest for `mixrules ... --layout manifest`; OUT/balance.json says of each song how its balance was
found, which stem leads and how loud it is against the rest.
"""

from __future__ import annotations

import argparse
import csv
import fnmatch
import json
import math
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mixrules import Stems, integrated_loudness, load_stems
from mixrules.evaluation.reference import EXPLAINED_SHARE, matched_gains
from mixrules.files import read_audio, write_audio

Audio = npt.NDArray[np.float32]

LEAD_ROLES = ("winds", "synth", "guitar", "piano", "keys", "strings")
VOICES = ("vocal", "backing_vocal")
LYING_BEHIND = {"pad", "drone"}
SUM_EXPLAINS = 0.99
FULL_SCALE = 0.99


@dataclass(frozen=True, slots=True)
class Balanced:
    """The stems of a song as they are in its mix."""

    audio: Mapping[str, Audio]
    found_by: str


def balanced(stems: Stems, faders: Path | None, references: Path | None) -> Balanced:
    """Return the stems at the balance of the song's mix."""
    audio = {stem.name: np.asarray(stem.audio) for stem in stems if not stem.silent}
    if faders is not None and (path := faders / f"{stems.title}.json").is_file():
        known = json.loads(path.read_text(encoding="utf-8"))["stems"]
        return Balanced(
            {
                name: np.broadcast_to(stem, (len(stem), 2))
                * np.array([known[name]["left"], known[name]["right"]], np.float32)
                for name, stem in audio.items()
            },
            "faders",
        )
    if references is not None and (path := references / f"{stems.title}.flac").is_file():
        mix = read_audio(path).audio
        found = matched_gains(audio, mix)
        plain = sum_explains(audio, mix)
        if found.explained_share >= EXPLAINED_SHARE and plain < SUM_EXPLAINS:
            gains = {name: np.float32(10.0 ** (gain / 20.0)) for name, gain in found.gains_db.items()}
            said = f"gains that explain {found.explained_share:.0%} of the mix"
            return Balanced({name: stem * gains[name] for name, stem in audio.items() if gains[name]}, said)
    return Balanced(audio, "as given")


def sum_explains(audio: Mapping[str, Audio], mix: Audio) -> float:
    """Return the share of a mix's power that the plain sum of its stems explains, at the best gain."""
    total = sum((np.broadcast_to(stem, (len(stem), 2)) for stem in audio.values()), np.float32(0.0))
    return matched_gains({"sum": np.asarray(total)}, mix).explained_share


def roles_with_lead(stems: Stems, found: Balanced, rate: int) -> dict[str, str]:
    """Return the role of each stem, one of them or more `vocal`."""
    roles = {stem.name: stem.role for stem in stems if stem.name in found.audio}
    if "vocal" in roles.values():
        return roles
    roles = {name: "other" if role in VOICES else role for name, role in roles.items()}
    lufs = {name: integrated_loudness(audio, rate) for name, audio in found.audio.items()}
    words = {name: set(re.split(r"[\W_]+", name.lower())) for name in roles}
    in_front = [name for name in roles if not words[name] & LYING_BEHIND]
    named = [name for name in roles if "lead" in words[name]]
    by_role = [
        [name for name in names if roles[name] == role] for names in (in_front, roles) for role in LEAD_ROLES
    ]
    candidates = next((names for names in (named, *by_role) if names), [])
    if candidates:
        roles[max(candidates, key=lambda name: lufs[name])] = "vocal"
    return roles


def written(song: Path, options: argparse.Namespace) -> tuple[list[dict[str, str]], dict[str, Any]]:
    """Write the stems of a song; return their rows of the manifest and what is known of the balance."""
    stems = load_stems(song)
    found = balanced(stems, options.faders, options.references)
    roles = roles_with_lead(stems, found, stems.sample_rate)
    peak = max(float(np.max(np.abs(audio))) for audio in found.audio.values())
    gain = np.float32(min(1.0, FULL_SCALE / peak))
    folder = options.output / "stems" / song.name
    folder.mkdir(parents=True, exist_ok=True)
    artist = next(
        (name for pattern, name in options.artist if fnmatch.fnmatchcase(song.name, pattern)),
        "",
    )
    rows = []
    for name, audio in found.audio.items():
        path = folder / f"{name}.flac"
        write_audio(path, np.ascontiguousarray(audio * gain), stems.sample_rate)
        rows.append(
            {
                "song": song.name,
                "path": path.relative_to(options.output).as_posix(),
                "stem": name,
                "role": roles[name],
                "vocal": "yes" if roles[name] in VOICES else "no",
                "artist": artist,
            }
        )
    lead = [name for name in roles if roles[name] in VOICES]
    sides = [
        sum_of(found.audio[name] for name in names)
        for names in (lead, [name for name in roles if name not in lead])
    ]
    level_lu = math.nan
    if all(side is not None for side in sides):
        vocal, backing = (integrated_loudness(side, stems.sample_rate) for side in sides if side is not None)
        level_lu = vocal - backing
    about = {"balance": found.found_by, "lead": lead, "artist": artist, "level_lu": round(level_lu, 2)}
    return rows, about


def sum_of(signals: Any) -> Audio | None:
    """Return the sum of some signals in stereo, None of none."""
    stereo = [np.broadcast_to(signal, (len(signal), 2)) for signal in signals]
    return np.sum(stereo, axis=0) if stereo else None


def pattern_and_name(text: str) -> tuple[str, str]:
    """Return the two sides of PATTERN=NAME."""
    pattern, equals, name = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not PATTERN=NAME")
    return pattern, name


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER", help="folders of songs' folders")
    parser.add_argument("--faders", type=Path, metavar="FOLDER", help="SONG.json with the faders")
    parser.add_argument("--references", type=Path, metavar="FOLDER", help="finished mixes, SONG.flac")
    parser.add_argument(
        "--artist",
        type=pattern_and_name,
        action="append",
        default=[],
        metavar="PATTERN=NAME",
        help="whose the songs of a pattern are: an artist's songs stay together; repeatable, the first that fits counts",
    )
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="OUT")
    options = parser.parse_args()
    songs = [
        song
        for folder in options.folders
        for song in sorted(folder.iterdir())
        if song.is_dir() and song.name[0] not in "_."
    ]
    rows, about = [], {}
    for song in songs:
        own, about[song.name] = written(song, options)
        rows += own
        print(f"{song.name}: {about[song.name]}", file=sys.stderr)
    with open(options.output / "songs.csv", "w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, ("song", "path", "stem", "role", "vocal", "artist"))
        table.writeheader()
        table.writerows(rows)
    (options.output / "balance.json").write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
