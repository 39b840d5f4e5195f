"""What is measured, an array with its sample rate or a file, as blocks of checked samples."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy.typing as npt

from mixrules._support.arguments import as_path, shown_value
from mixrules._support.validation import Audio, as_audio, require_sample_rate
from mixrules.errors import ParameterError
from mixrules.files import as_regular_file, open_audio

ArrayOrPath = npt.ArrayLike | str | os.PathLike[str]

BLOCK_SAMPLES = 1 << 18
"""What is read of a file at once: the more, the more of it the K-filter runs through in SIMD lanes."""


@dataclass(frozen=True, slots=True)
class Signal:
    """A signal to be read once.

    Attributes
    ----------
    sample_rate, channels : int
        Hz, and the number of channels.
    blocks : iterator of ndarray
        Its samples, shape (samples, channels).
    name : str
        What errors call it.
    path : Path or None
        The file that holds it; None of an array.
    """

    sample_rate: int
    channels: int
    blocks: Iterator[Audio]
    name: str
    path: Path | None


@contextmanager
def open_signal(source: ArrayOrPath, sample_rate: object = None) -> Iterator[Signal]:
    """Open an array or a file to be measured.

    Parameters
    ----------
    source : array_like or path-like
        Samples, or the path of a file; "-" is standard input.
    sample_rate : int or None
        Hz, with samples alone: a file says its own.

    Yields
    ------
    Signal
        To be read while the block runs.

    Raises
    ------
    AudioError, AudioFileError, ParameterError
        If the samples, the file or the sample rate cannot be used.
    """
    if isinstance(source, str | os.PathLike):
        if sample_rate is not None:
            raise ParameterError(
                f"{source} says its own sample rate: leave sample_rate out, got {shown_value(sample_rate)}"
            )
        with (
            as_regular_file(as_path(source, name="audio")) as path,
            open_audio(path, block_samples=BLOCK_SAMPLES) as (header, blocks),
        ):
            yield Signal(header.sample_rate, header.channels, blocks, str(source), path)
        return
    audio = as_audio(source, takes_path=True)
    if sample_rate is None:
        raise ParameterError("sample_rate is missing: an array does not say its own")
    yield Signal(require_sample_rate(sample_rate), audio.shape[1], iter((audio,)), "audio", None)
