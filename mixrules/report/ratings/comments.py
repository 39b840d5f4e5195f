"""What listeners wrote, as a page shows it: song by song, and in each system by system."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mixrules.ratings.analysis import Analysis
from mixrules.ratings.choices.analysis import ChoiceAnalysis
from mixrules.ratings.comments import Comment

_LONG = 280
"""Characters, as of three lines; a longer comment is folded."""
_FIRST_WORDS = 120
_MANY_COMMENTS = 20
"""More are folded song by song."""


@dataclass(frozen=True, slots=True)
class ShownComment:
    """A comment for a page: its lines, its first words where it is long, and whether its listener counts."""

    comment: Comment
    used: bool

    @property
    def lines(self) -> list[str]:
        """The lines as they were written."""
        return self.comment.text.splitlines()

    @property
    def short(self) -> str:
        """The first words of a long comment; empty for one that is shown whole."""
        text = " ".join(self.comment.text.split())
        if len(text) <= _LONG and len(self.lines) <= 4:
            return ""
        return text[:_FIRST_WORDS].rpartition(" ")[0] or text[:_FIRST_WORDS]


def shown_comments(analysis: Analysis | ChoiceAnalysis) -> dict[str, Any]:
    """Return ``comments``, song by song and by what they are about, and ``fold_comments``, whether to fold songs.

    Parameters
    ----------
    analysis : Analysis or ChoiceAnalysis
        The whole.
    """
    out = {gone.listener for gone in analysis.rejected}
    by_song: dict[str, dict[str, list[ShownComment]]] = {}
    for comment in analysis.reading.comments:
        about = by_song.setdefault(comment.song, {})
        shown = ShownComment(comment, comment.listener not in out)
        about.setdefault(", ".join(comment.conditions), []).append(shown)
    songs = [
        (song, sorted(about.items(), key=lambda part: (not part[0], "," in part[0], part[0])))
        for song, about in by_song.items()
    ]
    return {"comments": songs, "fold_comments": len(analysis.reading.comments) > _MANY_COMMENTS}
