"""Figures of audio files: loudness over time, and spectra, of several on one scale."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mixrules.report.song.figures import draw_loudness, draw_spectra
from mixrules.report.song.figures.panel import axes_or_new, in_style
from mixrules.report.song.measured import measure_sound
from mixrules.report.song.pictures import LoudnessPicture, SoundPicture
from mixrules.stems import Progress

WIDTH, HEIGHT = 6.4, 3.2
"""Of the figure, inches: of the width of a page's text."""


def figure_of_files(kind: str, paths: Sequence[Path], *, progress: Progress | None = None) -> Any:
    """Return the figure of some files.

    Parameters
    ----------
    kind : {"loudness", "spectrum"}
        What is drawn.
    paths : sequence of Path
        Audio files, of any length.
    progress : callable, optional
        Told which file is read.

    Returns
    -------
    matplotlib.figure.Figure
    """
    sounds: dict[str, SoundPicture] = {}
    for number, (path, label) in enumerate(zip(paths, labels_of(paths), strict=True)):
        if progress is not None:
            progress(f"measuring {path.name}", number, len(paths))
        sounds[label] = measure_sound(path)
    return loudness_figure(sounds) if kind == "loudness" else _spectrum_figure(sounds)


@in_style
def loudness_figure(sounds: Mapping[str, LoudnessPicture]) -> Any:
    """Return the figure of the loudness of some sounds over time."""
    axes = axes_or_new(None, width=WIDTH, height=HEIGHT + 0.17 * (len(sounds) // 3))
    return draw_loudness(sounds, axes=axes).figure


@in_style
def _spectrum_figure(sounds: Mapping[str, SoundPicture]) -> Any:
    axes = axes_or_new(None, width=WIDTH, height=HEIGHT + 0.17 * (len(sounds) // 2))
    return draw_spectra(sounds, axes=axes).figure


def labels_of(paths: Sequence[Path]) -> list[str]:
    """Return what each file is called in a figure: its name, with its folder where two have one name."""
    names = Counter(path.name for path in paths)
    labels = [path.name if names[path.name] == 1 else str(path) for path in paths]
    return [label if labels.count(label) == 1 else f"{label} ({n})" for n, label in enumerate(labels, 1)]
