"""Who hides whom, as a heat map: every stem against every other one, or one stem by frequency."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mixrules._support.arguments import require_known
from mixrules.report import figure_style as style
from mixrules.report.song.figures.panel import HEIGHT, WIDTH, axes_or_new, label_axes, of_song
from mixrules.report.song.pictures import MaskingPicture, MeasuredSong

TOGETHER = "all others"
_DARKEST, _FULL_PERCENT = 0.75, 60.0
_LEAST_TOLD = 5.0
_CELL = 0.3
_MOST_ROWS = 6
_LEAST_WEIGHT = 0.01
"""A range that holds less of a stem is left empty."""


@of_song
def draw_masking(
    song: MeasuredSong, stem: str | None = None, *, when: str = "after", axes: Any = None
) -> Any:
    """Draw which stem hides which: in rows who is hidden, in columns by whom, in percent.

    Parameters
    ----------
    song : MeasuredSong
        The song.
    stem : str, optional
        One stem: then a row for each stem that hides it, and a column for each range of frequency.
    when : {"before", "after"}
        Of the stems as given, or in the mix.
    axes : matplotlib.axes.Axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ParameterError
        If the song has no such stem, or `when` is neither.

    Notes
    -----
    A moment of a stem in a band one ERB wide is hidden where another one lies more than 6 dB above it; each counts
    about as loud as it sounds. The last column, or row, is what all others hide together: at least what each hides
    alone.
    """
    require_known(when, ("before", "after"), what="moment")
    masking = song.masking_before if when == "before" else song.masking_after
    if stem is not None:
        song.stem(stem)
    if masking is None or (stem is not None and stem not in masking.names):
        axes = axes_or_new(axes)
        axes.set_axis_off()
        axes.text(
            0.5,
            0.5,
            "nothing that could hide it",
            transform=axes.transAxes,
            ha="center",
            fontsize=style.SMALL,
        )
        return axes
    if stem is None:
        return _draw_matrix(masking, axes)
    return _draw_stem(masking, stem, axes)


def frequency_ranges(masking: MaskingPicture) -> list[str]:
    """Return the ranges of frequency, as columns are called."""

    def short(hz: float) -> str:
        return f"{round(hz / 1000)}k" if hz >= 1000.0 else f"{hz:.0f}"

    return [f"{short(low)}–{short(high)}" for low, high in zip(masking.low_hz, masking.high_hz, strict=True)]


def _draw_matrix(masking: MaskingPicture, axes: Any) -> Any:
    names = [style.name_label(name, 18) for name in masking.names]
    percent = 100.0 * np.column_stack([masking.hidden_by.sum(axis=0), masking.hidden.sum(axis=0)])
    axes = axes_or_new(axes, width=1.6 + _CELL * (len(names) + 1), height=1.5 + _CELL * 0.75 * len(names))
    label_axes(axes, "hidden by", "stem, % of it hidden")
    _draw_cells(axes, percent, empty=np.eye(*percent.shape, dtype=np.bool_))
    axes.axvline(len(names) - 0.5, color=style.INK, linewidth=0.8)
    _name_cells(axes, names, [*names, TOGETHER])
    return axes


def _draw_stem(masking: MaskingPicture, stem: str, axes: Any) -> Any:
    """Draw a stem by frequency: in each range which share of what lies there is hidden."""
    number = masking.names.index(stem)
    within = masking.weight[:, number]
    order = np.argsort(-masking.hidden_by[:, number, :].sum(axis=0), kind="stable")
    shown = [other for other in order.tolist() if other != number][:_MOST_ROWS]
    parts = np.vstack([*(masking.hidden_by[:, number, other] for other in shown), masking.hidden[:, number]])
    percent = 100.0 * np.divide(parts, within, out=np.zeros_like(parts), where=within > 0.0)
    names = [*(style.name_label(masking.names[other], 18) for other in shown), TOGETHER]
    axes = axes_or_new(axes, width=WIDTH, height=max(HEIGHT - 0.4, 0.9 + 0.2 * len(names)))
    label_axes(axes, "frequency (Hz)", "% hidden by")
    _draw_cells(axes, percent, empty=np.broadcast_to(within < _LEAST_WEIGHT, percent.shape))
    axes.axhline(len(shown) - 0.5, color=style.INK, linewidth=0.8)
    _name_cells(axes, names, frequency_ranges(masking))
    return axes


def _draw_cells(axes: Any, percent: npt.NDArray[np.float64], *, empty: npt.NDArray[np.bool_]) -> None:
    """Draw squares as dark as their share is large, with the number where it says something."""
    from matplotlib.patches import Rectangle

    rows, columns = percent.shape
    for row in range(rows):
        for column in range(columns):
            if empty[row, column]:
                continue
            value = float(percent[row, column])
            if value < _LEAST_TOLD:
                continue
            alpha = _DARKEST * min(value / _FULL_PERCENT, 1.0)
            axes.add_patch(
                Rectangle((column - 0.5, row - 0.5), 1.0, 1.0, facecolor=style.BLUE, alpha=alpha, linewidth=0)
            )
            axes.text(
                column, row, f"{value:.0f}", ha="center", va="center", fontsize=style.TINY, color=style.INK
            )
    axes.set_xlim(-0.5, columns - 0.5)
    axes.set_ylim(rows - 0.5, -0.5)
    axes.set_xticks(np.arange(-0.5, columns), minor=True)
    axes.set_yticks(np.arange(-0.5, rows), minor=True)
    axes.grid(which="minor", color=style.GRID, linewidth=0.5)
    axes.tick_params(which="both", length=0)


def _name_cells(axes: Any, rows: list[str], columns: list[str]) -> None:
    axes.set_yticks(range(len(rows)), rows)
    axes.set_xticks(range(len(columns)), columns, rotation=90 if len(columns) > 3 else 0)
    for spine in axes.spines.values():
        spine.set_visible(False)
