"""Compressors and limiters: the static curve over the levels that come in, and the gain over time."""

from __future__ import annotations

from typing import Any

import numpy as np

from mixrules.report import figure_style as style
from mixrules.report.song.figures.panel import (
    axes_or_new,
    label_axes,
    legend,
    of_song,
    steps_of,
    thinned,
    time_axis,
)
from mixrules.report.song.pictures import GainReduction, MeasuredSong, Trace

LOWEST_DBFS, HIGHEST_DBFS = -60.0, 0.0
_LIMITER: dict[str, Any] = {"color": style.VERMILION, "linestyle": (0, (2, 1)), "linewidth": 0.9}
_LEAST_DB = 6.0


@of_song
def draw_compressor(song: MeasuredSong, stem: str, *, axes: Any = None) -> Any:
    """Draw the static curve of a stem's compressor over the levels at its detector.

    The curve says what level comes out for a steady level that goes in, without make-up gain; the bars say which share
    of the time has which level, and the dotted line is no compression.

    Parameters
    ----------
    song : MeasuredSong
        The song.
    stem : str
        The stem; one without a compressor has the dotted line alone.
    axes : matplotlib.axes.Axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The axes of the levels.
    """
    axes = axes_or_new(axes)
    picture = song.stem(stem).compressor
    axes.plot(
        [LOWEST_DBFS, HIGHEST_DBFS],
        [LOWEST_DBFS, HIGHEST_DBFS],
        color=style.INK,
        linewidth=0.7,
        linestyle=":",
    )
    if picture is not None:
        shares = axes.twinx()
        shares.set_zorder(axes.get_zorder() - 1)
        axes.patch.set_visible(False)
        shares.stairs(
            100.0 * picture.histogram_share,
            picture.histogram_edges_dbfs,
            fill=True,
            color=style.FAINT,
            alpha=0.7,
            linewidth=0,
        )
        shares.set_ylim(0.0, _most_percent(song))
        label_axes(shares, "", "time (%)")
        shares.spines["right"].set_visible(True)
        params = picture.params
        ratio, threshold = f"{params.ratio:.1f}:1", f"threshold {params.threshold_db:.1f} dBFS"
        axes.plot(picture.level_dbfs, picture.output_dbfs, color=style.BLUE, linewidth=1.8, label=ratio)
        axes.axvline(
            params.threshold_db,
            color=style.VERMILION,
            linewidth=0.9,
            linestyle=(0, (4, 2)),
            label=threshold.replace("-", "−"),
        )
        legend(axes)
    axes.set_xlim(LOWEST_DBFS, HIGHEST_DBFS)
    axes.set_ylim(LOWEST_DBFS, HIGHEST_DBFS)
    axes.set_yticks(np.arange(LOWEST_DBFS, 1.0, 20.0))
    label_axes(axes, "level in (dBFS)", "level out (dBFS)")
    return axes


def _most_percent(song: MeasuredSong) -> float:
    """Return the end of the axis of shares for all stems; the bars fill half of the height."""
    highest = max(
        (float(stem.compressor.histogram_share.max(initial=0.0)) for stem in song.stems if stem.compressor),
        default=0.1,
    )
    return steps_of(0.0, 200.0 * max(highest, 0.01), 10.0)[1]


@of_song
def draw_gain_reduction(song: MeasuredSong, stem: str | None = None, *, axes: Any = None) -> Any:
    """Draw the gain over time that a stem's compressor, limiter and automation had, or the limiter of the master.

    Of the compressor the mean (area) and the most (line) of each moment, of a limiter the most.

    Parameters
    ----------
    song : MeasuredSong
        The song.
    stem : str, optional
        The stem; by default the master.
    axes : matplotlib.axes.Axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    matplotlib.axes.Axes
    """
    axes = axes_or_new(axes)
    axes.axhline(0.0, color=style.INK, linewidth=0.6)
    compressor, limiter, automation = processors_of(song, stem)
    if compressor is not None:
        _draw_compressor(axes, compressor)
    if limiter is not None:
        label = f"limiter, −{limiter.most_db:.1f} dB"
        axes.plot(limiter.time_s, -limiter.highest_db, label=label, **_LIMITER)
    if automation is not None:
        axes.plot(
            *thinned(automation),
            color=style.INK,
            linewidth=1.2,
            linestyle=(0, (6, 2, 1, 2)),
            label="automation",
        )
    time_axis(axes, song.duration_s, "gain (dB)")
    axes.set_ylim(*_limits(song))
    style.value_grid(axes, "y")
    legend(axes)
    return axes


def processors_of(
    song: MeasuredSong, stem: str | None
) -> tuple[GainReduction | None, GainReduction | None, Trace | None]:
    """Return what a stem's compressor, limiter and automation did; of the master the limiter."""
    if stem is None:
        return None, song.master.limiter.reduction if song.master.limiter else None, None
    picture = song.stem(stem)
    return (
        picture.compressor.reduction if picture.compressor else None,
        picture.limiter.reduction if picture.limiter else None,
        picture.automation,
    )


def _draw_compressor(axes: Any, reduction: GainReduction) -> None:
    mean_db = np.nan_to_num(reduction.mean_db)
    axes.fill_between(reduction.time_s, -mean_db, 0.0, color=style.BLUE, alpha=0.35, linewidth=0)
    label = f"comp, −{reduction.most_db:.1f} dB"
    axes.plot(reduction.time_s, -reduction.highest_db, color=style.BLUE, linewidth=0.8, label=label)


def _limits(song: MeasuredSong) -> tuple[float, float]:
    """Return the ends of the axis of gain, for all stems of a song."""
    lowest, highest = -_LEAST_DB, 0.0
    for stem in (None, *(each.name for each in song.stems)):
        compressor, limiter, automation = processors_of(song, stem)
        for each in (compressor, limiter):
            if each is not None:
                lowest = min(lowest, -each.most_db)
        if automation is not None and len(automation.values):
            # A fade to silence does not set the scale of all other stems.
            lowest = min(lowest, max(float(automation.values.min()), -12.0))
            highest = max(highest, float(automation.values.max()))
    low, high = steps_of(lowest - 0.5, highest + 0.5, 2.0)
    return low, high
