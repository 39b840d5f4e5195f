"""Short songs in the layout of MUSDB18-HQ."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile

RATE = 8_000
PARTS = ("vocals", "drums", "bass", "other")


def put(root: Path, name: str, *, gain: float = 0.1, seconds: float = 1.0, seed: int = 0) -> Path:
    """Write a song of noise that pulses, each part with bands and a pulse of its own; return its folder."""
    folder = root / name
    folder.mkdir(parents=True)
    rng = np.random.default_rng(seed)
    time = np.arange(round(seconds * RATE)) / RATE
    total = np.zeros((time.size, 2))
    for number, part in enumerate(PARTS):
        tone = np.sin(2 * np.pi * 110.0 * 2**number * time)[:, None]
        noise = 0.3 * rng.standard_normal((time.size, 2))
        audio = gain * (tone + noise) * (0.2 + 0.8 * np.exp(-3.0 * ((time * (number + 1)) % 1.0)))[:, None]
        soundfile.write(folder / f"{part}.wav", audio, RATE, subtype="FLOAT")
        total += audio
    soundfile.write(folder / "mixture.wav", total, RATE, subtype="FLOAT")
    return folder


def data_set(root: Path, songs: int = 2) -> Path:
    """Write songs of a train and a test split."""
    for number in range(songs):
        split = ("train", "test")[number % 2]
        put(root, f"{split}/Artist {number} - Song {number}", gain=0.05 * (number + 1), seed=number)
    return root
