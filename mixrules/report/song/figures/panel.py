"""What all figures of a song share: a panel of the size of a phone, its axes of time, frequency and level, its legend.

Before and after are told apart by the line as well as by colour: what was given is dashed, the mix is solid.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from mixrules._support.arguments import require_instance
from mixrules.report import figure_style as style
from mixrules.report.song.pictures import MeasuredSong, Trace

WIDTH, HEIGHT = 3.6, 2.2
"""Of a panel, inches."""
GIVEN: dict[str, Any] = {"color": style.INK, "linestyle": (0, (4, 2)), "linewidth": 1.0}
AFTER: dict[str, Any] = {"color": style.BLUE, "linestyle": "-", "linewidth": 1.4}
REST: dict[str, Any] = {"color": style.VERMILION, "linestyle": (0, (1, 1.5)), "linewidth": 1.2}
POINTS = 300
"""At most so many of a line over time: more do not fit into the width of a panel."""
LOWEST_HZ = 20.0

_FREQUENCIES_HZ = (20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000)
_LONG_S = 100.0
_LETTER, _HANDLE = 0.058, 0.33
"""Of a legend, inches: a letter of the usual width, and the line before it with the space around it."""
_LABELS = 0.6

_F = TypeVar("_F", bound=Callable[..., Any])


def in_style(draw: _F) -> _F:
    """Let a function draw in the style of the package."""

    @functools.wraps(draw)
    def drawn(*arguments: Any, **options: Any) -> Any:
        with style.figure_style():
            return draw(*arguments, **options)

    return drawn  # type: ignore[return-value]


def of_song(draw: _F) -> _F:
    """Let a function draw in the style of the package, and refuse what is no song as its first argument."""
    in_the_style = in_style(draw)

    @functools.wraps(draw)
    def drawn(song: MeasuredSong, *arguments: Any, **options: Any) -> Any:
        require_instance(song, MeasuredSong, name="song", hint="measure_song makes one")
        return in_the_style(song, *arguments, **options)

    return drawn  # type: ignore[return-value]


def axes_or_new(axes: Any, *, width: float = WIDTH, height: float = HEIGHT) -> Any:
    """Return the axes, or those of a new figure; so many inches wide and high."""
    if axes is not None:
        from matplotlib.axes import Axes

        require_instance(axes, Axes, name="axes", hint="of matplotlib")
        return axes
    _, (panel,) = style.panels(1, 1, width=width, height=height)
    return panel


def label_axes(axes: Any, x: str, y: str) -> None:
    """Say what the axes are, units included."""
    axes.set_xlabel(x, fontsize=style.TINY, labelpad=1.5)
    axes.set_ylabel(y, fontsize=style.TINY, labelpad=2.0)
    axes.tick_params(labelsize=style.TINY, length=2.5, pad=2.0)


def time_axis(axes: Any, length_s: float, y: str) -> None:
    """Make the horizontal axis one of time, from 0 to a length; minutes where that is long."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axes.set_xlim(0.0, max(length_s, 1e-3))
    if length_s >= _LONG_S:
        step_s = next((step for step in (30, 60, 120, 300, 600) if length_s / step <= 8.0), 1800)
        axes.set_xticks(np.arange(0, length_s + 1e-9, step_s))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda s, _: f"{int(s // 60)}:{int(s % 60):02d}"))
        label_axes(axes, "time (min:s)", y)
        return
    axes.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    label_axes(axes, "time (s)", y)


def frequency_axis(axes: Any, highest_hz: float, y: str) -> None:
    """Make the horizontal axis one of frequency, logarithmic, from 20 Hz on."""
    from matplotlib.ticker import NullLocator

    highest_hz = min(highest_hz, 20_000.0)
    axes.set_xscale("log")
    shown = [hz for hz in _FREQUENCIES_HZ if hz <= highest_hz * 1.001]
    axes.set_xticks(shown, [f"{hz // 1000}k" if hz >= 1000 else str(hz) for hz in shown])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlim(LOWEST_HZ, highest_hz)
    label_axes(axes, "frequency (Hz)", y)


def legend_label(name: str) -> str:
    """Return the label of a line named by somebody: matplotlib leaves labels that begin with "_" out of legends."""
    return f" {name}" if name.startswith("_") else name


def legend(axes: Any) -> None:
    """Write what the lines are above the axes, in as many columns as find room there."""
    if not (rows := legend_rows(axes)):
        return
    handles, labels = axes.get_legend_handles_labels()
    axes.legend(
        handles,
        labels,
        loc="lower left",
        bbox_to_anchor=(0.0, 1.0),
        ncols=math.ceil(len(labels) / rows),
        fontsize=style.TINY,
        frameon=False,
        handlelength=1.6,
        handletextpad=0.5,
        columnspacing=0.9,
        borderaxespad=0.1,
    )


def legend_rows(axes: Any) -> int:
    """Return how many rows the legend of some axes has; 0 where nothing in them has a name."""
    labels = axes.get_legend_handles_labels()[1]
    place = axes.get_subplotspec()
    width = axes.figure.get_size_inches()[0]
    # The layout is not known yet: of a grid's cell what the labels of the axes leave.
    room = (
        width * axes.get_position().width if place is None else width / place.get_gridspec().ncols - _LABELS
    )
    columns = next((n for n in range(len(labels), 1, -1) if _legend_width(labels, n) <= room), 1)
    return math.ceil(len(labels) / columns)


def _legend_width(labels: Sequence[str], columns: int) -> float:
    """Return about how wide a legend of so many columns is, inches; it is filled column by column."""
    rows = math.ceil(len(labels) / columns)
    parts = [labels[start : start + rows] for start in range(0, len(labels), rows)]
    return sum(max(map(len, part)) * _LETTER + _HANDLE for part in parts)


def thinned(trace: Trace, points: int = POINTS) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return a trace of at most so many points: of a longer one the highest value of each part."""
    if len(trace.values) <= points:
        return trace.time_s, trace.values
    starts = np.linspace(0, len(trace.values), points, endpoint=False).astype(int)
    return trace.time_s[starts], np.maximum.reduceat(trace.values, starts)


def steps_of(low: float, high: float, step: float) -> tuple[float, float]:
    """Return an interval whose ends are multiples of a step."""
    return math.floor(low / step) * step, math.ceil(high / step) * step


def finite(values: Iterable[float]) -> list[float]:
    """Return the values that are defined and finite."""
    return [value for value in values if math.isfinite(value)]
