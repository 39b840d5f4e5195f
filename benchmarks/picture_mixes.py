"""A picture of each mix by preset `default` beside the human one: levels of the stems, spectrum, loudness over time.

    python benchmarks/picture_mixes.py songs/* --references songs/_references --scramble 8 -o pictures/

Needs matplotlib. For looking at mixes one by one: a table of medians shows no single fault.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from engineer_mixes import Task as OneSong
from engineer_mixes import levels_lu, mixed, vetoes
from order_experiment import human_mix
from scramble import scrambled_gains

from mixrules import load_stems
from mixrules.analysis import octave_bands, powers_in_sets
from mixrules.evaluation import Rendition
from mixrules.loudness import short_term_loudness

SYSTEMS = ("human", "equal", "default")
COLOURS = dict(zip(SYSTEMS, ("black", "tab:orange", "tab:blue"), strict=True))


def octave_levels_db(mix: Rendition) -> tuple[np.ndarray, np.ndarray]:
    """Return the centres of the octaves in Hz, and their levels against the whole in dB."""
    bands = octave_bands()
    (powers,) = powers_in_sets(mix.audio, mix.sample_rate, [bands], block_s=0.1)
    mean = powers.mean(axis=0)
    return np.asarray(bands.centers_hz), 10.0 * np.log10(np.maximum(mean / mean.sum(), 1e-12))


def draw(folder: Path, references: Path | None, scramble_db: float, out: Path) -> None:
    """Draw one song."""
    stems = load_stems(folder)
    human, _ = human_mix(stems, references)
    undone = scrambled_gains(stems, folder.name, scramble_db)
    task = OneSong(folder, references, scramble_db, SYSTEMS, None, None)
    figure, (of_levels, of_spectrum, of_time) = plt.subplots(1, 3, figsize=(15, 4), layout="constrained")
    fired: list[str] = []
    for system in SYSTEMS:
        mix, plan = mixed(system, undone, human, task)
        levels = levels_lu(mix)
        of_levels.plot(list(levels.values()), list(levels), "o", color=COLOURS[system], label=system)
        of_spectrum.semilogx(*octave_levels_db(mix), color=COLOURS[system])
        times_s, course_lufs = short_term_loudness(mix.audio, mix.sample_rate)
        of_time.plot(times_s, course_lufs - np.nanmax(course_lufs), color=COLOURS[system])
        if system == "default":
            fired = [name for name, fires in (vetoes(mix, plan, undone) or {}).items() if fires]
    of_levels.set(xlabel="LU against the mix")
    of_levels.legend()
    of_spectrum.set(xlabel="Hz", ylabel="dB of an octave against the whole")
    of_time.set(xlabel="s", ylabel="short-term loudness under its highest, LU", ylim=(-20, 1))
    figure.suptitle(f"{folder.name}, faders within ±{scramble_db:g} dB; vetoes: {', '.join(fired) or 'none'}")
    figure.savefig(out / f"{folder.name}.png", dpi=70)
    plt.close(figure)


def main() -> None:
    """Draw the songs that the command line names."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER", help="folders of stems")
    parser.add_argument("--references", type=Path, metavar="FOLDER", help="finished mixes, SONG.flac")
    parser.add_argument("--scramble", type=float, default=8.0, metavar="DB")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FOLDER")
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    for folder in options.folders:
        if folder.is_dir() and not folder.name.startswith("_"):
            draw(folder, options.references, options.scramble, options.output)


if __name__ == "__main__":
    main()
