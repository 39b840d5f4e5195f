"""Descriptors frame by frame from blocks, against librosa on the whole signal."""

from __future__ import annotations

import librosa
import numpy as np
import pytest

from mixrules.corpus.extraction import spectral
from mixrules.corpus.extraction.spectral import describe_frames
from mixrules.corpus.extraction.stft import frame_length


def music(samples: int, rate: int) -> np.ndarray:
    """Return pulses of coloured noise and a chord, stereo, with silence before."""
    rng = np.random.default_rng(3)
    time = np.arange(samples) / rate
    noise = np.cumsum(rng.standard_normal((samples, 2)), axis=0)
    noise = np.diff(noise - 0.99 * np.roll(noise, 1, axis=0), axis=0, prepend=0.0)
    tone = sum(np.sin(2 * np.pi * f * time) for f in (220.0, 277.2, 329.6))
    audio = (0.1 * noise + 0.05 * np.asarray(tone)[:, None]) * (0.001 + np.exp(-6.0 * (time % 0.4)))[:, None]
    audio[: samples // 5] = 0.0
    return audio.astype(np.float32)


@pytest.mark.filterwarnings("ignore:n_fft=:UserWarning")  # of librosa, where a signal is shorter than a frame
@pytest.mark.parametrize(
    ("rate", "samples"),
    [(44_100, 60_013), (44_100, 32 * 1024), (8000, 24_001), (192_000, 100_000), (44_100, 3000), (44_100, 1)],
)
def test_blocks_give_what_librosa_gives_for_the_whole_signal(
    rate: int, samples: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spectral, "_BLOCK_FRAMES", 16)
    audio = music(samples, rate)
    found, mono = describe_frames(audio, rate), audio.mean(axis=1)
    length, hop = frame_length(rate), frame_length(rate) // 2
    spectrum = np.abs(librosa.stft(mono, n_fft=length, hop_length=hop))
    mel = librosa.power_to_db(spectral._mel_filter(rate, length).toarray() @ spectrum**2)
    expected = {
        "power": (spectrum**2).sum(axis=0),
        "onset_strength": librosa.onset.onset_strength(S=mel, n_fft=length, hop_length=hop),
        "attack_strength": librosa.onset.onset_strength(S=mel, n_fft=length, hop_length=hop, max_size=5),
        "centroid_hz": librosa.feature.spectral_centroid(y=mono, sr=rate, n_fft=length, hop_length=hop)[0],
        "zero_crossing_rate": librosa.feature.zero_crossing_rate(mono, frame_length=length, hop_length=hop)[
            0
        ],
        "chroma": librosa.feature.chroma_stft(
            y=mono, sr=rate, n_fft=4 * length, hop_length=4 * length, tuning=0.0
        ),
    }
    for name, values in expected.items():
        assert getattr(found, name).shape == values.shape
        assert getattr(found, name) == pytest.approx(values, rel=1e-4, abs=1e-4), name


def test_onset_strength_is_that_of_librosa_from_samples_on() -> None:
    audio = music(50_000, 44_100)
    expected = librosa.onset.onset_strength(y=audio.mean(axis=1), sr=44_100, n_fft=2048, hop_length=1024)
    assert describe_frames(audio, 44_100).onset_strength == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize(
    ("rate", "length"), [(8000, 512), (22_050, 1024), (44_100, 2048), (48_000, 2048), (192_000, 8192)]
)
def test_a_frame_is_about_46_ms_long(rate: int, length: int) -> None:
    assert frame_length(rate) == length
