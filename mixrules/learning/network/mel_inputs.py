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
        dB are against the mean power of both channels, or of each channel by itself; power is as it is, or
        divided by the mean of its channel.

    Returns
    -------
    ndarray of float64, shape (blocks, 2, 128, 64)
        Power or, at `SPREAD_DB` to 1, dB above `MIDDLE_DB`; divided by the norm over time, where that switch is on.
    """
    power = np.asarray(mel, np.float64)
    if not switches.power_input:
        inputs = _scaled_db(power / _reference(power, reference_axes(levels)))
    elif hides_levels_of_power(switches, levels):
        inputs = power / _reference(power, reference_axes(levels))
    else:
        inputs = power
    return inputs / norms_over_time(inputs) if switches.time_normalization else inputs


def reference_axes(levels: str) -> tuple[int, ...]:
    """Return over which axes of mel blocks the mean is what power is referred to."""
    return (1, 2, 3) if levels == "given" else (2, 3)


def hides_levels_of_power(switches: Switches, levels: str) -> bool:
    """Return whether a network that reads power gets it divided by the mean of its channel.

    The norm over time hides the levels by itself: with it, power stays as it was in 2022.
    """
    return levels == "hidden" and not switches.time_normalization


def norms_over_time(inputs: Floats) -> Floats:
    """Return the norm of each band of each channel over the frames, shape (blocks, 2, 128, 1)."""
    return np.asarray(np.maximum(np.linalg.norm(inputs, axis=3, keepdims=True), TINY_NORM))


def _reference(power: Floats, axes: tuple[int, ...]) -> Floats:
    return np.asarray(np.maximum(power.mean(axis=axes, keepdims=True), TINY_POWER))


def _scaled_db(relative: Floats) -> Floats:
    relative_db = 10.0 * np.log10(np.maximum(relative, 10.0 ** (-FLOOR_DB / 10.0)))
    return np.asarray((relative_db - MIDDLE_DB) / SPREAD_DB)
