"""Distributions of ratings, drawn as what they are: a dot for each of few values, a violin with a box for many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from mixrules.ratings.analysis import Analysis
from mixrules.ratings.pairing import cube_of
from mixrules.report import figure_style as style
from mixrules.report.ratings.axes import Legend, condition_axis, scale_axis

FEWEST_FOR_VIOLIN = 10
"""Fewer values have no shape and no quartiles to speak of."""
MOST_DOTS = 60
"""Up to so many values each is a faint dot on its violin: who disagrees is seen; more would cover each other."""
_VIOLIN = "#9ecae1"
_DOTS_APART = 0.09
_BESIDE = 0.4
"""How much nearer dots on a violin lie."""


def draw_distribution(axis: Any, analysis: Analysis, group: str, attribute: str) -> Legend:
    """Draw one attribute's values by condition, with their means; parameters as `draw_likert`.

    From `FEWEST_FOR_VIOLIN` values on a violin with a box, below each value as a dot, a listener's dots joined.
    """
    names, samples = _samples(analysis, group, attribute)
    many = [sample.size >= FEWEST_FOR_VIOLIN for sample in samples]
    if not any(many):
        _join_listeners(axis, analysis, group, attribute, names)
    for column, sample in enumerate(samples):
        if many[column]:
            _draw_violin(axis, column, sample)
            if sample.size <= MOST_DOTS:
                places = [column + _BESIDE * shift for shift in _apart(sample)]
                axis.plot(places, sample, ".", color=style.BLUE, alpha=0.55, markersize=4, zorder=2)
        else:
            places = [column + shift for shift in _apart(sample)]
            axis.plot(places, sample, "o", color=style.BLUE, markersize=4.5, zorder=3)
        axis.plot(
            [column],
            [sample.mean()],
            "D",
            color=style.VERMILION,
            markersize=5.5,
            markeredgecolor=style.INK,
            markeredgewidth=0.6,
            zorder=5,
        )
    scale_axis(axis, analysis)
    condition_axis(axis, names)
    return [], []


def _draw_violin(axis: Any, column: int, sample: Any) -> None:
    if np.ptp(sample) > 0:
        violin = axis.violinplot(
            [sample], [column], widths=0.85, showextrema=False, bw_method=max(0.25, sample.size**-0.2)
        )
        for body in violin["bodies"]:
            body.set(facecolor=_VIOLIN, edgecolor=style.BLUE, alpha=0.75, linewidth=0.7)
    lines = {"color": style.INK, "linewidth": 0.9}
    axis.boxplot(
        [sample],
        positions=[column],
        widths=0.2,
        patch_artist=True,
        boxprops={"facecolor": "none", "edgecolor": style.INK, "linewidth": 0.9},
        whiskerprops=lines,
        capprops=lines,
        medianprops={"color": style.INK, "linewidth": 1.8},
        flierprops={"marker": ".", "markersize": 3, "markerfacecolor": style.INK, "markeredgecolor": "none"},
        manage_ticks=False,
    )


def _join_listeners(axis: Any, analysis: Analysis, group: str, attribute: str, names: Sequence[str]) -> None:
    """Draw a faint line through each listener's values."""
    own, scale = analysis.table.of_group(group), analysis.table.scale
    if own.design == "within":
        for means in cube_of(own, attribute, tuple(names)).means():
            axis.plot(
                range(len(names)), means * scale.span + scale.low, color=style.FAINT, linewidth=0.8, zorder=1
            )


def _apart(sample: Any) -> list[float]:
    """Return how far to the side each value is drawn, so that equal ones lie side by side."""
    counts = Counter(sample.tolist())
    seen: Counter[float] = Counter()
    shifts = []
    for value in sample.tolist():
        shifts.append((seen[value] - (counts[value] - 1) / 2) * _DOTS_APART)
        seen[value] += 1
    return shifts


def distribution_kind(analysis: Analysis, group: str) -> tuple[str, str]:
    """Return the kind of a group's distributions, ``violin`` or ``dots``, and what is drawn, in words."""
    attributes = [a for a in analysis.table.names("attribute") if analysis.of(group, a)]
    sizes = [sample.size for a in attributes for sample in _samples(analysis, group, a)[1]]
    one = "listener" if analysis.table.design == "within" else "rating"
    dots = f"each {one} a dot"
    if max(sizes) < FEWEST_FOR_VIOLIN:
        joined = ", a grey line through each listener's" if one == "listener" else ""
        return "dots", f"{dots}{joined}, mean as a diamond (violins from {FEWEST_FOR_VIOLIN} {one}s on)."
    violin = "violin, box with median and quartiles (whiskers to 1.5 times their distance), mean as a diamond"
    few = (
        f"; where there are fewer than {FEWEST_FOR_VIOLIN}, {dots}" if min(sizes) < FEWEST_FOR_VIOLIN else ""
    )
    single = f", each {one} a faint dot" if max(sizes) <= MOST_DOTS else ""
    return "violin", f"{violin}{single}{few}."


def _samples(analysis: Analysis, group: str, attribute: str) -> tuple[list[str], list[Any]]:
    """Return the conditions that a group rated, and the values of each in points of the scale."""
    own, scale = analysis.table.of_group(group), analysis.table.scale
    conditions = analysis.table.names("condition")
    if own.design == "within":
        means = cube_of(own, attribute, conditions).means() * scale.span + scale.low
        samples = [column[~np.isnan(column)] for column in means.T]
    else:
        rows = [r for r in own.rows() if r.attribute == attribute]
        samples = [np.array([r.value for r in rows if r.condition == c]) for c in conditions]
    rated = [(c, s) for c, s in zip(conditions, samples, strict=True) if s.size]
    return [c for c, _ in rated], [s for _, s in rated]
