"""Spectral and rhythmic descriptors of a signal frame by frame, after librosa, from blocks of it.

All are those of the mono sum. Frames, filters and formulas are librosa's; memory holds a few numbers a frame.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mixrules._support.channels import mean_of_channels
from mixrules._support.validation import Audio, SlicedAudio
from mixrules.corpus.extraction.stft import Floats, Frames, SpectrumFrames, frame_length
from mixrules.files import Scratch

_MELS = 128
_TOP_DB = 80.0
_BLOCK_FRAMES = 256
_CHROMA_FACTOR = 4
_NEIGHBOURS = 5


@dataclass(frozen=True, slots=True, eq=False)
class FrameDescriptors:
    """What `describe_frames` returns.

    Attributes
    ----------
    sample_rate : int
        Hz.
    hop, chroma_hop : int
        Samples from frame to frame; of `chroma` from one of its frames to the next.
    power : ndarray, shape (frames,)
        Sum of the power spectrum.
    onset_strength : ndarray, shape (frames,)
        `librosa.onset.onset_strength`: the mean over mel bands of the rise of their level, in dB.
    attack_strength : ndarray, shape (frames,)
        The same above the highest level of five neighbouring bands in the frame before (`max_size=5`, Böck and Widmer
        2013): a partial that glides to the next band, as in vibrato, is no rise.
    centroid_hz : ndarray, shape (frames,)
        `librosa.feature.spectral_centroid`.
    zero_crossing_rate : ndarray, shape (frames,)
        `librosa.feature.zero_crossing_rate`.
    chroma : ndarray, shape (12, chroma frames)
        `librosa.feature.chroma_stft`, tuned to 440 Hz.
    """

    sample_rate: int
    hop: int
    chroma_hop: int
    power: Floats
    onset_strength: Floats
    attack_strength: Floats
    centroid_hz: Floats
    zero_crossing_rate: Floats
    chroma: Floats


def describe_frames(audio: Audio | SlicedAudio, sample_rate: int) -> FrameDescriptors:
    """Describe a signal frame by frame.

    Parameters
    ----------
    audio : ndarray or SlicedAudio, shape (samples, channels)
        Checked.
    sample_rate : int
        Hz.

    Returns
    -------
    FrameDescriptors
        Frames are the power of two nearest to 46 ms long, hops half of that; those of `chroma` are four frames long
        and do not overlap.
    """
    import librosa

    length = frame_length(sample_rate)
    hop, long = length // 2, _CHROMA_FACTOR * length
    samples = audio.shape[0]
    short_frames, long_frames = SpectrumFrames(length, hop), SpectrumFrames(long, long)
    crossings = Frames(length, hop, False)
    mel = Scratch(samples // hop + 1, _MELS, window_samples=_BLOCK_FRAMES)
    mel_filter, chroma_filter = _mel_filter(sample_rate, length), _chroma_filter(sample_rate, long)
    powers, centroids, rates, chroma = [], [], [], []
    frames, peak, sample_before = 0, 0.0, np.empty(0, np.float32)
    block_samples = _BLOCK_FRAMES * hop
    for start in range(0, samples, block_samples):
        block = np.asarray(mean_of_channels(audio[start : start + block_samples]), dtype=np.float32)
        last = start + block_samples >= samples
        magnitude = np.abs(short_frames.next(block, last=last))
        power = np.square(magnitude)
        in_mels = mel_filter @ power
        peak = max(peak, float(in_mels.max(initial=0.0)))
        mel.write(frames, in_mels.T)
        frames += power.shape[1]
        powers.append(power.sum(axis=0))
        centroids.append(librosa.feature.spectral_centroid(S=magnitude, sr=sample_rate, n_fft=length)[0])
        joint = np.concatenate([sample_before, block])
        changes = librosa.zero_crossings(joint, pad=False)[len(sample_before) :]
        rates.append(_crossing_rates(crossings.next(changes, last=last), length, hop))
        sample_before = block[-1:]
        spectra = long_frames.next(block, last=last)
        chroma.append(_chroma(np.square(np.abs(spectra)), chroma_filter))
    onset_strength, attack_strength = _strengths(mel, frames, peak, length, hop)
    return FrameDescriptors(
        sample_rate=sample_rate,
        hop=hop,
        chroma_hop=long,
        power=np.concatenate(powers),
        onset_strength=onset_strength,
        attack_strength=attack_strength,
        centroid_hz=np.concatenate(centroids).astype(np.float32),
        zero_crossing_rate=np.concatenate(rates),
        chroma=np.concatenate(chroma, axis=1),
    )


def _strengths(mel: Scratch, frames: int, peak: float, length: int, hop: int) -> tuple[Floats, Floats]:
    """Return both strengths from the powers in mel bands, whose levels librosa cuts off 80 dB below the highest."""
    import librosa

    # What power_to_db does with an array, whose highest value is known here before.
    floor_db = float(librosa.power_to_db(np.array([peak]))[0]) - _TOP_DB
    shift = length // (2 * hop)
    rises = [np.zeros((2, shift))]
    for start in range(0, frames, _BLOCK_FRAMES):
        first = max(start - 1, 0)
        levels_db = librosa.power_to_db(mel[first : min(start + _BLOCK_FRAMES, frames)].T, top_db=None)
        np.maximum(levels_db, floor_db, out=levels_db)
        both = [
            librosa.onset.onset_strength(S=levels_db, center=False, max_size=size)
            for size in (1, _NEIGHBOURS)
        ]
        rises.append(np.stack(both)[:, start - first :])
    onset, attack = np.concatenate(rises, axis=1).astype(np.float32)[:, :frames]
    return onset, attack


@functools.lru_cache(maxsize=4)
def _mel_filter(sample_rate: int, length: int) -> Any:
    """Return librosa's mel filters as a sparse matrix: almost all of their weights are zero."""
    import warnings

    import librosa
    from scipy.sparse import csr_array

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of bands without a bin at low rates: they stay silent
        return csr_array(librosa.filters.mel(sr=sample_rate, n_fft=length, n_mels=_MELS))


def _crossing_rates(changes: npt.NDArray[np.bool_], length: int, hop: int) -> Floats:
    """Return the share of samples in each frame that differ in sign from the one before in the same frame."""
    if not len(changes):
        return np.empty(0, np.float32)
    running = np.concatenate([[0], np.cumsum(changes)])
    starts = np.arange(0, len(changes) - length + 1, hop)
    return np.asarray((running[starts + length] - running[starts + 1]) / length, dtype=np.float32)


def _chroma(power: Floats, chroma_filter: Floats) -> Floats:
    """Return what `librosa.feature.chroma_stft` does with a power spectrum."""
    import librosa

    return np.asarray(librosa.util.normalize(chroma_filter @ power, norm=np.inf, axis=0), np.float32)


@functools.lru_cache(maxsize=4)
def _chroma_filter(sample_rate: int, length: int) -> Floats:
    import librosa

    return np.asarray(librosa.filters.chroma(sr=sample_rate, n_fft=length, tuning=0.0), np.float32)
