"""Which loudspeaker layout a signal is measured in: the one that was named, the file's own, or the usual one."""

from __future__ import annotations

from dataclasses import dataclass

from mixrules._support.written_values import as_bool
from mixrules.errors import ParameterError
from mixrules.files import speaker_positions
from mixrules.loudness import (
    channel_weights,
    layout_name,
    positions_of,
    resolve_weights,
    weights_of_positions,
)
from mixrules.loudness.channels import ChannelWeights, default_layout
from mixrules.metering.signals import Signal


@dataclass(frozen=True, slots=True)
class ChannelLayout:
    """What the channels of a signal count, and why.

    Attributes
    ----------
    name : str
        The layout; "as weighted" where weights were given.
    source : str
        Where it comes from: "option", "file", "default" or "guess".
    weights : tuple of float
        One a channel, on the channel's mean square.
    note : str
        What is to be said of it; empty as a rule.
    """

    name: str
    source: str
    weights: tuple[float, ...]
    note: str = ""


def signal_layout(
    signal: Signal, *, named: ChannelWeights | None = None, dual_mono: bool = False
) -> ChannelLayout:
    """Return the layout of a signal.

    Parameters
    ----------
    signal : Signal
        An array or a file, of 1 to 8 channels.
    named : sequence of float, str or None
        The layout or the weights that the user gave, if any.
    dual_mono : bool
        Whether a single channel will be played by two loudspeakers.

    Returns
    -------
    ChannelLayout
        "guess" where more than two channels of a file are taken as the usual layout of so many.

    Raises
    ------
    ParameterError
        If the named layout does not fit, or the channels are no loudspeakers'.
    """
    dual_mono = as_bool(dual_mono, "dual_mono")
    if named is not None and dual_mono:
        raise ParameterError("choose one of channel_weights and dual_mono")
    try:
        return _named(named, signal) if named is not None else _unnamed(signal, dual_mono)
    except ParameterError as error:
        if signal.path is None:
            raise
        raise ParameterError(f"{signal.name}: {error}") from error


def _named(named: ChannelWeights, signal: Signal) -> ChannelLayout:
    channels = signal.channels
    if not isinstance(named, str):
        weights = resolve_weights(named, channels)
        return ChannelLayout("as weighted", "option", tuple(weights.tolist()))
    weights_by_name = channel_weights(named)
    if len(weights_by_name) != channels:
        whose = "audio" if signal.path is None else "the file"
        raise ParameterError(f"the layout {named!r} has {len(weights_by_name)} channels, {whose} {channels}")
    is_dual_mono = named.strip().lower() == "dual_mono"
    name = "dual_mono" if is_dual_mono else layout_name(positions_of(named))
    return ChannelLayout(name, "option", weights_by_name)


def _unnamed(signal: Signal, dual_mono: bool) -> ChannelLayout:
    channels = signal.channels
    if dual_mono and channels == 1:
        return ChannelLayout("dual_mono", "option", channel_weights("dual_mono"))
    unused = f"it has {channels} channels, and dual mono is for one" if dual_mono else ""
    positions = None if signal.path is None else speaker_positions(signal.path)
    if positions is not None and len(positions) == channels:
        weights = weights_of_positions(positions)
        silent = "only low-frequency channels, which count nothing in loudness" if not any(weights) else ""
        return ChannelLayout(layout_name(positions), "file", weights, unused or silent)
    name = default_layout(channels)
    if channels <= 2 or signal.path is None:
        return ChannelLayout(name, "default", channel_weights(name), unused)
    guess = f"the file does not say where its {channels} channels belong, taken as {name}"
    return ChannelLayout(name, "guess", channel_weights(name), guess)
