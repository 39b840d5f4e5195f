"""Loudness and sample peak in frames of 0.4 s, as the published code of automix-toolkit measures them.

Every frame is a signal of its own to pyloudnorm, whose meter the published code calls. A reading differs from
ours (`mixrules.loudness`) in three ways:

- the filter is pyloudnorm's default "K-weighting", an approximation that reads 0.04 dB below the table of ITU-R
  BS.1770;
- it starts from rest in every frame, where ours runs through the mix: a steady note of 41 Hz reads up to 0.11 LU
  off, higher ones less;
- a frame below the absolute gate of -70 LUFS reads minus infinity.
"""

from __future__ import annotations

import math
import warnings

import numpy as np
import numpy.typing as npt

from mixrules._support.validation import Audio

FRAME_S, HOP_S = 0.4, 0.2


def frame_loudness(audio: Audio, sample_rate: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the loudness and the sample peak of every frame of 0.4 s, 0.2 s apart.

    Parameters
    ----------
    audio : ndarray, shape (samples, 2)
        Full scale ±1.0; both channels are measured together. Not modified.
    sample_rate : int
        Hz.

    Returns
    -------
    lufs : ndarray, shape (frames,)
        Minus infinity under -70 LUFS. Without frames for audio shorter than 0.4 s, which neither pyloudnorm
        nor the published code accepts.
    peak_dbfs : ndarray, shape (frames,)
        Minus infinity in silence.

    Notes
    -----
    A frame is one gating block of pyloudnorm. The published code counts 17640 and 8820 samples at 44.1 kHz; at
    other rates frames have the same length in seconds, rounded up to whole samples.

    References
    ----------
    .. [1] automix-toolkit, ``automix/evaluation/utils_evaluation.py``, ``get_lufs_peak_frames``.
    """
    from pyloudnorm import Meter

    length, hop = math.ceil(FRAME_S * sample_rate), math.ceil(HOP_S * sample_rate)
    starts = range(0, len(audio) - length + 1, hop)
    meter = Meter(sample_rate, block_size=FRAME_S)
    lufs, peaks = np.empty(len(starts)), np.empty(len(starts))
    with warnings.catch_warnings(), np.errstate(divide="ignore", invalid="ignore"):
        warnings.simplefilter(
            "ignore", RuntimeWarning
        )  # pyloudnorm's, of frames without a block above the gate
        for i, start in enumerate(starts):
            frame = audio[start : start + length]
            lufs[i] = meter.integrated_loudness(frame)
            peaks[i] = np.max(np.abs(frame))
        return lufs, 20.0 * np.log10(peaks)
