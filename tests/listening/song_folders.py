"""Small songs in folders, with human mixes, finished audio and plans of a model beside them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from synthetic import RATE, band

from mixrules import load_stems, starting_plan
from mixrules.files import write_audio


@dataclass(frozen=True)
class Folders:
    """Where things are."""

    songs: tuple[Path, ...]
    human: Path
    model: Path


def make(root: Path, *, seconds: float = 6.0, names: tuple[str, ...] = ("one", "two")) -> Folders:
    """Write songs, a human mix of each (at another rate, mono) and plans."""
    human, model = root / "human", root / "model"
    human.mkdir()
    model.mkdir()
    songs = []
    for number, name in enumerate(names):
        folder = root / "songs" / name
        folder.mkdir(parents=True)
        arrays = band(seconds)
        for stem, audio in arrays.items():
            write_audio(folder / f"{stem}.wav", np.roll(audio, 100 * number), RATE)
        mixed = 0.5 * sum(arrays.values())
        write_audio(human / f"{name}.flac", np.repeat(mixed, 2), 2 * RATE)
        plan = starting_plan(load_stems(folder))
        plan.replace_stem("bass", gain_db=-3.0).save(model / f"{name}.json")
        songs.append(folder)
    return Folders(tuple(songs), human, model)
