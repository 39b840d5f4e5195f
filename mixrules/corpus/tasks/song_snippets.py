"""From vocal and backing, which arrive in segments, to snippets with their mel blocks and their loudness."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from mixrules.corpus.tasks.mel_blocks import (
    BANDS,
    FRAMES,
    HOP_SAMPLES,
    SAMPLE_RATE,
    SNIPPET_SAMPLES,
    MelStream,
)
from mixrules.corpus.tasks.task import Audio, Snippet
from mixrules.loudness import integrated_loudness


def snippets_of(
    segments: Iterable[tuple[Audio, Audio]], channels: int, hop_frames: int = FRAMES
) -> Iterator[Snippet]:
    """Yield every whole snippet of a song in order; what is held of it does not grow with its length.

    Parameters
    ----------
    segments : iterable of pairs of ndarray, shape (samples, channels)
        Backing and vocal at 44.1 kHz, one segment after the other; all but the last are whole multiples of 1024 samples.
    channels : int
        Of both.
    hop_frames : int
        Frames from one snippet to the next.

    Yields
    ------
    Snippet
    """
    mels = MelStream(), MelStream()
    audio = [np.zeros((0, channels), np.float32)] * 2
    frames = [np.zeros((0, BANDS), np.float32)] * 2
    for segment in segments:
        for i in range(2):
            audio[i] = np.concatenate([audio[i], segment[i]])
            frames[i] = np.concatenate([frames[i], mels[i].process(segment[i])])
        done = 0
        while done + SNIPPET_SAMPLES <= len(audio[0]):
            yield _snippet(done, audio, frames)
            done += hop_frames * HOP_SAMPLES
        audio = [part[done:] for part in audio]
        frames = [part[done // HOP_SAMPLES :] for part in frames]


def _snippet(start: int, audio: list[Audio], frames: list[Audio]) -> Snippet:
    first = start // HOP_SAMPLES
    lufs = [integrated_loudness(part[start : start + SNIPPET_SAMPLES], SAMPLE_RATE) for part in audio]
    mel = np.stack([part[first : first + FRAMES].T for part in frames])
    return Snippet(mel=mel, backing_lufs=lufs[0], vocal_lufs=lufs[1])
