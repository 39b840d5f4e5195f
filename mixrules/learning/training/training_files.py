"""What a training writes: the model, and beside it history, results, and the answers to the test songs."""

from __future__ import annotations

import csv
import importlib.metadata
import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mixrules._support.version import __version__
from mixrules.corpus.work.lock import only_run_in
from mixrules.files import check_writable, make_folder, write_text_atomic, written_together
from mixrules.learning.training.blocks import Blocks, TaskBlocks
from mixrules.learning.training.chosen_blocks import ChosenBlocks
from mixrules.learning.training.history import History, Spread, error_unit
from mixrules.learning.training.history_file import write_history
from mixrules.learning.training.results import TrainingResults, identity_of, read_results
from mixrules.learning.training.scores import (
    NETWORK,
    against_constant,
    both_errors,
    constants_of,
    split_errors,
)
from mixrules.learning.training.settings import TrainingSettings

if TYPE_CHECKING:
    from mixrules.learning.network.mel_network import MelNetwork

Floats = npt.NDArray[np.float64]

RESULTS, HISTORY, CHECKPOINT = "results.json", "history.jsonl", "checkpoint.pt"
TEST_ANSWERS, TEST_TRUTH = "test_answers.csv", "test_truth.csv"
_LIBRARIES = ("numpy", "torch")


def training_folder(model: Path) -> Path:
    """Return the folder beside a model in which its training is described."""
    return model.with_name(f"{model.stem}.training")


class TrainingFiles:
    """The files of one training.

    Parameters
    ----------
    model : Path
        The ONNX file.
    data : TaskBlocks
        What it learns from.
    chosen : ChosenBlocks
        What it uses of that.
    settings : TrainingSettings
        How it is trained.
    device : str
        Where.

    Attributes
    ----------
    model, folder, checkpoint : Path
        The ONNX file, the folder beside it, and the checkpoint in that.
    identity : dict
        What the result depends on: a training goes on only from a checkpoint of the same.
    history : History
        Without epochs.
    constants : dict of str to ndarray
        Mean and median of the training targets.

    Raises
    ------
    AudioFileError
        If the files cannot be written.
    """

    def __init__(
        self, model: Path, data: TaskBlocks, chosen: ChosenBlocks, settings: TrainingSettings, device: str
    ) -> None:
        check_writable(model, makes_folder=True)
        self.model, self.folder = model, training_folder(model)
        self.checkpoint = self.folder / CHECKPOINT
        self._data, self._chosen, self._settings = data, chosen, settings
        self.constants = constants_of(chosen.train.targets)
        libraries = {library: importlib.metadata.version(library) for library in _LIBRARIES}
        self.identity = identity_of(settings, data.data_hash, device, {"mixrules": __version__} | libraries)
        self.history = self._history()

    def _history(self) -> History:
        chosen, settings = self._chosen, self._settings
        errors = {
            name: both_errors(constant, chosen.validation, chosen.error_scale)
            for name, constant in self.constants.items()
        }
        part = f", {settings.fraction:g} of the training songs" if settings.fraction < 1.0 else ""
        return History(
            task=settings.task,
            title=f"{settings.network}{part}",
            outputs=self._data.outputs,
            units=self._data.units,
            training_songs=_songs(chosen.train),
            truth=Spread.of(chosen.validation.targets),
            constants_by_snippet={name: by_snippet for name, (by_snippet, _) in errors.items()},
            judged_by=settings.judged_by,
            constants_by_song={name: by_song for name, (_, by_song) in errors.items()},
        )

    @contextmanager
    def held(self) -> Iterator[None]:
        """Make the folder and hold it for one training; it is removed again if nothing is written to it.

        Raises
        ------
        ParameterError
            If another training has it.
        AudioFileError
            If it cannot be made.
        """
        make_folder(self.folder)
        try:
            with only_run_in(self.folder):
                yield
        finally:
            with suppress(OSError):
                self.folder.rmdir()  # fails where something is in it

    def finished(self) -> TrainingResults | None:
        """Return the results of an earlier run of the same training that has ended; None where there is none."""
        path = self.folder / RESULTS
        if not (self.model.exists() and path.exists()):
            return None
        results = read_results(path)
        same = results.identity() == self.identity
        return results if same and not results.stopped else None

    def save_history(self, history: History) -> None:
        """Write the history."""
        write_history(self.folder / HISTORY, history)

    def results(
        self,
        answers: Mapping[str, Floats],
        *,
        parameters: int,
        epochs: int,
        kept_epoch: int,
        stopped: str,
    ) -> TrainingResults:
        """Return the results of a trained network.

        Parameters
        ----------
        answers : mapping of str to ndarray, shape (blocks, outputs)
            Its answers to the blocks of each split of `ChosenBlocks.judged`.
        parameters, epochs, kept_epoch : int
            As `TrainingResults` has them.
        stopped : str
            Likewise.
        """
        data, chosen = self._data, self._chosen
        judged = chosen.judged()
        errors = [
            found
            for split, blocks in judged.items()
            for found in split_errors(
                split, {NETWORK: answers[split], **self.constants}, blocks, data.outputs, chosen.error_scale
            )
        ]
        better, test = against_constant(
            answers["test"], self.constants, chosen.test, chosen.error_scale, self._settings.judged_by
        )
        parts = {"train": chosen.train, "validation": chosen.validation, "test": chosen.test}
        return TrainingResults(
            settings=self._settings,
            outputs=data.outputs,
            units=data.units,
            error_unit=error_unit(data.units),
            data_hash=data.data_hash,
            versions=self.identity["versions"],
            device=self.identity["device"],
            parameters=parameters,
            epochs=epochs,
            kept_epoch=kept_epoch,
            stopped=stopped,
            blocks={split: len(blocks) for split, blocks in parts.items()},
            songs={split: _songs(blocks) for split, blocks in parts.items()},
            left_out=chosen.left_out,
            constants={
                name: dict(zip(data.outputs, map(float, constant), strict=True))
                for name, constant in self.constants.items()
            },
            errors=tuple(errors),
            better_constant=better,
            against_constant=test,
        )

    def write(self, network: MelNetwork, results: TrainingResults, test_answers: Floats) -> None:
        """Write the model and what is said of it; the checkpoint is not needed any more."""
        from mixrules.learning.model_files.onnx_export import write_model

        test = self._chosen.test
        with written_together():
            for name, values in ((TEST_ANSWERS, test_answers), (TEST_TRUTH, test.targets)):
                write_text_atomic(self.folder / name, _table(test, self._data.outputs, values))
            results.save(self.folder / RESULTS)
            write_model(network, self._description(results), self.model)
        self.checkpoint.unlink(missing_ok=True)

    def _description(self, results: TrainingResults) -> Any:
        from mixrules.learning.model_files.model_description import ModelDescription
        from mixrules.learning.model_files.training_songs import TrainingSongs

        settings, chosen = results.settings, self._chosen
        chose = () if settings.switches.fixed_epoch else (chosen.validation,)
        seen = (name for blocks in (chosen.train, *chose) for name in blocks.named(np.arange(len(blocks))))
        return ModelDescription(
            task=settings.task,
            network=settings.network,
            switches=settings.switches.on(),
            levels=settings.levels,
            parameters=results.parameters,
            medians=tuple(map(float, self.constants["median"])),
            verdict=results.verdict(),
            training_songs=TrainingSongs.of(seen),
            seed=settings.seed,
            data_hash=results.data_hash,
            versions=results.versions,
        )


def _songs(blocks: Blocks) -> int:
    return len(np.unique(blocks.songs))


def _table(blocks: Blocks, outputs: tuple[str, ...], values: Floats) -> str:
    """Return a table as `mixrules predictions` reads it."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["song", "snippet", *outputs])
    for song, number, row in zip(blocks.songs, blocks.numbers, values, strict=True):
        writer.writerow([blocks.song_names[song], int(number), *(f"{value:.9g}" for value in row)])
    return text.getvalue()
