"""The figures of ratings: Likert bars about the middle, distributions with means, agreement, groups side by side."""

from __future__ import annotations

from functools import partial

from mixrules.ratings.analysis import Analysis
from mixrules.ratings.group_names import ALL
from mixrules.report import figure_style as style
from mixrules.report.ratings.agreement import draw_sides, sides_height
from mixrules.report.ratings.axes import Legend
from mixrules.report.ratings.bars import draw_groups, draw_likert
from mixrules.report.ratings.distributions import distribution_kind, draw_distribution
from mixrules.report.ratings.panel_figures import Figure, file_names, panel_figure

_UPRIGHT_HEIGHT = 3.1


def ratings_figures(analysis: Analysis) -> list[Figure]:
    """Draw all figures of an analysis.

    Parameters
    ----------
    analysis : Analysis
        The whole.

    Returns
    -------
    list of Figure
        Likert bars, distributions and agreement for each group, then the groups side by side where there are some.
    """
    groups = analysis.table.groups()
    drawn: list[Figure] = []
    with style.figure_style():
        for group, file_name in zip(groups, file_names(groups), strict=True):
            drawn += _of_group(analysis, group, file_name)
        if len(groups) > 1:
            drawn.append(
                panel_figure(
                    partial(_groups, analysis),
                    _panels(analysis, ALL),
                    name="groups",
                    group=ALL,
                    caption=f"Means by group with {analysis.settings.confidence:.0%} bootstrap confidence intervals.",
                    size=_upright(analysis),
                    upright=analysis.table.names("condition"),
                )
            )
    return drawn


def _of_group(analysis: Analysis, group: str, file_name: str) -> list[Figure]:
    whose = "" if group == ALL else f", {group}"
    conditions = analysis.table.names("condition")
    kind, caption = distribution_kind(analysis, group)
    drawn = [
        panel_figure(
            partial(_likert, analysis, group),
            _panels(analysis, group),
            name=f"likert_{file_name}",
            group=group,
            caption=f"Shares of the ratings{whose}, about the middle of the scale; n beside each bar.",
            size=(4.9, 1.15 + 0.42 * len(conditions)),
            legend_columns=len(analysis.table.scale.labels),
        ),
        panel_figure(
            partial(_distribution, analysis, group),
            _panels(analysis, group),
            name=f"{kind}_{file_name}",
            group=group,
            caption=f"Distribution of {_unit(analysis)}{whose}: {caption}",
            size=_upright(analysis),
            upright=conditions,
        ),
    ]
    pairs = max((len(_pairs(analysis, group, key)) for key, _ in _panels(analysis, group)), default=0)
    if pairs and analysis.table.design == "within":
        drawn.append(
            panel_figure(
                partial(_agreement, analysis, group),
                _panels(analysis, group),
                name=f"agreement_{file_name}",
                group=group,
                caption=f"Who agrees{whose}: listeners whose mean of one of a pair is higher than that of the other.",
                size=(4.9, sides_height(pairs)),
            )
        )
    return drawn


def _panels(analysis: Analysis, group: str) -> list[tuple[str, str]]:
    return [(a, analysis.label(a)) for a in analysis.table.names("attribute") if analysis.of(group, a)]


def _pairs(analysis: Analysis, group: str, attribute: str) -> list[tuple[str, str, int, int, int]]:
    return [
        (c.first, c.second, c.for_first, c.n_first - c.for_first - c.for_second, c.for_second)
        for c in analysis.comparisons
        if (c.group, c.attribute) == (group, attribute)
    ]


def _agreement(analysis: Analysis, group: str, axis: object, attribute: str) -> Legend:
    return draw_sides(axis, _pairs(analysis, group, attribute), ("left higher", "alike", "right higher"))


def _likert(analysis: Analysis, group: str, axis: object, attribute: str) -> Legend:
    return draw_likert(axis, analysis, group, attribute)


def _distribution(analysis: Analysis, group: str, axis: object, attribute: str) -> Legend:
    return draw_distribution(axis, analysis, group, attribute)


def _groups(analysis: Analysis, axis: object, attribute: str) -> Legend:
    return draw_groups(axis, analysis, ALL, attribute)


def _upright(analysis: Analysis) -> tuple[float, float]:
    return max(4.6, 0.8 * len(analysis.table.names("condition")) + 1), _UPRIGHT_HEIGHT


def _unit(analysis: Analysis) -> str:
    return "listeners' means" if analysis.table.design == "within" else "ratings"
