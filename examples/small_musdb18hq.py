"""Write a folder that is laid out as MUSDB18-HQ is, with excerpts of the demo song, to try commands on.

Three songs under names of the data set's test songs, 12 s each. As in the data set, four stems that somebody has mixed
already lie beside their mixture, which is their plain sum. With --train also six under names of its training songs, two
of them validation songs, so that a network can be trained as on the data set; it learns nothing from one song's excerpts.

python examples/small_musdb18hq.py [--train] [FOLDER]
"""

import argparse
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
TRAINING_SONGS = {
    "A Classic Education - NightOwl": 0,
    "Aimee Norwich - Child": 7,
    "ANiMAL - Clinic A": 14,
    "Auctioneer - Our Future Faces": 21,
    "Actions - One Minute Smile": 10,  # this and the next are for validation
    "Leaf - Summerghost": 24,
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


def write(folder: Path, *, train: bool = False) -> None:
    """Write songs to ``folder/test``, and to ``folder/train`` where asked for."""
    rng = np.random.default_rng(18)
    parts = {
        name: np.broadcast_to(audio, (len(audio), 2))
        for name, audio in demo_stems(RATE).items()
    }
    halves = {"test": SONGS, **({"train": TRAINING_SONGS} if train else {})}
    for half, songs in halves.items():
        for song, start_s in songs.items():
            mixed = {
                name: audio[start_s * RATE : (start_s + SECONDS) * RATE]
                * 10.0
                ** ((GAINS_DB[name] + rng.uniform(-BY_HAND_DB, BY_HAND_DB)) / 20.0)
                for name, audio in parts.items()
            }
            write_song(folder / half / song, mixed)
        print(f"wrote {len(songs)} songs to {folder / half}")


def write_song(folder: Path, mixed: dict[str, np.ndarray]) -> None:
    """Write four stems and their sum."""
    stems = {name: mixed[name] for name in ("vocals", "drums", "bass")}
    stems["other"] = mixed["guitar"] + mixed["keys"] + mixed["tambourine"]
    mixture = np.add.reduce(list(stems.values()))
    scale = 0.89 / np.abs(mixture).max()
    folder.mkdir(parents=True, exist_ok=True)
    for name, audio in {**stems, "mixture": mixture}.items():
        write_audio(
            folder / f"{name}.wav",
            (scale * audio).astype(np.float32),
            RATE,
            subtype="PCM_16",
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=OUT)
    parser.add_argument("--train", action="store_true")
    options = parser.parse_args()
    write(options.folder, train=options.train)


if __name__ == "__main__":
    main()
