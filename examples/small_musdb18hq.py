"""Write a folder that is laid out as MUSDB18-HQ is, with excerpts of the demo song, to try commands on.

Three songs under names of the data set's test songs, 12 s each. As in the data set, four stems that somebody has mixed
already lie beside their mixture, which is their plain sum.

python examples/small_musdb18hq.py [FOLDER]
"""

import sys
from pathlib import Path

import numpy as np

from mixrules.demo import demo_stems
from mixrules.files import write_audio

OUT = Path(__file__).parent / "out" / "musdb18hq"
RATE = 44_100
SECONDS = 12
SONGS = {  # where each excerpt begins, in seconds
    "AM Contra - Heart Peripheral": 4,
    "Angels In Amplifiers - I'm Alright": 15,
    "The Easton Ellises (Baumi) - SDRNR": 26,
}
GAINS_DB = {
    "vocals": 12.0,
    "drums": 8.0,
    "bass": -3.0,
    "guitar": -2.0,
    "keys": -7.0,
    "tambourine": 2.0,
}
BY_HAND_DB = 2.0
"""The engineer of each song moves every stem by up to this, from a seed, so that no two songs have one balance."""


def write(folder: Path) -> None:
    """Write the songs to ``folder/test``."""
    rng = np.random.default_rng(18)
    parts = {
        name: np.broadcast_to(audio, (len(audio), 2))
        for name, audio in demo_stems(RATE).items()
    }
    for song, start_s in SONGS.items():
        mixed = {
            name: audio[start_s * RATE : (start_s + SECONDS) * RATE]
            * 10.0
            ** ((GAINS_DB[name] + rng.uniform(-BY_HAND_DB, BY_HAND_DB)) / 20.0)
            for name, audio in parts.items()
        }
        stems = {name: mixed[name] for name in ("vocals", "drums", "bass")}
        stems["other"] = mixed["guitar"] + mixed["keys"] + mixed["tambourine"]
        mixture = np.add.reduce(list(stems.values()))
        scale = 0.89 / np.abs(mixture).max()
        for name, audio in {**stems, "mixture": mixture}.items():
            path = folder / "test" / song / f"{name}.wav"
            path.parent.mkdir(parents=True, exist_ok=True)
            write_audio(
                path, (scale * audio).astype(np.float32), RATE, subtype="PCM_16"
            )
    print(f"wrote {len(SONGS)} songs to {folder / 'test'}")


def main() -> None:
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else OUT)


if __name__ == "__main__":
    main()
