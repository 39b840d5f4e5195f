"""The demo song as data: key of D major, 112 beats a minute, 18 bars of four.

Pitches are MIDI note numbers (A4 = 69 = 440 Hz), times are beats from the start of a section.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

TEMPO_BPM = 112.0
BEATS_A_BAR = 4
TAIL_S = 2.0
SECONDS_A_BEAT = 60.0 / TEMPO_BPM

# Root for the bass, then the notes that guitar and keys choose from.
CHORDS: dict[str, tuple[int, ...]] = {
    "D": (38, 50, 57, 62, 66, 69),
    "A": (33, 52, 57, 61, 64, 69),
    "Bm": (35, 47, 54, 59, 62, 66),
    "G": (31, 43, 50, 55, 59, 62),
}


@dataclass(frozen=True, slots=True)
class Note:
    """A sung syllable: when and how long in beats, which pitch, which vowel after which consonant."""

    beat: float
    beats: float
    pitch: int
    vowel: str
    consonant: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A section: one chord a bar, the energy of the playing (0 to 1), the players, the melody."""

    name: str
    chords: tuple[str, ...]
    energy: float
    players: frozenset[str]
    melody: tuple[Note, ...] = ()


def _sing(text: str) -> tuple[Note, ...]:
    """Read a melody: ``beat length pitch syllable`` between bars; a syllable is consonant and vowel."""
    notes = []
    for entry in text.split("|"):
        beat, beats, pitch, syllable = entry.split()
        notes.append(Note(float(beat), float(beats), int(pitch), syllable[-1], syllable[:-1]))
    return tuple(notes)


_VERSE = _sing(
    "0.5 0.5 59 ta | 1 0.5 59 ne | 1.5 0.5 61 lo | 2 1.25 62 sa |"
    "4.5 0.5 62 ti | 5 0.5 61 no | 5.5 0.5 59 me | 6 1.5 59 ra |"
    "8.5 0.5 57 su | 9 0.5 59 la | 9.5 0.5 61 ti | 10 0.5 62 no | 10.5 1 66 ka |"
    "12 0.5 64 se | 12.5 0.5 62 lo | 13 2 61 ma"
)
_CHORUS_START = (
    "0 1.5 66 ta | 1.5 0.5 66 ne | 2 0.5 67 so | 2.5 1.25 69 la | 4 1 69 ta | 5 0.5 67 ri | 5.5 0.5 66 no |"
    "6 1.75 64 ma | 8 1.5 66 sa | 9.5 0.5 64 le | 10 0.5 62 to | 10.5 1.25 66 ra |"
)
_CHORUS = _sing(_CHORUS_START + "12 0.5 67 ti | 12.5 0.5 66 se | 13 0.5 64 no | 13.5 2 62 la")
_LAST_CHORUS = _sing(_CHORUS_START + "12 0.5 67 ti | 12.5 0.5 69 se | 13 2.75 71 la")
_BREAK = _sing("0.5 0.5 59 lo | 1 1 62 se | 2 1.5 62 nu | 4 0.5 61 ti | 4.5 0.5 62 no | 5 2 64 la")

_BAND = frozenset({"kick", "snare", "hihat", "bass", "guitar", "keys"})
SECTIONS: tuple[Section, ...] = (
    Section("intro", ("G", "A"), 0.5, frozenset({"hihat", "guitar", "keys"})),
    Section("verse", ("Bm", "G", "D", "A"), 0.55, _BAND, _VERSE),
    Section("chorus", ("D", "A", "Bm", "G"), 0.95, _BAND | {"crash", "tambourine"}, _CHORUS),
    Section("break", ("G", "A"), 0.3, frozenset({"hihat", "bass", "keys"}), _BREAK),
    Section("chorus", ("D", "A", "Bm", "G"), 1.0, _BAND | {"crash", "tambourine"}, _LAST_CHORUS),
    Section("end", ("D", "D"), 0.6, frozenset({"crash", "bass", "guitar", "keys"}), _sing("0 5 66 na")),
)

BARS = sum(len(section.chords) for section in SECTIONS)
DURATION_S = BARS * BEATS_A_BAR * SECONDS_A_BEAT + TAIL_S


def bars() -> Iterator[tuple[float, Section, str, bool]]:
    """Yield every bar's first beat, its section, its chord, and whether it is the section's last."""
    beat = 0.0
    for section in SECTIONS:
        for number, chord in enumerate(section.chords):
            yield beat, section, chord, number == len(section.chords) - 1
            beat += BEATS_A_BAR


def melody() -> Iterator[tuple[Note, float]]:
    """Yield every sung note, its beat counted from the start of the song, and its section's energy."""
    start = 0.0
    for section in SECTIONS:
        for note in section.melody:
            yield Note(start + note.beat, note.beats, note.pitch, note.vowel, note.consonant), section.energy
        start += BEATS_A_BAR * len(section.chords)


def pitch_hz(pitch: float) -> float:
    """Return a MIDI note number's frequency in Hz, equal temperament, A4 = 440 Hz."""
    return float(440.0 * 2.0 ** ((pitch - 69.0) / 12.0))
