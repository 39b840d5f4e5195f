"""Songs as people's folders hold them, made of short files."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import soundfile

from mixrules.stems import Stems, load_stems

RATE = 44_100
_FORMATS = {".flac": "FLAC", ".aif": "AIFF", ".ogg": "OGG", ".mp3": "MP3", ".caf": "CAF", ".au": "AU"}


def noise(samples: int = 441) -> np.ndarray:
    return np.random.default_rng(0).normal(0.0, 0.1, samples)


def put(path: Path, samples: int = 441) -> Path:
    """Write a short file, whatever it is called; the content is WAV unless the extension says otherwise."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "wb") as file:
        soundfile.write(file, noise(samples), RATE, format=_FORMATS.get(path.suffix.lower(), "WAV"))
    return path


def song(folder: Path, *files: str) -> Path:
    for file in files:
        put(folder / file)
    return folder


def roles(stems: Stems) -> dict[str, str]:
    return {stem.name: stem.role for stem in stems}


def left_out(folder: Path) -> dict[str, str]:
    """Return what the notes of a song name as left out, with the reasons."""
    notes = [note.split(" left out: ") for note in load_stems(folder).notes if " left out: " in note]
    return {name: why for name, why in notes}


def chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content + bytes(len(content) % 2)


def broadcast_wav(path: Path, reference: int, samples: int = 441, rate: int = RATE) -> Path:
    """Write a WAV whose ``bext`` chunk places it `reference` samples after midnight."""
    path.parent.mkdir(parents=True, exist_ok=True)
    audio = (8000 * np.sin(np.arange(1, samples + 1) * 0.05)).astype("<i2").tobytes()
    parts = chunk(b"bext", bytes(338) + struct.pack("<QH", reference, 1) + bytes(254))
    parts += chunk(b"fmt ", struct.pack("<HHIIHH", 1, 1, rate, 2 * rate, 2, 16)) + chunk(b"data", audio)
    path.write_bytes(chunk(b"RIFF", b"WAVE" + parts))
    return path
