"""How pages write numbers and take figures in, and what every page has."""

from __future__ import annotations

import math

import jinja2
import pytest

from mixrules.report.page_frame import filled_page, fixed, inline_svg, p_cell, significant


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
