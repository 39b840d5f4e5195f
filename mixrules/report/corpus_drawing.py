"""Which figures show a corpus, in which order, and the sentence below each. Corpora stand side by side on one scale."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mixrules.corpus.extraction.schema import SNIPPETS, STEMS
from mixrules.report import corpus_figures as draw
from mixrules.report import figure_style as style
from mixrules.report.corpus_description import CorpusDescription
from mixrules.report.corpus_measures import MEASURES, SONGS, SPECTRA
from mixrules.report.corpus_scales import Scale, shared_scale
from mixrules.report.corpus_series import Series
from mixrules.report.corpus_statistics import BandStatistics
from mixrules.report.corpus_wording import loudest, panel_name, titled, usual
from mixrules.report.page_frame import fixed
from mixrules.report.value_counts import ExactValues

_LEVEL = ("vocal_to_backing_lu", "to_mix_lu")
"""Levels in LU against one another: all on one axis."""
_LUFS = ("integrated_lufs", "short_term_lufs")
_MOST_ROLES = 9
_SPLIT_MEASURES = (
    *("vocal_to_backing_lu", "integrated_lufs", "loudness_range_lu", "true_peak_dbtp", "crest_factor_db"),
    *("side_to_mid_db", "tempo_bpm", "onset_density_per_s", "chord_change_density_per_s", "spectral_flux"),
    *("spectral_centroid_hz", "zero_crossing_rate"),
)


@dataclass(frozen=True, slots=True)
class DrawnFigure:
    """A figure: the part of the page it belongs to, a name for its files, heading, caption, and its two forms."""

    part: str
    name: str
    heading: str
    caption: str
    svg: str
    png: bytes


def corpus_figures(corpora: Sequence[CorpusDescription]) -> Iterator[DrawnFigure]:
    """Draw every figure for which there are values.

    Parameters
    ----------
    corpora : sequence of CorpusDescription
        What is shown, side by side.
    """
    with style.figure_style():
        levels = _scale(corpora, _LEVEL)
        yield from _histogram(
            corpora,
            "Levels",
            "vocal_to_backing",
            "Vocal to backing",
            [("vocal_to_backing_lu", SONGS), ("vocal_to_backing_lu", SNIPPETS)],
            "How loud the vocal is against everything else",
            levels,
        )
        yield from _roles(corpora, "role_levels", "to_mix_lu", "Levels of the roles", levels)
        loudness = _scale(corpora, _LUFS)
        for column, of, name, what in (
            ("integrated_lufs", SONGS, "integrated_loudness", "Integrated loudness"),
            ("short_term_lufs", SNIPPETS, "short_term_loudness", "Short-term loudness"),
        ):
            yield from _histogram(corpora, "Loudness", name, what, [(column, of)], what, loudness)
        for column, name in (
            ("loudness_range_lu", "loudness_range"),
            ("true_peak_dbtp", "true_peak"),
            ("crest_factor_db", "crest_factor"),
        ):
            yield from _plain(corpora, "Loudness", name, column)
        for index, name in enumerate(("octave_bands", "third_octave_bands")):
            yield from _spectra(corpora, name, index)
        yield from _difference(corpora)
        yield from _plain(corpora, "Spectra and width", "side_to_mid", "side_to_mid_db")
        for column in (
            *("spectral_centroid_hz", "spectral_centroid_variance_hz2", "zero_crossing_rate"),
            *("spectral_flux", "tempo_bpm", "beat_density_per_s", "onset_density_per_s"),
            "chord_change_density_per_s",
        ):
            part = "Timbre" if column.startswith(("spectral", "zero")) else "Time"
            yield from _plain(
                corpora, part, column.rpartition("_")[0] if _has_unit(column) else column, column
            )
        yield from _roles(corpora, "decay", "decay_s", "Decay times", _scale(corpora, ("decay_s",)))
        yield from _splits(corpora)


def _histogram(
    corpora: Sequence[CorpusDescription],
    part: str,
    name: str,
    heading: str,
    wanted: Sequence[tuple[str, str]],
    what: str,
    scale: Scale,
) -> Iterator[DrawnFigure]:
    """Draw a row of histograms a corpus: the signals of each measure."""
    shown = [
        (corpus, series)
        for corpus in corpora
        for column, of in wanted
        for series in corpus.find_all(column, of)
        if any(other.values.count for other in _same(corpora, series))
    ]
    if not shown:
        return
    panels = [
        draw.Panel(
            title=titled(corpora, corpus, panel_name(series, wanted)),
            values=series.values,
            songs=corpus.statistic(series).songs,
            of=series.table,
            colour=_colour(series),
        )
        for corpus, series in shown
    ]
    measure = shown[0][1].measure
    columns = max(sum(c is corpus for c, _ in shown) for corpus in corpora)
    figure = draw.histograms(
        panels, scale, measure.axis_label, columns if columns > 1 else min(3, len(panels))
    )
    told = "; ".join(f"{titled(corpora, c, panel_name(s, wanted))} {usual(c, s)}" for c, s in shown)
    yield _finished(figure, part, name, heading, f"{what}: {told}.")


def _plain(corpora: Sequence[CorpusDescription], part: str, name: str, column: str) -> Iterator[DrawnFigure]:
    """Draw one measure of songs."""
    measure = next(m for m in MEASURES if m.column == column)
    heading = measure.label[0].upper() + measure.label[1:]
    yield from _histogram(
        corpora, part, name, heading, [(column, SONGS)], heading, _scale(corpora, (column,), (SONGS,))
    )


def _roles(
    corpora: Sequence[CorpusDescription], name: str, column: str, heading: str, scale: Scale
) -> Iterator[DrawnFigure]:
    """Draw a row a role, in the order of the medians of the first corpus that has it."""
    found = [[s for s in corpus.find_all(column, STEMS) if s.values.count] for corpus in corpora]
    medians: dict[str, float] = {}
    for series in found:
        for each in series:
            medians.setdefault(each.role, float(each.values.quantiles((0.5,))[0]))
    if not medians:
        return
    order = sorted(medians, key=lambda role: -medians[role])
    panels = [
        [
            draw.Panel(
                title=role or "no role",
                values=own[role].values if role in own else ExactValues(np.zeros(0)),
                songs=corpus.statistic(own[role]).songs if role in own else 0,
                of=STEMS,
            )
            for role in order
        ]
        for corpus, own in zip(corpora, ({s.role: s for s in series} for series in found), strict=True)
    ]
    measure = next(m for m in MEASURES if m.column == column)
    figure = draw.boxes(
        panels,
        [titled(corpora, corpus, "") for corpus in corpora],
        [scale] * len(corpora),
        [measure.axis_label] * len(corpora),
        min(2, len(corpora)),
    )
    high, low = order[0], order[-1]
    unit = measure.unit
    caption = (
        f"{heading}, each stem a value, songs in brackets: line the middle 90 %, box the quartiles, stroke the median. "
        f"Highest median {high or 'no role'} ({measure.shown(medians[high])} {unit}), lowest {low or 'no role'} "
        f"({measure.shown(medians[low])} {unit})."
    )
    yield _finished(figure, "Levels" if column == "to_mix_lu" else "Time", name, heading, caption)


def _spectra(corpora: Sequence[CorpusDescription], name: str, index: int) -> Iterator[DrawnFigure]:
    spectrum = SPECTRA[index]
    shown = [
        (corpus, bands)
        for corpus in corpora
        for bands in _most_used([b for b in corpus.spectra if b.spectrum is spectrum])
    ]
    if not shown:
        return
    panels = [
        (
            titled(corpora, corpus, f"stems: {bands.role}" if bands.role else bands.signal),
            draw.SIGNAL_COLOURS.get(bands.signal, "#009E73"),
            bands,
        )
        for corpus, bands in shown
    ]
    figure = draw.spectra(panels, "level re sum of bands (dB)")
    told = ", ".join(
        f"{titled(corpora, corpus, bands.signal)} at {loudest(bands)}"
        for corpus, bands in shown
        if not bands.role
    )
    heading = spectrum.label[0].upper() + spectrum.label[1:]
    caption = (
        f"{heading} of each signal and role, relative to the sum of its bands: line the median of songs, dark the "
        f"quartiles, light the middle 90 %. Highest medians: {told}."
    )
    yield _finished(figure, "Spectra and width", name, heading, caption)


def _difference(corpora: Sequence[CorpusDescription]) -> Iterator[DrawnFigure]:
    """Draw vocal minus backing, in octaves and thirds on one axis."""
    shown = [(c, b) for c in corpora for b in c.spectra if not b.spectrum.relative]
    if not shown:
        return
    panels = [
        (
            titled(corpora, corpus, bands.spectrum.label.rpartition(", ")[2]),
            style.VERMILION,
            bands,
        )
        for corpus, bands in shown
    ]
    figure = draw.spectra(panels, "vocal minus backing (dB)", 2)
    told = "; ".join(
        f"{titled(corpora, corpus, 'the vocal')} comes nearest at {loudest(bands)} "
        f"({fixed(max(row.median for row in bands.rows), 1)} dB)"
        for corpus, bands in shown
        if len(bands.centers_hz) < 12
    )
    yield _finished(
        figure,
        "Spectra and width",
        "vocal_minus_backing",
        "Vocal minus backing",
        f"Band levels of the vocal less those of the backing: line the median of songs, dark the quartiles, light the "
        f"middle 90 %; in octave bands {told}.",
    )


def _splits(corpora: Sequence[CorpusDescription]) -> Iterator[DrawnFigure]:
    """Draw the splits of each corpus beside each other, measure by measure."""
    for number, corpus in enumerate(corpora):
        splits = corpus.tables.split_names()
        if len(splits) < 2:
            continue
        panels, titles, scales, labels = [], [], [], []
        for column in _SPLIT_MEASURES:
            series = corpus.find(column, "mix", SONGS)
            if series is None or not series.values.count:
                continue
            rows = []
            for place, split in enumerate(splits):
                own = series.song_means[corpus.tables.splits == split]
                values = ExactValues(own)
                colour = style.GROUP_COLOURS[place % len(style.GROUP_COLOURS)]
                rows.append(
                    draw.Panel(title=split or "none", values=values, songs=values.count, colour=colour)
                )
            panels.append(rows)
            titles.append(series.measure.label)
            scales.append(
                _scale(corpora, _LEVEL)
                if column in _LEVEL
                else _scale(corpora, _LUFS if column in _LUFS else (column,), (SONGS, SNIPPETS))
            )
            labels.append(series.measure.axis_label)
        if not panels:
            continue
        figure = draw.boxes(panels, titles, scales, labels, 3)
        counts = ", ".join(
            f"{split or 'none'} {int((corpus.tables.splits == split).sum())}" for split in splits
        )
        yield _finished(
            figure,
            "Splits",
            "splits" if len(corpora) == 1 else f"splits_{number + 1}",
            titled(corpora, corpus, "Splits beside each other"),
            f"Measures of the mix in the songs of each split ({counts}): line the middle 90 %, box the quartiles, stroke "
            "the median.",
        )


def _scale(
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
    logarithmic = any(m.logarithmic for m in MEASURES if m.column in columns)
    songs = max(len(corpus.tables.songs) for corpus in corpora)
    return shared_scale(samples, songs, logarithmic=logarithmic)


def _same(corpora: Sequence[CorpusDescription], series: Series) -> list[Series]:
    found = [corpus.find(series.measure.column, series.signal, series.table) for corpus in corpora]
    return [each for each in found if each is not None]


def _most_used(bands: Sequence[BandStatistics]) -> list[BandStatistics]:
    """Return the spectra of signals, and of the roles that most songs have."""
    roles = sorted((b for b in bands if b.role), key=lambda b: (-b.songs, b.role))[:_MOST_ROLES]
    return [*(b for b in bands if not b.role), *roles]


def _colour(series: Series) -> str:
    if series.measure.column == "vocal_to_backing_lu":
        return style.VERMILION
    return draw.SIGNAL_COLOURS.get(series.signal, style.BLUE)


def _has_unit(column: str) -> bool:
    return column.rpartition("_")[2] in ("hz", "hz2", "bpm", "s")


def _finished(figure: Any, part: str, name: str, heading: str, caption: str) -> DrawnFigure:
    # Laid out once: drawing does it again each time, and it takes longer than all else.
    figure.get_layout_engine().execute(figure)
    figure.set_layout_engine("none")
    return DrawnFigure(part, name, heading, caption, style.svg_of(figure), style.png_of(figure))
