"""Gain, and the conversions between decibels and factors that every other processor uses."""

from __future__ import annotations

import math
from typing import overload

import numpy as np
import numpy.typing as npt

from mixrules._support.validation import Audio, as_audio
from mixrules.errors import AudioError, ParameterError

MAX_GAIN_DB = 200.0


@overload
def db_to_gain(gain_db: float) -> float: ...
@overload
def db_to_gain(gain_db: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]: ...
def db_to_gain(gain_db: float | npt.NDArray[np.float64]) -> float | npt.NDArray[np.float64]:
    """Return the amplitude factor 10^(gain_db / 20); -inf dB is 0.

    Parameters
    ----------
    gain_db : float or ndarray
        Decibels.

    Returns
    -------
    float or ndarray
        The factor, of the same kind as `gain_db`.
    """
    if isinstance(gain_db, np.ndarray):
        return np.asarray(10.0 ** (gain_db / 20.0))
    return float(10.0 ** (gain_db / 20.0))


@overload
def gain_to_db(gain: float) -> float: ...
@overload
def gain_to_db(gain: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]: ...
def gain_to_db(gain: float | npt.NDArray[np.float64]) -> float | npt.NDArray[np.float64]:
    """Return an amplitude factor in dB, 20 log10(abs(gain)); -inf for 0.

    Parameters
    ----------
    gain : float or ndarray
        Amplitude factor; the sign is ignored.

    Returns
    -------
    float or ndarray
        Decibels, of the same kind as `gain`.
    """
    with np.errstate(divide="ignore"):
        gain_db = 20.0 * np.log10(np.abs(gain))
    return gain_db if isinstance(gain, np.ndarray) else float(gain_db)


def apply_gain(audio: npt.ArrayLike, gain_db: float) -> Audio:
    """Scale `audio` by `gain_db`.

    Parameters
    ----------
    audio : array_like, shape (samples, channels) or (samples,)
        Not modified.
    gain_db : float
        Decibels, at most 200; -inf mutes.

    Returns
    -------
    ndarray, shape (samples, channels)
        A new array of the same dtype; at 0 dB an exact copy.

    Raises
    ------
    AudioError
        If `audio` is not usable.
    ParameterError
        If `gain_db` is NaN or above 200.
    """
    array = as_audio(audio)
    if math.isnan(gain_db) or gain_db > MAX_GAIN_DB:
        raise ParameterError(f"gain_db must be at most {MAX_GAIN_DB:g} (-inf mutes), got {gain_db}")
    return array * array.dtype.type(db_to_gain(gain_db))


def mix_into(total: Audio, audio: Audio, gain_db: float) -> None:
    """Add `audio`, scaled by `gain_db`, to the first samples of `total`, in place.

    The summing of a bus: one pass over the memory and no temporary array.

    Parameters
    ----------
    total : ndarray, shape (samples, channels)
        C-order; modified.
    audio : ndarray, shape (at most samples, channels)
        C-order, the same dtype and number of channels.
    gain_db : float
        Decibels; -inf adds nothing.

    Raises
    ------
    AudioError
        If `audio` does not fit into `total`.
    """
    from mixrules.processors._kernels import add_scaled

    if not (total.flags.c_contiguous and total.flags.writeable):
        raise AudioError("total cannot be added to: pass a writeable array in C order")
    fits = audio.shape[1:] == total.shape[1:] and len(audio) <= len(total) and audio.dtype == total.dtype
    if not fits:
        raise AudioError(
            f"audio of shape {audio.shape} and {audio.dtype} does not fit into {total.shape} and {total.dtype}"
        )
    add_scaled(total.reshape(-1), audio.reshape(-1), total.dtype.type(db_to_gain(gain_db)))
