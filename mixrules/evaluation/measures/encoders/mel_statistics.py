"""An encoder without weights: statistics of a mel spectrogram."""

from __future__ import annotations

import numpy as np

from mixrules._support.validation import Audio
from mixrules.evaluation.measures.encoders.encoder import Vectors
from mixrules.evaluation.measures.mel import log_mel_db

_SEGMENT_S = 1.0
_BANDS, _LENGTH, _HOP = 40, 2048, 1024


class MelStatistics:
    """Mean and standard deviation of 40 log-mel bands over each second."""

    name = "mel statistics"

    def __call__(self, audio: Audio, sample_rate: int) -> Vectors:
        """Return one vector of 80 numbers for each second."""
        mel = log_mel_db(audio, sample_rate, bands=_BANDS, length=_LENGTH, hop=_HOP).astype(np.float64)
        frames = max(1, round(_SEGMENT_S * sample_rate / _HOP))
        segments = [mel[i : i + frames] for i in range(0, max(1, len(mel) - frames + 1), frames)]
        return np.stack([np.concatenate([s.mean(axis=0), s.std(axis=0)]) for s in segments])
