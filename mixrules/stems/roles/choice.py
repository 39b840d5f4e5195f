"""The role that the words of a name mean: which word decides where several are known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from mixrules.stems.roles.families import KIT_PARTS, VOICES, WHOLE_KIT
from mixrules.stems.roles.name_folding import words_of
from mixrules.stems.roles.name_words import Part, content_of, is_title, phrases, phrases_in
from mixrules.stems.roles.words import qualifiers as q

_OVERHEADS = words_of("overhead overheads oh ohs ovh overs")
# Players of these hear their echo as part of the sound: "Delay Guitar" is a guitar.
_WITH_ECHO = frozenset(("guitar", "synth", "keys", "piano", "bass", "strings", "winds"))
# What a click may stand beside and still be one.
_BESIDE_CLICK = VOICES | {"guide", "mixture", "accompaniment"}
_SURE, _LIKELY, _SHORT = 0.95, 0.8, 0.7
# Words that make a part decide though they are no phrases.
_DECIDING = q.RETURNS | q.GUIDES | q.LONE_GUIDES


@dataclass(frozen=True, slots=True)
class Choice:
    """A role, the words that decided, and the confidence in it."""

    role: str
    phrase: tuple[str, ...]
    confidence: float
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Match:
    """A known phrase in a name: its role, its place and its words."""

    role: str
    start: int
    phrase: tuple[str, ...]
    confidence: float

    @property
    def end(self) -> int:
        return self.start + len(self.phrase)


def choose(parts: Sequence[Part], shared: frozenset[tuple[int, int]] = frozenset()) -> Choice | None:
    """Return the choice for the parts of a name, or None where no word is known.

    `shared` are the places (part, word) of words that all names of the song share: they decide only where
    nothing else does.
    """
    marked = [[(word, (p, w) in shared) for w, word in enumerate(part.words)] for p, part in enumerate(parts)]
    # A part that all names share is the title.
    own = [p for p, part in enumerate(marked) if any(not s for word, s in part if not word.isdigit())]
    titled = is_title(word for part in marked for word, s in part if s)
    # "Reverb - Gtr" is the return of a guitar, where "Reverb Gtr" is a guitar.
    for p in own if len(own) > 1 else ():
        content = content_of(parts[p].words)
        if content and q.RETURNS.issuperset(content) and not q.NOT_AFTER.intersection(parts[p].words):
            words = tuple(
                word for other in own for word in parts[other].words if _describes(parts[other].words)
            )
            return Choice("support", tuple(content), _LIKELY, words)
    hint: Choice | None = None
    for kept in (_decisive(parts, own), own, list(range(len(parts)))):
        pairs = [pair for p in kept for pair in marked[p]]
        chosen = _decide([word for word, _ in pairs], [s for _, s in pairs])
        if chosen is None:
            continue
        if chosen.confidence < _SHORT and not titled:
            hint = hint or chosen
            continue
        others = [word for p, part in enumerate(marked) if p not in kept for word, s in part if not s]
        return replace(chosen, confidence=min(chosen.confidence, _LIKELY)) if content_of(others) else chosen
    return hint


def _without(role: str) -> str:
    """Return the role of a stem that holds everything but `role`."""
    return "accompaniment" if role in VOICES else "other"


def _roles_in(words: Sequence[str]) -> set[str]:
    """Return the roles of all phrases in `words`."""
    return {match.role for match in _find(tuple(words))}


def _decisive(parts: Sequence[Part], own: list[int]) -> list[int]:
    """Return the parts that decide: one with a known phrase, and those that only add to it.

    Parts without words of a title come first, of these brackets, then the last part: titles stand before.
    """
    strong = [p for p in own if _says(parts[p])]
    if not strong:
        return []
    order = sorted(strong, key=lambda p: (_describes(parts[p].words), parts[p].bracketed, p), reverse=True)
    # "Vocals (mix 2)" is no mix, "My Song - Final Mix" is one.
    of_mixes = [p for p in order if _roles_in(parts[p].words) == {"mixture"}]
    instruments = [p for p in order if p not in of_mixes and _describes(parts[p].words)]
    chosen = instruments[0] if order[0] in of_mixes and instruments else order[0]
    return [p for p in own if p == chosen or _adds(parts[p], behind=p > chosen)]


def _says(part: Part) -> bool:
    """Whether a part holds a known phrase or a word that makes a return or a guide."""
    return any(word in _DECIDING for word in part.words) or bool(_find(part.words))


def _describes(words: tuple[str, ...]) -> bool:
    """Whether a part is about an instrument alone and no title."""
    if is_title(words):
        return False
    found = _find(words)
    named = sum(1 for word in words if len(word) > 1 and not word.isdigit())
    return not found or named <= max(len(m.phrase) for m in found) + 1


def _adds(part: Part, *, behind: bool) -> bool:
    """Whether a part says something about the one that decides; a click is a stem of its own."""
    if q.LONE_GUIDES & set(part.words):
        return False
    if behind and q.DOUBLES & set(part.words):
        return True
    return _describes(part.words) and not (part.bracketed and bool(_find(part.words)))


@lru_cache(maxsize=4096)
def _find(words: tuple[str, ...]) -> tuple[_Match, ...]:
    """Return the known phrases in `words` with their roles; "no vocals" is everything but vocals."""
    found = []
    for start, end in phrases_in(words):
        role, confidence = phrases()[words[start:end]]
        if start and words[start - 1] in q.NEGATIONS:
            if role in ("support", "guide"):
                continue
            start, role = start - 1, _without(role)
        found.append(_Match(role, start, words[start:end], confidence))
    return tuple(found)


def _decide(words: list[str], shared: list[bool]) -> Choice | None:
    matches = list(_find(tuple(words)))
    free = [m for m in matches if not all(shared[m.start : m.end])]
    matches = free or matches
    own = {word for i, word in enumerate(words) if not shared[i] and not (i and words[i - 1] in q.NOT_AFTER)}
    chosen = _guide(words, own, matches) or _return(words, own, matches)
    if chosen is None:
        doubles = [m for m in matches if m.role == "support" and set(m.phrase) <= q.DOUBLES | q.MODIFIERS]
        others = [m for m in matches if m.role not in ("support", "guide")]
        if any(m.role == "support" and m not in doubles for m in matches) and not own & q.BACKINGS:
            chosen = _as_choice(next(m for m in reversed(matches) if m.role == "support"))
        elif others:
            chosen = _voice(_as_choice(_resolve(others)), own, {m.role for m in others})
        elif doubles:
            chosen = _as_choice(doubles[-1])
        else:
            chosen = _weak(words, shared)
    return chosen and Choice(chosen.role, chosen.phrase, chosen.confidence, tuple(words))


def _as_choice(match: _Match) -> Choice:
    return Choice(match.role, match.phrase, match.confidence)


def _guide(words: list[str], own: set[str], matches: list[_Match]) -> Choice | None:
    """Return the guide that the words name: a click, a count, what the players heard."""
    phrase = next((m for m in matches if m.role == "guide"), None)
    others = {m.role for m in matches if m.role != "guide"}
    lone = own & q.LONE_GUIDES
    if phrase and not set(phrase.phrase) <= q.LONE_GUIDES:
        return _as_choice(phrase)
    if found := own & q.GUIDES:
        return Choice("guide", tuple(sorted(found)), _LIKELY)
    if q.SCRATCH in own and others - {"effects", "percussion"}:
        return Choice("guide", (q.SCRATCH,), _LIKELY)
    content = content_of(words)
    at_an_end = bool(content) and not q.CLICKS.isdisjoint((content[0], content[-1]))
    if lone and others <= _BESIDE_CLICK and (not is_title(words) or at_an_end or content[-1] in lone):
        return Choice("guide", tuple(sorted(lone)), _SURE)
    return None


def _return(words: list[str], own: set[str], matches: list[_Match]) -> Choice | None:
    """Return the return of a reverb or a delay that the words name."""
    content = content_of(words)
    returns = [word for word in content if word in own and word in q.RETURNS]
    soft = [word for word in content if word in own and word in q.LAST_RETURNS]
    head = matches[-1] if matches else None
    if returns:
        played = head is not None and head.role in _WITH_ECHO and content[0] in returns
        if played and head is not None and content[-1] in head.phrase:
            return None
        return Choice("support", tuple(returns), _LIKELY)
    if not soft:
        return None
    last = content[-1]
    if len(content) == 1:
        return None if last in q.NO_RETURN_ALONE else Choice("support", (last,), _LIKELY)
    if last in soft and content[-2] in soft:
        return Choice("support", tuple(content[-2:]), _LIKELY)
    if last in soft and head is not None:
        if last == "slap" and head.role == "bass":
            return None
        return Choice("support", (last,), _LIKELY)
    # "Plate Vox", "Echo Snare" and nothing else.
    voiced = {m.role for m in matches} & {*VOICES, *KIT_PARTS, WHOLE_KIT}
    if (
        voiced
        and content[0] in soft
        and content[0] not in q.NO_RETURN_ALONE - {"hall", "chamber"}
        and len(content) == 2
    ):
        return Choice("support", (content[0],), _LIKELY)
    return None


def _voice(chosen: Choice, own: set[str], roles: set[str]) -> Choice:
    """Return what a voice is: with a word of harmonies a backing vocal, doubled a support of the lead."""
    if chosen.role != "vocal" and not (chosen.role == "effects" and "vocal" in roles and own & q.DOUBLES):
        return chosen
    confidence = min(chosen.confidence, _LIKELY)
    if backing := own & q.BACKINGS:
        return Choice("backing_vocal", (*chosen.phrase, *sorted(backing)), confidence)
    if doubled := own & q.DOUBLES:
        return Choice("support", (*chosen.phrase, *sorted(doubled)), confidence)
    return chosen


def _resolve(matches: list[_Match]) -> _Match:
    """Choose between several matches: the head of a noun phrase stands last, with exceptions."""
    candidates = [m for m in matches if m.role != "mixture"] or matches
    roles = {m.role for m in candidates}
    for role, over in (
        # An effect of anything is an effect; a bass played on anything is a bass, but for a bass clarinet.
        ("effects", roles),
        ("winds", {"bass"}),
        ("bass", {"guitar", "synth", "keys"}),
        ("backing_vocal", {"vocal"}),
        ("strings", {"synth"}),
        # "Overhead Hats" are overheads; "HiHat Overheads" are hats.
        *([("drums", {"hihat", "cymbals"})] if _OVERHEADS & set(candidates[0].phrase) else []),
        # "drums kick", "perc shaker": a part of the kit is more specific than the kit.
        *((part, {"drums", "percussion"}) for part in KIT_PARTS),
        ("percussion", {"drums"}),
    ):
        if role in roles and roles <= over | {role}:
            return next(m for m in reversed(candidates) if m.role == role)
    specific = [m for m in candidates if m.role not in ("accompaniment", "other")]
    return (specific or candidates)[-1]


def _weak(words: list[str], shared: list[bool]) -> Choice | None:
    """Return a choice of low confidence where no phrase is known: a weak word, or one that starts with a known one."""
    own = [i for i, s in enumerate(shared) if not s] or list(range(len(words)))
    hints = [i for i in reversed(own) if words[i] in q.WEAK]
    for i in sorted(hints, key=lambda hint: q.WEAK[words[hint]][0] == "support"):
        return Choice(q.WEAK[words[i]][0], (words[i],), q.WEAK[words[i]][1])
    for i in reversed(own):
        for end in range(len(words[i]) - 1, 4, -1):
            if (words[i][:end],) in phrases():
                role = phrases()[(words[i][:end],)][0]
                negated = i > 0 and words[i - 1] in q.NEGATIONS
                return Choice(_without(role) if negated else role, (words[i],), 0.6)
    return None
