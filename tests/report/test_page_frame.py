"""How pages write numbers and take figures in, and what every page has."""

from __future__ import annotations

import math
import re
from importlib.resources import files

import jinja2
import pytest

from mixrules.report.page_frame import _COLOUR_NAMES, filled_page, fixed, inline_svg, p_cell, significant


@pytest.mark.parametrize(
    ("value", "text"),
    [(1.005, "1.00"), (-0.25, "−0.25"), (-0.001, "0.00"), (math.nan, "–"), (None, "–")],
)
def test_numbers_with_decimals(value: float | None, text: str) -> None:
    assert fixed(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(12.345, "12.3"), (-0.5, "−0.5"), (-0.0, "0"), (-1e-5, "−1e-05"), (math.nan, "–"), (math.inf, "–")],
)
def test_numbers_with_significant_digits(value: float, text: str) -> None:
    assert significant(value) == text


@pytest.mark.parametrize(("p", "text"), [(0.0421, "0.042"), (0.0, "< 0.001"), (math.nan, "–")])
def test_p_is_never_0(p: float, text: str) -> None:
    assert p_cell(p) == text


def test_figures_of_one_page_keep_their_ids_apart() -> None:
    svg = '<?xml version="1.0"?>\n<svg width="1"><path id="a"/><use href="#a"/><g clip-path="url(#a)"/></svg>'
    inside = inline_svg(svg, 3, 'so "wide" <b>')
    assert inside.startswith('<svg role="img" aria-label="so &#34;wide&#34; &lt;b&gt;" width="1">')
    assert 'id="f3-a"' in inside
    assert 'href="#f3-a"' in inside
    assert "url(#f3-a)" in inside


def test_a_value_that_a_page_lacks_is_an_error() -> None:
    with pytest.raises(jinja2.UndefinedError):
        filled_page("ratings_page.html.jinja")


def test_figures_take_the_colours_of_the_page() -> None:
    svg = (
        '<svg width="1"><path d="M0" style="fill: #ffffff"/><path style="fill: none; stroke: #0072b2"/>'
        '<g style="fill: #ffffff"><path d="M1"/></g><text style="font-size: 8px; fill: #222222">a #222222</text></svg>'
    )
    inside = inline_svg(svg, 0, "")
    assert '<path d="M0" style="fill: var(--paper)"/>' in inside
    assert 'style="fill: none; stroke: var(--blue)"' in inside
    assert '<g style="fill: #ffffff">' in inside  # letters on a bar
    assert '<text style="font-size: 8px; fill: var(--ink)">a #222222</text>' in inside


def test_every_colour_that_a_figure_is_given_by_the_page_has_a_light_and_a_dark_one() -> None:
    frame = files("mixrules.report").joinpath("templates/page_frame.html.jinja").read_text("utf-8")
    light, dark = re.findall(r":root \{(.*?)\}", frame, flags=re.DOTALL)[:2]
    for colours in (light, dark):
        named = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", colours))
        assert set(_COLOUR_NAMES.values()) | {"paper"} <= set(named)
    svg = re.findall(r"--(\w+): (#[0-9a-f]{6})", light)
    # What a figure is drawn in is what a light page shows.
    for name, colour in svg:
        if name in ("blue", "vermilion", "green", "purple", "orange", "sky", "brown", "plum", "grid"):
            assert _COLOUR_NAMES[colour] == name


@pytest.mark.parametrize("scheme", [0, 1])
def test_text_and_lines_stand_out_from_the_page(scheme: int) -> None:
    frame = files("mixrules.report").joinpath("templates/page_frame.html.jinja").read_text("utf-8")
    named = dict(
        re.findall(r"--(\w+): (#[0-9a-f]{6})", re.findall(r":root \{(.*?)\}", frame, flags=re.DOTALL)[scheme])
    )
    for name, least in {
        "ink": 7.0,
        "soft": 4.5,
        "link": 4.5,
        "blue": 3.0,
        "vermilion": 3.0,
        "green": 3.0,
    }.items():
        assert _contrast(named[name], named["paper"]) >= least, name
    assert _contrast(named["ink"], named["note"]) >= 7.0


def _contrast(one: str, other: str) -> float:
    """Return the contrast of two colours after WCAG 2.2."""

    def luminance(colour: str) -> float:
        shares = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in shares]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)
