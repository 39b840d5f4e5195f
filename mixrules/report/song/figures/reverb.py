"""How a reverb decays: asked and measured."""

from __future__ import annotations

import math
from typing import Any

from mixrules._support.arguments import require_known
from mixrules.report import figure_style as style
from mixrules.report.song.figures.panel import AFTER, axes_or_new, label_axes, legend, of_song
from mixrules.report.song.pictures import MeasuredSong

_DECAY_DB = 60.0


@of_song
def draw_reverb(song: MeasuredSong, bus: str | None = None, *, axes: Any = None) -> Any:
    """Draw how a reverb decays in the octave about 1 kHz: as asked, and as measured on what the engine renders.

    Parameters
    ----------
    song : MeasuredSong
        The song.
    bus : str, optional
        The reverb; by default the first. A song without one has empty axes that say so.
    axes : matplotlib.axes.Axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ParameterError
        If the song has no such reverb.
    """
    buses = {each.name: each for each in song.reverbs}
    if bus is not None:
        require_known(bus, buses, what="reverb")
    axes = axes_or_new(axes)
    label_axes(axes, "time (s)", "energy still to come (dB)")
    axes.set_ylim(-_DECAY_DB - 5.0, 2.0)
    axes.set_yticks([-60, -40, -20, 0])
    style.value_grid(axes, "y")
    if not buses:
        axes.text(0.5, 0.5, "no reverb", transform=axes.transAxes, ha="center", fontsize=style.SMALL)
        axes.set_xlim(0.0, 1.0)
        return axes
    picture = buses[bus] if bus is not None else song.reverbs[0]
    label = "measured"
    if math.isfinite(picture.t60_measured_s):
        label = f"measured {picture.t60_measured_s:.2f} s"
    asked_s = picture.t60_asked_s
    axes.plot(
        [0.0, asked_s],
        [0.0, -_DECAY_DB],
        color=style.INK,
        linewidth=1.0,
        linestyle=(0, (4, 2)),
        label=f"asked {asked_s:.2f} s",
    )
    axes.plot(picture.decay.time_s, picture.decay.values, label=label, **AFTER)
    if math.isfinite(picture.tempo_bpm):
        axes.text(
            0.99,
            0.97,
            f"{picture.tempo_bpm:.0f} BPM",
            transform=axes.transAxes,
            ha="right",
            va="top",
            fontsize=style.TINY,
            color=style.INK,
        )
    axes.set_xlim(0.0, 1.15 * asked_s)
    legend(axes)
    return axes
