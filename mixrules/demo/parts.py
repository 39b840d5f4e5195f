"""The tracks of the players, made from the bars of the song.

Every function returns a complete track, (samples,) or (samples, 2), at any level; `render` sets the balance.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from mixrules.demo import synth
from mixrules.demo.composition import BEATS_A_BAR, CHORDS, DURATION_S, SECONDS_A_BEAT, bars, melody
from mixrules.demo.synth import Samples
from mixrules.demo.voice import sing

_BAR_S = BEATS_A_BAR * SECONDS_A_BEAT
# Beats of the bar: quiet sections play the first pattern, loud ones the second.
_KICK = ((0.0, 2.0), (0.0, 1.5, 2.0, 3.5))
_FILL = (2.5, 3.0, 3.25, 3.5, 3.75)
_ARPEGGIO = (1, 3, 4, 5, 4, 3, 5, 4)


def vocals(sample_rate: int, rng: np.random.Generator) -> Samples:
    """Sing the melody."""
    return sing(list(melody()), DURATION_S, sample_rate, rng)


def drums(sample_rate: int, rng: np.random.Generator) -> Samples:
    """Play the kit: kick and snare in the centre, hi-hat to the right, crash to the left."""
    track = _empty(sample_rate, 2)
    kick, snare = synth.kick(rng, sample_rate), synth.snare(rng, sample_rate)
    closed, half = synth.hihat(rng, sample_rate, 0.07), synth.hihat(rng, sample_rate, 0.25)
    crash = synth.crash(rng, sample_rate)
    previous_section = ""
    for bar, section, _, last in bars():
        hits: list[tuple[str, float, Samples, float, float]] = []
        loud = section.energy > 0.8
        fill = last and "snare" in section.players
        hits += [("kick", beat, kick, 1.0, 0.0) for beat in _KICK[loud]]
        hits += [("snare", beat, snare, 0.8, 0.0) for beat in (1.0, 3.0) if not (fill and beat == 3.0)]
        if fill:
            hits += [("snare", beat, snare, 0.45 + 0.1 * i, 0.0) for i, beat in enumerate(_FILL)]
        for eighth in range(8):
            hat = half if loud and eighth % 2 else closed
            hits.append(("hihat", eighth / 2.0, hat, 0.5 if eighth % 2 else 0.7, 0.35))
        if previous_section != section.name:
            hits.append(("crash", 0.0, crash, 0.9, -0.4))
        previous_section = section.name
        for player, beat, sound, level, pan in hits:
            if player in section.players:
                varied_level = level * section.energy * rng.uniform(0.88, 1.0)
                _put(track, _panned(sound, pan), bar + beat, varied_level, sample_rate)
    return track


def bass(sample_rate: int, rng: np.random.Generator) -> Samples:
    """Play roots: long notes in quiet bars, driving eighths in loud ones."""
    track = _empty(sample_rate)
    note = cache(lambda pitch, beats: synth.bass_note(pitch, beats * SECONDS_A_BEAT, sample_rate))
    for bar, section, chord, _ in bars():
        if "bass" not in section.players:
            continue
        root = CHORDS[chord][0]
        if section.energy > 0.8:
            line = [(i / 2.0, 0.48, root + (12 if i == 6 else 0)) for i in range(8)]
        else:
            line = [(0.0, 2.4, root), (2.5, 1.4, root)]
        for beat, beats, pitch in line:
            level = section.energy * rng.uniform(0.9, 1.0)
            _put(track, note(pitch, beats), bar + beat, level, sample_rate)
    return track


def guitar(sample_rate: int, rng: np.random.Generator) -> Samples:
    """Pick arpeggios in eighths, strum in loud bars."""
    track = _empty(sample_rate)
    string = cache(lambda pitch: synth.pluck(rng, pitch, _BAR_S, sample_rate))
    for bar, section, chord, last in bars():
        if "guitar" not in section.players:
            continue
        notes = CHORDS[chord]
        if section.name == "end":
            strokes = [(0.02 * i, pitch) for i, pitch in enumerate(notes[1:])] if not last else []
        elif section.energy > 0.8:
            strokes = [(b + 0.02 * i, p) for b in (0.0, 1.0, 1.5, 2.5, 3.0) for i, p in enumerate(notes[1:])]
        else:
            strokes = [(i / 2.0, notes[k]) for i, k in enumerate(_ARPEGGIO)]
        for beat, pitch in strokes:
            level = section.energy * rng.uniform(0.7, 1.0)
            _put(track, string(pitch), bar + beat, level, sample_rate)
    # A boost of the low end, and one in the range of the voice's formants.
    return synth.equalise(track, sample_rate, (240.0, 9.0, 0.8), (700.0, 6.0, 0.9))


def keys(sample_rate: int, rng: np.random.Generator) -> Samples:
    """Hold every chord for its bar; `rng` is not needed, the pad is a sum of sines."""
    track = _empty(sample_rate, 2)
    overlap_s = 0.25
    pad = cache(lambda chord: synth.pad_chord(CHORDS[chord][2:], _BAR_S + overlap_s, sample_rate))
    for bar, section, chord, _ in bars():
        if "keys" in section.players:
            sound = pad(chord) * synth.fade(len(pad(chord)), sample_rate, 0.06, 0.3)[:, None]
            _put(track, sound, bar, 0.6 + 0.4 * section.energy, sample_rate)
    return synth.equalise(track, sample_rate, (1400.0, 5.0, 1.0))


def tambourine(sample_rate: int, rng: np.random.Generator) -> Samples:
    """Shake sixteenths through the choruses, louder on two and four."""
    track = _empty(sample_rate)
    stroke = synth.tambourine(rng, sample_rate)
    for bar, section, _, _ in bars():
        if "tambourine" in section.players:
            for i in range(16):
                level = (1.0 if i in (4, 12) else 0.35) * rng.uniform(0.8, 1.0)
                _put(track, stroke, bar + i / 4.0, level, sample_rate)
    return track


def _empty(sample_rate: int, channels: int = 0) -> Samples:
    length = round(DURATION_S * sample_rate)
    return np.zeros((length, channels) if channels else length)


def _put(track: Samples, sound: npt.NDArray[np.float64], beat: float, level: float, sample_rate: int) -> None:
    """Add a sound to a track at a beat; its tail is cut at the end of the track."""
    start = round(beat * SECONDS_A_BEAT * sample_rate)
    track[start : start + len(sound)] += level * sound[: max(0, len(track) - start)]


def _panned(sound: Samples, pan: float) -> Samples:
    """Pan a mono sound between left (−1) and right (1) at constant power."""
    angle = np.pi / 4.0 * (1.0 + pan)
    return np.outer(sound, (np.cos(angle), np.sin(angle)))
