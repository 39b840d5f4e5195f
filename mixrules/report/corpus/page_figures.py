"""Which figures show a corpus, in which order, and the sentence below each. Corpora stand side by side on one scale."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from mixrules.corpus.extraction.schema import SNIPPETS
from mixrules.report import figure_style as style
from mixrules.report.corpus import plots as draw
from mixrules.report.corpus.description import CorpusDescription
from mixrules.report.corpus.measures import SONGS, SPECTRA, measure_of
from mixrules.report.corpus.rows import role_rows, split_rows
from mixrules.report.corpus.scales import Scale
from mixrules.report.corpus.shared_scales import LEVEL, LUFS, scale_of
from mixrules.report.corpus.statistics import BandStatistics
from mixrules.report.corpus.value_counts import ExactValues
from mixrules.report.corpus.wording import loudest, panel_name, titled, usual
from mixrules.report.drawn_figure import DrawnFigure, finished
from mixrules.report.page_frame import fixed

_MOST_ROLES = 9


def page_figures(corpora: Sequence[CorpusDescription]) -> Iterator[DrawnFigure]:
    """Yield every figure for which there are values, drawn.

    Parameters
    ----------
    corpora : sequence of CorpusDescription
        What is shown, side by side.
    """
    with style.figure_style():
        levels = scale_of(corpora, LEVEL)
        yield from _histogram(
            corpora,
            "Levels",
            "vocal_to_backing",
            "Vocal to backing",
            [("vocal_to_backing_lu", SONGS), ("vocal_to_backing_lu", SNIPPETS)],
            "How loud the vocal is against everything else",
            levels,
        )
        yield from role_rows(corpora, "role_levels", "to_mix_lu", "Levels of the roles", levels)
        loudness = scale_of(corpora, LUFS)
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
        yield from role_rows(corpora, "decay", "decay_s", "Decay times", scale_of(corpora, ("decay_s",)))
        yield from split_rows(corpora)


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
    keys = [
        (column, signal, of)
        for column, of in wanted
        for signal in measure_of(column).signals
        if any((s := corpus.find(column, signal, of)) and s.values.count for corpus in corpora)
    ]
    shown = [(corpus, key, corpus.find(*key)) for corpus in corpora for key in keys]
    if not shown:
        return
    panels = [
        draw.Panel(
            title=titled(corpora, corpus, panel_name(signal, of, wanted)),
            values=series.values if series else ExactValues(np.zeros(0)),
            songs=corpus.statistic(series).songs if series else 0,
            of=of,
            colour=style.VERMILION if column in LEVEL else draw.SIGNAL_COLOURS[signal],
        )
        for corpus, (column, signal, of), series in shown
    ]
    columns = len(keys) if len(keys) > 1 else min(3, len(panels))
    figure = draw.histograms(panels, scale, measure_of(wanted[0][0]).axis_label, columns)
    told = "; ".join(
        f"{panel.title} {usual(corpus, series)}"
        for panel, (corpus, _, series) in zip(panels, shown, strict=True)
        if series
    )
    yield finished(figure, part, name, heading, f"{what}: {told}.")


def _plain(corpora: Sequence[CorpusDescription], part: str, name: str, column: str) -> Iterator[DrawnFigure]:
    """Draw one measure of songs."""
    measure = measure_of(column)
    heading = measure.label[0].upper() + measure.label[1:]
    yield from _histogram(
        corpora, part, name, heading, [(column, SONGS)], heading, scale_of(corpora, (column,), (SONGS,))
    )


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
    yield finished(figure, "Spectra and width", name, heading, caption)


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
    yield finished(
        figure,
        "Spectra and width",
        "vocal_minus_backing",
        "Vocal minus backing",
        f"Band levels of the vocal less those of the backing: line the median of songs, dark the quartiles, light the "
        f"middle 90 %; in octave bands {told}.",
    )


def _most_used(bands: Sequence[BandStatistics]) -> list[BandStatistics]:
    """Return the spectra of signals, and of the roles that most songs have."""
    roles = sorted((b for b in bands if b.role), key=lambda b: (-b.songs, b.role))[:_MOST_ROLES]
    return [*(b for b in bands if not b.role), *roles]


def _has_unit(column: str) -> bool:
    return column.rpartition("_")[2] in ("hz", "hz2", "bpm", "s")
