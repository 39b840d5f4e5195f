"""When a room's reverberation begins and how it rises: pre-delay, fade-in and size, by the energy of its first second."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import numpy.typing as npt

from mixrules.analysis import decay_curve
from mixrules.processors import ReverbParams, impulse_response

Floats = npt.NDArray[np.float64]

_STEP_S = 0.001
_SIZES_M = (4.0, 8.0, 14.5, 22.0)
_FADES_S = (0.0, *np.geomspace(0.01, 8.0, 40).tolist())
_MOST_DELAY_S = 0.5
_BETTER = 0.9  # another size than the usual one, or a fade-in, has to leave less than this share of the error


def fit_beginning(
    reverberation: Floats, sample_rate: int, params: ReverbParams, *, sizes_m: tuple[float, ...] = _SIZES_M
) -> ReverbParams:
    """Return `params` with the size, pre-delay and fade-in by which energy arrives as in a response.

    Parameters
    ----------
    reverberation : ndarray of float64, shape (samples, channels)
        The response from the moment of the direct sound on, without it.
    sample_rate : int
        Hz.
    params : ReverbParams
        The room with its decay fitted.
    sizes_m : tuple of float
        Sizes that are tried; that of `params` always is.

    Notes
    -----
    What is compared is the share of all energy that has arrived at each moment.
    """
    arrived = _arrived(_envelope(reverberation[: _end(reverberation, sample_rate)], sample_rate))
    best, least = params, math.inf
    for size_m in (params.room_size_m, *(size for size in sizes_m if size != params.room_size_m)):
        room = dataclasses.replace(params, room_size_m=size_m, pre_delay_ms=0.0, fade_in_s=0.0)
        envelope = _envelope(impulse_response(sample_rate, room), sample_rate)
        delay_s, fade_s, error = _delay_and_fade(envelope, arrived)
        if error < least * (1.0 if best is params and least == math.inf else _BETTER):
            best = dataclasses.replace(room, pre_delay_ms=1000.0 * delay_s, fade_in_s=fade_s)
            least = error
    return best


def _end(response: Floats, sample_rate: int) -> int:
    power = np.sum(response**2, axis=1)
    return int(np.argmax(power >= 0.01 * power.max())) + len(decay_curve(response, sample_rate))


def _envelope(response: npt.NDArray[np.floating], sample_rate: int) -> Floats:
    """Return the energy of each millisecond."""
    power = np.sum(np.asarray(response, np.float64) ** 2, axis=1)
    edges = np.arange(0, len(power), _STEP_S * sample_rate).astype(np.int64)
    return np.add.reduceat(power, edges)


def _arrived(envelope: Floats) -> Floats:
    total = np.cumsum(envelope)
    return np.asarray(total / total[-1])


def _delay_and_fade(envelope: Floats, arrived: Floats) -> tuple[float, float, float]:
    """Return the delay and fade-in in seconds by which an envelope becomes nearest to what arrived, and the error."""
    steps = min(len(arrived), len(envelope) + round(_MOST_DELAY_S / _STEP_S))
    target = arrived[:steps]
    best = (0.0, 0.0, math.inf)
    for fade_s in _FADES_S:
        errors = _errors(envelope, target, fade_s)
        delay = int(np.argmin(errors))
        if errors[delay] < best[2] * (_BETTER if best[1] == 0.0 and best[2] < math.inf else 1.0):
            best = (delay * _STEP_S, fade_s, float(errors[delay]))
    if best[1] > 0.0:
        for fade_s in best[1] * np.geomspace(0.85, 1.18, 15):
            errors = _errors(envelope, target, float(fade_s))
            delay = int(np.argmin(errors))
            if errors[delay] < best[2]:
                best = (delay * _STEP_S, float(fade_s), float(errors[delay]))
    return best


def _errors(envelope: Floats, target: Floats, fade_s: float) -> Floats:
    """Return the mean square error for each delay, in steps of a millisecond."""
    from scipy.signal import correlate

    time_s = (np.arange(len(envelope)) + 0.5) * _STEP_S
    rise = np.where(time_s < fade_s, 0.5 - 0.5 * np.cos(np.pi * time_s / max(fade_s, _STEP_S)), 1.0)
    faded = envelope * rise**2
    if not faded.any():
        return np.array([math.inf])
    model = _arrived(faded)
    # The sum of squares of target minus delayed model, multiplied out: the product is a correlation.
    steps, delays = len(target), round(_MOST_DELAY_S / _STEP_S) + 1
    model = np.concatenate([model, np.ones(max(0, steps - len(model)))])[:steps]
    squares = np.concatenate([[0.0], np.cumsum(model**2)])
    products = correlate(target, model, mode="full", method="fft")[steps - 1 :][:delays]
    lags = np.arange(len(products))
    errors = (squares[steps - lags] - 2.0 * products + float(np.sum(target**2))) / steps
    return np.asarray(np.maximum(errors, 0.0))
