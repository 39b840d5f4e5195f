"""The page of a listening test's results: cautions, figures, verdicts, tables, what was left out, methods."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mixrules.ratings import sentences
from mixrules.ratings.analysis import Analysis
from mixrules.ratings.comments import Comment
from mixrules.ratings.describe import Description
from mixrules.ratings.table import ALL
from mixrules.ratings.undefined import interval_text, no_correlation, no_equivalence, no_p
from mixrules.ratings.verdicts import Comparison
from mixrules.report.page_frame import filled_page
from mixrules.report.ratings.figures import Figure

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


def ratings_page(analysis: Analysis, figures: Sequence[Figure]) -> str:
    """Return the page as HTML.

    Parameters
    ----------
    analysis : Analysis
        The whole.
    figures : sequence of Figure
        Drawn from it.

    Returns
    -------
    str
    """
    table = analysis.table
    return filled_page(
        "ratings_page.html.jinja",
        analysis=analysis,
        table=table,
        settings=analysis.settings,
        all=ALL,
        groups=table.groups(),
        listeners=len(table.names("listener")) if table.design == "within" else None,
        cautions=sentences.cautions(analysis),
        methods=sentences.methods(analysis),
        rules=analysis.settings.rejection.sentences(),
        figures=figures,
        comments=_comments(analysis),
        fold_comments=len(analysis.reading.comments) > _MANY_COMMENTS,
        interval=_interval_of(analysis),
        no_p=no_p,
        no_equivalence=no_equivalence,
        no_correlation=no_correlation,
        verdicts=lambda group: sentences.verdicts(analysis, group),
        omnibus=lambda o: sentences.omnibus_sentence(o, analysis.settings),
    )


def _interval_of(analysis: Analysis) -> Callable[..., str]:
    units = "listeners" if analysis.table.design == "within" else "values"

    def interval(row: Description | Comparison, test: str = "", digits: int = 2) -> str:
        of = units if not test.startswith("Mann") else "values"
        text = interval_text(row.ci_low, row.ci_high, analysis.settings, units=of, digits=digits)
        return text.replace("-", "\N{MINUS SIGN}")

    return interval


def _comments(analysis: Analysis) -> list[tuple[str, list[ShownComment]]]:
    """Return what was written, song by song."""
    used = set(analysis.table.listener)
    by_song: dict[str, list[ShownComment]] = {}
    for comment in analysis.reading.comments:
        by_song.setdefault(comment.song, []).append(ShownComment(comment, comment.listener in used))
    return list(by_song.items())
