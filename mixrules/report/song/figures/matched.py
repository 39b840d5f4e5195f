"""What a mix was found to be made by: what each process explains and leaves, and each stem's EQ and gain over time."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mixrules.analysis import block_band_powers, third_octave_bands
from mixrules.matching import Match
from mixrules.mixer import render
from mixrules.mixplan import MixPlan
from mixrules.processors import frequency_response
from mixrules.report import figure_style as style
from mixrules.report.song.figures.panel import (
    AFTER,
    GIVEN,
    HEIGHT,
    LOWEST_HZ,
    REST,
    WIDTH,
    finite,
    frequency_axis,
    in_style,
    label_axes,
    legend,
    legend_label,
    time_axis,
)
from mixrules.report.song.match_curves import MatchCurves, StemCurves, match_curves
from mixrules.stems import Stems

_COLUMNS = 2
_POINTS = 400
_LEAST_DB = 6.0
_MOST_DB = 18.0
_LEAST_SPAN_DB, _MOST_SPAN_DB = 60.0, 200.0
_STEP_DB = 10.0
_FOUND: dict[str, Any] = {
    "color": style.VERMILION,
    "linestyle": "none",
    "marker": "o",
    "markersize": 2.2,
    "markeredgewidth": 0.0,
}


@in_style
def match_figure(stems: Stems, found: Match) -> Any:
    """Draw what a match found: the ladder, what is left of the mix by frequency, each stem's EQ and gain over time.

    Points are gains by least squares against the mix; lines are what the plan does. Where a stem is too soft to tell,
    points are missing.

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
    curves = match_curves(stems, found)
    count = 2 + _COLUMNS * len(curves.stems)
    figure, axes = style.panels(count, _COLUMNS, width=WIDTH, height=HEIGHT)
    _draw_ladder(axes[0], found)
    _draw_residual(axes[1], stems, found)
    eq_db = _gain_limit(
        [each.eq_used_db for each in curves.stems], [each.eq_found_db for each in curves.stems]
    )
    moments_db = _gain_limit(
        [each.gain_used_db for each in curves.stems], [each.gain_found_db for each in curves.stems]
    )
    for row, stem in enumerate(curves.stems, 1):
        _draw_equalizer(axes[_COLUMNS * row], found, curves, stem, eq_db)
        _draw_gain(axes[_COLUMNS * row + 1], stems, curves, stem, moments_db)
    return figure


def _gain_limit(used_db: list[npt.NDArray[np.float64]], found_db: list[npt.NDArray[np.float64]]) -> float:
    """Return the end of the axis of gain: all that plans do, and what is found but for its outliers."""
    used = finite(value for curve in used_db for value in np.abs(curve).tolist())
    seen = finite(value for curve in found_db for value in np.abs(curve).tolist())
    most = max([_LEAST_DB, *used, *([float(np.percentile(seen, 95.0))] if seen else [])])
    return min(most + 1.0, _MOST_DB)


def _draw_equalizer(axes: Any, found: Match, curves: MatchCurves, stem: StemCurves, limit_db: float) -> None:
    frequencies_hz = np.geomspace(LOWEST_HZ, min(20_000.0, 0.499 * found.sample_rate), _POINTS)
    response = np.abs(
        frequency_response(found.plan.stem(stem.name).equalizer, found.sample_rate, frequencies_hz)
    )
    axes.axhline(0.0, color=style.INK, linewidth=0.6)
    axes.plot(
        frequencies_hz,
        20.0 * np.log10(np.maximum(response, 1e-3)),
        label=f"EQ of {legend_label(style.name_label(stem.name))}",
        **AFTER,
    )
    axes.plot(
        curves.frequencies_hz,
        np.clip(stem.eq_found_db, -limit_db, limit_db),
        label="least squares",
        clip_on=False,
        **(_FOUND | {"markersize": 3.2}),
    )
    frequency_axis(axes, found.sample_rate / 2, "gain (dB)")
    axes.set_ylim(-limit_db, limit_db)
    legend(axes)


def _draw_gain(axes: Any, stems: Stems, curves: MatchCurves, stem: StemCurves, limit_db: float) -> None:
    axes.axhline(0.0, color=style.INK, linewidth=0.6)
    axes.plot(
        curves.time_s,
        np.clip(stem.gain_found_db, -limit_db, limit_db),
        label="least squares",
        clip_on=False,
        zorder=1.5,
        **_FOUND,
    )
    axes.plot(curves.time_s, stem.gain_used_db, label="compressor of the plan", **AFTER)
    time_axis(axes, stems.duration_s, "gain over the fader (dB)")
    axes.set_ylim(-limit_db, limit_db)
    legend(axes)


def _draw_ladder(axes: Any, found: Match) -> None:
    places = np.arange(len(found.rungs))
    colours = [
        style.BLUE if rung.used or not number else style.FAINT for number, rung in enumerate(found.rungs)
    ]
    bars = axes.barh(places, [rung.residual_db for rung in found.rungs], color=colours, height=0.7)
    values = [f" {rung.residual_db:.1f} ".replace("-", "−") for rung in found.rungs]
    axes.bar_label(bars, values, fontsize=style.TINY)
    axes.margins(x=0.2)
    axes.set_yticks(places, [rung.name for rung in found.rungs])
    axes.invert_yaxis()
    style.value_grid(axes, "x")
    label_axes(axes, "left of the mix (dB); grey: not used", "")


def _draw_residual(axes: Any, stems: Stems, found: Match) -> None:
    gains = next(rung.plan for rung in found.rungs if rung.name == "gain")
    audios = [
        (found.mix[found.covered], "mix", GIVEN),
        (_left_by(stems, found, gains), "left by gains alone", REST),
        (_left_by(stems, found, found.plan), "left by the plan", AFTER),
    ]
    spectra = [_spectrum(audio, found.sample_rate) for audio, _, _ in audios]
    top = float(spectra[0][1].max())
    lowest = min(float(levels.max()) for _, levels in spectra) - top - 0.5 * _LEAST_SPAN_DB
    span = min(max(_LEAST_SPAN_DB, _STEP_DB * np.ceil(-lowest / _STEP_DB)), _MOST_SPAN_DB)
    for (_, label, line), (centers_hz, levels_db) in zip(audios, spectra, strict=True):
        axes.plot(centers_hz, np.maximum(levels_db - top, -span), label=label, **line)
    frequency_axis(axes, found.sample_rate / 2, "third-octave level (dB)")
    axes.set_ylim(-span, 5.0)
    legend(axes)


def _left_by(stems: Stems, found: Match, plan: MixPlan) -> npt.NDArray[np.float32]:
    left = found.mix - render(stems, plan)[: stems.samples]
    return np.asarray(left[found.covered], np.float32)


def _spectrum(
    audio: npt.NDArray[np.float32], sample_rate: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the centres of the bands, and the level of the mean of left's and right's powers there."""
    bands = third_octave_bands()
    sides = [block_band_powers(audio[:, side], sample_rate, bands) for side in (0, 1)]
    power = np.mean([side.reshape(-1, side.shape[-1]).mean(axis=0) for side in sides], axis=0)
    return np.asarray(bands.centers_hz), 10.0 * np.log10(np.maximum(power, 1e-30))
