"""What the written stimuli measure: our readings, and beside them that of pyloudnorm, an independent meter.

pyloudnorm shares no code with our meter. It is used with its filter class "DeMan", which follows the table of ITU-R
BS.1770 at every sample rate; its default one reads 0.05 LU low at 44.1 kHz and 0.2 LU at 8 kHz. On the same blocks
the two meters then agree to 0.001 LU, so a difference beyond `TOLERANCE_LU` is an error: one of them is wrong on
this file, and a test whose loudnesses cannot be trusted is not worth its listeners' time.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mixrules._support.validation import Audio
from mixrules.errors import ListeningTestError
from mixrules.loudness import integrated_loudness, true_peak

TOLERANCE_LU = 0.02
_BLOCK_S, _BLOCKS_PER_S = 0.4, 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """What a written file measures.

    Attributes
    ----------
    integrated_lufs : float
        Integrated loudness by our meter.
    pyloudnorm_lufs : float
        Integrated loudness by pyloudnorm; NaN under 0.4 s, which it does not measure.
    true_peak_dbtp : float
        True peak by our meter.
    """

    integrated_lufs: float
    pyloudnorm_lufs: float
    true_peak_dbtp: float

    @classmethod
    def of(cls, audio: Audio, sample_rate: int) -> Readings:
        """Measure audio of shape (samples, channels)."""
        return cls(
            integrated_lufs=integrated_loudness(audio, sample_rate),
            pyloudnorm_lufs=pyloudnorm_lufs(audio, sample_rate),
            true_peak_dbtp=true_peak(audio, sample_rate),
        )


def pyloudnorm_lufs(audio: Audio, sample_rate: int) -> float:
    """Measure integrated loudness with pyloudnorm.

    Parameters
    ----------
    audio : ndarray, shape (samples, channels)
        Full scale ±1.0. Not modified.
    sample_rate : int
        Hz.

    Returns
    -------
    float
        LUFS; minus infinity in silence, NaN under 0.4 s.

    Notes
    -----
    Blocks start every 0.1 s. The standard drops an incomplete last one, pyloudnorm may count it as a whole one,
    which changed excerpts of single stems by up to 1.2 LU. It is given whole tenths of a second, so that both
    meters measure the same blocks.
    """
    tenths = math.floor(len(audio) * _BLOCKS_PER_S / sample_rate)
    if tenths < _BLOCK_S * _BLOCKS_PER_S:
        return math.nan
    from pyloudnorm import Meter

    whole = math.ceil(tenths * sample_rate / _BLOCKS_PER_S)
    meter = Meter(sample_rate, filter_class="DeMan", block_size=_BLOCK_S)
    return float(meter.integrated_loudness(audio[:whole].astype(np.float64)))


def require_agreement(song: str, readings: Mapping[str, Readings]) -> None:
    """Refuse stimuli on whose loudness the two meters differ by more than `TOLERANCE_LU`.

    Parameters
    ----------
    song : str
        Whose stimuli they are, for the message.
    readings : mapping of str to Readings
        By condition.

    Raises
    ------
    ListeningTestError
        Names the condition and both readings.
    """
    for name, read in readings.items():
        if abs(read.integrated_lufs - read.pyloudnorm_lufs) > TOLERANCE_LU:
            raise ListeningTestError(
                f"{song}, {name}: the written file has {read.integrated_lufs:.3f} LUFS by our meter and "
                f"{read.pyloudnorm_lufs:.3f} by pyloudnorm, at most {TOLERANCE_LU} LU apart are accepted: one of "
                "the two measures this excerpt wrongly, so choose another and report this one"
            )
