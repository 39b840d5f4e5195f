"""The style of every figure: colours, panels, axes, and how a figure becomes SVG and PNG, the same bytes on every run.

Settings of matplotlib are in `figures.mplstyle`, which figures of your own can use too. Colours are ColorBrewer's
BrBG for the words of a scale and Okabe and Ito's for everything else, told apart by people who are colour-blind. Nothing
is told by colour alone: bars carry shares, points have shapes of their own.
"""

from __future__ import annotations

import contextlib
import io
import math
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mixrules.errors import in_one_line

INK = "#222222"
GRID = "#dddddd"
FAINT = "#bbbbbb"
"""Single songs or listeners, behind what they add up to."""
BLUE, VERMILION = "#0072B2", "#D55E00"
GROUP_COLOURS = (BLUE, VERMILION, "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
MARKERS = "osD^vPX"
SMALL, TINY = 9, 8
"""Sizes of text in points: labels of axes and legends; numbers within bars, names of many rows."""

_STYLE_FILE = Path(__file__).with_name("figures.mplstyle")
_PNG_DPI = 160
_PATH = re.compile(r' d="[^"]*"')
_FINER = re.compile(r"(\d\.\d\d)\d+")


@contextlib.contextmanager
def figure_style() -> Iterator[None]:
    """Draw and save in the style of the package while the block runs."""
    from matplotlib import rc_context

    with rc_context(fname=_STYLE_FILE), warnings.catch_warnings():
        # A sign that the font lacks is drawn as a box; the tables beside the figure have it.
        warnings.filterwarnings("ignore", message=r"Glyph .* missing from")
        yield


def name_label(name: str, most: int = 32) -> str:
    """Return a name for a figure: one line, the middle of a long one left out."""
    shown = in_one_line(name)
    half = (most - 1) // 2
    return shown if len(shown) <= most else f"{shown[:half].rstrip()}…{shown[-half:].lstrip()}"


def panels(
    count: int, columns: int, *, width: float, height: float, margin: float = 0.0
) -> tuple[Any, list[Any]]:
    """Return a figure with axes for so many panels.

    Parameters
    ----------
    count, columns : int
        How many panels, and how many at most in a row.
    width, height : float
        Of one panel, inches.
    margin : float
        Height that is left for a legend, inches.

    Returns
    -------
    figure : matplotlib.figure.Figure
    axes : list of matplotlib.axes.Axes
        One a panel, in reading order.
    """
    from matplotlib.figure import Figure

    columns = min(columns, count)
    rows = math.ceil(count / columns)
    figure = Figure(figsize=(width * columns, height * rows + margin), layout="constrained")
    axes = list(figure.subplots(rows, columns, squeeze=False).ravel())
    for axis in axes[count:]:
        axis.set_axis_off()
    return figure, axes[:count]


def value_grid(axis: Any, direction: str) -> None:
    """Draw faint lines at the ticks of the axis ("x" or "y") along which values are read."""
    axis.grid(axis=direction, color=GRID, linewidth=0.6)


def legend_above(figure: Any, handles: list[Any], labels: list[str], columns: int) -> None:
    """Write one legend for all panels above them."""
    figure.legend(
        handles,
        labels,
        loc="outside upper center",
        ncols=columns,
        frameon=False,
        fontsize=SMALL,
        handlelength=1.2,
    )


def diverging(words: int) -> list[str]:
    """Return a colour for each word of a scale, from brown (worst) to green (best)."""
    from matplotlib import colormaps
    from matplotlib.colors import to_hex

    return [to_hex(colormaps["BrBG"](0.12 + 0.76 * i / (words - 1))) for i in range(words)]


def ink_on(colour: str) -> str:
    """Return black or white, whichever can be read on a colour (luma after BT.601)."""
    from matplotlib.colors import to_rgb

    red, green, blue = to_rgb(colour)
    return "#111111" if 0.299 * red + 0.587 * green + 0.114 * blue > 0.5 else "#ffffff"


def patch(colour: str) -> Any:
    """Return a square of a colour for a legend."""
    from matplotlib.patches import Patch

    return Patch(facecolor=colour, edgecolor="#888888", linewidth=0.4)


def svg_of(figure: Any, *, text: bool = False) -> str:
    """Return a figure as an SVG document without date or program; within `figure_style` the same on every run.

    Letters are shapes, the same on every machine; with `text` they stay text, which is smaller and can be read aloud.
    """
    from matplotlib import rc_context
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    document = io.StringIO()
    # As `savefig` does it, without drawing once for nothing before.
    canvas: Any = FigureCanvasSVG(figure)
    with rc_context({"svg.fonttype": "none" if text else "path"}):
        canvas.print_svg(document, metadata={"Date": None, "Creator": None})
    # A hundredth of a point is a 250th of a millimetre; a quarter of the bytes says what is finer.
    return _PATH.sub(lambda path: _FINER.sub(r"\1", path[0]), document.getvalue())


def png_of(figure: Any) -> bytes:
    """Return a figure as PNG, 160 dots an inch."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    pixels = io.BytesIO()
    before, figure.dpi = figure.dpi, _PNG_DPI
    canvas: Any = FigureCanvasAgg(figure)
    canvas.print_png(pixels, metadata={"Software": None})
    figure.dpi = before
    return pixels.getvalue()
