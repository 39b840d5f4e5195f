"""Each test song's answer against its truth, in one panel an output; a constant lies on a level line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from mixrules.evaluation.predictions import Table
from mixrules.learning.training.history import short_unit
from mixrules.report import figure_style as style
from mixrules.report.page_frame import readable
from mixrules.report.training import axes as axes_of

_COLUMNS = 3
_MOST_SNIPPETS = 800
"""Of a panel; more are thinned evenly."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SnippetAnswers:
    """What a network answered to the snippets of songs, and the truth.

    Attributes
    ----------
    songs : tuple of str
        The song of each snippet.
    outputs : tuple of str
        What was to be predicted.
    answers, truth : ndarray, shape (snippets, outputs)
        In the outputs' units.
    """

    songs: tuple[str, ...]
    outputs: tuple[str, ...]
    answers: axes_of.Floats
    truth: axes_of.Floats

    def by_song(self) -> SnippetAnswers:
        """Return the mean of each song."""
        names = tuple(dict.fromkeys(self.songs))
        own = np.asarray(self.songs)
        return SnippetAnswers(
            songs=names,
            outputs=self.outputs,
            answers=np.array([self.answers[own == name].mean(axis=0) for name in names]),
            truth=np.array([self.truth[own == name].mean(axis=0) for name in names]),
        )


def paired_answers(answers: Table, truth: Table) -> SnippetAnswers:
    """Return the snippets that two tables have in common.

    Parameters
    ----------
    answers, truth : Table
        As `read_table` reads ``test_answers.csv`` and ``test_truth.csv``.
    """
    outputs = tuple(name for name in truth.names if name in answers.names)
    place = {key: row for row, key in enumerate(answers.keys)}
    rows = [(place[key], row) for row, key in enumerate(truth.keys) if key in place]
    columns = [[table.names.index(name) for name in outputs] for table in (answers, truth)]
    found = [
        table.values[np.ix_([row[side] for row in rows], columns[side])]
        for side, table in enumerate((answers, truth))
    ]
    return SnippetAnswers(
        songs=tuple(truth.keys[row][0] for _, row in rows),
        outputs=outputs,
        answers=found[0],
        truth=found[1],
    )


def answer_against_truth(
    tested: SnippetAnswers,
    units: Mapping[str, str],
    constant: str,
    constants: Mapping[str, float],
    judged_by: str,
) -> Any:
    """Draw answers against truth: songs as points, their snippets behind them; or snippets alone.

    Parameters
    ----------
    tested : SnippetAnswers
        With at least one snippet.
    units : mapping of str to str
        The unit of each output.
    constant : {"mean", "median"}
        Which constant is drawn.
    constants : mapping of str to float
        That of the training targets of each output, where it is known.
    judged_by : {"song", "snippet"}
        What errors count by; ``"snippet"`` where a song's mean says nothing.

    Returns
    -------
    matplotlib.figure.Figure
    """
    count = len(tested.outputs)
    size = {1: 4.6, 2: 4.2}.get(count, axes_of.WIDTH)
    figure, axes = style.panels(count, _COLUMNS, width=size, height=size * 0.98, margin=0.4)
    judged = tested.by_song() if judged_by == "song" else tested
    scales = [_limits(tested, judged, [column]) for column in range(count)]
    if len({short_unit(units.get(output, output)) for output in tested.outputs}) == 1:
        scales = [_limits(tested, judged, range(count))] * count
    handles: dict[str, Any] = {}
    for column, (axis, output) in enumerate(zip(axes, tested.outputs, strict=True)):
        unit = short_unit(units.get(output, ""))
        answers, truth = judged.answers[:, column], judged.truth[:, column]
        handles = _points(axis, tested, judged, column, scales[column])
        said = f"MAE by {judged_by} {readable(float(np.abs(answers - truth).mean()))}"
        if output in constants:
            handles[f"constant: {constant} of the training targets"] = axes_of.constant_line(
                axis, constant, constants[output]
            )
            said += f", constant {readable(float(np.abs(constants[output] - truth).mean()))}"
        axis.set_xlabel(axes_of.with_unit("truth", unit), fontsize=style.SMALL)
        axis.set_ylabel(axes_of.with_unit("answer", unit), fontsize=style.SMALL)
        axis.set_title(f"{style.name_label(output, 36)}\n", fontsize=10, y=1.0)
        axes_of.small(axis, 0.0, 1.02, f"{said} {unit}".strip(), valign="bottom")
    style.legend_above(figure, list(handles.values()), list(handles), 4 if count > 1 else 2)
    return figure


def _points(
    axis: Any, tested: SnippetAnswers, judged: SnippetAnswers, column: int, limits: tuple[float, float]
) -> dict[str, Any]:
    """Draw the points of an output on a square scale; return what a legend names."""
    answers, truth = tested.answers[:, column], tested.truth[:, column]
    step = -(-len(answers) // _MOST_SNIPPETS)
    handles: dict[str, Any] = {}
    if judged is not tested:
        (handles["songs"],) = axis.plot(
            judged.truth[:, column],
            judged.answers[:, column],
            "o",
            color=axes_of.NETWORK,
            markersize=5,
            markeredgecolor="white",
            zorder=3,
        )
    (handles["snippets"],) = axis.plot(
        truth[::step],
        answers[::step],
        "o",
        color=axes_of.NETWORK if judged is tested else style.FAINT,
        markersize=2.2,
        markeredgewidth=0,
    )
    (handles["answer = truth"],) = axis.plot(limits, limits, color=style.INK, linewidth=0.9)
    axis.set(xlim=limits, ylim=limits, aspect="equal")
    axis.tick_params(labelsize=style.TINY)
    style.value_grid(axis, "both")
    beyond = (answers < limits[0]) | (answers > limits[1]) | (truth < limits[0]) | (truth > limits[1])
    count = int(np.count_nonzero(beyond))
    if count:
        said = f"{count:,} snippet{'' if count == 1 else 's'} beyond"
        axes_of.small(axis, 0.99, 0.02, said, align="right", valign="bottom")
    return handles


def _limits(tested: SnippetAnswers, judged: SnippetAnswers, columns: Iterable[int]) -> tuple[float, float]:
    """Return the scale of some outputs: all songs are within, and the snippets that are not far off."""
    usual: list[float] = []
    ends: list[float] = []
    for column in columns:
        if judged is not tested:
            usual += [*judged.answers[:, column].tolist(), *judged.truth[:, column].tolist()]
        usual += np.quantile(tested.truth[:, column], (0.02, 0.98)).tolist()
        ends += [*tested.truth[:, column].tolist(), *tested.answers[:, column].tolist()]
    return axes_of.value_limits(usual, ends)
