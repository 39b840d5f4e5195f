"""Undo the balance of mixed songs: copy each song with every stem at another level, drawn from a seed.

The stems of most data sets come from finished mixes, so their plain sum is the engineer's mix and nothing is left
to decide. Undone, they have to be mixed again, and the mixture beside them is what to come back to. The stems are those
that `mixrules compare --undo SEED` lets systems mix: on the disk, for a model of yours or a listening test.

python examples/undo_levels.py [SONGS UNDONE [SEED]]
"""

import runpy
import shutil
import sys
from pathlib import Path

from mixrules import load_stems
from mixrules.evaluation.undone import Undo
from mixrules.evaluation.undone import undone as undone_stems
from mixrules.files import write_audio

OUT = Path(__file__).parent / "out"


def main() -> None:
    if len(sys.argv) > 2:
        songs, undone = Path(sys.argv[1]), Path(sys.argv[2])
    else:  # without arguments, on a small folder of songs
        runpy.run_path(str(Path(__file__).with_name("small_musdb18hq.py")))[
            "write"
        ](OUT / "mixed")
        songs, undone = OUT / "mixed" / "test", OUT / "undone"
    undo = Undo(seed=int(sys.argv[3]) if len(sys.argv) > 3 else 0)
    for song in sorted(path for path in songs.iterdir() if path.is_dir()):
        stems = load_stems(song)
        (undone / song.name).mkdir(parents=True, exist_ok=True)
        if stems.mixture_path is not None:
            shutil.copy(stems.mixture_path, undone / song.name)
        for stem in undone_stems(stems, song.name, undo):
            path = undone / song.name / f"{stem.name}.wav"
            write_audio(path, stem.audio, stems.sample_rate, subtype="FLOAT")
        gains_db = undo.gains_db(stems, song.name)
        moved = (f"{name} {gain_db:+.1f}" for name, gain_db in gains_db.items())
        print(f"{song.name}: {', '.join(moved)} dB")


if __name__ == "__main__":
    main()
