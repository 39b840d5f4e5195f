"""The role of a stem, guessed from its file name.

Names may hold numbers, song titles, CamelCase, compound words and abbreviations in any order. The guess
has a confidence and a reason, so that a report can show both and a caller can overrule it; the audio is
not analysed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import PurePath

from mixrules.errors import ParameterError
from mixrules.stems.role_words import FILLERS, MODIFIERS, NEGATIONS, SUPPORTING, WEAK, WORDS

ROLES: dict[str, str] = {
    "vocal": "the lead voice, sung, rapped or spoken",
    "backing_vocal": "harmonies, choirs",
    "support": "reverb and delay returns of anything, doubles of the lead voice",
    "drums": "a whole kit, its overheads or its room",
    "kick": "bass drum",
    "snare": "snare drum",
    "toms": "rack and floor toms",
    "hihat": "hi-hat",
    "cymbals": "crash, ride and other cymbals",
    "percussion": "hand percussion, claps, loops",
    "bass": "bass guitar, double bass, synthesised bass",
    "guitar": "guitars and other plucked, fretted instruments",
    "piano": "acoustic piano",
    "keys": "electric piano, organ, mallets and other keyboards",
    "synth": "synthesiser leads, pads, arpeggios",
    "strings": "bowed strings and harp",
    "winds": "brass and woodwind",
    "effects": "sound effects, noise, effect returns",
    "accompaniment": "everything but the lead voice in one stem",
    "other": "what a source separator calls other",
    "unknown": "the name says nothing",
    "mixture": "the mix itself, never mixed again",
    "guide": "click, count-in, talkback, guide vocal, reference: no part of the song",
}

_SUPPORT_WORDS = "reverb verb rev delay dly echo double doubles dbl dbls dub dubs dt adt"
_GUIDE_WORDS = "click guide talkback scratch"
_SUPPORT = frozenset(_SUPPORT_WORDS.split())
_GUIDE = frozenset(_GUIDE_WORDS.split())

_MODIFIERS = frozenset(MODIFIERS.split())
_FILLERS = (_MODIFIERS - NEGATIONS) | frozenset(FILLERS.split())
_EXTENSION = re.compile(r"\.(wave?|flac|og[ga]|opus|mp[34]|m4a|aif[fc]?|w64|rf64|caf|stem)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class RoleGuess:
    """A role, the confidence of the guess (0 to 1), and the reason for it."""

    role: str
    confidence: float
    reason: str


@dataclass(frozen=True, slots=True)
class _Match:
    """A known phrase in a name."""

    role: str
    phrase: tuple[str, ...]
    confidence: float


def require_role(role: object, *, name: str = "role", mixable: bool = False) -> str:
    """Return `role`, or raise `ParameterError` listing the roles (`mixable`: all but mixture and guide)."""
    accepted = [known for known in ROLES if not (mixable and known in ("mixture", "guide"))]
    if role in accepted:
        return str(role)
    raise ParameterError(f"{name} {role!r} is not a role, one of these is: {', '.join(accepted)}")


def guess_role(file_name: str) -> RoleGuess:
    """Guess a stem's role from its file name.

    Parameters
    ----------
    file_name : str
        A file name with or without folder and extension.

    Returns
    -------
    RoleGuess
        Confidence 0.95 where the name is a well-known word, 0.8 where it holds one, 0.7 for an
        abbreviation, less for a word that only hints; ``("unknown", 0.0)`` where nothing is known.

    Examples
    --------
    >>> guess_role("01_Kick In.wav").role
    'kick'
    >>> guess_role("no_vocals.wav").role
    'accompaniment'
    """
    words = _split_words(file_name)
    for role, known in (("guide", _GUIDE), ("support", _SUPPORT)):
        said = known.intersection(words)
        if said and (role != "support" or supported_role(file_name)) and "double bass" not in " ".join(words):
            return RoleGuess(role, 0.8, f"the name says {' '.join(sorted(said))!r}")
    matches = list(_find_phrases(words))
    chosen = _resolve(matches) if matches else _weak_match(words)
    if chosen is None:
        return RoleGuess("unknown", 0.0, "no known word in the name")
    support = SUPPORTING.intersection(words)
    if chosen.role == "vocal" and support:
        chosen = _Match("backing_vocal", (*chosen.phrase, *sorted(support)), min(chosen.confidence, 0.8))
    rest = [w for w in words if w not in chosen.phrase and w not in _FILLERS and not w.isdigit()]
    confidence = chosen.confidence
    if rest:
        confidence = min(confidence, 0.8)
    return RoleGuess(chosen.role, confidence, f"the name says {' '.join(chosen.phrase)!r}")


def supported_role(file_name: str) -> str | None:
    """Return the role of what a support stem supports; None where its name does not say."""
    words = [word for word in _split_words(file_name) if word not in _SUPPORT]
    matches = list(_find_phrases(words))
    return _resolve(matches).role if matches else None


def _fold(text: str) -> str:
    """Lower case without accents."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()


@cache
def _phrases() -> dict[tuple[str, ...], tuple[str, float]]:
    """Every known phrase as its words -> role and confidence."""
    table: dict[tuple[str, ...], tuple[str, float]] = {}
    for role, text in WORDS.items():
        known, _, short = text.partition("|")
        for group, confidence in ((known, 0.95), (short, 0.7)):
            for phrase in filter(None, (p.strip() for p in group.split(","))):
                table[tuple(_fold(phrase).split())] = (role, confidence)
    return table


@cache
def _vocabulary() -> frozenset[str]:
    """Every single word that has a role or describes one."""
    return frozenset(p[0] for p in _phrases() if len(p) == 1) | frozenset(WEAK) | _MODIFIERS | NEGATIONS


def _split_words(file_name: str) -> list[str]:
    """Return the words of a file name, lower case, compounds of two known words split."""
    name = PurePath(file_name.replace("\\", "/")).name
    while (bare := _EXTENSION.sub("", name)) and bare != name:
        name = bare
    name = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z]{2})", " ", name)
    name = re.sub(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])", " ", name)
    words: list[str] = []
    for word in re.findall(r"[^\W_]+", _fold(name)):
        words.extend(_split_compound(word))
    return words


def _split_compound(word: str) -> list[str]:
    """Split "leadvox", where both halves are known, and "egtr", where the first is a modifier."""
    known = _vocabulary()
    if word in known or word.isdigit():
        return [word]
    for cut in range(1, len(word) - 1):
        head, tail = word[:cut], word[cut:]
        if (head in _MODIFIERS or len(head) >= 3) and len(tail) >= 3 and head in known and tail in known:
            return [head, tail]
    return [word]


def _find_phrases(words: list[str]) -> Iterator[_Match]:
    """Yield the known phrases in `words` from left to right, the longest at each position."""
    table = _phrases()
    position = 0
    while position < len(words):
        for length in (3, 2, 1):
            phrase = tuple(words[position : position + length])
            if len(phrase) == length and phrase in table:
                role, confidence = table[phrase]
                if position and words[position - 1] in NEGATIONS:
                    role = "accompaniment" if role in ("vocal", "backing_vocal") else "other"
                    phrase = (words[position - 1], *phrase)
                yield _Match(role, phrase, confidence)
                position += length
                break
        else:
            position += 1


def _resolve(matches: list[_Match]) -> _Match:
    """Choose between several matches: the head of a noun phrase stands last, with exceptions."""
    candidates = [m for m in matches if m.role != "mixture"] or matches
    roles = {m.role for m in candidates}
    for role, over in (
        # An effect return of anything is an effect; a bass played on anything is a bass.
        ("effects", roles),
        ("bass", {"guitar", "synth", "keys"}),
        ("backing_vocal", {"vocal"}),
        ("strings", {"synth"}),
        # "drums kick", "perc shaker": a part of the kit is more specific than the kit.
        *((part, {"drums", "percussion"}) for part in ("kick", "snare", "toms", "hihat", "cymbals")),
        ("percussion", {"drums"}),
    ):
        if role in roles and roles <= over | {role}:
            return next(m for m in reversed(candidates) if m.role == role)
    specific = [m for m in candidates if m.role not in ("accompaniment", "other")]
    return (specific or candidates)[-1]


def _weak_match(words: list[str]) -> _Match | None:
    """Return a match of low confidence where no phrase is known: a weak word, or one that starts with a known one."""
    for word in reversed(words):
        if word in WEAK:
            return _Match(WEAK[word][0], (word,), WEAK[word][1])
    for word in reversed(words):
        for end in range(len(word) - 1, 4, -1):
            if (word[:end],) in _phrases():
                return _Match(_phrases()[(word[:end],)][0], (word,), 0.6)
    return None
