"""Whole figures, as they are written to a file: small multiples of all stems, on one scale."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from mixrules.errors import ParameterError
from mixrules.report import figure_style as style
from mixrules.report.song.figures.dynamics import draw_compressor, draw_gain_reduction, processors_of
from mixrules.report.song.figures.equalizer import draw_eq
from mixrules.report.song.figures.loudness import draw_loudness
from mixrules.report.song.figures.masking import draw_masking
from mixrules.report.song.figures.overview import draw_plan
from mixrules.report.song.figures.panel import HEIGHT, WIDTH, in_style, legend_rows
from mixrules.report.song.figures.reverb import draw_reverb
from mixrules.report.song.figures.spectrum import draw_spectrum
from mixrules.report.song.figures.stereo import draw_pan
from mixrules.report.song.figures.waveforms import draw_waveforms
from mixrules.report.song.pictures import MeasuredSong

Panel = tuple[str, Callable[[Any], Any]]
"""A heading, and what draws into axes."""

_COLUMNS = 3
_TITLE_HEIGHT = 0.25


def song_figure(kind: str, song: MeasuredSong, stems: Sequence[str] = ()) -> Any:
    """Return the figure of one kind.

    Parameters
    ----------
    kind : str
        One of `FIGURES`.
    song : MeasuredSong
        The song.
    stems : sequence of str
        Which stems; by default the whole and all of them.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ParameterError
        If there is nothing to draw: no stem has such a processor, or the figure is about no single stem.
    """
    if kind == "masking" and not stems:
        return _masking_matrices(song).figure
    if kind in _WHOLE:
        if stems:
            raise ParameterError(f"the figure {kind} shows all stems side by side, leave --stem out")
        drawn = _WHOLE[kind](song)
        return (drawn[0] if isinstance(drawn, tuple) else drawn).figure
    panels, columns = _BY_STEM[kind](song, tuple(stems))
    if not panels:
        raise ParameterError("no stem sounds in the mix, there is nothing to draw")
    return _figure_of(panels, columns)


@in_style
def _figure_of(panels: Sequence[Panel], columns: int) -> Any:
    figure, axes = style.panels(len(panels), columns, width=WIDTH, height=HEIGHT + _TITLE_HEIGHT)
    for axis, (heading, draw) in zip(axes, panels, strict=True):
        draw(axis)
        rows = legend_rows(axis) if axis.get_legend() is not None else 0
        axis.set_title(style.name_label(heading), fontsize=style.SMALL, pad=5.0 + 13.0 * rows)
    return figure


def _named(song: MeasuredSong, stems: tuple[str, ...]) -> list[str]:
    """Return the stems that are asked for, else all that sound."""
    if stems:
        return [song.stem(name).name for name in stems]
    return [stem.name for stem in song.stems if not (stem.silent or stem.muted)]


def _with_whole(
    draw: Callable[..., Any],
) -> Callable[[MeasuredSong, tuple[str, ...]], tuple[list[Panel], int]]:
    """Return the panels of a figure that is drawn of the whole and of each stem."""

    def panels(song: MeasuredSong, stems: tuple[str, ...]) -> tuple[list[Panel], int]:
        whole: list[Panel] = [] if stems else [("all stems", lambda axes: draw(song, axes=axes))]
        return [*whole, *(_of(draw, song, name) for name in _named(song, stems))], _COLUMNS

    return panels


def _of(draw: Callable[..., Any], song: MeasuredSong, name: str, **options: Any) -> Panel:
    return name, lambda axes: draw(song, name, axes=axes, **options)


def _eq(song: MeasuredSong, stems: tuple[str, ...]) -> tuple[list[Panel], int]:
    return [_of(draw_eq, song, name) for name in _named(song, stems)], _COLUMNS


def _compressor(song: MeasuredSong, stems: tuple[str, ...]) -> tuple[list[Panel], int]:
    """Return for each stem its curve and its gain over time, side by side."""
    named = _named(song, stems)
    chosen = named if stems else [name for name in named if song.stem(name).compressor is not None]
    if not chosen:
        raise ParameterError(
            "no stem has a compressor, there is nothing to draw: the figure gain has limiters and automation"
        )
    panels: list[Panel] = []
    for name in chosen:
        panels += [_of(draw_compressor, song, name), _of(draw_gain_reduction, song, name)]
    return panels, 2


def _gain(song: MeasuredSong, stems: tuple[str, ...]) -> tuple[list[Panel], int]:
    """Return the gain over time of each stem that has one, and of the master."""
    named = _named(song, stems)
    moved = [name for name in named if any(each is not None for each in processors_of(song, name))]
    panels = [_of(draw_gain_reduction, song, name) for name in (named if stems else moved)]
    if not stems and song.master.limiter is not None:
        panels.append(("master", lambda axes: draw_gain_reduction(song, axes=axes)))
    if not panels:
        raise ParameterError("no stem has a compressor, a limiter or automation, there is nothing to draw")
    return panels, _COLUMNS


def _reverb(song: MeasuredSong, stems: tuple[str, ...]) -> tuple[list[Panel], int]:
    if stems:
        raise ParameterError("the figure reverb shows the rooms of a song, leave --stem out")
    if not song.reverbs:
        raise ParameterError("the plan has no reverb, there is nothing to draw")
    return [_of(draw_reverb, song, bus.name) for bus in song.reverbs], _COLUMNS


def _masking_of_stems(song: MeasuredSong, stems: tuple[str, ...]) -> tuple[list[Panel], int]:
    panels: list[Panel] = []
    for name in _named(song, stems):
        for when, words in (("before", "as given"), ("after", "in the mix")):
            _, draw = _of(draw_masking, song, name, when=when)
            panels.append((f"{name}, {words}", draw))
    return panels, 2


@in_style
def _masking_matrices(song: MeasuredSong) -> Any:
    """Draw who hides whom before and after, side by side."""
    from matplotlib.figure import Figure

    count = len(song.masking_after.names) if song.masking_after else 2
    figure = Figure(figsize=(2.0 * (1.6 + 0.3 * (count + 1)), 1.9 + 0.225 * count), layout="constrained")
    before, after = figure.subplots(1, 2)
    for axes, when, words in ((before, "before", "as given"), (after, "after", "in the mix")):
        draw_masking(song, when=when, axes=axes)
        axes.set_title(words, fontsize=style.SMALL)
    return before


_WHOLE: dict[str, Callable[[MeasuredSong], Any]] = {"plan": draw_plan, "pan": draw_pan}
_BY_STEM: dict[str, Callable[[MeasuredSong, tuple[str, ...]], tuple[list[Panel], int]]] = {
    "loudness": _with_whole(draw_loudness),
    "spectrum": _with_whole(draw_spectrum),
    "waveform": _with_whole(draw_waveforms),
    "eq": _eq,
    "compressor": _compressor,
    "gain": _gain,
    "reverb": _reverb,
    "masking": _masking_of_stems,
}
FIGURES = ("loudness", "spectrum", "eq", "compressor", "gain", "reverb", "masking", "plan", "waveform", "pan")
"""The kinds of figures."""
OF_FILES = ("loudness", "spectrum")
"""Those that can be drawn of audio files, too."""
