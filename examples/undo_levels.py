"""Undo the balance of mixed songs: copy each song with every stem at another level, drawn from a seed.

The stems of most data sets come from finished mixes, so their plain sum is the engineer's mix and nothing is left
to decide. Undone, they have to be mixed again, and the mixture beside them is what to come back to.

python examples/undo_levels.py [SONGS UNDONE [SEED]]
"""

import runpy
import shutil
import sys
from pathlib import Path

import numpy as np

from mixrules import load_stems
from mixrules.files import write_audio

OUT = Path(__file__).parent / "out"
RANGE_DB = 8.0


def main() -> None:
    if len(sys.argv) > 2:
        songs, undone = Path(sys.argv[1]), Path(sys.argv[2])
    else:  # without arguments, on a small folder of songs
        runpy.run_path(str(Path(__file__).with_name("small_musdb18hq.py")))[
            "write"
        ](OUT / "mixed")
        songs, undone = OUT / "mixed" / "test", OUT / "undone"
    rng = np.random.default_rng(int(sys.argv[3]) if len(sys.argv) > 3 else 0)
    for song in sorted(path for path in songs.iterdir() if path.is_dir()):
        stems = load_stems(song)
        (undone / song.name).mkdir(parents=True, exist_ok=True)
        if stems.mixture_path is not None:
            shutil.copy(stems.mixture_path, undone / song.name)
        moved = []
        for stem in stems:
            gain_db = rng.uniform(-RANGE_DB, RANGE_DB)
            audio = (np.asarray(stem.audio) * 10.0 ** (gain_db / 20.0)).astype(
                np.float32
            )
            write_audio(
                undone / song.name / f"{stem.name}.wav",
                audio,
                stems.sample_rate,
                subtype="FLOAT",
            )
            moved.append(f"{stem.name} {gain_db:+.1f}")
        print(f"{song.name}: {', '.join(moved)} dB")


if __name__ == "__main__":
    main()
