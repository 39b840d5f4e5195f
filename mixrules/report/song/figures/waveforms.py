"""Waveforms before and after, on one scale for all stems of a song."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mixrules.report import figure_style as style
from mixrules.report.song.figures.panel import axes_or_new, of_song, time_axis
from mixrules.report.song.pictures import MeasuredSong, Waveform

_TICKS_DBFS = (0, -6, -20)
_COLUMNS = 220
_APART = 2.55


@of_song
def draw_waveforms(song: MeasuredSong, stem: str | None = None, *, axes: Any = None) -> Any:
    """Draw the waveform as given, and below it that in the mix.

    A sample is drawn by the square root of its magnitude, so that what is quiet can be seen as well; the ticks are
    levels in dBFS. The scale is the same for all stems.

    Parameters
    ----------
    song : MeasuredSong
        The song.
    stem : str, optional
        A stem; by default the sum of the stems and the finished mix.
    axes : matplotlib.axes.Axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    matplotlib.axes.Axes
    """
    axes = axes_or_new(axes)
    if stem is None:
        given, after = song.whole_before.waveform, song.whole_after.waveform
    else:
        picture = song.stem(stem)
        given, after = picture.given.waveform, picture.after.waveform
    _draw(axes, given, 0.0, style.INK, 0.55)
    _draw(axes, after, -_APART, style.BLUE, 1.0)
    time_axis(axes, song.duration_s, "level (dBFS)")
    heights = [10.0 ** (level / 40.0) for level in _TICKS_DBFS]
    axes.set_yticks(
        [middle + height for middle in (0.0, -_APART) for height in heights],
        [str(level).replace("-", "−") for level in _TICKS_DBFS] * 2,
    )
    axes.set_ylim(-_APART - 1.05, 1.5)
    for middle, words in ((0.0, "as given"), (-_APART, "in the mix" if stem is not None else "mix")):
        axes.text(
            0.0,
            middle + 1.04,
            f" {words}",
            transform=axes.get_yaxis_transform(),
            ha="left",
            va="bottom",
            fontsize=style.TINY,
            color=style.INK,
        )
    return axes


def _draw(axes: Any, waveform: Waveform, middle: float, colour: str, alpha: float) -> None:
    edges_s, lowest, highest = _joined(waveform)
    low, high = (np.sign(each) * np.sqrt(np.minimum(np.abs(each), 1.0)) for each in (lowest, highest))
    middles_s = 0.5 * (edges_s[:-1] + edges_s[1:])
    axes.fill_between(middles_s, middle + low, middle + high, color=colour, alpha=alpha, linewidth=0)
    axes.axhline(middle, color=colour, linewidth=0.4)


def _joined(
    waveform: Waveform,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Return a waveform of as many columns as a panel can show."""
    columns = len(waveform.lowest)
    if columns <= _COLUMNS:
        return waveform.edges_s, waveform.lowest, waveform.highest
    starts = np.linspace(0, columns, _COLUMNS, endpoint=False).astype(int)
    edges_s = np.append(waveform.edges_s[starts], waveform.edges_s[-1])
    return (
        edges_s,
        np.minimum.reduceat(waveform.lowest, starts),
        np.maximum.reduceat(waveform.highest, starts),
    )
