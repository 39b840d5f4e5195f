"""Spectra before and after: of the whole song, of a stem beside everything else, or of any sounds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from mixrules.analysis import Bands
from mixrules.report import figure_style as style
from mixrules.report.song.figures.loudness import line_styles, require_sounds
from mixrules.report.song.figures.panel import (
    AFTER,
    GIVEN,
    REST,
    axes_or_new,
    frequency_axis,
    in_style,
    legend,
    legend_label,
    of_song,
)
from mixrules.report.song.pictures import MeasuredSong, SoundPicture

SPAN_DB = 60.0
SILENT_DB = -300.0
LEVEL = "level (dB)"


@of_song
def draw_spectrum(song: MeasuredSong, stem: str | None = None, *, axes: Any = None) -> Any:
    """Draw the long-term spectrum before and after; of a stem also that of everything else in the mix.

    Levels are those of bands a sixth of an octave wide, 0 dB the strongest band of the mix before its master.

    Parameters
    ----------
    song : MeasuredSong
        The song.
    stem : str, optional
        A stem; by default the whole.
    axes : matplotlib.axes.Axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    matplotlib.axes.Axes
    """
    axes = axes_or_new(axes)
    reference_db = reference_of(song)
    if stem is None:
        lines = [
            ("as given", song.whole_before.spectrum_db, GIVEN),
            ("mix", song.whole_after.spectrum_db, AFTER),
        ]
        own_db = strongest([values for _, values, _ in lines], song.bands)
    else:
        picture = song.stem(stem)
        lines = [
            ("as given", picture.given.spectrum_db, GIVEN),
            ("in the mix", picture.after.spectrum_db, AFTER),
            ("all others", picture.others_after_db, REST),
        ]
        own_db = reference_db
    for label, levels_db, line in lines:
        _plot(axes, song.bands, levels_db - own_db, label, line)
    frequency_axis(axes, song.sample_rate / 2, LEVEL)
    axes.set_ylim(-SPAN_DB, 10.0 if stem is not None else 5.0)
    style.value_grid(axes, "y")
    legend(axes)
    return axes


@in_style
def draw_spectra(sounds: Mapping[str, SoundPicture], *, axes: Any = None) -> Any:
    """Draw the long-term spectra of some sounds on one scale, 0 dB the strongest band of all.

    Parameters
    ----------
    sounds : mapping of str to SoundPicture
        By name, from `measure_sound`.
    axes : matplotlib.axes.Axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    matplotlib.axes.Axes
    """
    require_sounds(sounds, SoundPicture)
    axes = axes_or_new(axes)
    highest_db = max(strongest([sound.spectrum_db], sound.bands) for sound in sounds.values())
    lines = line_styles(list(sounds))
    for name, sound in sounds.items():
        label = legend_label(style.name_label(name, 24))
        _plot(axes, sound.bands, sound.spectrum_db - highest_db, label, lines[name])
    frequency_axis(axes, max(sound.bands.high_hz[-1] for sound in sounds.values()), LEVEL)
    axes.set_ylim(-SPAN_DB, 5.0)
    style.value_grid(axes, "y")
    legend(axes)
    return axes


def strongest(spectra_db: list[npt.NDArray[np.float64]], bands: Bands) -> float:
    """Return the highest level of some spectra from 20 Hz on; -300 dB where all are silent."""
    audible = np.asarray(bands.centers_hz) >= 20.0
    return max((float(np.max(each[audible], initial=SILENT_DB)) for each in spectra_db), default=SILENT_DB)


def reference_of(song: MeasuredSong) -> float:
    """Return the level that spectra of stems are drawn against: the strongest band of all stems in the mix."""
    powers = [10.0 ** (stem.after.spectrum_db / 10.0) for stem in song.stems]
    total = np.sum(powers, axis=0)
    with np.errstate(divide="ignore"):
        return strongest([10.0 * np.log10(total)], song.bands)


def _plot(
    axes: Any, bands: Bands, levels_db: npt.NDArray[np.float64], label: str, line: dict[str, Any]
) -> None:
    centers_hz = np.asarray(bands.centers_hz)
    audible = centers_hz >= 19.0
    axes.plot(centers_hz[audible], np.maximum(levels_db[audible], -SPAN_DB - 30.0), label=label, **line)
