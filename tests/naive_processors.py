"""Slow, readable twins of the compiled loops in mixrules/processors, in plain Python and numpy."""

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from mixrules.processors import CompressorParams

Array = npt.NDArray[Any]


def biquad(samples: Array, b: Array, a: Array) -> Array:
    """Direct form I, one channel."""
    out = []
    x1 = x2 = y1 = y2 = 0.0
    for x in samples:
        y = b[0] * x + b[1] * x1 + b[2] * x2 - a[1] * y1 - a[2] * y2
        x2, x1, y2, y1 = x1, x, y1, y
        out.append(y)
    return np.array(out)


def static_reduction_db(level_db: float, params: CompressorParams) -> float:
    """Attenuation of the static curve, by the three cases of the paper."""
    over = level_db - params.threshold_db
    if 2 * over < -params.knee_db:
        return 0.0
    if 2 * abs(over) <= params.knee_db and params.knee_db > 0:
        return (1 - 1 / params.ratio) * (over + params.knee_db / 2) ** 2 / (2 * params.knee_db)
    return (1 - 1 / params.ratio) * over


def smooth_decoupled(asked: Iterable[float], rate: float, params: CompressorParams) -> Array:
    attack_s = params.attack_ms / 1000
    release_s = max(params.release_ms / 1000 - attack_s, 0)
    attack = math.exp(-1 / (attack_s * rate)) if attack_s else 0.0
    release = math.exp(-1 / (release_s * rate)) if release_s else 0.0
    held = smooth = 0.0
    out = []
    for value in asked:
        held = max(value, release * held + (1 - release) * value)
        smooth = attack * smooth + (1 - attack) * held
        out.append(smooth)
    return np.array(out)


def gain_reduction_db(audio: Array, rate: float, params: CompressorParams) -> Array:
    asked = []
    for frame in audio:
        level_db = 20 * math.log10(max(max(abs(float(x)) for x in frame), 1e-6))
        asked.append(static_reduction_db(level_db, params))
    return smooth_decoupled(asked, rate, params)


def compress(audio: Array, rate: float, params: CompressorParams) -> Array:
    gain_db = params.makeup_db - gain_reduction_db(audio, rate, params)
    return audio * (10 ** (gain_db / 20))[:, np.newaxis]


def hadamard(order: int) -> Array:
    matrix = np.ones((1, 1))
    while len(matrix) < order:
        matrix = np.block([[matrix, matrix], [matrix, -matrix]])
    return matrix / math.sqrt(order)


def delay_network(lengths: Array, gains: Array, shelves: Array, signs: Array, samples: int) -> Array:
    """One sample at a time: all lines move together, each through its gain and its two filters."""
    lines = len(lengths)
    matrix = hadamard(lines)
    memory = [[0.0] * int(length) for length in lengths]
    states = np.zeros((lines, 2, 2))
    out = np.zeros((samples, 2))
    for n in range(samples):
        taps = np.zeros(lines)
        for line in range(lines):
            x = gains[line] * memory[line][0]
            for stage in range(2):
                b0, b1, b2, a1, a2 = shelves[line, stage]
                y = b0 * x + states[line, stage, 0]
                states[line, stage, 0] = b1 * x - a1 * y + states[line, stage, 1]
                states[line, stage, 1] = b2 * x - a2 * y
                x = y
            taps[line] = x
        out[n, 0] = taps[0::2].sum()
        out[n, 1] = taps[1::2].sum()
        back = matrix @ taps + (signs if n == 0 else 0.0)
        for line in range(lines):
            memory[line] = [*memory[line][1:], back[line]]
    return out


def between_samples(audio: Array, bank: Array) -> Array:
    """Largest magnitude of each interval i to i + 1, i from -1 to the last sample, over channels."""
    samples, channels = audio.shape
    taps = bank.shape[1]
    before = taps // 2 - 1
    padded = np.concatenate([np.zeros((before + 1, channels)), audio, np.zeros((taps, channels))])
    peaks = np.zeros(samples + 1)
    for i in range(samples + 1):
        around = padded[i : i + taps]
        peaks[i] = max(np.abs(bank @ around).max(), np.abs(around[before]).max())
    return peaks


def shape_reduction(required: Array, lookahead: int, release: float) -> Array:
    """Hold what is ahead, let it fall, average it by two boxes; `required` starts at any sample."""
    padded = np.concatenate([np.zeros(lookahead), required, np.zeros(lookahead)])
    held = 0.0
    held_all = []
    for n in range(len(required) + lookahead):
        held = max(padded[n : n + lookahead + 1].max(), held * release)
        held = held if held >= 1e-5 else 0.0
        held_all.append(held)
    first = lookahead // 2 + 1
    second = lookahead - lookahead // 2 + 1
    averaged = np.convolve(held_all, np.ones(first) / first)
    averaged = np.convolve(averaged, np.ones(second) / second)
    return averaged[lookahead : lookahead + len(required)]
