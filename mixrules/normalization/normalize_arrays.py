"""Normalisation of an array."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from mixrules._support.validation import as_audio
from mixrules.errors import AudioError
from mixrules.loudness import Loudness
from mixrules.loudness.channels import ChannelWeights
from mixrules.metering import ChannelLayout, measure, metered
from mixrules.normalization.gains import choose_gain
from mixrules.normalization.sources import Source
from mixrules.normalization.targets import LoudnessTarget


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NormalizedAudio:
    """A normalised array.

    Attributes
    ----------
    audio : ndarray, shape (samples, channels)
        The samples, of the type that was given.
    gain_db : float
        The gain.
    limited : bool
        Whether a limiter reduced peaks behind the gain.
    missed_lu : float
        How far below the target it is, because of the ceiling; about 0 otherwise.
    before, after : Loudness
        The readings of what was given, and of `audio`.
    layout : ChannelLayout
        What the channels counted, and why.
    """

    audio: npt.NDArray[np.floating[Any]] = field(repr=False)
    gain_db: float
    limited: bool
    missed_lu: float
    before: Loudness
    after: Loudness
    layout: ChannelLayout


def normalize_audio(
    audio: npt.ArrayLike,
    sample_rate: int,
    *,
    target_lufs: float = -14.0,
    ceiling_dbtp: float = -1.0,
    limit_db: float = 0.0,
    channel_weights: ChannelWeights | None = None,
    dual_mono: bool = False,
) -> NormalizedAudio:
    """Bring an array to a loudness by a gain, under a true-peak ceiling.

    Parameters
    ----------
    audio : array_like, shape (samples, channels) or (samples,)
        Float samples, full scale ±1.0. Not modified.
    sample_rate : int
        Hz, 8000 to 384000.
    target_lufs, ceiling_dbtp, limit_db
        As for `normalize`.
    channel_weights, dual_mono
        As for `measure`.

    Returns
    -------
    NormalizedAudio
        The samples, the gain, and the readings before and after it.

    Raises
    ------
    AudioError
        If `audio` is not usable, or has no loudness: silence, or nothing above -70 LUFS.
    ParameterError
        If another argument is out of range.

    See Also
    --------
    normalize : The same for files.

    Examples
    --------
    >>> import numpy as np
    >>> tone = 0.05 * np.sin(2 * np.pi * 997 / 48_000 * np.arange(5 * 48_000))
    >>> louder = normalize_audio(tone, 48_000, target_lufs=-16)
    >>> round(louder.gain_db, 2), round(louder.after.integrated_lufs, 2)
    (13.03, -16.0)
    """
    target = LoudnessTarget(target_lufs=target_lufs, ceiling_dbtp=ceiling_dbtp, limit_db=limit_db)
    array = as_audio(audio, file_function="mixrules.normalize")
    measured = metered(array, sample_rate, channel_weights=channel_weights, dual_mono=dual_mono)
    rounding = float(np.finfo(array.dtype).eps) / 2.0
    source = Source(
        loudness=measured.loudness,
        energies=measured.energies,
        layout=measured.layout,
        rounding=rounding,
        audio=array,
    )
    gain = choose_gain([source], target)
    if gain is None:
        raise AudioError("audio has no loudness: it is silent, or nothing in it is above -70 LUFS")
    louder = np.concatenate(list(source.blocks(gain.gain_db, gain.limiter)))
    after = measure(louder, sample_rate, channel_weights=measured.layout.weights)
    return NormalizedAudio(
        audio=louder,
        gain_db=gain.gain_db,
        limited=gain.limiter is not None,
        missed_lu=target.target_lufs - after.integrated_lufs,
        before=measured.loudness,
        after=after,
        layout=measured.layout,
    )
