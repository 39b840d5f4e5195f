"""The role of a stem, guessed from its file name.

Names may hold numbers, song titles, CamelCase, compound words and abbreviations in any order and several
languages. The guess has a confidence and a reason, so that a report can show both and a caller can overrule
it; the audio is not analysed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from mixrules._support.arguments import shown_value
from mixrules.errors import ParameterError
from mixrules.stems.roles.choice import Choice, choose
from mixrules.stems.roles.name_words import Part, content_of, is_title, parts_of
from mixrules.stems.roles.words import qualifiers as q

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
    "effects": "sound effects, noise",
    "accompaniment": "everything but the lead voice in one stem",
    "other": "what a source separator calls other",
    "unknown": "the name says nothing",
    "mixture": "the mix itself, never mixed again",
    "guide": "click, count-in, talkback, guide vocal, reference: no part of the song, never mixed",
}

# Roles that are no stems of the song.
NOT_MIXED = frozenset(("mixture", "guide"))
# With fewer names than this, words have to stand in all of them to be shared; else in most.
_FEW_NAMES = 4
_MOST = 0.75
# A guess below this gives way to what the folder says.
_UNSURE = 0.7


@dataclass(frozen=True, slots=True)
class RoleGuess:
    """A role, the confidence of the guess (0 to 1), and the reason for it."""

    role: str
    confidence: float
    reason: str


def require_role(role: object, *, name: str = "role", mixable: bool = False) -> str:
    """Return `role`, or raise `ParameterError` listing the roles (`mixable`: all but mixture and guide)."""
    accepted = [known for known in ROLES if not (mixable and known in NOT_MIXED)]
    if isinstance(role, str) and role in accepted:
        return role
    raise ParameterError(f"{name} {shown_value(role)} is not a role, one of these is: {', '.join(accepted)}")


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

    Raises
    ------
    ParameterError
        If `file_name` is no string.

    Examples
    --------
    >>> guess_role("01_Kick In.wav").role
    'kick'
    >>> guess_role("no_vocals.wav").role
    'accompaniment'
    >>> guess_role("Song_(Vocals)_htdemucs_ft.wav").role
    'vocal'
    """
    return _guess(_choice(_split_path(file_name)[1]))


def guess_roles(names: Sequence[str]) -> dict[str, RoleGuess]:
    """Guess the roles of all stems of a song together.

    Words that all names share, as a title or an artist, are looked past where others decide. A name may hold
    folders: the folder decides where the file's own name says nothing.

    Parameters
    ----------
    names : sequence of str
        The names of one song's files, with or without folders and extensions.

    Returns
    -------
    dict of str to RoleGuess
        A guess for each name.

    Examples
    --------
    >>> guesses = guess_roles(["Piano Man Vox.wav", "Piano Man Kit.wav", "Drums/01.wav"])
    >>> [guess.role for guess in guesses.values()]
    ['vocal', 'drums', 'drums']
    """
    if isinstance(names, str):
        raise ParameterError(f"names must be a sequence of names, got the string {names!r}")
    paths = {name: _split_path(name) for name in names}
    split: dict[str, Sequence[Part]] = {name: parts_of(file) for name, (_, file) in paths.items()}
    shared = _shared(list(split.values()))
    split = {name: _without_titles(parts, _places(parts, shared)) for name, parts in split.items()}
    titled = any(is_title(part.words) for parts in split.values() for part in parts)
    guesses = {}
    for name, (folders, file) in paths.items():
        places = _places(split[name], shared)
        chosen = _choice(file, split[name], places)
        if titled and _only_title(split[name], places):
            chosen = None
        guesses[name] = _guess(_with_folder(chosen, folders, file))
    return guesses


def supported_role(name: str) -> str | None:
    """Return the role of what a support stem supports.

    Parameters
    ----------
    name : str
        The name of a stem, as for `guess_role`.

    Returns
    -------
    str or None
        "vocal" for "Vocal Reverb" and "Lead Vox Dbl", "snare" for "Snare Verb"; None where the name does not say it
        or is no support's.

    Examples
    --------
    >>> supported_role("Snare Verb.wav")
    'snare'
    """
    chosen = _choice(_split_path(name)[1])
    if chosen is None or chosen.role != "support":
        return None
    support = q.RETURNS | q.LAST_RETURNS | q.DOUBLES
    rest = tuple(word for word in chosen.words if word not in support)
    found = choose([Part(rest)])
    if found is not None and found.role not in NOT_MIXED | {"support", "effects"}:
        return found.role
    return "vocal" if support & q.DOUBLES & set(chosen.words) else None


def is_double(name: str) -> bool:
    """Return whether the name of a support stem says that it is another take of the same part.

    Parameters
    ----------
    name : str
        The name of a stem, as for `guess_role`.

    Returns
    -------
    bool
        False for a return, that of a double too, and where the name says neither.

    Examples
    --------
    >>> is_double("Lead Vox Dbl.wav"), is_double("Lead Vox Dbl Verb.wav")
    (True, False)
    """
    chosen = _choice(_split_path(name)[1])
    if chosen is None or (q.DOUBLES.isdisjoint(chosen.words) and chosen.phrase not in q.SHORT_DOUBLES):
        return False
    return chosen.role != "support" or (q.RETURNS | q.LAST_RETURNS).isdisjoint(chosen.phrase)


def _split_path(name: object) -> tuple[list[str], str]:
    """Return the folders and the file of a name."""
    if not isinstance(name, str):
        raise ParameterError(f"a stem's name must be a string, got {name!r}")
    *folders, file = name.replace("\\", "/").rstrip("/").split("/")
    return folders, file


def _choice(
    file: str, parts: Sequence[Part] | None = None, places: frozenset[tuple[int, int]] = frozenset()
) -> Choice | None:
    """Return the choice for a file's name; names of models and the like decide where nothing else is left."""
    parts = parts_of(file) if parts is None else parts
    return choose(parts, places) or (choose(parts_of(file, bare=False)) if not places else None)


def _guess(chosen: Choice | None) -> RoleGuess:
    if chosen is None:
        return RoleGuess("unknown", 0.0, "no known word in the name")
    rest = [word for word in content_of(chosen.words) if word not in chosen.phrase]
    confidence = min(chosen.confidence, 0.8) if rest else chosen.confidence
    return RoleGuess(chosen.role, confidence, f"the name says {' '.join(chosen.phrase)!r}")


def _shared(names: Sequence[Sequence[Part]]) -> Counter[str]:
    """Return the words that the names share, and how often each name has them."""
    of_names = (
        Counter(word for part in parts for word in part.words if not word.isdigit()) for parts in names
    )
    counts = [count for count in of_names if count]
    if len(counts) < 2:
        return Counter()
    least = len(counts) if len(counts) < _FEW_NAMES else _MOST * len(counts)
    having = Counter(word for count in counts for word in count)
    return Counter(
        {
            word: min(count[word] for count in counts if word in count)
            for word, times in having.items()
            if times >= least
        }
    )


def _places(parts: Sequence[Part], shared: Counter[str]) -> frozenset[tuple[int, int]]:
    """Return the places (part, word) of the shared words in a name, the first ones where a word comes again."""
    left = Counter(shared)
    places = set()
    for p, part in enumerate(parts):
        for w, word in enumerate(part.words):
            if left[word] > 0:
                left[word] -= 1
                places.add((p, w))
    return frozenset(places)


def _without_titles(parts: Sequence[Part], places: frozenset[tuple[int, int]]) -> Sequence[Part]:
    """Return the parts cut at runs of shared words, so that no phrase begins in a title and ends behind it."""
    if not places:
        return parts
    cut = []
    for p, part in enumerate(parts):
        marked = [((p, w) not in places, word) for w, word in enumerate(part.words)]
        runs = [(own, tuple(word for _, word in run)) for own, run in groupby(marked, lambda pair: pair[0])]
        if any(not own and len(words) > 1 for own, words in runs):
            cut += [Part(words, part.bracketed) for _, words in runs]
        else:
            cut.append(part)
    return cut


def _only_title(parts: Sequence[Part], places: frozenset[tuple[int, int]]) -> bool:
    """Whether a name is nothing but words that all names share, a title among them."""
    words = {(p, w): word for p, part in enumerate(parts) for w, word in enumerate(part.words)}
    own = [
        word for place, word in words.items() if place not in places and not word.isdigit() and len(word) > 1
    ]
    return not own and is_title([words[place] for place in places])


def _with_folder(chosen: Choice | None, folders: list[str], file: str) -> Choice | None:
    """Return the choice for a file in its folders: they decide where its name says too little, and what is a guide."""
    for folder in reversed(folders):
        above = _choice(folder)
        if above is None:
            continue
        if above.role in ("guide", "support") and above.confidence >= _UNSURE:
            return above
        if chosen is None or chosen.confidence < _UNSURE:
            words = [Part((*above.words, *part.words)) for part in parts_of(file)[-1:]] or [Part(above.words)]
            return choose(words) or above
        if (above.role, chosen.role) == ("backing_vocal", "vocal"):
            return above
        break
    return chosen
