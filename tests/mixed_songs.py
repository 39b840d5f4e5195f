"""Two small songs whose human mix is a sum of the stems with known gains, and lies beside them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from synthetic import RATE, band

from mixrules.files import write_audio

GAINS_DB = {
    "one": {"vocals": 3.0, "drums": -2.0, "bass": 1.0, "guitar": -6.0},
    "two": {"vocals": 1.0, "drums": 0.0, "bass": -3.0, "guitar": -8.0},
}


def write_songs(top: Path) -> Path:
    """Write both songs into a folder; return it."""
    for name, gains_db in GAINS_DB.items():
        (top / name).mkdir()
        stems = {n: stem[:, None] for n, stem in band(4.0).items()}
        for stem, audio in stems.items():
            write_audio(top / name / f"{stem}.wav", audio, RATE)
        mix = sum(audio * 10 ** (gains_db[stem] / 20) for stem, audio in stems.items())
        write_audio(top / name / "mixture.wav", np.repeat(0.3 * mix, 2, axis=1), RATE)
    return top
