"""What came out of a training: its errors beside the constants', and one plain line that says which was better."""

from __future__ import annotations

import dataclasses
import json
import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mixrules._support.json_values import defined
from mixrules._support.strict_json import converted, decoded
from mixrules.errors import AudioFileError, ParameterError, PlanError, TrainingError
from mixrules.files import read_text, write_text_atomic
from mixrules.learning.training.scores import NETWORK, PredictorErrors
from mixrules.learning.training.settings import TrainingSettings
from mixrules.statistics import PairedTest

FORMAT, VERSION = "mixrules-training", 1
_LEVEL = 0.05
_IN_WORDS = {
    "better": "is better than",
    "no different": "is not shown to be better than",
    "worse": "loses to",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingResults:
    """The results of a training.

    Attributes
    ----------
    settings : TrainingSettings
        How it was trained; the seed and the switches are among them.
    outputs, units : tuple of str
        What it predicts, and in which units.
    error_unit : str
        The unit of errors over all outputs: the outputs' own, or standard deviations of the training targets.
    data_hash : str
        SHA-256 of the ``dataset.json`` of the task data.
    versions : dict of str to str
        Of the packages that it was made with.
    device : str
        Where it was trained: on a CPU with how many threads, which round differently.
    parameters : int
        How many numbers the network has learnt.
    epochs : int
        How many it went through.
    kept_epoch : int
        After which epoch the network is the one that was kept.
    stopped : str
        Why it ended before its last epoch; empty where it did not.
    blocks, songs : dict of str to int
        How many each split has; training blocks those that were learnt from.
    left_out : dict of str to int
        How many training blocks were left out, by reason.
    constants : dict of str to dict
        Mean and median of the training targets, for each output; changed copies of songs do not count.
    errors : tuple of PredictorErrors
        Of the network and of the constants, on each split, by snippet and by song. On training songs as they are, without
        their changed copies.
    better_constant : str
        Which constant has the smaller mean absolute error on the test songs.
    against_constant : PairedTest
        The network compared with it over the test songs, by absolute error: of a song's answer, or, for the toys, the
        mean of its snippets' (`TrainingSettings.judged_by`).
    notes : tuple of str
        What was asked for and does nothing.
    """

    settings: TrainingSettings
    outputs: tuple[str, ...]
    units: tuple[str, ...]
    error_unit: str
    data_hash: str
    versions: dict[str, str]
    device: str
    parameters: int
    epochs: int
    kept_epoch: int
    stopped: str
    blocks: dict[str, int]
    songs: dict[str, int]
    left_out: dict[str, int]
    constants: dict[str, dict[str, float]]
    errors: tuple[PredictorErrors, ...]
    better_constant: str
    against_constant: PairedTest
    notes: tuple[str, ...] = ()

    def identity(self) -> dict[str, Any]:
        """Return what the results depend on, as a checkpoint holds it."""
        return identity_of(self.settings, self.data_hash, self.device, self.versions)

    def of(self, split: str, by: str, predictor: str) -> PredictorErrors:
        """Return the errors of one predictor.

        Raises
        ------
        ParameterError
            If there are none.
        """
        for errors in self.errors:
            if (errors.split, errors.by, errors.predictor) == (split, by, predictor):
                return errors
        raise ParameterError(f"there are no errors of {predictor} on {split} by {by}")

    @property
    def outcome(self) -> str:
        """``"better"``, ``"no different"`` or ``"worse"``: the network against the better constant on test songs.

        Better where its mean absolute error is smaller, more songs are better than worse, and the signed-rank test has p
        below 0.05: the test has two sides, and what a few songs do to the mean is not what p tells. Worse where
        its mean absolute error is larger, whatever p is: a model that may be worse is no reason to give up a constant.
        """
        test = self.against_constant
        if test.mean_difference > 0.0:
            return "worse"
        return "better" if test.p < _LEVEL and test.wins > test.losses else "no different"

    def verdict(self) -> str:
        """Return one line: whether the network is better than the constant."""
        test = self.against_constant
        network, constant = (
            self.of("test", self.settings.judged_by, predictor)
            for predictor in (NETWORK, self.better_constant)
        )
        songs = f"{network.songs} test song{'' if network.songs == 1 else 's'}"
        p = "" if math.isnan(test.p) else f", p {test.p:.2g}"
        chance = ", which may be chance" if self.outcome == "worse" and not test.p < _LEVEL else ""
        more = test.losses - test.wins
        against = ", while most songs say the opposite" if more * test.mean_difference < 0.0 else ""
        same = "; these songs chose the epoch, too" if self._chosen_by_test() else ""
        return (
            f"{self.settings.task}: the network {_IN_WORDS[self.outcome]} the constant ({self.better_constant} of the "
            f"training targets) on {songs}: mean absolute error by {network.by} {network.mae.mean:.3g} against "
            f"{constant.mae.mean:.3g} {self.error_unit} (better in {test.wins}, worse in {test.losses}{p})"
            f"{chance}{against}{same}"
        )

    def require_complete(self, model: Path) -> None:
        """Raise `TrainingError` where the training stopped because something was not a number.

        Parameters
        ----------
        model : Path
            Where the best network before that was written.
        """
        if self.stopped:
            raise TrainingError(f"{self.stopped}; {model} is the network after epoch {self.kept_epoch}")

    def _chosen_by_test(self) -> bool:
        switches = self.settings.switches
        return switches.test_as_validation and not switches.fixed_epoch

    def plain(self) -> dict[str, Any]:
        """Return the results as JSON holds them: what is not defined is None."""
        plain: dict[str, Any] = defined(dataclasses.asdict(self))
        return {
            "format": FORMAT,
            "format_version": VERSION,
            **plain,
            "outcome": self.outcome,
            "verdict": self.verdict(),
        }

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write ``results.json``."""
        write_text_atomic(path, json.dumps(self.plain(), indent=1) + "\n")


def identity_of(
    settings: TrainingSettings, data_hash: str, device: str, versions: dict[str, str]
) -> dict[str, Any]:
    """Return what a training depends on: equal ones have equal results."""
    return {
        "settings": settings.plain(),
        "data_hash": data_hash,
        "device": device,
        "versions": dict(versions),
    }


def read_results(path: str | os.PathLike[str]) -> TrainingResults:
    """Read the ``results.json`` of a training.

    Parameters
    ----------
    path : path-like
        The file.

    Returns
    -------
    TrainingResults

    Raises
    ------
    AudioFileError
        If it cannot be read, or holds no results of this version.
    """
    source = os.fspath(path)
    try:
        document = decoded(read_text(path), source)
        if not isinstance(document, dict):
            raise PlanError(f"{source} holds no results of a training")
        found = (document.pop("format", None), document.pop("format_version", None))
        if found != (FORMAT, VERSION):
            raise PlanError(f"{source} is of format {found[0]} {found[1]}, {FORMAT} {VERSION} is needed")
        for name in ("outcome", "verdict"):
            document.pop(name, None)
        return converted(_with_nan(document), TrainingResults, path="$", source=source)
    except PlanError as error:
        raise AudioFileError(str(error)) from None


def _with_nan(value: Any) -> Any:
    """Return a document with NaN for each null: no field of the results may be absent."""
    if isinstance(value, dict):
        return {name: _with_nan(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_with_nan(inner) for inner in value]
    return math.nan if value is None else value
