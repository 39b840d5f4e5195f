"""The benchmarks' own signals: music-like, seeded, of any length, at 44.1 kHz; nothing is fetched."""

from __future__ import annotations

import functools

import numpy as np
import numpy.typing as npt

Audio = npt.NDArray[np.float32]

SAMPLE_RATE = 44_100
_SEED = 20_240_917


def signal(minutes: float, kind: str = "music") -> Audio:
    """Return stereo audio of so many minutes: synthesised music, or the sum of the demo's stems."""
    loop: Audio = functools.reduce(np.add, (_music_loop() if kind == "music" else _demo_loop()).values())
    return _repeated(loop * np.float32(0.9 / np.abs(loop).max()), minutes)


def stems(minutes: float, count: int = 4, *, only: int | None = None) -> dict[str, Audio]:
    """Return a song of `count` stereo stems: the demo's, one after the other, then again a little later.

    With `only`, the one of that number alone.
    """
    made: dict[str, Audio] = {}
    loops = _demo_loop()
    names = list(loops)
    for number in range(count) if only is None else [only]:
        name, again = names[number % len(names)], number // len(names)
        loop = np.roll(loops[name], 7919 * again, axis=0)
        made[f"{name} {again + 1}" if again else name] = _repeated(loop, minutes)
    return made


def channels_first(audio: Audio) -> Audio:
    """Return the audio in the layout of pedalboard and librosa."""
    return np.ascontiguousarray(audio.T)


def _repeated(loop: Audio, minutes: float) -> Audio:
    """Repeat a loop at changing levels, so that the whole has a loudness range and few equal peaks."""
    samples = round(60.0 * minutes * SAMPLE_RATE)
    out = np.empty((samples, loop.shape[1]), np.float32)
    levels_db = np.random.default_rng(_SEED).uniform(-9.0, 0.0, samples // len(loop) + 1)
    for number, level_db in enumerate(levels_db):
        part = out[number * len(loop) : (number + 1) * len(loop)]
        np.multiply(loop[: len(part)], np.float32(10.0 ** (level_db / 20.0)), out=part)
    return out


@functools.cache
def _demo_loop() -> dict[str, Audio]:
    from mixrules.demo import demo_stems

    made = demo_stems(SAMPLE_RATE)
    return {name: np.ascontiguousarray(np.broadcast_to(a, (len(a), 2))) for name, a in made.items()}


@functools.cache
def _music_loop() -> dict[str, Audio]:
    """Return 16 bars at 112 BPM: drums that click, a bass, chords, and noise under a slow envelope."""
    rng = np.random.default_rng(_SEED)
    beat = round(60.0 / 112.0 * SAMPLE_RATE)
    samples = 64 * beat
    time_s = np.arange(samples) / SAMPLE_RATE
    since_s = (np.arange(samples) % beat) / SAMPLE_RATE
    number = np.arange(samples) // beat
    hiss = rng.standard_normal((samples, 2))
    kick = 0.6 * np.sin(2 * np.pi * 55.0 * since_s) * np.exp(-18.0 * since_s) * (number % 2 == 0)
    snare = 0.25 * np.exp(-25.0 * since_s) * (number % 2 == 1)
    roots_hz = 55.0 * 2.0 ** (np.array([0, 3, 8, 10])[number // 4 % 4] / 12.0)
    phase = 2 * np.pi * np.cumsum(roots_hz) / SAMPLE_RATE
    pluck = np.exp(-3.0 * since_s)
    chords = sum(
        np.sin(4.0 * ratio * harmonic * phase[:, None] + np.array([0.0, 0.7 * harmonic])) / harmonic**1.5
        for ratio in (1.0, 1.25, 1.5)
        for harmonic in range(1, 7)
    )
    swell = 0.5 - 0.5 * np.cos(2 * np.pi * time_s / 8.0)
    pink = np.cumsum(hiss * 0.02, axis=0)
    pink -= np.linspace(pink[0], pink[-1], samples)
    pink[beat:] -= pink[:-beat]  # nothing below a few Hz is left of the sum
    parts = {
        "drums": kick[:, None] + snare[:, None] * hiss,
        "bass": (0.2 * pluck * np.sin(phase))[:, None] * np.ones((1, 2)),
        "chords": 0.05 * (0.3 + 0.7 * pluck)[:, None] * chords,
        "noise": swell[:, None] * (0.01 * hiss + 0.02 * pink),
    }
    return {name: part.astype(np.float32) for name, part in parts.items()}
