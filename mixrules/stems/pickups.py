"""The words of a stem's name, and what they say about where a signal was picked up.

A kick in and a kick out, or a bass by its DI box and its amplifier, are one source twice: their names differ by
the pick-up alone.
"""

from __future__ import annotations

import re
import unicodedata

_CAMEL_CASE = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_WORD = re.compile(r"[^\W\d_]+|\d+")

_PICKUPS = """
    in inside out outside top bottom bot btm under over up down t b l r left right front back rear side close near far
    beater batter reso resonant shell hole port sub subkick di line amp amplifier cab cabinet mic mics mike micro
    microphone pickup piezo ribbon condenser dynamic royer sm e md d beta akg u re tlm ns pzm boundary
    innen aussen oben unten dentro fuera arriba abajo dessus dessous dehors
    57 58 421 441 602 609 902 904 906 414 451 112 121 52 91 47 67 87
"""
PICKUPS = frozenset(_PICKUPS.split())
"""Words that tell the pick-ups of one source apart: places, cables, and the usual microphones."""


_MODELS = "sm e md d beta akg u re tlm ns"
_BEFORE_NUMBERS = frozenset(_MODELS.split())

_RETURNS = """
    reverb verb rev rvb room hall plate spring delay delays dly echo slap slapback fx nachhall eco riverbero
"""
RETURNS = frozenset(_RETURNS.split())
"""Words of what an effect returns."""

_DOUBLES = """
    double doubles doubled doubling dbl dbls dub dubs dubbed adt dt doppelung doppel doppler gedoppelt doublage doublee
    doble dobles doblado dobra doppio doppia raddoppio dublaz dubbel
"""
DOUBLES = frozenset(_DOUBLES.split())
"""Words of a second take of the same part."""


def name_words(name: str) -> list[str]:
    """Return the words and numbers of a name, in lower case without accents.

    Examples
    --------
    >>> name_words("02_KickOut Ré20")
    ['02', 'kick', 'out', 're', '20']
    """
    decomposed = unicodedata.normalize("NFKD", _CAMEL_CASE.sub(" ", name))
    plain = "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()
    return _WORD.findall(plain)


def source_words(name: str) -> tuple[str, ...]:
    """Return the words of a name, without its track number and without those that tell pick-ups of one source apart.

    Examples
    --------
    >>> source_words("07 Bass DI") == source_words("08 Bass Amp")
    True
    >>> source_words("Gtr 1 DI") == source_words("Gtr 2 Amp")
    False
    """
    words = name_words(name)
    if len(words) > 1 and words[0].isdigit():
        words = words[1:]
    kept = tuple(
        word
        for before, word in zip(["", *words], words, strict=False)
        if word not in PICKUPS and not (word.isdigit() and before in _BEFORE_NUMBERS)
    )
    return kept or tuple(words)


def is_double(name: str) -> bool:
    """Return whether a name says that a stem is a second take of another's part, and no return of one."""
    words = name_words(name)
    return not DOUBLES.isdisjoint(words) and RETURNS.isdisjoint(words)
