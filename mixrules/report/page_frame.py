"""The frame of every page: one head, one style sheet, one way to write numbers; a page needs no other file.

A page is a template in ``templates/`` that extends ``page_frame.html.jinja`` and fills its blocks. Every text is
escaped, names of songs, systems and listeners first of all, and what no line can show is written as an escape.
"""

from __future__ import annotations

import importlib.util
import math
import re
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from mixrules.errors import in_one_line

if TYPE_CHECKING:
    from markupsafe import Markup

_COLOUR_NAMES = {
    "#000000": "ink",
    "#222222": "ink",
    "#3d444d": "ink",
    "#444444": "soft",
    "#555555": "soft",
    "#888888": "faint",
    "#bbbbbb": "faint",
    "#dddddd": "grid",
    "#0072b2": "blue",
    "#d55e00": "vermilion",
    "#009e73": "green",
    "#cc79a7": "purple",
    "#e69f00": "orange",
    "#56b4e9": "sky",
    "#8a5a00": "brown",
    "#7a3d68": "plum",
}
"""Colours of figures that the page's style sheet has a name for: on a dark page they become lighter ones."""
_COLOUR = re.compile(r"(?<=: )(" + "|".join(_COLOUR_NAMES) + r")\b")
_STYLE = re.compile(r'style="[^"]*"')
_WHITE_GROUND = re.compile(r'(<path [^>]*style="fill: )#ffffff(?=")')


def missing_for_pages() -> list[str]:
    """Return which of the libraries that draw figures and fill pages are not installed."""
    return [name for name in ("matplotlib", "jinja2") if importlib.util.find_spec(name) is None]


def filled_page(template: str, **values: Any) -> str:
    """Fill a page.

    Parameters
    ----------
    template : str
        The name of its template.
    **values : object
        What the template names; a name that is missing is an error.

    Returns
    -------
    str
        HTML that names no other file, unless a value does.
    """
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    folder = files("mixrules.report").joinpath("templates")
    environment = Environment(
        autoescape=True,
        finalize=_shown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        loader=FunctionLoader(lambda name: folder.joinpath(name).read_text(encoding="utf-8")),
    )
    environment.filters |= {
        "fixed": fixed,
        "significant": significant,
        "readable": readable,
        "p": p_cell,
        "inline": inline_svg,
    }
    return environment.get_template(template).render(values)


def _shown(value: Any) -> Any:
    """Return a value for a page: of a name, control characters and what is no character are written as escapes."""
    return in_one_line(value) if type(value) is str else value


def inline_svg(svg: str, number: int, caption: str) -> Markup:
    """Return a figure's SVG for use within a page, in the page's colours.

    Parameters
    ----------
    svg : str
        An SVG document, of our own making.
    number : int
        Which figure of the page: its ids become its own by that.
    caption : str
        What it shows, for those who do not see it.

    Returns
    -------
    Markup
        Without the XML head.
    """
    from markupsafe import Markup, escape

    svg = svg[svg.index("<svg") :]
    svg = re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>f{number}-", svg)
    svg = _WHITE_GROUND.sub(r"\g<1>var(--paper)", svg)
    svg = _STYLE.sub(lambda style: _COLOUR.sub(_page_colour, style[0]), svg)
    return Markup(svg.replace("<svg ", f'<svg role="img" aria-label="{escape(in_one_line(caption))}" ', 1))


def _page_colour(found: re.Match[str]) -> str:
    return f"var(--{_COLOUR_NAMES[found[1]]})"


def fixed(value: float | None, digits: int = 2) -> str:
    """Return a number with so many decimals, a dash where it is not defined, never "-0".

    Parameters
    ----------
    value : float or None
        NaN and None are not defined.
    digits : int
        How many decimals.
    """
    if value is None or math.isnan(value):
        return "–"
    text = f"{value:.{digits}f}"
    return text.replace("-", "−") if float(text) else text.removeprefix("-")


def significant(value: float) -> str:
    """Return a number with three significant digits, a dash where it is not defined or infinite."""
    if not math.isfinite(value):
        return "–"
    text = f"{abs(value):.3g}"
    return f"−{text}" if value < 0 else text


def readable(value: float) -> str:
    """Return a number as in a sentence, with as many decimals as its size needs; a dash where it is not defined."""
    if not math.isfinite(value):
        return "–"
    size = abs(value)
    if size >= 1000.0:
        return f"{float(f'{value:.3g}'):,.0f}".replace("-", "−")
    return fixed(value, 0 if size >= 100.0 else 1 if size >= 2.0 else 2 if size >= 0.2 else 3)


def p_cell(value: float) -> str:
    """Return a p-value for a table, never as 0."""
    if math.isnan(value):
        return "–"
    return "< 0.001" if value < 0.001 else f"{value:.3f}"
