from __future__ import annotations

import dataclasses
import json
import math
from pathlib import Path
from typing import Any

import pytest

from mixrules.errors import AudioFileError, ParameterError
from mixrules.learning.error_pair import ErrorPair
from mixrules.learning.training.history import Epoch, History, Spread, error_unit
from mixrules.learning.training.history_file import read_history, write_history
from mixrules.learning.training.results import TrainingResults, read_results
from mixrules.learning.training.scores import PredictorErrors
from mixrules.learning.training.settings import settings_for
from mixrules.statistics import Interval, PairedTest


def results(
    network: float, constant: float, p: float, task: str = "level", **switches: Any
) -> TrainingResults:
    errors = []
    for split in ("train", "validation", "test"):
        for by in ("snippet", "song"):
            for predictor, error in (("network", network), ("mean", constant + 1.0), ("median", constant)):
                interval = Interval(mean=error, low=math.nan, high=math.nan, count=2)
                pair = {"level": ErrorPair(mae=error, rmse=error)}
                errors.append(
                    PredictorErrors(
                        split=split,
                        by=by,
                        predictor=predictor,
                        songs=2,
                        values=9,
                        mae=interval,
                        rmse=interval,
                        by_output=pair,
                    )
                )
    difference = network - constant
    test = PairedTest(
        wins=2 if difference < 0 else 0,
        losses=2 if difference > 0 else 0,
        ties=0,
        mean_difference=difference,
        rank_biserial=math.copysign(1.0, difference),
        p=p,
    )
    return TrainingResults(
        settings=settings_for(task, **switches),
        outputs=("vocal_to_backing_lu",),
        units=("LU, of the vocal",),
        error_unit="LU",
        data_hash="ab" * 32,
        versions={"mixrules": "1", "torch": "2"},
        device="cpu, 1 thread",
        parameters=25_465,
        epochs=3,
        kept_epoch=2,
        stopped="",
        blocks={"train": 9, "validation": 9, "test": 9},
        songs={"train": 2, "validation": 2, "test": 2},
        left_out={},
        constants={"mean": {"vocal_to_backing_lu": 1.0}, "median": {"vocal_to_backing_lu": 2.0}},
        errors=tuple(errors),
        better_constant="median",
        against_constant=test,
    )


@pytest.mark.parametrize(
    ("network", "p", "outcome", "says"),
    [
        (1.0, 0.01, "better", "is better than the constant (median of the training targets) on 2 test songs"),
        (1.0, 0.3, "no different", "is not shown to be better than the constant"),
        (1.0, math.nan, "no different", "is not shown to be better than the constant"),
        (2.5, 0.01, "worse", "loses to the constant"),
        (2.5, 0.3, "worse", "loses to the constant"),
    ],
)
def test_the_last_line_says_which_is_better(network: float, p: float, outcome: str, says: str) -> None:
    found = results(network, 2.0, p)
    assert found.outcome == outcome
    assert says in found.verdict()
    assert f"mean absolute error by song {network:g} against 2 LU" in found.verdict()
    assert ("may be chance" in found.verdict()) == (outcome == "worse" and p > 0.05)
    assert ("p " in found.verdict()) == (not math.isnan(p))


@pytest.mark.parametrize(
    ("network", "wins", "losses", "outcome"),
    [
        (1.0, 2, 18, "no different"),
        (1.0, 10, 10, "no different"),
        (1.0, 18, 2, "better"),
        (2.5, 18, 2, "worse"),
    ],
)
def test_better_needs_more_songs_that_are_better(
    network: float, wins: int, losses: int, outcome: str
) -> None:
    found = results(network, 2.0, 0.011)
    test = dataclasses.replace(found.against_constant, wins=wins, losses=losses)
    found = dataclasses.replace(found, against_constant=test)
    assert found.outcome == outcome
    says = f"(better in {wins}, worse in {losses}, p 0.011)"
    opposite = (network < 2.0) == (wins < losses) and wins != losses
    assert says + (", while most songs say the opposite" if opposite else "") in found.verdict()
    assert ("opposite" in found.verdict()) == opposite


def test_toys_are_judged_by_snippet() -> None:
    assert "mean absolute error by snippet 1 against" in results(1.0, 2.0, 0.01, "toy-level").verdict()


def test_that_test_songs_chose_the_epoch_is_said() -> None:
    words = "these songs chose the epoch, too"
    assert words in results(1.0, 2.0, 0.01, on=["test_as_validation"]).verdict()
    assert words not in results(1.0, 2.0, 0.01, on=["test_as_validation", "fixed_epoch"]).verdict()
    assert words not in results(1.0, 2.0, 0.01).verdict()


def test_results_are_read_as_they_were_written(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    written = results(1.0, 2.0, math.nan)
    written.save(path)
    document = json.loads(path.read_text())
    assert (document["outcome"], document["against_constant"]["p"]) == ("no different", None)
    assert document["verdict"] == written.verdict()
    found = read_results(path)
    assert found.settings == written.settings
    assert found.identity() == written.identity()
    assert json.dumps(found.plain()) == json.dumps(written.plain())
    assert math.isnan(found.of("test", "song", "network").mae.low)


def test_errors_that_there_are_not() -> None:
    with pytest.raises(ParameterError, match="no errors of oracle on test by song"):
        results(1.0, 2.0, 0.5).of("test", "song", "oracle")


@pytest.mark.parametrize(
    "text", ["[]", "{}", '{"format": "mixrules-training", "format_version": 1}', "no JSON", "3"]
)
def test_what_is_no_results_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "results.json"
    path.write_text(text)
    with pytest.raises(AudioFileError, match=r"results\.json"):
        read_results(path)


def history() -> History:
    pair = ErrorPair(mae=1.0, rmse=2.0)
    spread = (Spread(mean=0.0, std=1.0, quantiles=(0.0, 0.1, 0.2, 0.3, 0.4), low=-1.0, high=1.0),)
    epoch = Epoch(
        number=1, train_loss=0.5, by_snippet=pair, by_song=pair, answers=spread, best=True, seconds=3.25
    )
    return History(
        task="level",
        title="corrected",
        outputs=("vocal_to_backing_lu",),
        units=("LU, of the vocal",),
        training_songs=4,
        truth=spread,
        constants_by_snippet={"mean": pair},
        constants_by_song={"mean": pair},
        epochs=(epoch, dataclasses.replace(epoch, number=2, best=False)),
    )


def test_a_history_is_read_as_it_was_written_but_for_the_time(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    write_history(path, history())
    assert "seconds" not in path.read_text()
    assert len(path.read_text().splitlines()) == 3
    epochs = tuple(dataclasses.replace(epoch, seconds=0.0) for epoch in history().epochs)
    assert read_history(path) == dataclasses.replace(history(), epochs=epochs)


@pytest.mark.parametrize("text", ["", "[]\n", '{"task": "level"}\n', "no JSON\n"])
def test_what_is_no_history_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "history.jsonl"
    path.write_text(text)
    with pytest.raises(AudioFileError, match=r"history\.jsonl"):
        read_history(path)


def test_the_unit_of_errors() -> None:
    assert history().error_unit == "LU"
    assert error_unit(("dB, at 63 Hz", "dB, at 125 Hz")) == "dB"
    assert error_unit(("s, time", "Hz, a filter")) == "standard deviations"
    assert (history().epochs[0].mae("song"), history().epochs[0].mae("snippet")) == (1.0, 1.0)
