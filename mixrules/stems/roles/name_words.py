"""The words of a stem's name: what separators, DAWs and dates add is removed, compounds are taken apart."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise

from mixrules._support.text_encoding import composed
from mixrules.stems.file_extensions import AUDIO_EXTENSIONS, FILM_EXTENSIONS, LIBAV_EXTENSIONS
from mixrules.stems.roles.name_folding import fold, spellings
from mixrules.stems.roles.words import WORDS
from mixrules.stems.roles.words import qualifiers as q
from mixrules.stems.roles.words.decorations import ENDINGS, MEASURES, MODELS

# "Lead.voc" is a voice, "Kick.snd" a sound.
_SOUND_ENDINGS = (AUDIO_EXTENSIONS | LIBAV_EXTENSIONS | FILM_EXTENSIONS | {".stem"}) - {".voc", ".snd"}
_EXTENSION = re.compile(rf"\s*({'|'.join(map(re.escape, sorted(_SOUND_ENDINGS)))})\s*$", re.IGNORECASE)
# Longer names say nothing more; the instrument stands at the end more often.
_MOST_CHARACTERS = 500
_LONGEST_COMPOUND = 40
_CAMEL = re.compile(r"(?<=[^\W\d_A-Z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z]{2})")
_DIGITS = re.compile(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")
SPACELESS = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u3005"
"""The letters of scripts that are written without spaces, for a set of a pattern."""
_WORD = re.compile(rf"[{SPACELESS}]+|[^\W_{SPACELESS}]+")
_IS_RUN = re.compile(rf"[{SPACELESS}]")
_BRACKETS = re.compile(r"[(\[{（【「](.*?)[)\]}）】」]")
_DASHES = re.compile(r"\s+[-–—~|]+\s+|__+|\s[-–—]|[-–—]\s")
# Between the halves of a compound.
_LINKS = ("", "s", "en", "er", "n")
# One letter makes a word of what follows only in these: "egtr" is one, "atom" is none.
_AFTER_ONE_LETTER = 4

Phrase = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a name between brackets, dashes and the like."""

    words: tuple[str, ...]
    bracketed: bool = False


@lru_cache(maxsize=4096)
def parts_of(file_name: str, *, bare: bool = True) -> tuple[Part, ...]:
    """Return the parts of a file name; `bare` without models, tempos, dates and endings of DAWs."""
    name = composed(file_name)[-_MOST_CHARACTERS:].strip()
    while (shorter := _EXTENSION.sub("", name)) != name:
        name = shorter
    if bare:
        for pattern in (MODELS, MEASURES, ENDINGS):
            name = pattern.sub("_", name)
    return tuple(part for part in (_part(text, inside) for text, inside in _cut(name)) if part.words)


def _cut(name: str) -> list[tuple[str, bool]]:
    """Return the texts between brackets and around them, these cut at dashes with spaces."""
    texts: list[tuple[str, bool]] = []
    position = 0
    for found in _BRACKETS.finditer(name):
        texts += [(name[position : found.start()], False), (found[1], True)]
        position = found.end()
    texts.append((name[position:], False))
    pieces = [(piece, inside) for text, inside in texts for piece in _DASHES.split(text)]
    # "Piano Man_Drums": where spaces stand between words, an underscore stands between parts.
    if any(" " in piece.strip(" _") and "_" in piece.strip(" _") for piece, _ in pieces):
        pieces = [(part, inside) for piece, inside in pieces for part in piece.split("_")]
    return pieces


def _part(text: str, bracketed: bool) -> Part:
    text = _DIGITS.sub(" ", _CAMEL.sub(" ", text))
    words: list[str] = []
    for word in _WORD.findall(fold(text)):
        words.extend(_words_in_run(word) if _IS_RUN.match(word) else _words_in(word))
    return Part(tuple(words), bracketed)


@cache
def phrases() -> dict[Phrase, tuple[str, float]]:
    """Return every known phrase as its words -> role and confidence; English wins over the others."""
    table: dict[Phrase, tuple[str, float]] = {}
    for roles in WORDS.values():
        for role, text in roles.items():
            known, _, short = text.partition("|")
            for group, confidence in ((known, 0.95), (short, 0.7)):
                for phrase in filter(None, (p.strip() for p in group.split(","))):
                    for spelling in spellings(phrase):
                        words = tuple(_WORD.findall(_DIGITS.sub(" ", spelling)))
                        table.setdefault(words, (role, confidence))
    return table


@cache
def longest_from() -> dict[str, int]:
    """Return for each first word of a phrase the number of words of the longest phrase."""
    longest: dict[str, int] = {}
    for phrase in phrases():
        longest[phrase[0]] = max(longest.get(phrase[0], 0), len(phrase))
    return longest


@cache
def bearing() -> frozenset[str]:
    """Return the single words that have a role or give one."""
    alone = frozenset(phrase[0] for phrase in phrases() if len(phrase) == 1)
    return alone | q.RETURNS | q.DOUBLES | q.GUIDES | q.LONE_GUIDES | frozenset(q.WEAK)


@cache
def known() -> frozenset[str]:
    """Return every word that the vocabulary knows."""
    return _known_alone() | frozenset(word for phrase in phrases() for word in phrase)


@cache
def _known_alone() -> frozenset[str]:
    """Return the words that are known where they stand alone: "machine" is not, "drum machine" is."""
    return bearing() | q.LOOSE | q.LAST_RETURNS | q.BACKINGS | q.NEGATIONS | q.WITH | {q.SCRATCH}


@cache
def _run_words() -> tuple[frozenset[str], int]:
    """Return the known words of scripts without spaces, and the length of the longest."""
    words = frozenset(word for word in known() if _IS_RUN.match(word))
    return words, max(map(len, words))


def _words_in_run(run: str) -> list[str]:
    """Find known words in a run of characters, from the left, the longest first; what lies between are words too."""
    table, longest = _run_words()
    words: list[str] = []
    start = position = 0
    while position < len(run):
        for length in range(min(longest, len(run) - position), 0, -1):
            if (word := run[position : position + length]) in table:
                words += [run[start:position], word]
                position += length
                start = position
                break
        else:
            position += 1
    return [word for word in (*words, run[start:]) if word]


@lru_cache(maxsize=4096)
def _words_in(word: str) -> tuple[str, ...]:
    """Take "leadvox", whose halves are known, and "egtr", whose first is a modifier, apart."""
    if word in known() or word.isdigit() or not 4 <= len(word) <= _LONGEST_COMPOUND:
        return (word,)
    return _pieces(word, 2) or _pieces(word, 3) or (word,)


@cache
def _pieces_known() -> tuple[frozenset[str], frozenset[str]]:
    """Return the words that a compound may begin with and end on."""
    words = bearing() | q.MODIFIERS | q.BACKINGS
    heads = frozenset(w for w in words if len(w) >= 3) | q.SHORT_HEADS
    return heads, frozenset(w for w in words | q.FILLERS if len(w) >= 3)


def _pieces(word: str, most: int) -> tuple[str, ...]:
    """Return the at most `most` known words that make up a compound, or nothing."""
    heads, tails = _pieces_known()
    for cut in range(1, len(word) - 2):
        head, tail = word[:cut], word[cut:]
        if head not in heads or (cut == 1 and len(tail) < _AFTER_ONE_LETTER and tail not in q.SHORT_TAILS):
            continue
        for link in _LINKS:
            rest = tail[len(link) :]
            if not tail.startswith(link) or len(rest) < 3:
                continue
            words = (rest,) if rest in tails else _pieces(rest, most - 1) if most > 2 else ()
            if words and any(w in bearing() for w in (head, *words)):
                return (head, *words)
    return ()


@lru_cache(maxsize=4096)
def phrases_in(words: tuple[str, ...]) -> tuple[tuple[int, int], ...]:
    """Return the places (start, end) of known phrases in `words` from left to right, the longest at each position."""
    table, longest = phrases(), longest_from()
    places = []
    position = 0
    while position < len(words):
        for length in range(min(longest.get(words[position], 0), len(words) - position), 0, -1):
            if words[position : position + length] in table:
                places.append((position, position + length))
                position += length
                break
        else:
            position += 1
    return tuple(places)


def is_title(words: Iterable[str]) -> bool:
    """Whether words hold one that names no instrument and describes none, as titles do."""
    words = tuple(words)
    named = {index for start, end in phrases_in(words) for index in range(start, end)}
    return any(
        len(word) > 1 and not word.isdigit() and index not in named and word not in _known_alone()
        for index, word in enumerate(words)
    )


def content_of(words: tuple[str, ...] | list[str]) -> list[str]:
    """Return the words that are neither numbers, single letters, modifiers nor fillers."""
    return [
        word
        for index, word in enumerate(words)
        if not word.isdigit()
        and (word not in q.LOOSE or _in_phrase(words, index))
        and (len(word) > 1 or _IS_RUN.match(word))
    ]


def _in_phrase(words: tuple[str, ...] | list[str], index: int) -> bool:
    """Whether a modifier is a word with a role of its own, or half of a phrase: "bass", "back" in "back vox"."""
    if (words[index],) in phrases():
        return True
    return any(pair in phrases() for pair in pairwise(words[max(index - 1, 0) : index + 2]))
