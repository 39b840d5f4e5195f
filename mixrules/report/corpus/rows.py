"""Figures of rows: the roles of a corpus's stems, and its splits beside each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from mixrules.corpus.extraction.schema import SNIPPETS, STEMS
from mixrules.report import figure_style as style
from mixrules.report.corpus import plots as draw
from mixrules.report.corpus.description import CorpusDescription
from mixrules.report.corpus.measures import SONGS, measure_of
from mixrules.report.corpus.scales import Scale
from mixrules.report.corpus.shared_scales import LEVEL, LUFS, scale_of
from mixrules.report.corpus.value_counts import ExactValues
from mixrules.report.corpus.wording import titled
from mixrules.report.drawn_figure import DrawnFigure, finished

_SPLIT_MEASURES = (
    *("vocal_to_backing_lu", "integrated_lufs", "loudness_range_lu", "true_peak_dbtp", "crest_factor_db"),
    *("side_to_mid_db", "tempo_bpm", "onset_density_per_s", "chord_change_density_per_s", "spectral_flux"),
    *("spectral_centroid_hz", "zero_crossing_rate"),
)


def role_rows(
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
    measure = measure_of(column)
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
    yield finished(figure, "Levels" if column == "to_mix_lu" else "Time", name, heading, caption)


def split_rows(corpora: Sequence[CorpusDescription]) -> Iterator[DrawnFigure]:
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
                scale_of(corpora, LEVEL)
                if column in LEVEL
                else scale_of(corpora, LUFS if column in LUFS else (column,), (SONGS, SNIPPETS))
            )
            labels.append(series.measure.axis_label)
        if not panels:
            continue
        figure = draw.boxes(panels, titles, scales, labels, 3)
        counts = ", ".join(
            f"{split or 'none'} {int((corpus.tables.splits == split).sum())}" for split in splits
        )
        yield finished(
            figure,
            "Splits",
            "splits" if len(corpora) == 1 else f"splits_{number + 1}",
            titled(corpora, corpus, "Splits beside each other"),
            f"Measures of the mix in the songs of each split ({counts}): line the middle 90 %, box the quartiles, stroke "
            "the median.",
        )
