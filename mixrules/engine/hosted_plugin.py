"""A plug-in in its host: its parameters checked before they are set, its channels and blocks made to fit.

Knows pedalboard's objects by what they do and imports nothing of it.
"""

from __future__ import annotations

import math
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from mixrules._support.validation import Audio
from mixrules.engine.floating_point import kept_floating_point_mode
from mixrules.errors import PlanError

_BLOCK_SAMPLES = 8192
_MIN_SAMPLES = 64


class BlockHost(Protocol):
    """What runs channels-first audio: one of pedalboard's processors or a plug-in."""

    def process(
        self, input_array: npt.NDArray[Any], sample_rate: float, buffer_size: int, reset: bool
    ) -> npt.NDArray[np.float32]:
        """Return the processed audio, latency taken off."""


def process(processor: BlockHost, audio: Audio, sample_rate: int, *, whole_blocks: bool = False) -> Audio:
    """Run `audio`, shape (samples, channels), through a processor that wants (channels, samples).

    Parameters
    ----------
    processor : BlockHost
        Starts from rest.
    audio : ndarray, shape (samples, channels)
        Not modified.
    sample_rate : int
        Hz.
    whole_blocks : bool
        Give it blocks of one length only; some plug-ins take no short one.

    Returns
    -------
    ndarray, shape (samples, channels)
        The same dtype; computed in float32.
    """
    samples, channels = audio.shape
    # pedalboard guesses which axis holds the channels, and cannot where there are few samples.
    length = max(samples, _MIN_SAMPLES)
    if whole_blocks:
        length = -(-length // _BLOCK_SAMPLES) * _BLOCK_SAMPLES
    padded = np.zeros((channels, length), np.float32)
    padded[:, :samples] = audio.T
    with kept_floating_point_mode():
        out = processor.process(padded, sample_rate, buffer_size=_BLOCK_SAMPLES, reset=True)
    return np.ascontiguousarray(out[:, :samples].T, dtype=audio.dtype)


class HostedPlugin:
    """A loaded plug-in.

    Parameters
    ----------
    plugin : pedalboard.ExternalPlugin
        The plug-in.
    path : str
        What to call it in an error message.
    """

    def __init__(self, plugin: Any, path: str) -> None:
        self._plugin = plugin
        self._path = path
        self._channels: dict[int, int] = {}

    def set(self, name: str, value: float | bool | str, *, source: str = "") -> None:
        """Set a parameter; `source` is what drives it, for the message.

        Raises
        ------
        PlanError
            If there is no such parameter or it does not take the value.
        """
        parameters = self._plugin.parameters
        if name not in parameters:
            raise PlanError(
                f"the plug-in {self._path} has no parameter {name!r}: it has {', '.join(parameters)}"
            )
        accepted = _accepted(parameters[name], value)
        if accepted:
            driven = f" (the compressor's {source})" if source else ""
            raise PlanError(
                f"the plug-in {self._path} does not take {value!r} for {name!r}{driven}: {accepted}"
            )
        try:
            setattr(self._plugin, name, value)
        except (ValueError, AttributeError, TypeError) as error:
            raise PlanError(
                f"the plug-in {self._path} does not take {value!r} for {name!r}: {one_line(error)}"
            ) from None

    def process(self, audio: Audio, sample_rate: int) -> Audio:
        """Return `audio` through the plug-in, with the samples and channels it had, from rest."""
        channels = audio.shape[1]
        if channels not in self._channels:
            self._channels[channels] = self._fitting(channels, sample_rate)
        fitting = self._channels[channels]
        if fitting == channels:
            return self._run(audio, sample_rate)
        if channels == 1:
            mean: Audio = self._run(np.repeat(audio, fitting, axis=1), sample_rate).mean(
                axis=1, keepdims=True, dtype=audio.dtype
            )
            return mean
        return np.concatenate(
            [self._run(audio[:, channel : channel + 1], sample_rate) for channel in range(channels)], axis=1
        )

    def _run(self, audio: Audio, sample_rate: int) -> Audio:
        return process(self._plugin, audio, sample_rate, whole_blocks=True)

    def _fitting(self, channels: int, sample_rate: int) -> int:
        """Return how many channels to give the plug-in: as many as there are, else one, else two for one."""
        for count in (channels, 1 if channels > 1 else 2):
            try:
                self._run(np.zeros((1, count), np.float32), sample_rate)
            except ValueError as error:
                reason = one_line(error)
            else:
                return count
        raise PlanError(f"the plug-in {self._path} does not take {channels} channels: {reason}")


def one_line(error: Exception) -> str:
    """Return an error's message in one line."""
    return " ".join(str(error).split())


def _accepted(parameter: Any, value: float | bool | str) -> str:
    """Return what a parameter accepts where `value` is none of it, else nothing."""
    if parameter.type is str:
        valid = list(parameter.valid_values)
        return "" if value in valid else f"accepted are {', '.join(map(repr, valid))}"
    if parameter.type is bool:
        return "" if value in (False, True) else "accepted are true and false"
    low, high, _ = parameter.range
    number = isinstance(value, int | float) and math.isfinite(value)
    if number and (low is None or value >= low) and (high is None or value <= high):
        return ""
    unit = f" {parameter.label.strip()}" if (parameter.label or "").strip() else ""
    return f"accepted are {low:g} to {high:g}{unit}" if low is not None else "a number is accepted"
