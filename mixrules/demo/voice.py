"""The demo's singer: a saw-like glottal source through the formants of the vowel.

The source's spectrum (−6 dB an octave) stands for the derivative of the glottal flow; formants are
applied frame by frame in the frequency domain, so that vowels change gradually.

References
----------
.. [1] G. Fant, Acoustic Theory of Speech Production, 1960: source and filter.
.. [2] The Csound manual, appendix "Formant values": the tenor's five formants per vowel.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mixrules._support.validation import Audio
from mixrules.demo.composition import SECONDS_A_BEAT, Note
from mixrules.demo.synth import Samples, band_noise, decay, fade

# Centres in Hz, levels in dB, bandwidths in Hz [2].
_FORMANTS = {
    "a": ((650, 1080, 2650, 2900, 3250), (0, -6, -7, -8, -22), (80, 90, 120, 130, 140)),
    "e": ((400, 1700, 2600, 3200, 3580), (0, -14, -12, -14, -20), (70, 80, 100, 120, 120)),
    "i": ((290, 1870, 2800, 3250, 3540), (0, -15, -18, -20, -30), (40, 90, 100, 120, 120)),
    "o": ((400, 800, 2600, 2800, 3000), (0, -10, -12, -12, -26), (40, 80, 100, 120, 120)),
    "u": ((350, 600, 2700, 2900, 3300), (0, -20, -17, -14, -26), (40, 60, 100, 120, 120)),
}
# Band in Hz, seconds and level of the noise at a syllable's start; the voiced ones have none.
_CONSONANTS = {"t": (2500, 8000, 0.03, 0.5), "k": (1200, 4000, 0.04, 0.45), "s": (4500, 11000, 0.11, 0.3)}
_FRAMES_A_SECOND = 200
_FILTERS_A_SECOND = 100
_VIBRATO_HZ = 5.4
_VIBRATO_SEMITONES = 0.25
_BREATH_BEFORE_S = 0.35


def sing(
    notes: Sequence[tuple[Note, float]], duration_s: float, sample_rate: int, rng: np.random.Generator
) -> Samples:
    """Return the sung melody, 1-D; `notes` come with the energy (0 to 1) of their section."""
    length = round(duration_s * sample_rate)
    grid = np.arange(int(duration_s * _FRAMES_A_SECOND) + 2) / _FRAMES_A_SECOND
    pitch, level, effort, shapes = _controls(notes, grid)
    t = np.arange(length) / sample_rate
    hz = 440.0 * 2.0 ** ((np.interp(t, grid, pitch) - 69.0) / 12.0)
    source = _saw(hz / sample_rate) + 0.05 * rng.standard_normal(length)
    loud = np.interp(t, grid, level)
    voice = _formants(source * loud, sample_rate, grid, pitch, effort, shapes)
    voice /= np.sqrt(np.mean(voice[loud > 0.5] ** 2))
    return voice + _noises(notes, length, sample_rate, rng)


def _controls(
    notes: Sequence[tuple[Note, float]], grid: Samples
) -> tuple[Samples, Samples, Samples, Samples]:
    """Pitch (MIDI), level, effort and formants (frames, 3, 5) over time."""
    pitch = np.full(len(grid), float(notes[0][0].pitch))
    level, effort = np.zeros(len(grid)), np.full(len(grid), 0.5)
    shapes = np.empty((len(grid), 3, 5))
    shapes[:] = _FORMANTS[notes[0][0].vowel]
    vibrato = np.zeros(len(grid))
    for note, energy in notes:
        start_s = note.beat * SECONDS_A_BEAT
        end_s = start_s + note.beats * SECONDS_A_BEAT
        after = grid >= start_s
        on = after & (grid < end_s - 0.02)
        pitch[after] = note.pitch
        shapes[after] = _FORMANTS[note.vowel]
        effort[after] = energy
        # From a murmur to full voice spans 30 dB; held notes swell a little.
        swell = 1.0 + 0.25 * np.sin(np.pi * np.clip((grid[on] - start_s) / (end_s - start_s), 0.0, 1.0))
        level[on] = 10.0 ** (30.0 * (energy - 1.0) / 20.0) * swell
        # A vibrato needs a third of a second to set in.
        vibrato[on] = _VIBRATO_SEMITONES * np.clip((grid[on] - start_s - 0.3) / 0.2, 0.0, 1.0)
    pitch = _smooth(pitch, 0.09) + _smooth(vibrato, 0.05) * np.sin(2.0 * np.pi * _VIBRATO_HZ * grid)
    for row in range(3):
        for formant in range(5):
            shapes[:, row, formant] = _smooth(shapes[:, row, formant], 0.08)
    return pitch, _smooth(level, 0.06), effort, shapes


def _smooth(control: Samples, width_s: float) -> Samples:
    """Turn steps into glides of `width_s`."""
    window = np.hanning(max(3, round(width_s * _FRAMES_A_SECOND)) + 2)
    padded = np.pad(control, len(window), mode="edge")
    return np.convolve(padded, window / window.sum(), mode="same")[len(window) : -len(window)]


def _saw(cycles_a_sample: Samples) -> Samples:
    """Return a falling saw whose jumps are rounded by two-sample polynomials (polyBLEP)."""
    phase = np.cumsum(cycles_a_sample) % 1.0
    wave = 1.0 - 2.0 * phase
    early = phase < cycles_a_sample
    x = phase[early] / cycles_a_sample[early]
    wave[early] += x + x - x * x - 1.0
    late = phase > 1.0 - cycles_a_sample
    x = (phase[late] - 1.0) / cycles_a_sample[late]
    wave[late] += x * x + x + x + 1.0
    return wave


def _formants(
    source: Samples, sample_rate: int, grid: Samples, pitch: Samples, effort: Samples, shapes: Samples
) -> Samples:
    """Filter the source, frame by frame with overlap, by the formants at that time."""
    hop = sample_rate // _FILTERS_A_SECOND
    size = 2 * hop
    window = np.hanning(size + 1)[:-1]
    padded = np.pad(source, size)
    starts = np.arange(0, len(source) + size, hop)
    frames = np.lib.stride_tricks.sliding_window_view(padded, size)[starts] * window
    at = np.round((starts - size / 2) / sample_rate * _FRAMES_A_SECOND).astype(int)
    at = np.clip(at, 0, len(grid) - 1)
    hz = 440.0 * 2.0 ** ((pitch[at] - 69.0) / 12.0)
    formants = shapes[at].copy()
    # Singers raise the first formant with the pitch, or the fundamental would drown; more effort, more
    # brightness.
    formants[:, 0, 0] = np.maximum(formants[:, 0, 0], hz)
    formants[:, 1, 1:] -= 8.0 * (1.0 - effort[at, None])
    # A trained voice is about as loud on every vowel: most of the gain at these harmonics is taken out.
    harmonics = np.arange(1.0, 21.0)
    power = np.sum((_response(hz[:, None] * harmonics, formants) / harmonics) ** 2, axis=1)
    gain = _response(np.fft.rfftfreq(2 * size, 1.0 / sample_rate)[None, :], formants)
    gain *= power[:, None] ** -0.45
    filtered = np.fft.irfft(np.fft.rfft(frames, 2 * size) * gain, 2 * size)
    # Zero phase: the ringing before a frame has wrapped to its end.
    filtered = np.roll(filtered, size // 2, axis=1)
    voice = np.zeros(len(filtered) * hop + 2 * size)
    for part in range(0, 2 * size, hop):
        columns = filtered[:, part : part + hop]
        voice[part : part + columns.size] += columns.ravel()
    return voice[size + size // 2 :][: len(source)]


def _response(f: Audio, formants: Samples) -> Samples:
    """Magnitude at frequencies `f` (frames or 1, n) of formants (frames, 3, 5)."""
    gain = np.zeros((len(formants), f.shape[1]))
    for centre, level_db, width in formants.transpose(2, 1, 0)[..., None]:
        gain += 10.0 ** (level_db / 20.0) / np.sqrt(1.0 + ((f - centre) / (width / 2.0)) ** 2)
    return gain


def _noises(
    notes: Sequence[tuple[Note, float]], length: int, sample_rate: int, rng: np.random.Generator
) -> Samples:
    """Return consonants at the starts of syllables and breaths before phrases."""
    noises = np.zeros(length + sample_rate)
    silent_since_s = 0.0
    for note, energy in notes:
        start_s = note.beat * SECONDS_A_BEAT
        sounds = []
        if note.consonant in _CONSONANTS:
            low_hz, high_hz, long_s, level = _CONSONANTS[note.consonant]
            sounds.append((start_s - 0.6 * long_s, low_hz, high_hz, long_s, level * (0.25 + energy) / 1.25))
        if start_s - silent_since_s > _BREATH_BEFORE_S:
            sounds.append((start_s - _BREATH_BEFORE_S, 1200, 5000, _BREATH_BEFORE_S - 0.05, 0.04))
        for at_s, low_hz, high_hz, long_s, level in sounds:
            at, n = max(0, round(at_s * sample_rate)), round(long_s * sample_rate)
            noise = band_noise(rng, n, sample_rate, low_hz, high_hz) * fade(n, sample_rate, 0.005, long_s / 2)
            noises[at : at + n] += level * noise * decay(np.arange(n) / sample_rate, 6.0 * long_s)
        silent_since_s = start_s + note.beats * SECONDS_A_BEAT
    return noises[:length]
