"""Where the stems stand between left and right, and how wide they are."""

from __future__ import annotations

import math
from typing import Any

from mixrules.report import figure_style as style
from mixrules.report.song.figures.panel import WIDTH, axes_or_new, label_axes, legend, of_song
from mixrules.report.song.pictures import MeasuredSong, SoundPicture

ROW = 0.19
_MARGIN = 0.85


@of_song
def draw_pan(song: MeasuredSong, *, axes: Any = None) -> Any:
    """Draw where each stem stands and how wide it is, before (rings) and after (dots, bars).

    The place is that of the power of left and right, by the law of constant power; a bar is wider the less the two
    have in common. Both are measured on the audio, reverb included.

    Parameters
    ----------
    song : MeasuredSong
        The song.
    axes : matplotlib.axes.Axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    matplotlib.axes.Axes
    """
    axes = axes_or_new(axes, width=WIDTH, height=_MARGIN + ROW * len(song.stems))
    for row, stem in enumerate(song.stems):
        if stem.silent:
            continue
        before = place_of(stem.given)
        axes.plot(
            [before], [row], "o", color=style.INK, markersize=6.5, markerfacecolor="none", markeredgewidth=0.9
        )
        if stem.muted:
            continue
        after, half = place_of(stem.after), half_width_of(stem.after)
        axes.plot(
            [max(after - half, -1.0), min(after + half, 1.0)],
            [row, row],
            color=style.BLUE,
            linewidth=5.0,
            alpha=0.35,
            solid_capstyle="butt",
        )
        axes.plot([after], [row], "o", color=style.BLUE, markersize=4.5)
    axes.axvline(0.0, color=style.INK, linewidth=0.6, linestyle=":")
    label_axes(axes, "place", "")
    rows_of_stems(axes, song)
    axes.set_xlim(-1.08, 1.08)
    axes.set_xticks([-1.0, -0.5, 0.0, 0.5, 1.0], ["left", "50 %", "centre", "50 %", "right"])
    axes.plot([], [], "o", color=style.INK, markersize=6.0, markerfacecolor="none", label="as given")
    axes.plot([], [], "o", color=style.BLUE, markersize=4.5, label="in the mix")
    axes.plot([], [], color=style.BLUE, linewidth=5.0, alpha=0.35, label="width")
    legend(axes)
    return axes


def rows_of_stems(axes: Any, song: MeasuredSong, *, named: bool = True) -> None:
    """Make the vertical axis one of stems, the first at the top."""
    names = [style.name_label(stem.name, 24) if named else "" for stem in song.stems]
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="y", color=style.GRID, linewidth=0.4)


def place_of(sound: SoundPicture) -> float:
    """Return where a sound stands, -1 (left) to 1 (right): where the constant-power law would put its powers."""
    if math.isinf(sound.left_to_right_db):
        return -math.copysign(1.0, sound.left_to_right_db)
    return 4.0 / math.pi * math.atan(10.0 ** (-sound.left_to_right_db / 20.0)) - 1.0


def half_width_of(sound: SoundPicture) -> float:
    """Return half the width of a sound: 0 for one signal on both sides, 0.71 for two without anything in common."""
    if math.isinf(sound.left_to_right_db):
        return 0.0
    return math.sqrt(max(0.5 * (1.0 - sound.correlation), 0.0))
