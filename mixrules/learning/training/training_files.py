"""What a training writes: the model, and beside it history, results, and the answers to the test songs."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mixrules._support.version import __version__
from mixrules.corpus.work.lock import only_run_in
from mixrules.files import check_writable, make_folder, write_text_atomic, written_together
from mixrules.files.tables.writing import csv_text
from mixrules.learning.training.blocks import Blocks
from mixrules.learning.training.chosen_blocks import ChosenBlocks
from mixrules.learning.training.history import History
from mixrules.learning.training.history_file import write_history
from mixrules.learning.training.results import TrainingResults, identity_of, read_results
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
    settings : TrainingSettings
        How it is trained.
    data_hash : str
        Of what it learns from.
    device : str
        Where.

    Attributes
    ----------
    model, folder, checkpoint : Path
        The ONNX file, the folder beside it, and the checkpoint in that.
    versions : dict of str to str
        Of the packages that the result depends on.
    identity : dict
        What the result depends on: a training goes on only from a checkpoint of the same.

    Raises
    ------
    AudioFileError
        If the files cannot be written.
    """

    def __init__(self, model: Path, settings: TrainingSettings, data_hash: str, device: str) -> None:
        check_writable(model, makes_folder=True)
        self.model, self.folder = model, training_folder(model)
        self.checkpoint = self.folder / CHECKPOINT
        libraries = {library: importlib.metadata.version(library) for library in _LIBRARIES}
        self.versions = {"mixrules": __version__} | libraries
        self.identity = identity_of(settings, data_hash, device, self.versions)

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

    def write(
        self, network: MelNetwork, results: TrainingResults, chosen: ChosenBlocks, test_answers: Floats
    ) -> None:
        """Write the model and what is said of it; the checkpoint is not needed any more."""
        from mixrules.learning.model_files.onnx_export import write_model
        from mixrules.learning.training.described_model import description_of

        with written_together():
            for name, values in ((TEST_ANSWERS, test_answers), (TEST_TRUTH, chosen.test.targets)):
                write_text_atomic(self.folder / name, _table(chosen.test, results.outputs, values))
            results.save(self.folder / RESULTS)
            write_model(network, description_of(results, chosen), self.model)
        self.checkpoint.unlink(missing_ok=True)


def _table(blocks: Blocks, outputs: tuple[str, ...], values: Floats) -> str:
    """Return a table as `mixrules predictions` reads it."""
    rows = (
        {"song": blocks.song_names[song], "snippet": int(number)}
        | {name: float(f"{value:.9g}") for name, value in zip(outputs, row, strict=True)}
        for song, number, row in zip(blocks.songs, blocks.numbers, values, strict=True)
    )
    return csv_text(rows, ("song", "snippet", *outputs))
