"""Loudness over time: short-term, integrated, and the range as a band."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, cast

import numpy as np

from mixrules._support.arguments import is_finite, require_instance, require_mapping, shown_value
from mixrules.errors import ParameterError
from mixrules.report import figure_style as style
from mixrules.report.song.figures.panel import (
    AFTER,
    GIVEN,
    axes_or_new,
    finite,
    in_style,
    legend,
    legend_label,
    steps_of,
    thinned,
    time_axis,
)
from mixrules.report.song.pictures import LoudnessPicture, MeasuredSong

_LINES = ("-", (0, (4, 2)), (0, (1, 1.5)), (0, (6, 2, 1, 2)))
_BELOW_LU = 12.0
_QUIETEST_LUFS = -70.0


@in_style
def draw_loudness(
    sounds: MeasuredSong | Mapping[str, LoudnessPicture],
    stem: str | None = None,
    *,
    target_lufs: float | None = None,
    axes: Any = None,
) -> Any:
    """Draw loudness over time: short-term (3 s) as lines, momentary (400 ms) thin behind them.

    The integrated loudness is a dotted line, the loudness range a bar beside the plot.

    Parameters
    ----------
    sounds : MeasuredSong or mapping of str to LoudnessPicture or SoundPicture
        A song: the sum of its stems as given, and its mix. Else some sounds by name, from `measure_sound`.
    stem : str, optional
        A stem of the song, as given and in the mix before its master.
    target_lufs : float, optional
        A loudness to mark; by default what the plan states of the mix or of the stem, if it does.
    axes : matplotlib.axes.Axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    matplotlib.axes.Axes
    """
    if target_lufs is not None and not is_finite(target_lufs):
        raise ParameterError(f"target_lufs must be a number, got {shown_value(target_lufs)}")
    if isinstance(sounds, MeasuredSong):
        shown, target = _of_song(sounds, stem)
        target_lufs = target if target_lufs is None else target_lufs
        lines = dict(zip(shown, (GIVEN, AFTER), strict=True))
        length_s, scaled = sounds.duration_s, _all_of_song(sounds, stem)
    else:
        require_sounds(sounds, LoudnessPicture)
        shown = dict(sounds)
        lines = line_styles(list(shown))
        length_s = max((sound.length_s for sound in shown.values()), default=1.0)
        scaled = list(shown.values())
    axes = axes_or_new(axes)
    for number, (name, sound) in enumerate(shown.items()):
        _draw(axes, legend_label(style.name_label(name, 24)), sound, lines[name])
        _draw_range(axes, sound, lines[name], number)
    if target_lufs is not None and math.isfinite(target_lufs):
        axes.axhline(target_lufs, color=style.INK, linewidth=0.7, linestyle=(0, (1, 3)), label="target")
    time_axis(axes, length_s, "loudness (LUFS)")
    axes.set_ylim(*_limits(scaled, target_lufs))
    style.value_grid(axes, "y")
    legend(axes)
    return axes


def _of_song(song: MeasuredSong, stem: str | None) -> tuple[dict[str, LoudnessPicture], float]:
    """Return what is drawn of a song or of a stem, and the loudness that its plan states."""
    if stem is None:
        return {"given": song.whole_before, "mix": song.whole_after}, song.master.target_lufs
    picture = song.stem(stem)
    target = picture.target
    alone = target is not None and target.kind == "stem_integrated_lufs"
    stated = target.stated if target is not None and alone else math.nan
    return {"given": picture.given, "mix": picture.after}, stated


def require_sounds(sounds: object, kind: type) -> None:
    """Raise `ParameterError` unless some sounds are a mapping of names to what was measured, with at least one."""
    require_mapping(sounds, name="sounds", what="from a name to what measure_sound returns")
    listed = list(cast("Mapping[str, object]", sounds).values())
    if not listed:
        raise ParameterError("sounds holds no sound, at least one is needed")
    for sound in listed:
        require_instance(sound, kind, name="each sound", hint="measure_sound makes one")


def line_styles(names: list[str]) -> dict[str, dict[str, Any]]:
    """Return how each of some sounds is drawn: colour and kind of line."""
    return {
        name: {
            "color": style.GROUP_COLOURS[number % len(style.GROUP_COLOURS)],
            "linestyle": _LINES[number % len(_LINES)],
            "linewidth": 1.3,
        }
        for number, name in enumerate(names)
    }


def _draw(axes: Any, label: str, sound: LoudnessPicture, line: dict[str, Any]) -> None:
    defined = math.isfinite(sound.integrated_lufs)
    measured = f"{label} {sound.integrated_lufs:.1f}".replace("-", "−") if defined else label
    if len(sound.short_term.values):
        times_s, lufs = thinned(sound.momentary)
        axes.plot(times_s, np.maximum(lufs, _QUIETEST_LUFS), color=line["color"], linewidth=0.4, alpha=0.35)
        times_s, lufs = thinned(sound.short_term)
    else:  # shorter than 3 s
        times_s, lufs = thinned(sound.momentary)
    axes.plot(times_s, np.maximum(lufs, _QUIETEST_LUFS), label=measured, **line)
    if math.isfinite(sound.integrated_lufs):
        axes.axhline(sound.integrated_lufs, color=line["color"], linewidth=0.8, linestyle=(0, (1, 2)))


def _draw_range(axes: Any, sound: LoudnessPicture, line: dict[str, Any], number: int) -> None:
    """Draw the loudness range as a bar to the right of the plot."""
    if not math.isfinite(sound.loudness_range_lu):
        return
    place = 1.015 + 0.02 * number
    axes.plot(
        [place, place],
        [sound.range_low_lufs, sound.range_high_lufs],
        transform=axes.get_yaxis_transform(),
        color=line["color"],
        linewidth=2.5,
        solid_capstyle="butt",
        clip_on=False,
    )


def _all_of_song(song: MeasuredSong, stem: str | None) -> list[LoudnessPicture]:
    """Return the sounds that the scale is for: those of all stems, or the whole before and after."""
    if stem is None:
        return [song.whole_before, song.whole_after]
    return [sound for each in song.stems for sound in (each.given, each.after)]


def _limits(sounds: Sequence[LoudnessPicture], target_lufs: float | None) -> tuple[float, float]:
    tops = [float(np.max(sound.momentary.values, initial=-math.inf)) for sound in sounds]
    high = finite([*tops, *(sound.integrated_lufs for sound in sounds), target_lufs or math.nan])
    low = finite(
        min(sound.range_low_lufs, sound.integrated_lufs - _BELOW_LU)
        if math.isfinite(sound.range_low_lufs)
        else sound.integrated_lufs - _BELOW_LU
        for sound in sounds
    )
    if not high:
        return _QUIETEST_LUFS, 0.0
    return steps_of(max(min(low, default=max(high) - 30.0), _QUIETEST_LUFS) - 1.0, max(high) + 1.0, 5.0)
