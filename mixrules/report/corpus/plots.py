"""How a corpus is drawn: histograms, rows of boxes, and spectra with their spread; panels share what can be shared."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mixrules.report import figure_style as style
from mixrules.report.corpus.scales import Scale
from mixrules.report.corpus.statistics import BandStatistics
from mixrules.report.corpus.value_counts import ExactValues, Values

_WIDTH, _HEIGHT = 3.75, 2.3
"""Of a panel, inches."""
_LEFT, _RIGHT, _BELOW, _ABOVE = 0.66, 0.2, 0.55, 0.5
"""Around the axes of a panel, for ticks, labels and titles of known size, inches: measuring their text takes longer than
drawing it."""
_TITLE = 34
"""Of a panel, characters at most."""
_ROW = 0.3
"""Of a row of boxes, inches."""
_FEW = 30
"""Up to so many values are drawn one by one too."""
_FEWEST_FOR_BOX = 5
_SOFT = "#555555"
COLUMNS = 3
SIGNAL_COLOURS = {"vocal": style.VERMILION, "backing": style.BLUE, "mix": "#3d444d"}
_SHOWN_DB = 80.0
_RAISED = {ord(digit): raised for digit, raised in zip("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹", strict=True)}
_TICKS_HZ = {63: "63", 250: "250", 1000: "1k", 4000: "4k", 16000: "16k"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """What a panel, or a row of boxes in one, shows.

    Attributes
    ----------
    title : str
        Its title.
    values : Values
        The distribution.
    songs : int
        How many songs it is of.
    of : str
        What has a value each: songs, stems or snippets.
    colour : str
        What it is drawn in.
    """

    title: str
    values: Values
    songs: int
    of: str = "songs"
    colour: str = style.BLUE

    @property
    def how_many(self) -> str:
        """How many values of how many songs, in words."""
        songs = f"{self.songs:,} song{'' if self.songs == 1 else 's'}"
        return songs if self.of == "songs" else f"{self.values.count:,} {self.of} of {songs}"


def histograms(panels: Sequence[Panel], scale: Scale, axis_label: str, columns: int = COLUMNS) -> Any:
    """Draw a histogram a panel, all with the same bins and heights.

    Parameters
    ----------
    panels : sequence of Panel
        In reading order.
    scale : Scale
        Of all of them.
    axis_label : str
        What the values are, with their unit.
    columns : int
        How many in a row.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = _panels(len(panels), columns)
    highest = 0.0
    for axis, panel in zip(axes, panels, strict=True):
        counts, below, above = panel.values.histogram(scale.edges)
        shares = 100.0 * counts / max(panel.values.count, 1)
        highest = max(highest, float(shares.max(initial=0.0)))
        axis.stairs(shares, scale.edges, fill=True, color=panel.colour, alpha=0.7)
        if panel.values.count:
            median = scale.clip(panel.values.quantiles((0.5,)))
            axis.axvline(median[0], color=style.INK, linewidth=1.1, linestyle=(0, (4, 2)))
        _rug(axis, panel.values, scale)
        _say_beyond(axis, below, above)
        axis.set_title(f"{style.name_label(panel.title, _TITLE)}\n", fontsize=10, y=1.0)
        _small(axis, 0.0, 1.04, panel.how_many)
        _value_axis(axis, scale)
        axis.set_xlabel(axis_label, fontsize=style.SMALL)
        axis.set_ylabel(f"share of {panel.of} (%)", fontsize=style.SMALL)
        style.value_grid(axis, "y")
    for axis in axes:
        axis.set_ylim(0.0, highest * 1.12 or 1.0)
    return figure


def boxes(
    panels: Sequence[Sequence[Panel]],
    titles: Sequence[str],
    scales: Sequence[Scale],
    labels: Sequence[str],
    columns: int,
) -> Any:
    """Draw rows of boxes: median, quartiles and the middle 90 %; few values as points.

    Parameters
    ----------
    panels : sequence of sequence of Panel
        The rows of each panel.
    titles : sequence of str
        Of the panels.
    scales : sequence of Scale
        The axis of each.
    labels : sequence of str
        What each axis says.
    columns : int
        How many panels in a row.

    Returns
    -------
    matplotlib.figure.Figure
    """
    most = max(len(rows) for rows in panels)
    width = _WIDTH if columns > 2 else 1.5 * _WIDTH
    figure, axes = style.panels(len(panels), columns, width=width, height=1.0 + _ROW * most)
    for axis, rows, title, scale, label in zip(axes, panels, titles, scales, labels, strict=True):
        for number, row in enumerate(rows):
            _box(axis, number, row, scale)
        names = [f"{style.name_label(row.title)} ({row.songs:,})" for row in rows]
        axis.set_yticks(range(len(rows)), names, fontsize=style.TINY)
        axis.set_ylim(most - 0.4, -0.6)
        axis.tick_params(axis="y", length=0)
        axis.set_title(style.name_label(title, 40), fontsize=10, y=1.0)
        _value_axis(axis, scale)
        axis.set_xlabel(label, fontsize=style.SMALL)
        style.value_grid(axis, "x")
    return figure


def spectra(
    panels: Sequence[tuple[str, str, BandStatistics]], axis_label: str, columns: int = COLUMNS
) -> Any:
    """Draw the median of each band, its quartiles and the middle 90 %, all panels on one dB axis.

    Parameters
    ----------
    panels : sequence of (title, colour, BandStatistics)
        In reading order.
    axis_label : str
        What the levels are.
    columns : int
        How many in a row.

    Returns
    -------
    matplotlib.figure.Figure
    """
    lowest = np.nanmin([row.q05 for *_, bands in panels for row in bands.rows])
    highest = np.nanmax([row.q95 for *_, bands in panels for row in bands.rows])
    high = 10.0 * np.ceil(highest / 10.0 + 0.1)
    low = max(10.0 * np.floor(lowest / 10.0 - 0.1), high - _SHOWN_DB)
    figure, axes = _panels(len(panels), columns)
    for axis, (title, colour, bands) in zip(axes, panels, strict=True):
        q05, q25, median, q75, q95 = (
            np.array([getattr(row, name) for row in bands.rows])
            for name in ("q05", "q25", "median", "q75", "q95")
        )
        axis.fill_between(bands.centers_hz, q05, q95, color=colour, alpha=0.2, linewidth=0)
        axis.fill_between(bands.centers_hz, q25, q75, color=colour, alpha=0.35, linewidth=0)
        axis.plot(bands.centers_hz, median, color=colour, linewidth=1.6)
        axis.set_xscale("log")
        axis.set(ylim=(low, high), xlim=(20.0, 22_000.0))
        axis.set_xticks(list(_TICKS_HZ), list(_TICKS_HZ.values()))
        axis.minorticks_off()
        axis.set_title(f"{style.name_label(title, _TITLE)}\n", fontsize=10, y=1.0)
        _small(axis, 0.0, 1.04, f"{bands.songs:,} song{'' if bands.songs == 1 else 's'}")
        axis.set_xlabel("frequency (Hz)", fontsize=style.SMALL)
        axis.set_ylabel(axis_label, fontsize=style.SMALL)
        style.value_grid(axis, "both")
        if low < 0.0 < high:
            axis.axhline(0.0, color=style.INK, linewidth=0.8)
    return figure


def _panels(count: int, columns: int) -> tuple[Any, list[Any]]:
    """Return a figure with panels of one size, laid out already."""
    figure, axes = style.panels(count, columns, width=_WIDTH, height=_HEIGHT)
    figure.set_layout_engine("none")
    columns = min(columns, count)
    width, height = figure.get_size_inches()
    for place, axis in enumerate(axes):
        row, column = divmod(place, columns)
        left, bottom = column * _WIDTH + _LEFT, height - (row + 1) * _HEIGHT + _BELOW
        size = (_WIDTH - _LEFT - _RIGHT, _HEIGHT - _BELOW - _ABOVE)
        axis.set_position((left / width, bottom / height, size[0] / width, size[1] / height))
    return figure, axes


def _box(axis: Any, place: int, panel: Panel, scale: Scale) -> None:
    values = panel.values
    if not values.count:
        return
    if isinstance(values, ExactValues) and 0 < values.count <= _FEW:
        axis.plot(
            scale.clip(values.values),
            np.full(values.count, place),
            "o",
            color=style.FAINT if values.count >= _FEWEST_FOR_BOX else panel.colour,
            markersize=3.5,
            markeredgewidth=0,
        )
    if values.count < _FEWEST_FOR_BOX:
        return
    low, lower, median, upper, high = scale.clip(values.quantiles((0.05, 0.25, 0.5, 0.75, 0.95)))
    axis.plot([low, high], [place, place], color=panel.colour, linewidth=1.2)
    axis.barh(
        place, upper - lower, left=lower, height=0.52, color=panel.colour, alpha=0.45, edgecolor=panel.colour
    )
    axis.plot([median, median], [place - 0.26, place + 0.26], color=style.INK, linewidth=1.8)


def _rug(axis: Any, values: Values, scale: Scale) -> None:
    """Draw a stroke for each of few values below the bars."""
    if isinstance(values, ExactValues) and 0 < values.count <= _FEW:
        axis.plot(
            scale.clip(values.values),
            np.zeros(values.count),
            "|",
            color=style.INK,
            markersize=9,
            markeredgewidth=0.9,
            clip_on=False,
        )


def _say_beyond(axis: Any, below: int, above: int) -> None:
    """Write at the ends how many values lie beyond them."""
    if below:
        _small(axis, 0.01, 0.9, f"◂ {below:,} below")
    if above:
        _small(axis, 0.99, 0.9, f"{above:,} above ▸", align="right")


def _value_axis(axis: Any, scale: Scale) -> None:
    if scale.logarithmic:
        axis.set_xscale("log")
        axis.minorticks_off()
        axis.xaxis.set_major_formatter(lambda value, _: "10" + f"{math.log10(value):.0f}".translate(_RAISED))
    axis.set_xlim(*scale.limits)


def _small(axis: Any, x: float, y: float, text: str, align: str = "left") -> None:
    axis.text(x, y, text, transform=axis.transAxes, fontsize=style.TINY, color=_SOFT, ha=align)
