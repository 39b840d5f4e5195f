"""The whole plan at a glance: fader, place and reverb of every stem."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mixrules._support.arguments import shown_value
from mixrules.errors import ParameterError
from mixrules.report import figure_style as style
from mixrules.report.song.figures.panel import (
    axes_or_new,
    finite,
    label_axes,
    legend,
    legend_label,
    of_song,
    steps_of,
)
from mixrules.report.song.figures.stereo import ROW, rows_of_stems
from mixrules.report.song.pictures import MeasuredSong, StemPicture

_WIDTHS = (2.3, 1.4, 1.5, 2.2)
_MARGIN = 0.75
_STEM, _DOT = 1.6, 4.5


@of_song
def draw_plan(song: MeasuredSong, *, axes: Sequence[Any] | None = None) -> tuple[Any, Any, Any, Any]:
    """Draw the faders, pans and reverb sends of all stems, and name their other processors.

    Parameters
    ----------
    song : MeasuredSong
        The song.
    axes : sequence of 4 matplotlib.axes.Axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    tuple of 4 matplotlib.axes.Axes
        Of faders, pans, sends, and what else there is in words.

    Raises
    ------
    ParameterError
        If there are not four axes.
    """
    panels = _new_panels(len(song.stems)) if axes is None else _four_axes(axes)
    faders, pans, sends, words = panels
    _draw_bars(faders, [stem.gain_db for stem in song.stems], [stem.muted for stem in song.stems])
    _draw_bars(pans, [stem.pan.pan for stem in song.stems], [stem.muted for stem in song.stems])
    for number, bus in enumerate(song.reverbs):
        points = [
            (send.level_db, row)
            for row, stem in enumerate(song.stems)
            for send in stem.sends
            if send.bus == bus.name
        ]
        if points:
            marker = style.MARKERS[number % len(style.MARKERS)]
            name = legend_label(style.name_label(bus.name, 16))
            sends.plot(*zip(*points, strict=True), marker, color=style.BLUE, markersize=_DOT, label=name)
    if len(sends.lines) > 1:
        legend(sends)
    for row, stem in enumerate(song.stems):
        words.text(0.0, row, in_words(stem), va="center", fontsize=style.TINY, color=style.INK)
    for panel, what in zip(panels, ("fader (dB)", "pan", "reverb send (dB)", "also"), strict=True):
        label_axes(panel, what, "")
        rows_of_stems(panel, song, named=panel is faders)
    pans.set_xlim(-1.1, 1.1)
    pans.set_xticks([-1.0, 0.0, 1.0], ["L", "centre", "R"])
    faders.set_xlim(*_ends([0.0, *(stem.gain_db for stem in song.stems)], 6.0))
    levels = [send.level_db for stem in song.stems for send in stem.sends]
    sends.set_xlim(*_ends(levels or [-20.0, 0.0], 5.0))
    for panel in (faders, sends):
        style.value_grid(panel, "x")
    words.grid(visible=False)
    words.xaxis.set_label_coords(0.0, -0.01)
    words.xaxis.label.set_horizontalalignment("left")
    words.set_xlim(0.0, 1.0)
    words.set_xticks([])
    for spine in words.spines.values():
        spine.set_visible(False)
    return faders, pans, sends, words


def in_words(stem: StemPicture) -> str:
    """Return in a few words what a strip does beside fader, pan and sends."""
    if stem.muted:
        return "muted"
    eq, compressor, limiter = stem.eq, stem.compressor, stem.limiter
    done = []
    if eq is not None and eq.bands:
        done.append("EQ" if len(eq.bands) == 1 else f"EQ ×{len(eq.bands)}")
    if eq is not None and eq.dynamic_bands:
        done.append("de-esser")
    if compressor is not None:
        done.append(f"comp {compressor.params.ratio:.1f}:1")
    if limiter is not None:
        done.append(f"limit {limiter.reduction.most_db:.1f} dB")
    if stem.automation is not None:
        done.append("automation")
    if stem.width is not None:
        done.append("width")
    return ", ".join(done)


def _new_panels(stems: int) -> tuple[Any, ...]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(sum(_WIDTHS), _MARGIN + ROW * stems), layout="constrained")
    return tuple(figure.subplots(1, len(_WIDTHS), width_ratios=_WIDTHS))


def _four_axes(axes: object) -> tuple[Any, ...]:
    panels = tuple(
        axes.ravel() if isinstance(axes, np.ndarray) else axes if isinstance(axes, list | tuple) else ()
    )
    if len(panels) != len(_WIDTHS):
        raise ParameterError(f"axes must be four axes, got {shown_value(axes)}")
    return tuple(map(axes_or_new, panels))


def _draw_bars(axes: Any, values: list[float], muted: list[bool]) -> None:
    """Draw a line from 0 to each value, and a dot at its end; rings for stems that are muted."""
    axes.axvline(0.0, color=style.INK, linewidth=0.6)
    for row, (value, off) in enumerate(zip(values, muted, strict=True)):
        axes.plot([0.0, value], [row, row], color=style.BLUE, linewidth=_STEM)
        axes.plot(
            [value],
            [row],
            "o",
            color=style.BLUE,
            markersize=_DOT,
            markerfacecolor="none" if off else style.BLUE,
        )


def _ends(values: list[float], step: float) -> tuple[float, float]:
    """Return the ends of an axis that holds some levels, with room for the dots."""
    shown = [max(value, -60.0) for value in finite(values)] or [0.0]
    return steps_of(min(shown) - 0.5, max(shown) + 0.5, step)
