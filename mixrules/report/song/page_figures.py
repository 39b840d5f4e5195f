"""The figures of a song's page: drawn by the functions that a notebook uses, as SVG whose text stays text."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import mixrules.report.song.figures as draw
from mixrules.report import figure_style as style
from mixrules.report.song.pictures import MeasuredSong, StemPicture


@dataclass(frozen=True, slots=True)
class PageFigure:
    """A figure on the page: its number, its SVG, what it shows for those who do not see it, and its caption."""

    number: int
    svg: str
    alt: str
    caption: str
    rules: tuple[str, ...] = ()
    """The rules whose sentences belong beside it."""


class PageFigures:
    """Draws the figures of one song, one after the other.

    Parameters
    ----------
    song : MeasuredSong
        What they show.
    """

    def __init__(self, song: MeasuredSong) -> None:
        self._song = song
        self._count = 0

    def of_the_whole(self) -> list[PageFigure]:
        """Return loudness over time, spectra and reverbs."""
        song = self._song
        return [
            self._drawn(
                lambda: draw.draw_loudness(song),
                "Loudness over time, before and after",
                "Loudness over time: momentary (0.4 s) faint, short-term (3 s) strong, integrated as a line, the "
                "loudness range as a band.",
            ),
            self._drawn(
                lambda: draw.draw_spectrum(song),
                "Spectra before and after",
                "Long-term spectra of the stems as given and of the mix, in sixths of an octave.",
            ),
            *(self._reverb(bus.name) for bus in song.reverbs),
        ]

    def overview(self) -> list[PageFigure]:
        """Return where every stem stands: faders, pans and reverb."""
        song = self._song
        return [
            self._drawn(
                lambda: draw.draw_plan(song),
                "Levels, places and reverb of all stems",
                "All stems on one scale: level before and after, place between the loudspeakers, reverb.",
            )
        ]

    def of_stem(self, stem: StemPicture) -> list[PageFigure]:
        """Return what was done to one stem; nothing of a silent one."""
        song, name = self._song, stem.name
        if stem.silent or stem.muted:
            return []
        figures = [
            self._drawn(
                lambda: draw.draw_waveforms(song, name),
                f"Waveforms of {name} before and after",
                "As given, and as it sits in the mix.",
            ),
            self._drawn(
                lambda: draw.draw_eq(song, name),
                f"EQ of {name} over its spectrum",
                _eq_caption(stem),
                ("tone", "deess", "low_end", "eq"),
            ),
        ]
        if stem.compressor is not None:
            before, after = stem.compressor.range_before_lu, stem.compressor.range_after_lu
            spread = (
                f" Its loudness range: {before:.1f} LU before, {after:.1f} LU after."
                if math.isfinite(before + after)
                else ""
            )
            figures.append(
                self._drawn(
                    lambda: draw.draw_compressor(song, name),
                    f"Compressor of {name}: static curve over the levels that it meets",
                    f"What the compressor does to each level, over how often the stem has it.{spread}",
                    ("compression",),
                )
            )
        if stem.compressor is not None or stem.limiter is not None or stem.automation is not None:
            figures.append(
                self._drawn(
                    lambda: draw.draw_gain_reduction(song, name),
                    f"Gain of {name} over time",
                    "By how much it is turned down or up, over time.",
                    ("peaks", "ride", "duck", "fades"),
                )
            )
        if self._song.masking_after is not None:
            figures.append(
                self._drawn(
                    lambda: draw.draw_masking(song, name),
                    f"Which stems hide {name}, by frequency",
                    "Which stems hide it in the mix, and in which frequencies.",
                )
            )
        return figures

    def of_masking(self) -> list[PageFigure]:
        """Return who hides whom, before and after; nothing where fewer than two stems sound."""
        song = self._song
        if song.masking_before is None or song.masking_after is None:
            return []
        return [
            self._drawn(
                lambda: draw.draw_masking(song, when="before"),
                "Who hides whom before",
                "Before: how much of each stem (row) each other stem (column) hides.",
            ),
            self._drawn(
                lambda: draw.draw_masking(song, when="after"),
                "Who hides whom after",
                "After: the same in the mix.",
            ),
        ]

    def _reverb(self, name: str) -> PageFigure:
        bus = next(bus for bus in self._song.reverbs if bus.name == name)
        asked = f"asked for {bus.t60_asked_s:.2f} s, " if math.isfinite(bus.t60_asked_s) else ""
        measured = (
            f"measured {bus.t60_measured_s:.2f} s" if math.isfinite(bus.t60_measured_s) else "not measurable"
        )
        tempo = f", at {bus.tempo_bpm:.0f} BPM" if math.isfinite(bus.tempo_bpm) else ""
        return self._drawn(
            lambda: draw.draw_reverb(self._song, name),
            f"Decay of the reverb {name}",
            f"How the reverb “{name}” dies away at 1 kHz: {asked}{measured} for 60 dB{tempo}.",
        )

    def _drawn(
        self, make: Callable[[], Any], alt: str, caption: str, rules: tuple[str, ...] = ()
    ) -> PageFigure:
        with style.figure_style():
            axes = make()
            figure = (axes[0] if isinstance(axes, (list, tuple)) else axes).figure
            svg = style.svg_of(figure, text=True)
        self._count += 1
        return PageFigure(self._count, svg, alt, caption, rules)


def _eq_caption(stem: StemPicture) -> str:
    """Return what an EQ does, band by band."""
    if stem.eq is None or not (stem.eq.bands or stem.eq.dynamic_bands):
        return "Its spectrum over that of everything else; no EQ."
    bands = []
    for decided in stem.eq.bands:
        band = decided.band
        what = (
            f"{band.gain_db:+.1f} dB"
            if band.kind not in ("high_pass", "low_pass")
            else band.kind.replace("_", " ")
        )
        room = f" (room for {', '.join(decided.makes_room_for)})" if decided.makes_room_for else ""
        bands.append(f"{what} at {band.frequency_hz:.0f} Hz{room}")
    bands += [f"dynamic at {band.frequency_hz:.0f} Hz" for band in stem.eq.dynamic_bands]
    return f"EQ over its spectrum and that of everything else: {'; '.join(bands)}."
