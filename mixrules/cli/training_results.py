"""What `mixrules train` prints of its results: errors beside the constants', and what more songs have brought."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from mixrules.cli.output import say

if TYPE_CHECKING:
    from mixrules.learning.training.results import TrainingResults
    from mixrules.statistics import Interval


def print_results(results: TrainingResults) -> None:
    """Print the errors of the network and of the constants, each by its name."""
    from mixrules.learning.training.scores import BY, CONSTANTS, NETWORK

    say(
        f"errors in {results.error_unit}: MAE mean absolute error, RMSE root mean square error; "
        "intervals of 95 % over songs"
    )
    for reason, blocks in results.left_out.items():
        say(f"left out: {blocks} training block{'' if blocks == 1 else 's'}, {reason}")
    for note in results.notes:
        say(f"note: {note}")
    for split in ("train", "validation", "test"):
        songs = results.of(split, "song", NETWORK).songs
        say(f"{split}, {songs} song{'' if songs == 1 else 's'}")
        for by in BY:
            for predictor in (NETWORK, *CONSTANTS):
                errors = results.of(split, by, predictor)
                say(f"  by {by:<8} {predictor:<8}  MAE {_shown(errors.mae):<28} RMSE {_shown(errors.rmse)}")


def print_sweep(results: Sequence[TrainingResults]) -> None:
    """Print what more songs have brought."""
    from mixrules.learning.training.scores import NETWORK

    for found in results:
        errors = found.of("test", found.settings.judged_by, NETWORK)
        say(
            f"{found.settings.fraction:<8g} {found.songs['train']:>6} training songs  "
            f"test MAE by {errors.by} {_shown(errors.mae)} {found.error_unit}"
        )


def _shown(interval: Interval) -> str:
    bounds = "" if math.isnan(interval.low) else f" ({interval.low:.3g} to {interval.high:.3g})"
    return f"{interval.mean:.3g}{bounds}"
