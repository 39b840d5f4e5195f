"""Everything that is measured of an array or of a file, in one pass, and in which layout."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mixrules._support.validation import Audio
from mixrules.loudness import BlockEnergies, Loudness, LoudnessMeter
from mixrules.loudness.channels import ChannelWeights
from mixrules.metering.signal_layouts import ChannelLayout, signal_layout
from mixrules.metering.signals import ArrayOrPath, open_signal


@dataclass(frozen=True, slots=True, kw_only=True)
class Metered:
    """What was measured in one pass.

    Attributes
    ----------
    loudness : Loudness
        The readings.
    energies : BlockEnergies
        What they follow from, but for the peaks.
    layout : ChannelLayout
        What the channels counted, and why.
    """

    loudness: Loudness
    energies: BlockEnergies
    layout: ChannelLayout


def metered(
    audio: ArrayOrPath,
    sample_rate: int | None = None,
    *,
    channel_weights: ChannelWeights | None = None,
    dual_mono: bool = False,
    watch: Callable[[Audio], None] | None = None,
) -> Metered:
    """Measure everything, and say in which layout.

    Parameters
    ----------
    audio, sample_rate, channel_weights, dual_mono
        As for `measure`.
    watch : callable, optional
        Is given each block, shape (samples, channels).

    Returns
    -------
    Metered
        Readings, energies and layout.

    Raises
    ------
    AudioError, AudioFileError, ParameterError
        As by `measure`.
    """
    with open_signal(audio, sample_rate) as signal:
        layout = signal_layout(signal, named=channel_weights, dual_mono=dual_mono)
        meter = LoudnessMeter(signal.sample_rate, signal.channels, channel_weights=layout.weights)
        for block in signal.blocks:
            meter.update(block)
            if watch is not None:
                watch(block)
        return Metered(loudness=meter.result(), energies=meter.block_energies(), layout=layout)
