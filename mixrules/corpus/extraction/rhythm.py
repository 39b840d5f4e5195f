"""Onsets of a signal, and the beats of a song, from the onset strength in frames, after librosa."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mixrules.corpus.extraction.snippets import Floats, Integers, Snippets
from mixrules.corpus.extraction.spectral import FrameDescriptors

_TEMPOGRAM_S = 8.0  # librosa's own
_FRAMES_AT_ONCE = 1024


def onset_times(frames: FrameDescriptors) -> Integers:
    """Return the samples at which `librosa.onset.onset_detect` finds an onset."""
    import librosa

    return np.asarray(
        librosa.onset.onset_detect(
            onset_envelope=frames.onset_strength,
            sr=frames.sample_rate,
            hop_length=frames.hop,
            units="samples",
        ),
        dtype=np.int64,
    )


def beat_times(frames: FrameDescriptors) -> Integers:
    """Return the samples at which `librosa.beat.beat_track` finds a beat.

    Its tempo is what `librosa.feature.tempo` finds in the mean of the tempogram, which is added up frame by frame.
    """
    import librosa

    strength = frames.onset_strength
    if not strength.any():
        return np.empty(0, np.int64)
    tempo_bpm = librosa.feature.tempo(
        tg=_mean_tempogram(frames)[:, np.newaxis], sr=frames.sample_rate, hop_length=frames.hop
    )
    _, beats = librosa.beat.beat_track(
        onset_envelope=strength,
        sr=frames.sample_rate,
        hop_length=frames.hop,
        bpm=float(tempo_bpm[0]),
        units="samples",
    )
    return np.asarray(beats, dtype=np.int64)


def tempo_of(beats: Integers, sample_rate: int) -> float:
    """Return 60 over the mean interval of some beats in seconds; NaN of fewer than two."""
    return 60.0 * (len(beats) - 1) * sample_rate / float(beats[-1] - beats[0]) if len(beats) > 1 else np.nan


def tempo_of_snippets(beats: Integers, sample_rate: int, snippets: Snippets) -> Floats:
    """Return the tempo of the beats that enclose each snippet; NaN where there are fewer than two."""
    if not len(beats):
        return np.full(len(snippets), np.nan)
    first = np.maximum(np.searchsorted(beats, snippets.starts, side="right") - 1, 0)
    last = np.minimum(np.searchsorted(beats, snippets.ends), len(beats) - 1)
    interval = (beats[last] - beats[first]) / sample_rate
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(60.0 * (last - first) / interval)


def density_of_snippets(times: Integers, sample_rate: int, snippets: Snippets) -> Floats:
    """Return how many events a second lie in each snippet."""
    counts = np.searchsorted(times, snippets.ends) - np.searchsorted(times, snippets.starts)
    return np.asarray(counts * sample_rate / (snippets.ends - snippets.starts))


def _mean_tempogram(frames: FrameDescriptors) -> npt.NDArray[np.float64]:
    """Return the mean over frames of `librosa.feature.tempogram`, without holding it."""
    import librosa

    strength = frames.onset_strength
    width = int(librosa.time_to_frames(_TEMPOGRAM_S, sr=frames.sample_rate, hop_length=frames.hop))
    # As librosa pads it.
    padded = np.pad(strength, width // 2, mode="linear_ramp", end_values=0)
    total = np.zeros(width)
    for start in range(0, len(strength), _FRAMES_AT_ONCE):
        stop = min(start + _FRAMES_AT_ONCE, len(strength))
        part = librosa.feature.tempogram(
            onset_envelope=padded[start : stop + width - 1], win_length=width, center=False
        )
        total += part.sum(axis=1, dtype=np.float64)
    return total / len(strength)
