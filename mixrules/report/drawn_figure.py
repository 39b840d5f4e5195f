"""A figure of a corpus once it is drawn, and the scales that several figures share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mixrules.corpus.extraction.schema import SNIPPETS, STEMS
from mixrules.report import figure_style as style
from mixrules.report.corpus_description import CorpusDescription
from mixrules.report.corpus_measures import SONGS, measure_of
from mixrules.report.corpus_scales import Scale, shared_scale

LEVEL = ("vocal_to_backing_lu", "to_mix_lu")
"""Levels in LU against one another: all on one axis."""
LUFS = ("integrated_lufs", "short_term_lufs")


@dataclass(frozen=True, slots=True)
class DrawnFigure:
    """A figure: the part of the page it belongs to, a name for its files, heading, caption, and its two forms."""

    part: str
    name: str
    heading: str
    caption: str
    svg: str
    png: bytes


def scale_of(
    corpora: Sequence[CorpusDescription],
    columns: Sequence[str],
    tables: Sequence[str] = (SONGS, STEMS, SNIPPETS),
) -> Scale:
    """Return the scale that every panel of some columns has, of all corpora together."""
    samples = [
        series.values
        for corpus in corpora
        for series in corpus.series
        if series.measure.column in columns and series.table in tables
    ]
    logarithmic = any(measure_of(column).logarithmic for column in columns)
    songs = max(len(corpus.tables.songs) for corpus in corpora)
    return shared_scale(samples, songs, logarithmic=logarithmic)


def finished(figure: Any, part: str, name: str, heading: str, caption: str) -> DrawnFigure:
    """Return a figure in its two forms."""
    # Laid out once: drawing does it again each time, and it takes longer than all else.
    figure.get_layout_engine().execute(figure)
    figure.set_layout_engine("none")
    return DrawnFigure(part, name, heading, caption, style.svg_of(figure), style.png_of(figure))
