"""What listeners wrote beside their ratings: of which song, and of which mix, whose letters are each listener's own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

_VERB = r"(?P<verb>(?i:\b(?:I|you|we|they|would|should|could|can|will)|['’]d|n['’]t|\bnot)\s+(?=(?i:mix)\s))"
_NOUN = r"\b(?i:mix|mixes|version|excerpt|sample|stimulus)\s+"
_AS_NAME = r"(?=\s*(?:$|[.,;:!?)&/<>=])|\s+(?i:is|was|has|had|sounds|sounded)\b)"
_NAMED = re.compile(rf"{_VERB}?{_NOUN}(?P<letter>[A-HJ-Z]\b|I{_AS_NAME})")
"""A capital letter behind a noun; "I would mix A" has a verb, and "the mix I liked" names none."""
_NOTE_AFTER = r"(?!\s*[#♯♭]|[\s-]+(?i:major|minor|maj|min|sharp|flat|chord|string|note|key)s?\b)"
_CAPITAL = re.compile(
    r"(?P<note>\b(?i:low|lower|high|higher|bottom|top|middle|open|drop|note|chord|key\s+of)\s+)?"
    rf"(?<![\w'’-])(?P<letter>[B-HJ-Z])(?![\w'’-]){_NOTE_AFTER}"
)
"""Letters that stand alone; A and I are words, and count only behind "mix" or its like; "low C" is a note."""
_WITH = r"\s*(?:,|and|or|than|vs\.?|[&/<>=])\s*"
_FIRST = re.compile(rf"(?<![\w'’-])A(?={_WITH}[B-HJ-Z](?![\w'’-]))|(?<![\w'’-])[B-HJ-Z]{_WITH}A(?![\w'’-])")
"""An A that stands beside another letter: "A and C", "B > A"."""
_LETTERS = 26


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """One comment.

    Parameters
    ----------
    listener : str
        Who wrote it.
    text : str
        What was written, without blanks at its ends.
    song, page : str
        Beside the ratings of which song, and on which page.
    conditions : tuple of str
        What it is about: the mix that it was written beside, or those that it names by their letters; empty where it
        is about the page as a whole, or does not say.
    order : tuple of str
        The conditions in the order in which this listener had them, as mix A, B and so on; empty where not known.
    repeat : int
        0 where the page was seen for the first time.
    group : str
        The listener's group.
    """

    listener: str
    text: str
    song: str
    page: str
    conditions: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    repeat: int = 0
    group: str = ""

    @property
    def heard_as(self) -> str:
        """What the letters stood for, for this listener: ``A = random, B = default``; empty where not known."""
        if len(self.order) > _LETTERS:
            return ""
        return ", ".join(f"{chr(65 + place)} = {name}" for place, name in enumerate(self.order))


def conditions_named(text: str, order: Sequence[str]) -> tuple[str, ...]:
    """Return which conditions a comment names by their letters.

    Parameters
    ----------
    text : str
        The comment.
    order : sequence of str
        The conditions in the order in which they were presented: the first was mix A.

    Returns
    -------
    tuple of str
        In the order of their letters, which are capitals. "A" and "I" are words: they count behind "mix" or a word like
        it, "A" also beside another letter. Notes and chords ("low C", "D minor") count for none.
    """
    letters = {found["letter"] for found in _NAMED.finditer(text) if not found["verb"]}
    letters |= {found["letter"] for found in _CAPITAL.finditer(text) if not found["note"]}
    if _FIRST.search(text):
        letters.add("A")
    return tuple(name for place, name in enumerate(order) if place < _LETTERS and chr(65 + place) in letters)


def merged_comments(comments: Iterable[Comment], groups: dict[str, str]) -> tuple[Comment, ...]:
    """Return comments, each once, with their listeners' groups, by song and by what they are about.

    Parameters
    ----------
    comments : iterable of Comment
        Of all sessions.
    groups : dict of str to str
        The group of each listener.
    """
    once = dict.fromkeys(replace(c, group=groups.get(c.listener, c.group)) for c in comments)
    return tuple(sorted(once, key=lambda c: (c.song, c.conditions, c.listener, c.page, c.repeat, c.text)))
