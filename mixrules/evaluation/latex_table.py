"""A comparison as a LaTeX table for a paper: needs the package booktabs and nothing else."""

from __future__ import annotations

import math
from collections.abc import Sequence

from mixrules._support.version import __version__
from mixrules.errors import in_one_line
from mixrules.evaluation.comparison_results import Comparison
from mixrules.evaluation.constants import CONSTANTS
from mixrules.evaluation.measures.registry import MEASURES
from mixrules.evaluation.summary import Row, Summary, best_means, shown_measures

FIRST_LINE = "% Made by mixrules compare"
"""How a table of ours begins: such a file is replaced without asking."""
ALPHA = 0.05
_COLUMNS = 5
"""Measures side by side; more go into a second block of rows."""
_MOST_DECIMALS = 4
_HEAD_LETTERS = 16
_SPECIAL = {
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
    **{"~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "\\": r"\textbackslash{}"},
    **{"<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", '"': "''"},
    **{"\N{MINUS SIGN}": "$-$", "±": r"$\pm$", "µ": r"$\mu$"},
}


def escaped(text: str) -> str:
    """Return a text as LaTeX sets it: one line, its special signs escaped."""
    return "".join(_SPECIAL.get(sign, sign) for sign in in_one_line(text))


def latex_table(found: Comparison, summary: Summary) -> str:
    """Return the means of a comparison as a table for a paper.

    Parameters
    ----------
    found : Comparison
        What was measured.
    summary : Summary
        What it says over songs.

    Returns
    -------
    str
        A ``table`` environment: a system a row, its means over songs with their 95 % intervals below. The best mean of
        two or more systems is bold, and all that tie with it as printed; a star marks what is shown to differ from it.
    """
    names = shown_measures(summary)
    blocks = [names[first : first + _COLUMNS] for first in range(0, len(names), _COLUMNS)]
    tables = "\n\n\\medskip\n\n".join(_block(found, summary, block) for block in blocks)
    label = "tab:mixrules-compare"
    return (
        f"{FIRST_LINE} {__version__}; needs \\usepackage{{booktabs}}\n"
        f"\\begin{{table}}\n\\centering\n\\small\n\\caption{{{_caption(found, summary, names)}}}\n\\label{{{label}}}\n"
        f"{tables}\n\\end{{table}}\n"
    )


def _block(found: Comparison, summary: Summary, names: Sequence[str]) -> str:
    decimals = {name: _decimals(found, summary, name) for name in names}
    lines = [f"\\begin{{tabular}}{{@{{}}l{'r' * len(names)}@{{}}}}", "\\toprule"]
    lines.append(" & ".join(["System", *map(_head, names)]) + r" \\")
    lines.append("\\midrule")
    constants = False
    for system in found.systems:
        if system in CONSTANTS and not constants:
            lines.append("\\addlinespace")
            constants = True
        rows = [summary.row(system, name) for name in names]
        cells = [_mean(found, summary, row, decimals[row.measure]) for row in rows]
        lines.append(" & ".join([escaped(system), *cells]) + r" \\")
        ranges = [_range(row, decimals[row.measure]) for row in rows]
        if any(ranges):
            lines.append(" & ".join(["", *ranges]) + r" \\")
    return "\n".join([*lines, "\\bottomrule", "\\end{tabular}"])


def _head(name: str) -> str:
    """Return a column's head: the measure's words in lines of a column's width, its unit, and which way is better."""
    measure = MEASURES[name]
    words = name.removesuffix(f"_{measure.unit.lower()}").replace("_", " ").split()
    arrow = {"lower": r"$\downarrow$", "higher": r"$\uparrow$", "neither": ""}[measure.better]
    lines = [""]
    for word in words:
        if lines[-1] and len(lines[-1]) + 1 + len(word) > _HEAD_LETTERS:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    unit = f"({escaped(measure.unit)}) " if measure.unit else ""
    stacked = r" \\ ".join([*map(escaped, lines), f"{unit}{arrow}".strip()])
    return f"\\begin{{tabular}}[b]{{@{{}}r@{{}}}}{stacked}\\end{{tabular}}"


def _decimals(found: Comparison, summary: Summary, name: str) -> int:
    """Return with how many decimals a column is printed, so that its points line up.

    Three digits for the largest mean, two for the smallest of those that compete.
    """
    means = {system: abs(summary.row(system, name).interval.mean) for system in found.systems}
    means = {system: mean for system, mean in means.items() if math.isfinite(mean) and mean > 0.0}
    largest = max(means.values(), default=1.0)
    smallest = min((mean for system, mean in means.items() if found.competes(system)), default=largest)
    wanted = max(2 - math.floor(math.log10(largest)), 1 - math.floor(math.log10(smallest)))
    return min(max(0, wanted), _MOST_DECIMALS)


def _mean(found: Comparison, summary: Summary, row: Row, decimals: int) -> str:
    if not math.isfinite(row.interval.mean):
        return "--"
    number = _number(row.interval.mean, decimals)
    if not found.competes(row.system):
        return number
    best, mean = best_means(found, summary, row.measure)
    if best and number == _number(mean, decimals):
        return f"\\textbf{{{number}}}"
    star = r"\rlap{$^{\ast}$}" if best and _differs(summary, row, best[0]) else ""
    return f"{number}{star}"


def _differs(summary: Summary, row: Row, best: str) -> bool:
    pairs = (
        p for p in summary.pairs if p.measure == row.measure and {p.first, p.second} == {row.system, best}
    )
    return any(pair.p_holm < ALPHA for pair in pairs)


def _range(row: Row, decimals: int) -> str:
    low, high = row.interval.low, row.interval.high
    if not (math.isfinite(low) and math.isfinite(high)):
        return ""
    return f"{{\\scriptsize [{_number(low, decimals)}, {_number(high, decimals)}]}}"


def _number(value: float, decimals: int) -> str:
    text = f"{value:.{decimals}f}"
    if not float(text):
        return text.removeprefix("-")
    return text.replace("-", "$-$")


def _caption(found: Comparison, summary: Summary, names: Sequence[str]) -> str:
    songs = len(found.songs)
    parts = [f"Distance to {escaped(found.reference)} over $n = {songs}$ song{'s' * (songs != 1)}: means"]
    if any(math.isfinite(summary.row(s, n).interval.low) for s in found.systems for n in names):
        parts[0] += r" and, in brackets, 95\,\% BCa bootstrap intervals over songs"
    parts[0] += "."
    if any(summary.row(s, n).interval.count not in (0, songs) for s in found.systems for n in names):
        parts.append("A mean is over fewer songs where a measure is not defined for some.")
    if found.undo is not None:
        parts.append(
            f"Every stem was first moved by a gain drawn evenly from $\\pm{found.undo.within_db:g}$\\,dB "
            f"(seed {found.undo.seed})."
        )
    if any(best_means(found, summary, name)[0] for name in names):
        parts.append(
            "Bold: the best mean of the systems compared, and all that are equal to it as printed; "
            "$^{\\ast}$: shown to differ from it (Wilcoxon signed-rank over songs, two-sided, Holm's correction over all "
            f"pairs of a measure, $\\alpha = {ALPHA:g}$)."
        )
    if found.plain_sums:
        parts.append(
            f"In {len(found.plain_sums)} of {songs} songs {escaped(found.reference)} is the plain sum of the stems, so "
            "that none wins by construction and takes no part in that."
        )
    if set(CONSTANTS) & set(found.systems):
        parts.append(
            "The constant rows give every stem the mean level of its role over all songs (which has seen the answer "
            "and is never bold), or over all other songs."
        )
    return " ".join(parts)
