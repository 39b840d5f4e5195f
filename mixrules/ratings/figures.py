"""The figures: stacked Likert bars about the middle, violins with box and mean, groups side by side.

Colours are ColorBrewer's BrBG for the scale's words and Okabe and Ito's for groups, both told apart by people who
are colour-blind. Nothing is told by colour alone: bars carry shares, points have shapes of their own.
"""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from mixrules.ratings.analysis import Analysis
from mixrules.ratings.drawing import condition_axis, diverging, grid, ink, patch, scale_axis
from mixrules.ratings.pairing import cube_of
from mixrules.ratings.table import ALL

_GROUP_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
_MARKERS = "osD^vPX"
_STYLE: dict[Any, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "figure.dpi": 100,
    "svg.hashsalt": "mixrules",
}


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure: a name for its files, what it shows in words, and its two forms."""

    name: str
    caption: str
    svg: str
    png: bytes


def figures(analysis: Analysis) -> list[Figure]:
    """Draw all figures of an analysis.

    Parameters
    ----------
    analysis : Analysis
        The whole.

    Returns
    -------
    list of Figure
        Likert bars and violins for each group, then the groups side by side where there are some.
    """
    import matplotlib

    matplotlib.use("Agg", force=False)
    drawn = []
    with matplotlib.rc_context(_STYLE):
        for group in analysis.table.groups():
            where = "" if group == ALL else f", {group}"
            drawn.append(
                _finished(
                    _likert(analysis, group),
                    f"likert_{_file_name(group)}",
                    f"Shares of the ratings{where}, about the middle of the scale; n beside each bar.",
                )
            )
            drawn.append(
                _finished(
                    _violins(analysis, group),
                    f"violin_{_file_name(group)}",
                    f"Distribution of {_unit(analysis)}{where}: violin, box with median and quartiles (whiskers to 1.5 "
                    "times their distance), mean as a diamond.",
                )
            )
        if len(analysis.table.groups()) > 1:
            drawn.append(
                _finished(
                    _groups(analysis),
                    "groups",
                    f"Means by group with {analysis.settings.confidence:.0%} bootstrap confidence intervals.",
                )
            )
    return drawn


def _likert(analysis: Analysis, group: str) -> Any:
    labels = analysis.table.scale.labels
    colours = diverging(len(labels))
    reach = _reach(analysis, group)
    axes, figure = grid(analysis, group, row_height=0.42)
    for axis, attribute in axes:
        found = analysis.of(group, attribute)
        for place, described in enumerate(found):
            shares = np.array(described.counts) / sum(described.counts) * 100
            left = -shares[: len(labels) // 2].sum() - (
                shares[len(labels) // 2] / 2 if len(labels) % 2 else 0.0
            )
            for share, colour in zip(shares, colours, strict=True):
                axis.barh(
                    place, share, left=left, color=colour, edgecolor="white", linewidth=0.6, height=0.74
                )
                if share >= 9:
                    axis.text(
                        left + share / 2,
                        place,
                        f"{share:.0f}",
                        ha="center",
                        va="center",
                        fontsize=8,
                        color=ink(colour),
                    )
                left += share
        axis.axvline(0, color="#444444", linewidth=0.8, zorder=0)
        axis.set(xlim=(-reach - 3, reach + 3), title=analysis.label(attribute))
        axis.set_yticks(range(len(found)), [f"{d.condition} (n = {d.ratings})" for d in found])
        axis.invert_yaxis()
        axis.tick_params(axis="y", length=0)
        ticks = range(-reach, reach + 1, 25)
        axis.set_xticks(ticks, [str(abs(tick)) for tick in ticks])
        axis.set_xlabel("% of ratings", fontsize=9)
    handles = [patch(colour) for colour in colours]
    figure.legend(
        handles,
        labels,
        loc="outside upper center",
        ncols=len(labels),
        frameon=False,
        fontsize=9,
        handlelength=1.2,
    )
    return figure


def _left_of_middle(shares: Any) -> float:
    """Return how much of a bar lies left of the middle of the scale: all worse words, half of the middle one."""
    half = len(shares) // 2
    return float(shares[:half].sum() + (shares[half] / 2 if len(shares) % 2 else 0.0))


def _reach(analysis: Analysis, group: str) -> int:
    """Return how far the bars go to either side, in quarters of a hundred."""
    ends = [50.0]
    for d in analysis.descriptions:
        if d.group == group:
            left = _left_of_middle(np.array(d.counts) / sum(d.counts) * 100)
            ends += [left, 100 - left]
    return 25 * math.ceil(max(ends) / 25)


def _violins(analysis: Analysis, group: str) -> Any:
    axes, figure = grid(analysis, group, row_height=0.0, height=3.1)
    for axis, attribute in axes:
        names, samples = _samples(analysis, group, attribute)
        places = list(range(len(names)))
        for place, sample in zip(places, samples, strict=True):
            if sample.size > 2 and np.ptp(sample) > 0:
                body = axis.violinplot(
                    [sample], [place], widths=0.85, showextrema=False, bw_method=max(0.25, sample.size**-0.2)
                )
                for part in body["bodies"]:
                    part.set(facecolor="#9ecae1", edgecolor="#4a7fa5", alpha=0.75, linewidth=0.7)
        axis.boxplot(
            samples,
            positions=places,
            widths=0.2,
            patch_artist=True,
            boxprops={"facecolor": "white", "edgecolor": "#222222", "linewidth": 0.9},
            medianprops={"color": "#222222", "linewidth": 1.8},
            flierprops={
                "marker": ".",
                "markersize": 3,
                "markerfacecolor": "#222222",
                "markeredgecolor": "none",
            },
            manage_ticks=False,
        )
        axis.plot(
            places,
            [s.mean() for s in samples],
            "D",
            color="#D55E00",
            markersize=5,
            markeredgecolor="white",
            zorder=5,
        )
        scale_axis(axis, analysis)
        condition_axis(axis, names)
        axis.set_title(analysis.label(attribute))
    return figure


def _groups(analysis: Analysis) -> Any:
    axes, figure = grid(analysis, ALL, row_height=0.0, height=3.1)
    groups = [g for g in analysis.table.groups() if g != ALL]
    conditions = analysis.table.names("condition")
    low, span = analysis.table.scale.low, analysis.table.scale.span
    handles: list[Any] = []
    for axis, attribute in axes:
        handles = []
        for number, group in enumerate(groups):
            found = {d.condition: d for d in analysis.of(group, attribute)}
            shift = (number - (len(groups) - 1) / 2) * min(0.22, 0.7 / len(groups))
            places = [i + shift for i, c in enumerate(conditions) if c in found]
            described = [found[c] for c in conditions if c in found]
            means = np.array([d.mean for d in described])
            spread = np.array([(d.ci_low, d.ci_high) for d in described]).T * span + low
            bars = np.nan_to_num(np.abs(spread - means))
            colour = _GROUP_COLOURS[number % len(_GROUP_COLOURS)]
            handles.append(
                axis.errorbar(
                    places,
                    means,
                    yerr=bars,
                    fmt=_MARKERS[number % len(_MARKERS)],
                    color=colour,
                    markersize=5,
                    capsize=2.5,
                    linewidth=1.2,
                )
            )
        scale_axis(axis, analysis)
        condition_axis(axis, list(conditions))
        axis.set_title(analysis.label(attribute))
    figure.legend(
        handles, groups, loc="outside upper center", ncols=min(len(groups), 5), frameon=False, fontsize=9
    )
    return figure


def _samples(analysis: Analysis, group: str, attribute: str) -> tuple[list[str], list[Any]]:
    own, scale = analysis.table.of_group(group), analysis.table.scale
    conditions = analysis.table.names("condition")
    if own.design == "within":
        means = cube_of(own, attribute, conditions).means() * scale.span + scale.low
        samples = [column[~np.isnan(column)] for column in means.T]
    else:
        rows = [r for r in own.rows() if r.attribute == attribute]
        samples = [np.array([r.value for r in rows if r.condition == c]) for c in conditions]
    kept = [(c, s) for c, s in zip(conditions, samples, strict=True) if s.size]
    return [c for c, _ in kept], [s for _, s in kept]


def _unit(analysis: Analysis) -> str:
    return "listeners' means" if analysis.table.design == "within" else "ratings"


def _finished(figure: Any, name: str, caption: str) -> Figure:
    vector, pixels = io.StringIO(), io.BytesIO()
    figure.savefig(vector, format="svg", metadata={"Date": None, "Creator": None})
    figure.savefig(pixels, format="png", dpi=160, metadata={"Software": None})
    return Figure(name, caption, vector.getvalue(), pixels.getvalue())


def _file_name(group: str) -> str:
    return (
        "".join(sign if sign.isascii() and sign.isalnum() else "-" for sign in group.lower()).strip("-")
        or "group"
    )
