from __future__ import annotations

import numpy as np
import pytest
from naive_mel import torchaudio_filters, torchaudio_mel

from mixrules.corpus.tasks.mel_blocks import MelStream, mel_filters
from mixrules.errors import AudioError


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
