from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from mixrules.corpus.tasks.mel_blocks import MelStream, mel_filters
from mixrules.errors import AudioError

Floats = npt.NDArray[np.float64]


def torchaudio_filters(bins: int, bands: int, rate: int) -> Floats:
    """``melscale_fbanks(bins, 0, rate / 2, bands, rate, norm=None, mel_scale="htk")`` from its formulas."""
    hz = np.linspace(0, rate // 2, bins)
    low, high = (2595.0 * np.log10(1.0 + end / 700.0) for end in (0.0, rate / 2.0))
    points = 700.0 * (10.0 ** (np.linspace(low, high, bands + 2) / 2595.0) - 1.0)
    widths = np.diff(points)
    slopes = points[np.newaxis, :] - hz[:, np.newaxis]
    down, up = -slopes[:, :-2] / widths[:-1], slopes[:, 2:] / widths[1:]
    return np.maximum(0.0, np.minimum(down, up))


def torchaudio_mel(mono: Floats, rate: int = 44_100) -> Floats:
    """``MelSpectrogram(rate, n_fft=2048, hop_length=1024, n_mels=128)``: frames by bands."""
    padded = np.pad(mono, 1024, mode="reflect")
    window = np.sin(np.pi * np.arange(2048) / 2048) ** 2
    frames = [padded[start : start + 2048] * window for start in range(0, len(padded) - 2047, 1024)]
    power = np.abs(np.array([np.fft.fft(frame)[:1025] for frame in frames])) ** 2
    return np.asarray(power @ torchaudio_filters(1025, 128, rate))


def test_the_filters_are_those_that_torchaudio_defines() -> None:
    expected = torchaudio_filters(1025, 128, 44_100).T
    np.testing.assert_allclose(mel_filters(), expected, rtol=1e-6, atol=1e-9)
    assert (mel_filters().max(axis=1) > 0.1).all()


@pytest.mark.parametrize("step", [1024 * 3, 65_536, 1024 * 1000])
def test_frames_in_blocks_are_those_of_torchaudio_of_the_whole_signal(
    rng: np.random.Generator, step: int
) -> None:
    seconds = np.arange(150_000) / 44_100
    chirp = np.sin(2 * np.pi * (50 + 2000 * seconds) * seconds)
    stereo = np.stack([chirp, 1e-3 * rng.standard_normal(len(chirp))], axis=1).astype(np.float32)
    stream = MelStream()
    frames = np.concatenate([stream.process(stereo[a : a + step]) for a in range(0, len(stereo), step)])
    expected = torchaudio_mel(stereo.mean(axis=1, dtype=np.float64))
    assert frames.shape == (146, 128)
    assert frames.dtype == np.float32
    # The last frames of the whole signal are mirrored at its end, and in no snippet.
    np.testing.assert_allclose(frames[:145], expected[:145], rtol=1e-4)


def test_a_signal_too_short_to_be_mirrored_is_refused() -> None:
    with pytest.raises(AudioError, match="1024 samples: more than 1024 are needed"):
        MelStream().process(np.zeros((1024, 1), np.float32))
