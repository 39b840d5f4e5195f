"""A song in one file, as Native Instruments' STEMS has them: an MP4 with a stream for the mixture and one a stem."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

RATE = 44_100
FREQUENCIES = (500.0, 100.0, 200.0, 400.0, 800.0)


def stem_mp4(path: Path, titles: tuple[str, ...] = (), streams: int = 5) -> Path:
    """Write an MP4 with one AAC stream per tone, as a STEMS file has them."""
    av = pytest.importorskip("av", reason="PyAV is not installed")
    with av.open(str(path), "w", format="mp4") as container:
        made = []
        for i in range(streams):
            stream = container.add_stream("aac", rate=RATE)
            stream.layout = "stereo"
            stream.bit_rate = 256_000
            if titles:
                stream.metadata["title"] = titles[i]
            made.append(stream)
        for stream, hz in zip(made, FREQUENCIES, strict=False):
            tone = 0.25 * np.sin(2 * np.pi * hz * np.arange(RATE) / RATE)
            frame = av.AudioFrame.from_ndarray(
                np.stack([tone, tone]).astype(np.float32), format="fltp", layout="stereo"
            )
            frame.sample_rate = RATE
            for packet in (*stream.encode(frame), *stream.encode(None)):
                container.mux(packet)
    return path
