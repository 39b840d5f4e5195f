"""Two mono stems that are the left and the right of one, "OH L" and "OH R", as one stereo stem.

Two names are a pair where they differ by nothing but a word for left and right in the same place.
"""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mixrules._support.text_encoding import composed
from mixrules._support.validation import Audio, SlicedAudio
from mixrules.stems.roles import guess_role
from mixrules.stems.roles.name_folding import fold, words_of
from mixrules.stems.stem import Stem, StemHalf, same_length

# In the order left, right.
_SIDES = tuple(
    (fold(left), fold(right))
    for left, right in (
        ("l", "r"),
        ("left", "right"),
        ("lt", "rt"),
        ("lft", "rgt"),
        ("links", "rechts"),
        ("linker", "rechter"),
        ("gauche", "droite"),
        ("gauche", "droit"),
        ("izq", "der"),
        ("izq", "dcha"),
        ("izquierda", "derecha"),
        ("izquierdo", "derecho"),
        ("esq", "dir"),
        ("esquerda", "direita"),
        ("esquerdo", "direito"),
        ("sx", "dx"),
        ("sinistra", "destra"),
        ("sinistro", "destro"),
        ("vanster", "hoger"),
        ("venstre", "højre"),
        ("venstre", "høyre"),
        ("lewy", "prawy"),
        ("lewa", "prawa"),
        ("л", "п"),
        ("лев", "прав"),
        ("левый", "правый"),
        ("левая", "правая"),
        ("лево", "право"),
        ("左", "右"),
        ("좌", "우"),
        ("왼쪽", "오른쪽"),
    )
)
_GLUED = (("left", "right"), ("l", "r"))
_GLUED_IN_ANY_NAME = (("左", "右"), ("좌", "우"))
_WORD = re.compile(r"[^\W\d_]+|\d+")
_CAMEL_CASE = re.compile(r"(?<=[a-z])(?=[A-Z])")
# A player's: "Left Hand", "mano izquierda" is no channel. English has another "main".
_HANDS = words_of("hand hands mano manos mão mãos mani рука руки руке ręka hånd hender käsi")
_FRENCH_HANDS = {"main": ("gauche", "droite"), "mains": ("gauche", "droite")}
_SAYS_NOTHING = ("unknown", "mixture", "guide")


@dataclass(frozen=True, slots=True)
class _Reading:
    """A way to read a name as one half of a pair.

    `side` is 0 for left. `start` and `stop` say where the word for it stands, `key` what the other half shares.
    """

    side: int
    start: int
    stop: int
    key: tuple[object, ...]


class StereoPair(SlicedAudio):
    """Two mono signals of one length as left and right, read in slices.

    Parameters
    ----------
    left, right : SlicedAudio
        One channel each.
    """

    def __init__(self, left: SlicedAudio, right: SlicedAudio) -> None:
        super().__init__(len(left), 2)
        self.left, self.right = left, right
        self.peak = max(left.peak, right.peak)

    def padded(self, samples: int) -> StereoPair:
        """Return it zero-padded to a length."""
        return StereoPair(self.left.padded(samples), self.right.padded(samples))

    def __getitem__(self, index: slice) -> Audio:
        """Return the samples of a slice with step 1, shape (samples, 2)."""
        return np.concatenate([self.left[index], self.right[index]], axis=1)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Audio:
        """Return all of it as an array."""
        both = [np.asarray(half) for half in (self.left, self.right)]
        return np.concatenate(both, axis=1).astype(dtype or self.dtype, copy=False)


def find_pairs(roles: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Return the pairs among names with their roles: by the name of both together, the left and the right.

    Examples
    --------
    >>> find_pairs({"OH L": "drums", "OH R": "drums", "OH C": "drums"})
    {'OH': ('OH L', 'OH R')}
    """
    pairs: dict[str, tuple[str, str]] = {}
    left_over = dict(roles)
    # Track numbers at the front ("05 OH L", "06 OH R") count at first: they may number two pairs of one name.
    for numbered in (True, False):
        halves: dict[tuple[object, ...], tuple[list[tuple[str, _Reading]], list[tuple[str, _Reading]]]]
        halves = defaultdict(lambda: ([], []))
        for name in left_over:
            for reading in _readings(composed(name), numbered=numbered):
                halves[reading.key][reading.side].append((name, reading))
        for lefts, rights in halves.values():
            if len(lefts) != 1 or len(rights) != 1:
                continue
            (left, reading), (right, _) = lefts[0], rights[0]
            if not {left, right} <= set(left_over) or roles[left] != roles[right]:
                continue
            joined = _without(composed(left), reading) or f"{left} {right}"
            if joined in roles or joined in pairs:  # of another stem, which keeps its name
                joined = f"{left} + {right}"
            pairs[joined] = (left, right)
            del left_over[left], left_over[right]
    return pairs


def joined_pairs(stems: Sequence[Stem]) -> tuple[list[Stem], list[str]]:
    """Return the stems with every left and right of one role joined to a stereo stem, and notes on that.

    Parameters
    ----------
    stems : sequence of Stem
        Of one sample rate; only mono ones are joined. The shorter half of a pair is padded with zeros.

    Returns
    -------
    stems : list of Stem
        A pair stands where its first half stood. Levels are as given.
    notes : list of str
        One a pair, and what was padded.
    """
    mono = {stem.name: stem for stem in stems if stem.channels == 1}
    pairs = find_pairs({name: stem.role for name, stem in mono.items()})
    others = {stem.name for stem in stems} - set(mono)
    notes: list[str] = []
    joined: dict[str, Stem] = {}
    for name, (left, right) in pairs.items():
        halves, padding = same_length([mono[left], mono[right]])
        name = f"{left} + {right}" if name in others else name
        joined[left] = joined[right] = _joined(name, *halves)
        notes += [f"{left} and {right} joined to the stereo stem {name}", *padding]
    result = [joined.get(stem.name, stem) for stem in stems]
    return list({stem.name: stem for stem in result}.values()), notes


def split_pair(stem: Stem) -> tuple[Stem, Stem]:
    """Return the two mono stems that a stem was joined of."""
    audio: Any = stem.audio
    if isinstance(audio, StereoPair):
        channels: list[Any] = [audio.left, audio.right]
    else:
        channels = [audio[:, :1], audio[:, 1:]]
    left, right = (
        Stem(half.name, channel, stem.role, stem.role_confidence, stem.role_reason, half.file_name)
        for half, channel in zip(stem.halves, channels, strict=True)
    )
    return left, right


def _joined(name: str, left: Stem, right: Stem) -> Stem:
    """Return two mono stems of one length and role as one stem."""
    audios: list[Any] = [left.audio, right.audio]
    audio: Any
    if any(isinstance(each, SlicedAudio) for each in audios):
        audio = StereoPair(*audios)
    else:
        audio = np.concatenate(audios, axis=1)
    role, confidence, reason = left.role, left.role_confidence, left.role_reason
    if role == "unknown" and confidence < 1.0:
        guess = guess_role(name)
        if guess.role not in _SAYS_NOTHING:
            role, confidence, reason = guess.role, guess.confidence, guess.reason
    halves = tuple(StemHalf(half.name, half.file_name) for half in (left, right))
    return Stem(name, audio, role, confidence, reason, None, (*left.notes, *right.notes), halves)


def _readings(name: str, *, numbered: bool) -> Iterator[_Reading]:
    """Yield the ways in which a name may be one half of a pair, its track number counted or passed over."""
    words = [
        (fold(name[start:stop]), start, stop)
        for found in _WORD.finditer(name)
        for start, stop in _camel_parts(name, *found.span())
    ]
    if not numbered and len(words) > 1 and words[0][0].isdigit():
        words = words[1:]
    texts = [text for text, _, _ in words]
    for place, (text, start, stop) in enumerate(words):
        before, after = tuple(texts[:place]), tuple(texts[place + 1 :])
        for sides in _SIDES:
            if text in sides and not _is_a_hand(texts, place):
                yield _Reading(sides.index(text), start, stop, (sides, before, after))
        for sides in (*_GLUED_IN_ANY_NAME, *_GLUED):
            for side, word in enumerate(sides):
                rest = text.removesuffix(word)
                if not rest or rest == text or len(text) != stop - start:
                    continue
                cut = stop - len(word)
                if sides in _GLUED_IN_ANY_NAME or guess_role(name[start:cut]).role not in _SAYS_NOTHING:
                    yield _Reading(side, cut, stop, (sides, (*before, rest), after))


def _camel_parts(name: str, start: int, stop: int) -> Iterator[tuple[int, int]]:
    cuts = [start, *(start + cut.start() for cut in _CAMEL_CASE.finditer(name[start:stop])), stop]
    yield from itertools.pairwise(cuts)


def _is_a_hand(words: Sequence[str], place: int) -> bool:
    """Whether the word for a side says which hand plays: the word beside it is one for a hand."""
    beside = (*words[max(place - 1, 0) : place], *words[place + 1 : place + 2])
    return any(word in _HANDS or words[place] in _FRENCH_HANDS.get(word, ()) for word in beside)


def _without(name: str, reading: _Reading) -> str:
    """Return a name without the word for its side and what set that apart."""
    before, after = name[: reading.start].rstrip(" \t._-([{"), name[reading.stop :].lstrip(")]}")
    return before + after.rstrip() if before else after.lstrip(" \t._-").rstrip()
