"""What a mix was found to be made by: what each process explains, what is left in each band, and the equalisers."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mixrules.analysis import block_band_powers, third_octave_bands
from mixrules.matching import Match
from mixrules.mixer import render
from mixrules.processors import frequency_response
from mixrules.report import figure_style as style
from mixrules.report.song.figures.panel import (
    AFTER,
    GIVEN,
    HEIGHT,
    LOWEST_HZ,
    WIDTH,
    frequency_axis,
    in_style,
    label_axes,
    legend,
    legend_label,
)
from mixrules.stems import Stems

_COLUMNS = 2
_POINTS = 400
_LEAST_DB = 6.0
_SPAN_DB = 70.0


@in_style
def match_figure(stems: Stems, found: Match) -> Any:
    """Draw what a match found: the ladder, the spectra of the mix and of what is left of it, each stem's equaliser.

    Parameters
    ----------
    stems : Stems
        The song.
    found : Match
        What `mixrules.match` found of its mix.

    Returns
    -------
    matplotlib.figure.Figure
    """
    equalised = [strip for strip in found.plan.stems if strip.equalizer.bands and not strip.mute]
    figure, axes = style.panels(2 + len(equalised), _COLUMNS, width=WIDTH, height=HEIGHT)
    _draw_ladder(axes[0], found)
    _draw_residual(axes[1], stems, found)
    frequencies_hz = np.geomspace(LOWEST_HZ, min(20_000.0, 0.499 * found.sample_rate), _POINTS)
    curves = [
        20.0
        * np.log10(
            np.maximum(np.abs(frequency_response(s.equalizer, found.sample_rate, frequencies_hz)), 1e-3)
        )
        for s in equalised
    ]
    most = max([_LEAST_DB, *(float(np.abs(curve).max()) for curve in curves)]) + 1.0
    for axis, strip, curve in zip(axes[2:], equalised, curves, strict=True):
        axis.axhline(0.0, color=style.INK, linewidth=0.6)
        axis.plot(frequencies_hz, curve, label=legend_label(strip.name), **AFTER)
        frequency_axis(axis, found.sample_rate / 2, "gain of its EQ (dB)")
        axis.set_ylim(-most, most)
        legend(axis)
    return figure


def _draw_ladder(axes: Any, found: Match) -> None:
    places = np.arange(len(found.rungs))
    colours = [
        style.BLUE if rung.used or not number else style.FAINT for number, rung in enumerate(found.rungs)
    ]
    axes.barh(places, [rung.residual_db for rung in found.rungs], color=colours, height=0.7)
    axes.set_yticks(places, [rung.name for rung in found.rungs])
    axes.invert_yaxis()
    style.value_grid(axes, "x")
    label_axes(axes, "left of the mix (dB); grey: not used", "")


def _draw_residual(axes: Any, stems: Stems, found: Match) -> None:
    left = found.mix - render(stems, found.plan)[: stems.samples]
    centers_hz, mix_db = _spectrum(found.mix, found.sample_rate)
    _, left_db = _spectrum(np.asarray(left, np.float32), found.sample_rate)
    top = float(mix_db.max())
    axes.plot(centers_hz, np.maximum(mix_db - top, -_SPAN_DB), label="mix", **GIVEN)
    axes.plot(centers_hz, np.maximum(left_db - top, -_SPAN_DB), label="left unexplained", **AFTER)
    frequency_axis(axes, found.sample_rate / 2, "third-octave level (dB)")
    axes.set_ylim(-_SPAN_DB, 5.0)
    legend(axes)


def _spectrum(
    audio: npt.NDArray[np.float32], sample_rate: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the centres of the bands, and the level of the mean of left's and right's powers there."""
    bands = third_octave_bands()
    sides = [block_band_powers(audio[:, side], sample_rate, bands) for side in (0, 1)]
    power = np.mean([side.reshape(-1, side.shape[-1]).mean(axis=0) for side in sides], axis=0)
    return np.asarray(bands.centers_hz), 10.0 * np.log10(np.maximum(power, 1e-30))
