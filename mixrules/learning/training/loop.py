"""Training a network on task data: the loop.

Chance is drawn anew for each epoch, from the seed and the number of the epoch. A training that was killed therefore goes
on as if it had not been: order of the blocks, dropout and random gains are the same.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import replace

import torch

from mixrules._support.arguments import as_path
from mixrules.errors import TrainingError
from mixrules.learning.network.mel_network import MelNetwork, parameter_count, state_of
from mixrules.learning.training.batches import drawn_seed
from mixrules.learning.training.blocks import TaskBlocks, read_task_blocks
from mixrules.learning.training.checkpoints import TrainingState, load_checkpoint, save_checkpoint
from mixrules.learning.training.chosen_blocks import ChosenBlocks, chosen_blocks
from mixrules.learning.training.devices import chosen_device, reproducible
from mixrules.learning.training.history import Epoch, History, Spread
from mixrules.learning.training.judging import history_without_epochs, judged
from mixrules.learning.training.results import TrainingResults
from mixrules.learning.training.scores import both_errors
from mixrules.learning.training.settings import TrainingSettings
from mixrules.learning.training.steps import new_network, predict, train_one_epoch
from mixrules.learning.training.training_files import TrainingFiles


def train(
    data: TaskBlocks | str | os.PathLike[str],
    settings: TrainingSettings,
    output: str | os.PathLike[str],
    *,
    restart: bool = False,
    reuse: bool = False,
    progress: Callable[[History], None] | None = None,
) -> TrainingResults:
    """Train a network; write it as an ONNX file, and beside it how that went and what it is worth.

    Parameters
    ----------
    data : TaskBlocks or path-like
        Task data that `mixrules dataset` wrote.
    settings : TrainingSettings
        How it is trained.
    output : path-like
        The ONNX file. A folder beside it, ``NAME.training``, gets history, results and the answers to the test songs; a
        training that was killed goes on from the checkpoint in it.
    restart : bool
        Begin anew, whatever checkpoint there is.
    reuse : bool
        Where the same training has ended before, return its results.
    progress : callable, optional
        Told the history after each epoch.

    Returns
    -------
    TrainingResults

    Raises
    ------
    ParameterError
        If data and settings do not fit, or the folder holds another training that has not ended or is under way.
    AudioFileError
        If the data cannot be read, or a file not be written.
    TrainingError
        If the loss is not a number; the best network so far is written all the same.
    """
    results = train_as_far_as_possible(
        data, settings, output, restart=restart, reuse=reuse, progress=progress
    )
    results.require_complete(as_path(output, name="output"))
    return results


def train_as_far_as_possible(
    data: TaskBlocks | str | os.PathLike[str],
    settings: TrainingSettings,
    output: str | os.PathLike[str],
    *,
    restart: bool = False,
    reuse: bool = False,
    progress: Callable[[History], None] | None = None,
) -> TrainingResults:
    """Train as `train` does; where a loss after the first epoch is not a number, say so in the results (``stopped``)."""
    data = data if isinstance(data, TaskBlocks) else read_task_blocks(data)
    chosen = chosen_blocks(data, settings)
    device = chosen_device(settings.device)
    with reproducible(device, settings.threads) as device_name:
        files = TrainingFiles(as_path(output, name="output"), settings, data.data_hash, device_name)
        with files.held():
            if reuse and (finished := files.finished()) is not None:
                return finished
            chosen.require_finite()
            state = TrainingState() if restart else load_checkpoint(files.checkpoint, files.identity)
            network, optimizer = _as_it_was_left(state, chosen, settings, device)
            beginning = history_without_epochs(data, chosen, settings)

            def after_epoch() -> None:
                history = replace(beginning, epochs=tuple(state.epochs))
                files.save_history(history)
                save_checkpoint(files.checkpoint, files.identity, state)
                if progress is not None:
                    progress(history)

            stopped = ""
            try:
                fit(network, optimizer, chosen, settings, state, after_epoch)
            except TrainingError as error:
                if not state.epochs:
                    raise
                stopped = str(error)
            network.load_state_dict(state.kept)
            try:
                answers = {split: predict(network, blocks) for split, blocks in chosen.judged().items()}
            except TrainingError as error:
                raise TrainingError(
                    f"{error}; {files.checkpoint} keeps the network after epoch {state.kept_epoch}"
                ) from error
            results = judged(
                data,
                chosen,
                settings,
                answers,
                versions=files.versions,
                device=device_name,
                parameters=parameter_count(network),
                epochs=len(state.epochs),
                kept_epoch=state.kept_epoch,
                stopped=stopped,
            )
            files.write(network, results, chosen, answers["test"])
    return results


def fit(
    network: MelNetwork,
    optimizer: torch.optim.Optimizer,
    chosen: ChosenBlocks,
    settings: TrainingSettings,
    state: TrainingState,
    after_epoch: Callable[[], None],
) -> None:
    """Train a network, epoch by epoch, until the last one or until patience ends.

    Parameters
    ----------
    network, optimizer
        As they are after the epochs that are done; both are changed.
    chosen : ChosenBlocks
        What is learnt from, and what chooses the epoch.
    settings : TrainingSettings
        How.
    state : TrainingState
        How far it is; each epoch is added, and the network that is kept.
    after_epoch : callable
        Called when an epoch has been added.

    Raises
    ------
    TrainingError
        If the loss or an answer is not a number.
    """
    while len(state.epochs) < settings.epochs and not _is_out_of_patience(state, settings):
        epoch = _one_epoch(network, optimizer, chosen, settings, number=len(state.epochs) + 1)
        by = settings.judged_by
        best = all(epoch.mae(by) < before.mae(by) for before in state.epochs)
        state.epochs.append(replace(epoch, best=best))
        state.network, state.optimizer = state_of(network), optimizer.state_dict()
        if best or settings.switches.fixed_epoch:
            state.kept, state.kept_epoch = state.network, epoch.number
        after_epoch()


def _one_epoch(
    network: MelNetwork,
    optimizer: torch.optim.Optimizer,
    chosen: ChosenBlocks,
    settings: TrainingSettings,
    *,
    number: int,
) -> Epoch:
    """Go through the training songs, answer the validation songs; return what the epoch was like."""
    began = time.perf_counter()
    torch.manual_seed(drawn_seed(settings, number))
    loss = train_one_epoch(network, optimizer, chosen.train, settings, number)
    answers = predict(network, chosen.validation)
    by_snippet, by_song = both_errors(answers, chosen.validation, chosen.error_scale)
    return Epoch(
        number=number,
        train_loss=loss,
        by_snippet=by_snippet,
        by_song=by_song,
        answers=Spread.of(answers),
        best=False,  # until it is compared with those before it
        seconds=time.perf_counter() - began,
    )


def _as_it_was_left(
    state: TrainingState, chosen: ChosenBlocks, settings: TrainingSettings, device: torch.device
) -> tuple[MelNetwork, torch.optim.Optimizer]:
    """Return network and optimizer as they were after the last epoch that is done, or as they begin."""
    network = new_network(chosen, settings).to(device, memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(
        network.parameters(), settings.learning_rate, weight_decay=settings.weight_decay
    )
    if state.epochs:
        network.load_state_dict(state.network)
        optimizer.load_state_dict(state.optimizer)
    return network, optimizer


def _is_out_of_patience(state: TrainingState, settings: TrainingSettings) -> bool:
    if not settings.patience or settings.switches.fixed_epoch or not state.epochs:
        return False
    return len(state.epochs) - state.kept_epoch >= settings.patience
