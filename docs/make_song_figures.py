"""Draw the pictures of docs/figures.md: what a mix of the demo song looks like.

python docs/make_song_figures.py
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from PIL import Image

from mixrules import Stems, plan
from mixrules.demo import demo_stems
from mixrules.report import (
    MeasuredSong,
    draw_compressor,
    draw_eq,
    draw_gain_reduction,
    draw_masking,
    draw_plan,
    draw_waveforms,
    measure_song,
)
from mixrules.report import figure_style as style

IMAGES = Path(__file__).parent / "images"
COLOURS = 64


def processors(song: MeasuredSong) -> Any:
    """Return what was done to the guitar."""
    figure, axes = style.panels(4, 2, width=3.6, height=2.3)
    for panel, draw in zip(
        axes, (draw_waveforms, draw_eq, draw_compressor, draw_gain_reduction), strict=True
    ):
        draw(song, "guitar", axes=panel)
    return figure


def masking(song: MeasuredSong) -> Any:
    """Return who hides whom, before and after."""
    figure, axes = style.panels(2, 2, width=3.6, height=3.2)
    for panel, when, words in zip(axes, ("before", "after"), ("as given", "in the mix"), strict=True):
        draw_masking(song, when=when, axes=panel)
        panel.set_title(words, fontsize=style.SMALL)
    return figure


def overview(song: MeasuredSong) -> Any:
    """Return the plan at a glance."""
    return draw_plan(song)[0].figure


PICTURES = {"figures-guitar": processors, "figures-masking": masking, "figures-plan": overview}


def picture(figure: Any) -> bytes:
    """Return a figure as PNG of few colours, which is a third of the bytes."""
    few = io.BytesIO()
    with Image.open(io.BytesIO(style.png_of(figure))) as image:
        image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(few, "PNG", optimize=True)
    return few.getvalue()


def main() -> None:
    """Draw the pictures."""
    stems = Stems.from_arrays(demo_stems(), 44_100, title="demo")
    song = measure_song(stems, plan(stems))
    with style.figure_style():
        for name, draw in PICTURES.items():
            (IMAGES / f"{name}.png").write_bytes(picture(draw(song)))


if __name__ == "__main__":
    main()
