"""The demo's stems at their deliberately bad balance, as arrays and as files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mixrules._support.validation import require_sample_rate
from mixrules.errors import AudioFileError, MixrulesError
from mixrules.files import check_folder, make_folder, read_audio, write_audio

if TYPE_CHECKING:
    import os

_SEED = 20_240_917
# RMS over the whole song, in dBFS: the bad balance. Peaks stay below full scale by 2 dB and more.
_LEVELS_DBFS = {
    "vocals": -30.0,
    "drums": -33.0,
    "bass": -15.0,
    "guitar": -25.0,
    "keys": -18.5,
    "tambourine": -37.0,
}


def demo_stems(sample_rate: int = 44_100) -> dict[str, npt.NDArray[np.float32]]:
    """Synthesise the demo song.

    Parameters
    ----------
    sample_rate : int
        Hz.

    Returns
    -------
    dict of str to ndarray
        float32; drums and keys of shape (samples, 2), the others (samples, 1); all of one length. The values
        lie on the steps of 24-bit PCM, so a file holds them exactly. The same on every run.

    Raises
    ------
    ParameterError
        If the sample rate is not 8 to 384 kHz.
    """
    from mixrules.demo import parts

    sample_rate = require_sample_rate(sample_rate)
    players: dict[str, Callable[[int, np.random.Generator], npt.NDArray[np.float64]]] = {
        "vocals": parts.vocals,
        "drums": parts.drums,
        "bass": parts.bass,
        "guitar": parts.guitar,
        "keys": parts.keys,
        "tambourine": parts.tambourine,
    }
    stems = {}
    for number, (name, play) in enumerate(players.items()):
        track = play(sample_rate, np.random.default_rng([_SEED, number]))
        track = track.reshape(len(track), -1)
        track = track * (10.0 ** (_LEVELS_DBFS[name] / 20.0) / np.sqrt(np.mean(track**2)))
        stems[name] = (np.rint(track * 2.0**23) / 2.0**23).astype(np.float32)
    return stems


def write_demo(
    folder: str | os.PathLike[str], *, sample_rate: int = 44_100, overwrite: bool = False
) -> list[Path]:
    """Write the demo song's stems as 24-bit WAV files.

    Parameters
    ----------
    folder : path-like
        Made if it is missing.
    sample_rate : int
        Hz.
    overwrite : bool
        Whether files of the same names that are not the demo's at this rate are replaced.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    AudioFileError
        If a file of such a name holds something else, the folder cannot be made or a file not be written.
    """
    folder = Path(folder)
    check_folder(folder)
    stems = {folder / f"{name}.wav": audio for name, audio in demo_stems(sample_rate).items()}
    for path, audio in stems.items():
        if path.exists() and not overwrite and not _holds(path, audio, sample_rate):
            raise AudioFileError(
                f"{path} exists already and is not the demo's: name another folder, or --force (overwrite=True) "
                "replaces it"
            )
    make_folder(folder)
    return [write_audio(path, audio, sample_rate, subtype="PCM_24").path for path, audio in stems.items()]


def _holds(path: Path, audio: npt.NDArray[np.float32], sample_rate: int) -> bool:
    """Return whether a file holds these samples."""
    try:
        found = read_audio(path)
    except MixrulesError:
        return False
    return found.sample_rate == sample_rate and np.array_equal(found.audio, audio)
