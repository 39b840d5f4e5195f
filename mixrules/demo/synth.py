"""The demo's instruments: single sounds as 1-D arrays, and their envelopes and filters.

Everything takes its sample rate and, where it is random, a seeded generator.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mixrules.demo.composition import pitch_hz

Samples = npt.NDArray[np.float64]


def times(duration_s: float, sample_rate: int) -> Samples:
    """Return the time of each sample in seconds."""
    return np.arange(round(duration_s * sample_rate)) / sample_rate


def decay(t: Samples, t60_s: float) -> Samples:
    """Return an exponential that falls by 60 dB in `t60_s`."""
    return np.asarray(10.0 ** (-3.0 * t / t60_s))


def fade(length: int, sample_rate: int, in_s: float, out_s: float) -> Samples:
    """Return a window of ones with raised-cosine ends."""
    window = np.ones(length)
    for ramp_s, ends in ((in_s, slice(None)), (out_s, slice(None, None, -1))):
        n = min(length, round(ramp_s * sample_rate))
        if n:
            window[ends][:n] *= 0.5 - 0.5 * np.cos(np.pi * (np.arange(n) + 0.5) / n)
    return window


def band_noise(
    rng: np.random.Generator, length: int, sample_rate: int, low_hz: float, high_hz: float
) -> Samples:
    """Return noise of unit RMS between two frequencies, with soft edges."""
    spectrum = np.fft.rfft(rng.standard_normal(length))
    f = np.maximum(np.fft.rfftfreq(length, 1.0 / sample_rate), 1.0)
    spectrum /= np.sqrt((1.0 + (low_hz / f) ** 8) * (1.0 + (f / high_hz) ** 8))
    noise = np.fft.irfft(spectrum, length)
    return np.asarray(noise / max(float(np.sqrt(np.mean(noise**2))), 1e-12))


def equalise(audio: Samples, sample_rate: int, *bells: tuple[float, float, float]) -> Samples:
    """Apply bells (centre in Hz, gain in dB, width in octaves) along the first axis, zero phase."""
    length = len(audio) + sample_rate // 10
    f = np.maximum(np.fft.rfftfreq(length, 1.0 / sample_rate), 1.0)
    gain_db = sum(gain * np.exp(-((np.log2(f / centre) / width) ** 2)) for centre, gain, width in bells)
    gain = 10.0 ** (np.asarray(gain_db) / 20.0)
    spectrum = np.fft.rfft(audio, length, axis=0)
    return np.asarray(np.fft.irfft(spectrum * (gain if audio.ndim == 1 else gain[:, None]), length, axis=0))[
        : len(audio)
    ]


def kick(rng: np.random.Generator, sample_rate: int) -> Samples:
    """Synthesise a bass drum: a sine that falls from 170 to 52 Hz, and a click."""
    t = times(0.4, sample_rate)
    phase = 2.0 * np.pi * np.cumsum(52.0 + 118.0 * np.exp(-t / 0.022)) / sample_rate
    click = band_noise(rng, len(t), sample_rate, 1500.0, 6000.0) * decay(t, 0.03)
    return (np.sin(phase) * decay(t, 0.45) + 0.12 * click) * fade(len(t), sample_rate, 0.001, 0.05)


def snare(rng: np.random.Generator, sample_rate: int) -> Samples:
    """Synthesise a snare drum: two modes of the head and the rattle of the wires."""
    t = times(0.35, sample_rate)
    head = np.sin(2 * np.pi * 186.0 * t) * decay(t, 0.18) + 0.5 * np.sin(2 * np.pi * 331.0 * t) * decay(
        t, 0.12
    )
    wires = band_noise(rng, len(t), sample_rate, 900.0, 9000.0) * decay(t, 0.28)
    return (0.6 * head + 0.3 * wires) * fade(len(t), sample_rate, 0.0005, 0.05)


def hihat(rng: np.random.Generator, sample_rate: int, t60_s: float) -> Samples:
    """Synthesise a hi-hat, closed (short) or half open (long)."""
    t = times(t60_s * 1.2, sample_rate)
    noise = band_noise(rng, len(t), sample_rate, 7000.0, 14000.0)
    return 0.3 * noise * decay(t, t60_s) * fade(len(t), sample_rate, 0.0005, 0.01)


def crash(rng: np.random.Generator, sample_rate: int) -> Samples:
    """Synthesise a crash cymbal: wide noise whose top dies first."""
    t = times(2.4, sample_rate)
    low = band_noise(rng, len(t), sample_rate, 600.0, 5000.0) * decay(t, 2.2)
    high = band_noise(rng, len(t), sample_rate, 4000.0, 15000.0) * decay(t, 1.5)
    return 0.25 * (0.6 * low + high) * fade(len(t), sample_rate, 0.002, 0.3)


def tambourine(rng: np.random.Generator, sample_rate: int) -> Samples:
    """Synthesise a tambourine stroke: jingles, a few times in quick succession."""
    t = times(0.22, sample_rate)
    strokes = sum(np.where(t >= at, decay(np.maximum(t - at, 0.0), 0.12), 0.0) for at in (0.0, 0.011, 0.027))
    return (
        0.2
        * band_noise(rng, len(t), sample_rate, 5500.0, 13000.0)
        * strokes
        * fade(len(t), sample_rate, 0.001, 0.04)
    )


def bass_note(pitch: int, duration_s: float, sample_rate: int) -> Samples:
    """Synthesise a plucked bass note: harmonics that die the faster the higher they are."""
    t = times(duration_s, sample_rate)
    hz = pitch_hz(pitch)
    note = np.zeros(len(t))
    for k in range(1, 13):
        note += np.sin(2.0 * np.pi * k * hz * t) * decay(t, 5.0 / k) * abs(np.sin(np.pi * k * 0.21)) / k
    return note * fade(len(t), sample_rate, 0.004, 0.04)


def pluck(rng: np.random.Generator, pitch: int, duration_s: float, sample_rate: int) -> Samples:
    """Synthesise a plucked string after Karplus and Strong.

    Each period is the last one averaged with itself one sample later; the loop is an integer number of
    samples, so the result is read at a slightly different speed to be in tune.

    References
    ----------
    .. [1] K. Karplus, A. Strong, "Digital synthesis of plucked-string and drum timbres", Computer Music
       Journal 7(2), 1983.
    """
    hz = pitch_hz(pitch)
    period = max(2, int(sample_rate / hz - 0.5))
    speed = hz * (period + 0.5) / sample_rate
    length = round(duration_s * sample_rate)
    periods = int(length * speed) // period + 2
    # The loss per period for a decay of about three seconds.
    loss = 10.0 ** (-3.0 / (3.0 * hz))
    burst = rng.uniform(-1.0, 1.0, period)
    burst = burst + np.roll(burst, 1)
    string = np.empty((periods, period))
    string[0] = burst - burst.mean()
    for i in range(1, periods):
        before = string[i - 1]
        # The sample before a period's first is the last of the period before it.
        late = string[i - 2, -1] if i > 1 else 0.0
        string[i, 0] = 0.5 * loss * (before[0] + late)
        string[i, 1:] = 0.5 * loss * (before[1:] + before[:-1])
    note = np.interp(np.arange(length) * speed, np.arange(string.size), string.ravel())
    return np.asarray(note * fade(length, sample_rate, 0.001, 0.08))


def pad_chord(pitches: tuple[int, ...], duration_s: float, sample_rate: int) -> Samples:
    """Synthesise an electric-piano-like pad, shape (samples, 2): sines slightly apart left and right."""
    t = times(duration_s, sample_rate)
    chord = np.zeros((2, len(t)))
    for k, level in ((1, 1.0), (2, 0.5), (3, 0.25), (4, 0.18), (6, 0.08)):
        partials = np.zeros_like(chord)
        for side, cents in enumerate((-4.0, 4.0)):
            for pitch in pitches:
                hz = pitch_hz(pitch + cents / 100.0)
                partials[side] += np.sin((2.0 * np.pi * k * hz) * t + 0.7 * k)
        chord += level * decay(t, 14.0 / k) * partials
    return np.ascontiguousarray(chord.T)
