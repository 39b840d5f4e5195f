"""The scales that several figures of a corpus share."""

from __future__ import annotations

from collections.abc import Sequence

from mixrules.corpus.extraction.schema import SNIPPETS, STEMS
from mixrules.report.corpus.description import CorpusDescription
from mixrules.report.corpus.measures import SONGS, measure_of
from mixrules.report.corpus.scales import Scale, shared_scale

LEVEL = ("vocal_to_backing_lu", "to_mix_lu")
"""Levels in LU against one another: all on one axis."""
LUFS = ("integrated_lufs", "short_term_lufs")


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
