"""Each test song's answer against its truth, in one panel an output; a constant lies on a level line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from mixrules.evaluation.predictions import Table
from mixrules.report import figure_style as style
from mixrules.report import training_axes as axes_of
from mixrules.report.page_frame import readable

_COLUMNS = 3
_MOST_SNIPPETS = 800
"""Of a panel; more are thinned evenly."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TestAnswers:
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

    def by_song(self) -> TestAnswers:
        """Return the mean of each song."""
        names = tuple(dict.fromkeys(self.songs))
        own = np.asarray(self.songs)
        return TestAnswers(
            songs=names,
            outputs=self.outputs,
            answers=np.array([self.answers[own == name].mean(axis=0) for name in names]),
            truth=np.array([self.truth[own == name].mean(axis=0) for name in names]),
        )


def paired_answers(answers: Table, truth: Table) -> TestAnswers:
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
    return TestAnswers(
        songs=tuple(truth.keys[row][0] for _, row in rows),
        outputs=outputs,
        answers=found[0],
        truth=found[1],
    )


def answer_against_truth(
    tested: TestAnswers, units: Mapping[str, str], constants: Mapping[str, float]
) -> Any:
    """Draw answers against truth: songs as points, their snippets behind them.

    Parameters
    ----------
    tested : TestAnswers
        With at least one snippet.
    units : mapping of str to str
        The unit of each output.
    constants : mapping of str to float
        The median of the training targets of each output, where it is known.

    Returns
    -------
    matplotlib.figure.Figure
    """
    count = len(tested.outputs)
    size = {1: 4.6, 2: 4.2}.get(count, axes_of.WIDTH)
    figure, axes = style.panels(count, _COLUMNS, width=size, height=size * 0.98, margin=0.4)
    songs = tested.by_song()
    step = -(-len(tested.songs) // _MOST_SNIPPETS)
    handles: dict[str, Any] = {}
    for column, (axis, output) in enumerate(zip(axes, tested.outputs, strict=True)):
        answers, truth = songs.answers[:, column], songs.truth[:, column]
        unit = axes_of.short_unit(units.get(output, ""))
        own_answers, own_truth = tested.answers[:, column], tested.truth[:, column]
        limits = axes_of.value_limits(
            [*answers.tolist(), *truth.tolist(), *np.quantile(own_truth, (0.02, 0.98)).tolist()],
            [*own_truth.tolist(), *own_answers.tolist()],
        )
        (handles["snippets"],) = axis.plot(
            own_truth[::step], own_answers[::step], "o", color=style.FAINT, markersize=2.2, markeredgewidth=0
        )
        (handles["answer = truth"],) = axis.plot(limits, limits, color=style.INK, linewidth=0.9)
        if output in constants:
            handles["constant: median of the training targets"] = axes_of.constant_line(
                axis, "median", constants[output]
            )
        (handles["songs"],) = axis.plot(
            truth, answers, "o", color=axes_of.NETWORK, markersize=5, markeredgecolor="white", zorder=3
        )
        axis.set(xlim=limits, ylim=limits, aspect="equal")
        axis.tick_params(labelsize=style.TINY)
        axis.set_xlabel(axes_of.with_unit("truth", unit), fontsize=style.SMALL)
        axis.set_ylabel(axes_of.with_unit("answer", unit), fontsize=style.SMALL)
        axis.set_title(f"{style.name_label(output, 36)}\n", fontsize=10, y=1.0)
        said = f"MAE by song {readable(float(np.abs(answers - truth).mean()))}"
        if output in constants:
            said += f", constant {readable(float(np.abs(constants[output] - truth).mean()))}"
        axes_of.small(axis, 0.0, 1.02, f"{said} {unit}".strip(), valign="bottom")
        outside = int(np.count_nonzero((own_answers < limits[0]) | (own_answers > limits[1])))
        if outside:
            axes_of.small(
                axis, 0.99, 0.02, f"{outside:,} snippets beyond", align="right", valign="bottom"
            )
        style.value_grid(axis, "both")
    style.legend_above(figure, list(handles.values()), list(handles), min(len(handles), 4 if count > 1 else 2))
    return figure
