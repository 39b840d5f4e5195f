"""The results page: one file that opens without a network, with the figures in it."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from importlib.resources import files

from mixrules.ratings import sentences
from mixrules.ratings.analysis import Analysis
from mixrules.ratings.figures import Figure
from mixrules.ratings.table import ALL


def page(analysis: Analysis, figures: Sequence[Figure]) -> str:
    """Return the page as HTML.

    Parameters
    ----------
    analysis : Analysis
        The whole.
    figures : sequence of Figure
        Drawn from it.

    Returns
    -------
    str
    """
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["number"] = _number
    environment.filters["p"] = _p
    source = files("mixrules.ratings").joinpath("page.html.jinja").read_text(encoding="utf-8")
    return environment.from_string(source).render(
        analysis=analysis,
        table=analysis.table,
        settings=analysis.settings,
        all=ALL,
        groups=analysis.table.groups(),
        listeners=len(analysis.table.names("listener")) if analysis.table.design == "within" else None,
        cautions=sentences.cautions(analysis),
        methods=sentences.methods(analysis),
        rules=analysis.settings.rejection.sentences(),
        figures=[(figure, _inline(figure, number)) for number, figure in enumerate(figures)],
        verdict=lambda c: sentences.verdict_sentence(c, analysis.settings),
        omnibus=lambda o: sentences.omnibus_sentence(o, analysis.settings),
    )


def _inline(figure: Figure, number: int) -> str:
    """Return a figure's SVG for a page: without XML head, its ids made its own, with words for those who don't see it."""
    from markupsafe import Markup, escape

    svg = figure.svg[figure.svg.index("<svg") :]
    svg = re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>f{number}-", svg)
    svg = svg.replace("<svg ", f'<svg role="img" aria-label="{escape(figure.caption)}" ', 1)
    return Markup(svg)


def _number(value: float | None, digits: int = 2) -> str:
    if value is None or math.isnan(value):
        return "–"
    text = f"{value:.{digits}f}"
    return text.replace("-", "−") if float(text) else text.removeprefix("-")


def _p(value: float) -> str:
    if math.isnan(value):
        return "–"
    return "< 0.001" if value < 0.001 else f"{value:.3f}"
