"""A figure once it is drawn: for files and for a page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mixrules.report import figure_style as style


@dataclass(frozen=True, slots=True)
class DrawnFigure:
    """A figure: the part of the page it belongs to, a name for its files, heading, caption, and its two forms."""

    part: str
    name: str
    heading: str
    caption: str
    svg: str
    png: bytes


def finished(figure: Any, part: str, name: str, heading: str, caption: str) -> DrawnFigure:
    """Return a figure in its two forms."""
    # Laid out once: drawing does it again each time, and it takes longer than all else.
    figure.get_layout_engine().execute(figure)
    figure.set_layout_engine("none")
    return DrawnFigure(part, name, heading, caption, style.svg_of(figure), style.png_of(figure))
