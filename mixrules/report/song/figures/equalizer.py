"""The curve of an equaliser over the spectrum of its stem and that of everything else."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from mixrules.report import figure_style as style
from mixrules.report.song.figures.panel import (
    axes_or_new,
    finite,
    frequency_axis,
    label_axes,
    legend,
    of_song,
    steps_of,
)
from mixrules.report.song.figures.spectrum import SPAN_DB, reference_of
from mixrules.report.song.pictures import EqPicture, MeasuredSong, StemPicture

_LEAST_DB, _MOST_DB = 6.0, 24.0


@of_song
def draw_eq(song: MeasuredSong, stem: str, *, axes: Any = None) -> Any:
    """Draw the response of a stem's equaliser over the spectrum of the stem and that of everything else.

    Gain on the left, of the curve; level on the right: the stem as given at its fader (grey) and everything else in the
    mix (dotted). Circles are the bands that a decision asked for; a hatched band is turned down only while it is loud.

    Parameters
    ----------
    song : MeasuredSong
        The song.
    stem : str
        The stem; one without an equaliser has a straight line.
    axes : matplotlib.axes.Axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The axes of the gain.
    """
    axes = axes_or_new(axes)
    picture = song.stem(stem)
    _draw_spectra(axes, song, picture)
    axes.axhline(0.0, color=style.INK, linewidth=0.6)
    if picture.eq is not None:
        _draw_curve(axes, picture.eq)
    else:
        axes.plot([20.0, 20_000.0], [0.0, 0.0], color=style.BLUE, linewidth=1.8, label="EQ: flat")
    frequency_axis(axes, song.sample_rate / 2, "gain (dB)")
    axes.set_ylim(*gain_limits(song))
    legend(axes)
    return axes


def gain_limits(song: MeasuredSong) -> tuple[float, float]:
    """Return the ends of the axis of gain for all stems of a song: as far up as down."""
    extremes = [
        float(np.abs(stem.eq.gain_db[_between_shelves(stem.eq)]).max(initial=0.0))
        for stem in song.stems
        if stem.eq is not None
    ]
    most = min(max(finite([_LEAST_DB, *extremes])) + 1.0, _MOST_DB)
    _, most = steps_of(0.0, most, 3.0)
    return -most, most


def _between_shelves(eq: EqPicture) -> npt.NDArray[np.bool_]:
    """Return where a response is not that of a high or a low pass far beyond its corner."""
    within = np.ones(eq.frequency_hz.shape, bool)
    for each in eq.bands:
        if each.band.kind == "high_pass":
            within &= eq.frequency_hz >= each.band.frequency_hz
        elif each.band.kind == "low_pass":
            within &= eq.frequency_hz <= each.band.frequency_hz
    return within


def _draw_curve(axes: Any, eq: EqPicture) -> None:
    axes.plot(eq.frequency_hz, np.maximum(eq.gain_db, -60.0), color=style.BLUE, linewidth=1.8, label="EQ")
    decided = [each for each in eq.bands if each.rule]
    if decided:
        frequencies_hz = [each.band.frequency_hz for each in decided]
        gains_db = np.interp(np.log(frequencies_hz), np.log(eq.frequency_hz), eq.gain_db)
        axes.plot(frequencies_hz, gains_db, "o", color=style.BLUE, markersize=4.5, markerfacecolor="none")
    for number, band in enumerate(eq.dynamic_bands):
        half_octaves = math.asinh(0.5 / band.q) / math.log(2.0)
        axes.axvspan(
            band.frequency_hz * 2.0**-half_octaves,
            band.frequency_hz * 2.0**half_octaves,
            facecolor="none",
            edgecolor=style.VERMILION,
            hatch="////",
            linewidth=0.0,
            label=None if number else "turned down while loud",
        )


def _draw_spectra(axes: Any, song: MeasuredSong, picture: StemPicture) -> None:
    """Draw the spectra behind, on an axis of their own."""
    levels = axes.twinx()
    levels.set_zorder(axes.get_zorder() - 1)
    axes.patch.set_visible(False)
    centers_hz = np.asarray(song.bands.centers_hz)
    shown = centers_hz >= 19.0
    reference_db = reference_of(song)
    fader_db = picture.input_gain_db + picture.gain_db
    own_db = np.maximum(picture.given.spectrum_db + fader_db - reference_db, -SPAN_DB - 9.0)
    rest_db = np.maximum(picture.others_after_db - reference_db, -SPAN_DB - 9.0)
    levels.fill_between(
        centers_hz[shown], -SPAN_DB - 9.0, own_db[shown], color=style.FAINT, alpha=0.55, linewidth=0
    )
    levels.plot(centers_hz[shown], rest_db[shown], color=style.INK, linewidth=0.9, linestyle=(0, (1, 1.5)))
    levels.set_ylim(-SPAN_DB, 10.0)
    levels.set_yticks([-60, -40, -20, 0])
    label_axes(levels, "", "level (dB)")
    levels.spines["right"].set_visible(True)
    axes.plot([], [], color=style.FAINT, linewidth=5.0, alpha=0.55, label="stem")
    axes.plot([], [], color=style.INK, linewidth=0.9, linestyle=(0, (1, 1.5)), label="all others")
