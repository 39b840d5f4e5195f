r"""The results as tables for a paper in LaTeX: values with intervals, and which differ; needs the package booktabs."""

from __future__ import annotations

import math
from collections.abc import Sequence

from mixrules.ratings.analysis import Analysis
from mixrules.ratings.choices.analysis import ChoiceAnalysis
from mixrules.ratings.describe import Description
from mixrules.ratings.group_names import ALL
from mixrules.ratings.wording import p_text

_SIGNS = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
}


def ratings_latex(analysis: Analysis) -> str:
    """Return one table: a line a condition, a column an attribute, mean with interval; letters tell what differs.

    Parameters
    ----------
    analysis : Analysis
        The whole; of all listeners.
    """
    attributes = [a for a in analysis.table.names("attribute") if analysis.of(ALL, a)]
    conditions = analysis.table.names("condition")
    letters = {attribute: _letters(analysis, attribute) for attribute in attributes}
    lines = []
    for condition in conditions:
        cells = [
            _mean(
                next((d for d in analysis.of(ALL, a) if d.condition == condition), None),
                letters[a].get(condition, ""),
                analysis,
            )
            for a in attributes
        ]
        lines.append(f"{escaped(condition)} & {' & '.join(cells)} \\\\")
    listeners = len(analysis.table.names("listener"))
    of = f"over {listeners} listeners" if analysis.table.design == "within" else "over ratings"
    scale = analysis.table.scale
    caption = (
        f"Mean ratings ({scale.low:g} to {scale.high:g}) with {analysis.settings.confidence:.0%} bootstrap intervals "
        f"{of}. In a column, conditions without a common letter differ (Holm, p < {analysis.settings.alpha:g})."
    )
    head = " & ".join(["Condition", *(escaped(analysis.label(a)) for a in attributes)])
    return _table("l" + "c" * len(attributes), head, lines, caption, "ratings")


def choices_latex(analysis: ChoiceAnalysis) -> str:
    """Return one table: a line a pair.

    Parameters
    ----------
    analysis : ChoiceAnalysis
        The whole; of all listeners.
    """
    level = f"{analysis.settings.confidence:.0%}"
    if analysis.table.kind == "abx":
        lines = [
            f"{escaped(d.first)} / {escaped(d.second)} & {d.listeners} & {d.correct}/{d.trials} & "
            f"{_share(d.share, d.ci_low, d.ci_high)} & {_number(d.d_prime)} & {_p(d.p_holm)} \\\\"
            for d in analysis.discriminations
            if d.group == ALL
        ]
        caption = (
            f"ABX: right answers with {level} intervals, d' (differencing), and p of one-sided binomial tests "
            "after Holm's correction."
        )
        return _table("lrrccl", "Pair & Listeners & Right & Share & $d'$ & $p$", lines, caption, "abx")
    lines = [
        f"{escaped(analysis.label(c.attribute))} & {escaped(c.first)} / {escaped(c.second)} & "
        f"{c.for_first} / {c.even} / {c.for_second} & {_share(c.share, c.ci_low, c.ci_high)} & {_p(c.p_holm)} \\\\"
        for c in analysis.preferences
        if c.group == ALL
    ]
    caption = (
        "A/B: listeners who preferred the first, neither, and the second; share of choices for the first with "
        f"{level} bootstrap intervals over listeners; p of sign tests over listeners after Holm's correction."
    )
    return _table("llccl", "Attribute & Pair & Listeners & Share & $p$", lines, caption, "preferences")


def escaped(text: str) -> str:
    """Return a text whose signs mean themselves in LaTeX."""
    return "".join(_SIGNS.get(sign, sign) for sign in " ".join(text.split()))


def _table(columns: str, head: str, lines: Sequence[str], caption: str, label: str) -> str:
    body = "\n".join(f"    {line}" for line in lines)
    return (
        "% \\usepackage{booktabs}\n"
        "\\begin{table}\n  \\centering\n"
        f"  \\caption{{{escaped(caption)}}}\n  \\label{{tab:{label}}}\n"
        f"  \\begin{{tabular}}{{{columns}}}\n    \\toprule\n    {head} \\\\\n    \\midrule\n{body}\n    \\bottomrule\n"
        "  \\end{tabular}\n\\end{table}\n"
    )


def _mean(d: Description | None, letters: str, analysis: Analysis) -> str:
    if d is None:
        return "--"
    digits = 2 if analysis.table.scale.span <= 10 else 1
    low, span = analysis.table.scale.low, analysis.table.scale.span
    mark = f"\\textsuperscript{{{letters}}}" if letters else ""
    if math.isnan(d.ci_low):
        return f"{d.mean:.{digits}f}{mark}"
    bounds = f"{low + span * d.ci_low:.{digits}f}, {low + span * d.ci_high:.{digits}f}"
    return f"{d.mean:.{digits}f}{mark} [{bounds}]"


def _letters(analysis: Analysis, attribute: str) -> dict[str, str]:
    """Return letters by condition: two share one where no difference was shown between them (Piepho 2004)."""
    pairs = [c for c in analysis.comparisons if (c.group, c.attribute) == (ALL, attribute)]
    described = analysis.of(ALL, attribute)
    order = [d.condition for d in sorted(described, key=lambda d: -d.mean)]
    differ = {frozenset((c.first, c.second)) for c in pairs if c.verdict.startswith("different")}
    if not pairs:
        return {}
    groups: list[set[str]] = [set(order)]
    for pair in differ:
        split = []
        for group in groups:
            split += [group - {name} for name in pair] if pair <= group else [group]
        groups = [
            g
            for i, g in enumerate(split)
            if g and not any(g < other or (g == other and i > j) for j, other in enumerate(split))
        ]
    groups.sort(key=lambda group: sorted(order.index(name) for name in group))
    return {
        name: "".join(chr(97 + i) for i, group in enumerate(groups[:26]) if name in group) for name in order
    }


def _share(share: float, low: float, high: float) -> str:
    text = f"{share:.0%}".replace("%", r"\%")
    return text if math.isnan(low) else f"{text} [{100 * low:.0f}, {100 * high:.0f}]"


def _number(value: float) -> str:
    return f"{value:.2f}" if math.isfinite(value) else "--"


def _p(p: float) -> str:
    text = p_text(p).removeprefix("p ").removeprefix("= ")
    return "--" if text == "not defined" else escaped(text)
