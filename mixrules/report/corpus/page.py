"""The page of a corpus: figures, splits, songs that stand out, what is missing, statistics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mixrules._support.version import __version__
from mixrules.report.corpus.description import CorpusDescription
from mixrules.report.corpus.measures import measure_of
from mixrules.report.corpus.outliers import Outlier
from mixrules.report.corpus.statistics import BOOTSTRAP_SONGS, Settings
from mixrules.report.drawn_figure import DrawnFigure
from mixrules.report.page_frame import filled_page

_MOST_NAMED = 30
_MOST_SHIFTS = 8
_FEW_SONGS = 10


@dataclass(frozen=True, slots=True)
class _NamedSong:
    """A song that stands out, and by what."""

    name: str
    corpus: str
    split: str
    outliers: tuple[Outlier, ...]


def corpus_page(
    corpora: Sequence[CorpusDescription], figures: Sequence[DrawnFigure], settings: Settings
) -> str:
    """Return the page as HTML that needs no other file.

    Parameters
    ----------
    corpora : sequence of CorpusDescription
        What is described.
    figures : sequence of DrawnFigure
        Drawn of them.
    settings : Settings
        How intervals were made and what an outlier is.
    """
    songs = [song for corpus in corpora for song in _named(corpus)]
    rows = [row for corpus in corpora for row in corpus.statistics]
    parts = dict.fromkeys(figure.part for figure in figures)
    return filled_page(
        "corpus_page.html.jinja",
        corpora=corpora,
        settings=settings,
        cautions=_cautions(corpora),
        parts=[(part, [figure for figure in figures if figure.part == part]) for part in parts],
        split_sentences=[s for corpus in corpora for s in split_sentences(corpus, len(corpora), settings)],
        named=songs[:_MOST_NAMED],
        more_songs=max(0, len(songs) - _MOST_NAMED),
        most_named=_MOST_NAMED,
        missing=[line for corpus in corpora for line in missing_lines(corpus, len(corpora))],
        intervals=_intervals(settings),
        tables=[
            (label, own)
            for label, own in (
                ("Songs", [r for r in rows if r.of == "songs" and not r.split]),
                ("Stems by role", [r for r in rows if r.of == "stems"]),
                ("Snippets", [r for r in rows if r.of == "snippets"]),
                ("Songs by split", [r for r in rows if r.split]),
            )
            if own
        ],
        version=__version__,
    )


def split_sentences(corpus: CorpusDescription, corpora: int, settings: Settings) -> list[str]:
    """Return in words where the splits of a corpus differ.

    Parameters
    ----------
    corpus : CorpusDescription
        The corpus.
    corpora : int
        How many are on the page: with several each sentence names its own.
    settings : Settings
        The level of the tests.
    """
    if len(corpus.tables.split_names()) < 2:
        return []
    own = f"{corpus.name}: the" if corpora > 1 else "The"
    if not corpus.shifts:
        return [f"{own} splits have too few songs to be compared: three each are needed."]
    tests = f"{len(corpus.shifts)} measures, Holm's correction for all of them"
    different = [shift for shift in corpus.shifts if shift.p_holm < settings.alpha]
    if not different:
        least = corpus.shifts[0]
        return [
            f"{own} splits were not shown to differ ({tests}; the smallest p is {least.p_holm:.2g}, "
            f"{least.measure.label_of(least.signal)}). That is not equality: few songs show large differences only."
        ]
    more = len(different) - _MOST_SHIFTS
    return [
        f"{own} splits differ in {len(different)} of {tests}:",
        *(shift.sentence for shift in different[:_MOST_SHIFTS]),
        *([f"{more} more in splits.csv."] if more > 0 else []),
    ]


def missing_lines(corpus: CorpusDescription, corpora: int) -> list[str]:
    """Return in words which values are not defined: in one line what no song has.

    Parameters
    ----------
    corpus : CorpusDescription
        The corpus.
    corpora : int
        How many are on the page: with several each line names its own.
    """
    own = f"{corpus.name}: " if corpora > 1 else ""
    there = {row.measure for row in corpus.statistics if row.values}
    rows = corpus.missing()
    absent = dict.fromkeys(row.measure for row in rows if row.measure not in there)
    lines = [f"{own}{', '.join(absent)}: no song has any."] if absent else []
    for row in rows:
        if row.measure in absent:
            continue
        several = len(measure_of(row.measure).signals) > 1
        whose = row.role or (row.signal if several else "")
        of = f" of {whose}" if whose else ""
        lines.append(f"{own}{row.measure}{of}: {row.missing} of {row.missing + row.values} {row.of}.")
    return lines


def _named(corpus: CorpusDescription) -> list[_NamedSong]:
    """Return the songs that stand out; the outliers of one song follow one another."""
    by_song: dict[str, list[Outlier]] = {}
    for outlier in corpus.outliers:
        by_song.setdefault(outlier.song, []).append(outlier)
    return [_NamedSong(song, corpus.name, own[0].split, tuple(own)) for song, own in by_song.items()]


def _cautions(corpora: Sequence[CorpusDescription]) -> list[str]:
    found = []
    for corpus in corpora:
        count = len(corpus.tables.songs)
        if count < _FEW_SONGS:
            own = f"{corpus.name} has" if len(corpora) > 1 else "There are"
            songs = "1 song" if count == 1 else f"{count} songs"
            own = own.replace("There are", "There is") if count == 1 else own
            found.append(
                f"{own} only {songs}: histograms and quantiles of so few say little of others like them."
            )
    return found


def _intervals(settings: Settings) -> str:
    if not settings.resamples:
        return "none was asked for."
    return (
        f"a bias-corrected and accelerated bootstrap (Efron 1987; {settings.resamples} resamples) up to "
        f"{BOOTSTRAP_SONGS} songs, standard errors above; none with fewer than three songs."
    )
