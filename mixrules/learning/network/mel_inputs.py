"""What a network reads of a mel block, in numpy: the same as `mel_network.MelInput` does in PyTorch."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mixrules.learning.network.switches import Switches

LEVELS = ("given", "hidden")
"""Whether a network sees by how much one channel is louder than the other."""
FLOOR_DB = 80.0
"""Quieter bands read as this far below the reference."""
MIDDLE_DB, SPREAD_DB = -40.0, 20.0
"""They bring dB to numbers about 1."""
TINY_POWER = 1e-12
"""Power is taken to be this at least where something is divided by it, and where its logarithm is."""
TINY_NORM = 1e-12
"""A norm is taken to be this at least, as `torch.nn.functional.normalize` takes it."""

Floats = npt.NDArray[np.float64]


def mel_inputs(mel: npt.ArrayLike, switches: Switches, levels: str = "given") -> Floats:
    """Return what the first convolution reads, but for the order of its axes and for random gains in training.

    Parameters
    ----------
    mel : array_like, shape (blocks, 2, 128, 64)
        Power in mel bands of backing and vocal.
    switches : Switches
        What of the network is as it was in 2022.
    levels : {"given", "hidden"}
        Where it reads dB: against the mean power of both channels, or of each channel by itself.

    Returns
    -------
    ndarray of float64, shape (blocks, 2, 128, 64)
        Power or, at `SPREAD_DB` to 1, dB above `MIDDLE_DB`; divided by the norm over time, where that switch is on.
    """
    power = np.asarray(mel, np.float64)
    inputs = power if switches.power_input else _scaled_db(power, levels)
    return inputs / norms_over_time(inputs) if switches.time_normalization else inputs


def norms_over_time(inputs: Floats) -> Floats:
    """Return the norm of each band of each channel over the frames, shape (blocks, 2, 128, 1)."""
    return np.asarray(np.maximum(np.linalg.norm(inputs, axis=3, keepdims=True), TINY_NORM))


def _scaled_db(power: Floats, levels: str) -> Floats:
    over = (1, 2, 3) if levels == "given" else (2, 3)
    reference = np.maximum(power.mean(axis=over, keepdims=True), TINY_POWER)
    relative_db = 10.0 * np.log10(np.maximum(power / reference, 10.0 ** (-FLOOR_DB / 10.0)))
    return np.asarray((relative_db - MIDDLE_DB) / SPREAD_DB)
