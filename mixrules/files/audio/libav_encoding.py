"""Encoding with libav, by PyAV (the extra ``mixrules[stems]``): AAC in an MP4 container, as ``.m4a``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

BITS_PER_S_A_CHANNEL = 128_000
FRAME_SAMPLES = 1024
"""Samples of a frame of AAC: a decoder may return the last one whole."""


def encode_m4a(path: Path, blocks: Iterable[npt.NDArray[Any]], *, channels: int, sample_rate: int) -> None:
    """Write audio that arrives in blocks as AAC; what goes wrong is one of libav's errors.

    Parameters
    ----------
    path : Path
        The file.
    blocks : iterable of ndarray, shape (samples, channels)
        The audio.
    channels : int
        One or two.
    sample_rate : int
        Hz, one that AAC knows.
    """
    import av

    layout = "mono" if channels == 1 else "stereo"
    # Equal audio, equal bytes; and a length in samples, where milliseconds would cut some off.
    options = {"fflags": "+bitexact", "movie_timescale": str(sample_rate)}
    with av.open(f"file:{path}", "w", format="ipod", options=options) as container:
        stream: Any = container.add_stream("aac", rate=sample_rate, options={"flags": "+bitexact"})
        stream.layout = layout
        stream.bit_rate = min(BITS_PER_S_A_CHANNEL, 3 * sample_rate) * channels
        written = 0
        for part in _frames(blocks, channels):
            frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(part.T), format="fltp", layout=layout)
            frame.sample_rate, frame.pts = sample_rate, written
            written += len(part)
            for packet in stream.encode(frame):
                container.mux(packet)
        for packet in stream.encode(None):
            container.mux(packet)


def _frames(blocks: Iterable[npt.NDArray[Any]], channels: int) -> Iterator[npt.NDArray[np.float32]]:
    """Yield the audio in frames of the encoder's length, the last one shorter."""
    left = np.zeros((0, channels), np.float32)
    for block in blocks:
        left = np.concatenate([left, np.asarray(block, np.float32)])
        whole = len(left) // FRAME_SAMPLES * FRAME_SAMPLES
        for start in range(0, whole, FRAME_SAMPLES):
            yield left[start : start + FRAME_SAMPLES]
        left = left[whole:]
    if len(left):
        yield left
