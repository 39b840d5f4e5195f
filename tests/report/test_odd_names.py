"""Names that are mathematics, HTML, control characters or far too long: as they are, or as escapes, in every output."""

from __future__ import annotations

import dataclasses
import warnings
from pathlib import Path
from xml.etree import ElementTree

import pytest
from markupsafe import escape

from mixrules.errors import in_one_line
from mixrules.ratings import Analysis, RatingTable, Reading, RejectionRules, Row, Settings, analyse
from mixrules.report.figure_style import figure_style, name_label, panels, svg_of
from mixrules.report.ratings.figures import ratings_figures
from mixrules.report.ratings.page import ratings_page

ODD = (
    "$x_1$",
    "$",
    "a\\frac{b}^_%",
    "<b>\"bold\"</b> &amp; 'it'",
    "two\nlines\tand a tab",
    "a bell\a and \x1b[31mred",
    "left \u202eright",
    "x" * 300,
    "\N{GRINNING FACE} 専門家",
    "not UTF-8: b\udce4ss",
    "a -- b -->",
    "{{ 7 * 7 }} {% raw %}",
    " ",
)


@pytest.mark.parametrize("name", ODD, ids=lambda name: ascii(name[:12]))
def test_a_figure_shows_any_name_and_warns_of_none(name: str) -> None:
    with warnings.catch_warnings(), figure_style():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", message="Glyph .* missing from")  # as within the style
        figure, (axis,) = panels(1, 1, width=4.0, height=2.0)
        axis.set_title(name_label(name))
        axis.set_yticks([0, 1], [name_label(name), "b"])
        svg = svg_of(figure)
    assert ElementTree.fromstring(svg).tag.endswith("svg")
    assert len(name_label(name)) <= 32
    assert name_label(name).isprintable()


def test_a_short_name_is_shown_as_it_is_and_a_long_one_by_both_its_ends() -> None:
    assert name_label("$x_1$ <i>") == "$x_1$ <i>"
    assert (
        name_label("the first take of it " + "x" * 300 + " with reverb") == "the first take…xxx with reverb"
    )


@pytest.fixture(scope="module")
def analysis() -> Analysis:
    """Three listeners who rated conditions of all those names."""
    rows = [
        Row(f"{ODD[3]} {n}", "", "song", condition, ODD[5], (n + place) % 5 + 1, "page", 0)
        for n in range(3)
        for place, condition in enumerate(ODD[:-1])
    ]
    reading = Reading(table=RatingTable.from_rows(rows), format="rows", sources=ODD)
    return analyse(reading, Settings(resamples=0, rejection=RejectionRules.none()))


def test_a_page_of_ratings_shows_any_name(analysis: Analysis, tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        page = ratings_page(analysis, ratings_figures(analysis))
    (tmp_path / "page.html").write_text(page, encoding="utf-8")
    for name in ODD[:-1]:
        assert escape(in_one_line(name)) in page
    assert "<b>" not in page
    assert not set("\x07\x1b\u202e\udce4") & set(page)


def test_the_values_of_a_page_are_escaped_at_one_place(analysis: Analysis) -> None:
    titled = dataclasses.replace(analysis.reading, title="a\x00b\nc<script>")
    page = ratings_page(dataclasses.replace(analysis, reading=titled), [])
    assert r"a\x00b\nc&lt;script&gt;" in page
    assert "<script>" not in page
