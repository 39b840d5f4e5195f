"""One door for what is measured: an array with its sample rate, or a file, as blocks of checked samples."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy.typing as npt

from mixrules._support.arguments import as_path, shown_value
from mixrules._support.validation import Audio, as_audio, require_sample_rate
from mixrules._support.written_values import as_bool
from mixrules.errors import ParameterError
from mixrules.files import as_regular_file, open_audio
from mixrules.loudness import channel_weights as weights_of
from mixrules.loudness import resolve_weights
from mixrules.loudness.channels import ChannelWeights, default_layout
from mixrules.metering.file_layouts import ChannelLayout, file_layout

ArrayOrPath = npt.ArrayLike | str | os.PathLike[str]

_BLOCK_SAMPLES = 1 << 18
"""What is read of a file at once: the more, the more of it the K-filter runs through in SIMD lanes."""


@dataclass(frozen=True, slots=True)
class Signal:
    """A signal to be read once: its sample rate in Hz, its layout, and its blocks, shape (samples, channels)."""

    sample_rate: int
    layout: ChannelLayout
    blocks: Iterator[Audio]


@contextmanager
def open_signal(
    source: ArrayOrPath,
    sample_rate: object = None,
    *,
    channel_weights: ChannelWeights | None = None,
    dual_mono: bool = False,
) -> Iterator[Signal]:
    """Open an array or a file to be measured.

    Parameters
    ----------
    source : array_like or path-like
        Samples, or the path of a file; "-" is standard input.
    sample_rate : int or None
        Hz, with samples alone: a file says its own.
    channel_weights : sequence of float, str or None
        What the channels count; None takes the file's own layout, else the usual one.
    dual_mono : bool
        Whether a single channel counts twice.

    Yields
    ------
    Signal
        To be read while the block runs.

    Raises
    ------
    AudioError, AudioFileError, ParameterError
        If the samples, the file or an argument cannot be used.
    """
    dual_mono = as_bool(dual_mono, "dual_mono")
    if channel_weights is not None and dual_mono:
        raise ParameterError("choose one of channel_weights and dual_mono")
    if isinstance(source, str | os.PathLike):
        if sample_rate is not None:
            raise ParameterError(
                f"{source} says its own sample rate: leave sample_rate out, got {shown_value(sample_rate)}"
            )
        with (
            as_regular_file(as_path(source, name="audio")) as path,
            open_audio(path, block_samples=_BLOCK_SAMPLES) as (header, blocks),
        ):
            try:
                layout = file_layout(path, header.channels, named=channel_weights, dual_mono=dual_mono)
            except ParameterError as error:
                raise ParameterError(f"{source}: {error}") from error
            yield Signal(header.sample_rate, layout, blocks)
        return
    audio = as_audio(source)
    if sample_rate is None:
        raise ParameterError("sample_rate is missing: an array does not say its own")
    channels = audio.shape[1]
    name = "dual_mono" if dual_mono and channels == 1 else default_layout(channels)
    weights = weights_of(name) if channel_weights is None else resolve_weights(channel_weights, channels)
    layout = ChannelLayout(name, "default", tuple(float(weight) for weight in weights))
    yield Signal(require_sample_rate(sample_rate), layout, iter((audio,)))
