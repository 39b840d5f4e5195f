"""The page of a training: verdict, results beside the constants, figures, data, settings; it needs no other file."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from mixrules.learning.network.switches import NAMES
from mixrules.learning.training.history import History, short_unit
from mixrules.learning.training.results import TrainingResults
from mixrules.learning.training.scores import CONSTANTS, NETWORK
from mixrules.report.drawn_figure import DrawnFigure
from mixrules.report.page_frame import filled_page
from mixrules.report.training.answers import median_spread_percent
from mixrules.report.training.axes import judged_first
from mixrules.report.training.curves import marked_epoch
from mixrules.report.training.figures import Training

SPLITS = ("test", "validation", "train")
_COLLAPSED_PERCENT = 25.0
_FEW_SONGS = 10
_OVERFIT_TIMES = 2.0


def training_page(trainings: Sequence[Training], figures: Sequence[DrawnFigure]) -> str:
    """Return the page as HTML.

    Parameters
    ----------
    trainings : sequence of (History, TrainingResults or None)
        One, or several on parts of the same songs; the last is described in full.
    figures : sequence of DrawnFigure
        Drawn from them.

    Returns
    -------
    str
    """
    history, results = trainings[-1]
    parts = list(dict.fromkeys(figure.part for figure in figures))
    return filled_page(
        "training_page.html.jinja",
        history=history,
        results=results,
        marked=marked_epoch(history, results.kept_epoch if results else None),
        sweep=trainings if len(trainings) > 1 else (),
        cautions=cautions(history, results),
        rows=error_rows(results) if results else [],
        output_rows=output_rows(results) if results and len(results.outputs) > 1 else [],
        settings=setting_rows(results) if results else [],
        parts=[(part, [figure for figure in figures if figure.part == part]) for part in parts],
    )


def cautions(history: History, results: TrainingResults | None) -> list[str]:
    """Return what a reader has to know before the numbers.

    Parameters
    ----------
    history : History
        Of the training.
    results : TrainingResults or None
        What came out, where it is known.
    """
    found = []
    if results is None:
        found.append("The training has not ended: what follows is about the validation songs alone.")
    elif results.stopped:
        found.append(f"The training ended early: {results.stopped}.")
    marked = marked_epoch(history, results.kept_epoch if results else None)
    percent = median_spread_percent(marked, history.truth)
    if percent < _COLLAPSED_PERCENT:
        found.append(
            f"The answers have collapsed: their standard deviation is {percent:.0f} % of the truth's on the validation "
            "blocks."
        )
    if results is None:
        return found
    if results.settings.switches.test_as_validation:
        found.append(
            "Validation and test songs are the same: the error on them is no estimate for other songs."
        )
    if results.settings.switches.time_normalization:
        found.append(
            "Every mel band is divided by its norm over time before the network reads it: that takes the level out, and "
            "a static equaliser."
        )
    test, train = (results.of(split, history.judged_by, NETWORK) for split in ("test", "train"))
    if test.songs < _FEW_SONGS:
        found.append(
            f"There are only {test.songs} test songs: intervals and tests have little to go by."
            if test.songs > 1
            else "There is only one test song: there are no intervals, and no test can show a difference."
        )
    if test.mae.mean > _OVERFIT_TIMES * train.mae.mean:
        found.append(
            f"The error by {test.by} is {test.mae.mean / train.mae.mean:.1f} times as large on test songs as on training "
            "songs: the network knows its training songs better than others."
            if train.mae.mean > 0.0
            else "The network makes no error on training songs, and makes some on test songs."
        )
    return found


def error_rows(results: TrainingResults) -> list[dict[str, Any]]:
    """Return a row for each split, what counts as one, and predictor.

    Parameters
    ----------
    results : TrainingResults
        What came out.
    """
    rows = []
    for split in SPLITS:
        for by in judged_first(results.settings.judged_by):
            of = [results.of(split, by, predictor) for predictor in (NETWORK, *CONSTANTS)]
            lowest = min(errors.mae.mean for errors in of)
            rows += [
                {
                    "errors": errors,
                    "best": errors.mae.mean == lowest,
                    "first": errors is of[0],
                }
                for errors in of
            ]
    return rows


def output_rows(results: TrainingResults) -> list[dict[str, Any]]:
    """Return both errors of each output by test song, in its own unit.

    Parameters
    ----------
    results : TrainingResults
        What came out.
    """
    of = {predictor: results.of("test", "song", predictor) for predictor in (NETWORK, *CONSTANTS)}
    return [
        {
            "output": output,
            "unit": short_unit(unit),
            "errors": {predictor: errors.by_output[output] for predictor, errors in of.items()},
            "constants": {name: results.constants[name][output] for name in CONSTANTS},
        }
        for output, unit in zip(results.outputs, results.units, strict=True)
    ]


def setting_rows(results: TrainingResults) -> list[tuple[str, str]]:
    """Return every setting with its value, as the command line names it, and the switches that are on and off.

    Parameters
    ----------
    results : TrainingResults
        What came out.
    """
    on = results.settings.switches.on()
    plain = results.settings.plain()
    del plain["switches"]
    rows = [(name.replace("_", " "), _value(value)) for name, value in plain.items()]
    rows.append(("switches on", ", ".join(on) or "none"))
    rows.append(("switches off", ", ".join(name for name in NAMES if name not in on) or "none"))
    return rows


def _value(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) and math.isfinite(value) else str(value)
