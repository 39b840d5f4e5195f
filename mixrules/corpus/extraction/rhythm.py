"""Onsets of a signal, and the beats of a song, from the onset strength in frames, after librosa."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mixrules.corpus.extraction.snippets import Floats, Integers, Snippets
from mixrules.corpus.extraction.spectral import FrameDescriptors

_TEMPOGRAM_S = 8.0  # librosa's own
_FRAMES_AT_ONCE = 1024
LEAST_ATTACK_DB = 1.0
"""How much the mean level of the mel bands rises at an onset, at least.

librosa scales each signal's onset strength to its highest value before it picks peaks, so that a steady sound has onsets
too: it finds 14.5 a second in a sine. There the attack strength is below 0.01 dB, in pads and in tones with vibrato below
0.6 dB at 44.1 kHz, in white noise below 1 dB nearly always; most onsets of instruments and voices have 3 dB and more.
"""
_FEWEST_ONSETS = 2  # for a tempo: one interval


def onset_times(frames: FrameDescriptors) -> Integers:
    """Return the samples at which `librosa.onset.onset_detect` finds an onset, of those that are an attack.

    An attack has an attack strength of 1 dB or more, there or a frame beside it.
    """
    import librosa

    found = np.asarray(
        librosa.onset.onset_detect(
            onset_envelope=frames.onset_strength, sr=frames.sample_rate, hop_length=frames.hop
        ),
        dtype=np.int64,
    )
    padded = np.pad(frames.attack_strength, 1)
    attack = np.max([padded[found + beside] for beside in range(3)], axis=0, initial=0.0)
    onsets: Integers = found[attack >= LEAST_ATTACK_DB] * frames.hop
    return onsets


def beat_times(frames: FrameDescriptors) -> Integers:
    """Return the samples at which `librosa.beat.beat_track` finds a beat; none where there are no two onsets.

    Its tempo is what `librosa.feature.tempo` finds in the mean of the tempogram, which is added up frame by frame.
    """
    import librosa

    if len(onset_times(frames)) < _FEWEST_ONSETS:
        return np.empty(0, np.int64)
    tempo_bpm = librosa.feature.tempo(
        tg=_mean_tempogram(frames)[:, np.newaxis], sr=frames.sample_rate, hop_length=frames.hop
    )
    _, beats = librosa.beat.beat_track(
        onset_envelope=frames.onset_strength,
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
