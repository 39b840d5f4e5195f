"""Training a network on task data: the loop.

Chance is drawn anew for each epoch, from the seed and the number of the epoch. A training that was killed therefore goes
on as if it had not been: order of the blocks, dropout and random gains are the same.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from mixrules._support.arguments import as_path
from mixrules.errors import TrainingError
from mixrules.learning.network.mel_network import MelNetwork, parameter_count, state_of
from mixrules.learning.training.batches import batches_of_epoch, drawn_seed
from mixrules.learning.training.blocks import Blocks, TaskBlocks, read_task_blocks
from mixrules.learning.training.checkpoints import Progress, load_checkpoint, save_checkpoint
from mixrules.learning.training.chosen_blocks import ChosenBlocks, chosen_blocks
from mixrules.learning.training.devices import chosen_device, reproducible
from mixrules.learning.training.history import Epoch, History, Spread
from mixrules.learning.training.results import TrainingResults
from mixrules.learning.training.scores import both_errors
from mixrules.learning.training.settings import TrainingSettings
from mixrules.learning.training.training_files import TrainingFiles

_AT_ONCE = 256  # blocks that are answered together
_MOST_SHOWN = 5
_OF_UNCHANGED = 0.1  # what counts of the error of a band that was not changed


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
    data = data if isinstance(data, TaskBlocks) else read_task_blocks(data)
    chosen = chosen_blocks(data, settings)
    device = chosen_device(settings.device)
    with reproducible(device, settings.threads) as device_name:
        files = TrainingFiles(as_path(output, name="output"), data, chosen, settings, device_name)
        with files.held():
            if reuse and (finished := files.finished()) is not None:
                return finished
            done = Progress() if restart else load_checkpoint(files.checkpoint, files.identity)
            network = new_network(chosen, settings).to(device, memory_format=torch.channels_last)
            optimizer = torch.optim.Adam(
                network.parameters(), settings.learning_rate, weight_decay=settings.weight_decay
            )
            if done.epochs:
                network.load_state_dict(done.network)
                optimizer.load_state_dict(done.optimizer)

            def after_epoch() -> None:
                history = replace(files.history, epochs=tuple(done.epochs))
                files.save_history(history)
                save_checkpoint(files.checkpoint, files.identity, done)
                if progress is not None:
                    progress(history)

            failure = ""
            try:
                fit(network, optimizer, chosen, settings, done, after_epoch)
            except TrainingError as error:
                if not done.epochs:
                    raise
                failure = str(error)
            network.load_state_dict(done.kept)
            answers = {split: answers_of(network, blocks) for split, blocks in chosen.judged().items()}
            results = files.results(
                answers,
                parameters=parameter_count(network),
                epochs=len(done.epochs),
                kept_epoch=done.kept_epoch,
                stopped=failure,
            )
            files.write(network, results, answers["test"])
    if failure:
        raise TrainingError(f"{failure}; {files.model} is the network after epoch {done.kept_epoch}")
    return results


def fit(
    network: MelNetwork,
    optimizer: torch.optim.Optimizer,
    chosen: ChosenBlocks,
    settings: TrainingSettings,
    done: Progress,
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
    done : Progress
        How far it is; each epoch is added, and the network that is kept.
    after_epoch : callable
        Called when an epoch has been added.

    Raises
    ------
    TrainingError
        If the loss or an answer is not a number.
    """
    for number in range(len(done.epochs) + 1, settings.epochs + 1):
        if _is_out_of_patience(done, settings):
            break
        began = time.perf_counter()
        torch.manual_seed(drawn_seed(settings, number))
        loss = learn(network, optimizer, chosen.train, settings, number)
        answers = answers_of(network, chosen.validation)
        by_snippet, by_song = both_errors(answers, chosen.validation, chosen.error_scale)
        epoch = Epoch(
            number=number,
            train_loss=loss,
            by_snippet=by_snippet,
            by_song=by_song,
            answers=Spread.of(answers),
            best=False,
            seconds=time.perf_counter() - began,
        )
        by = settings.judged_by
        best = all(epoch.mae(by) < before.mae(by) for before in done.epochs)
        done.epochs.append(replace(epoch, best=best))
        done.network, done.optimizer = state_of(network), optimizer.state_dict()
        if best or settings.switches.fixed_epoch:
            done.kept, done.kept_epoch = done.network, number
        after_epoch()


def new_network(chosen: ChosenBlocks, settings: TrainingSettings) -> MelNetwork:
    """Return a network that has learnt nothing yet, the same for the same seed."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(drawn_seed(settings, 0))
        return MelNetwork(
            chosen.train.targets.shape[1],
            switches=settings.switches,
            levels=settings.levels,
            width=settings.width,
            dropout=settings.dropout,
            offset=chosen.offset,
            scale=chosen.scale,
        )


def learn(
    network: MelNetwork,
    optimizer: torch.optim.Optimizer,
    blocks: Blocks,
    settings: TrainingSettings,
    epoch: int,
) -> float:
    """Go once through the training blocks, a step of the optimizer after each batch; return the mean loss.

    Raises
    ------
    TrainingError
        If the loss of a batch is not a number.
    """
    network.train()
    device = network.offset.device
    losses = []
    batches = batches_of_epoch(blocks, settings, epoch)  # each (items, pool)
    for number, (rows, mel) in enumerate(blocks.batches(batches), start=1):
        if settings.schedule == "cosine":
            for group in optimizer.param_groups:
                group["lr"] = falling_rate(settings, epoch - 1 + (number - 1) / len(batches))
        answers = network(torch.from_numpy(mel).to(device))
        answers = answers.reshape(*rows.shape, -1).mean(dim=1)  # of the blocks of an item
        targets = torch.from_numpy(blocks.targets[rows[:, 0]]).to(device, torch.float32)
        loss = loss_of(network, answers, targets, settings)
        if not torch.isfinite(loss):
            raise TrainingError(_not_a_number(float(loss.detach()), epoch, number, blocks, rows, mel))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.detach())
    return float(torch.stack(losses).mean())


def falling_rate(settings: TrainingSettings, epochs_done: float) -> float:
    """Return the learning rate of a step along half a cosine, after so many epochs and parts of one."""
    return 0.5 * settings.learning_rate * (1.0 + math.cos(math.pi * epochs_done / settings.epochs))


def loss_of(network: MelNetwork, answers: Tensor, targets: Tensor, settings: TrainingSettings) -> Tensor:
    """Return the loss of a batch: the mean error in the scale that the network learns in, and L1 of its weights."""
    error = (answers - targets) / network.scale
    each = error.square() if settings.loss == "squared" else error.abs()
    if settings.switches.changed_bands_first:
        each = each * torch.where(targets != 0.0, 1.0, _OF_UNCHANGED)
    loss = each.mean()
    if settings.l1 > 0.0:
        weights = [values for values in network.parameters() if values.ndim > 1]
        loss = loss + settings.l1 * torch.stack([values.abs().sum() for values in weights]).sum()
    return loss


def answers_of(network: MelNetwork, blocks: Blocks) -> npt.NDArray[np.float64]:
    """Return what a network answers to each block, shape (blocks, outputs), as it does when nothing is trained.

    Raises
    ------
    TrainingError
        If an answer is not a number.
    """
    network.eval()
    device = network.offset.device
    answers = np.empty(blocks.targets.shape)
    with torch.no_grad():
        for rows, mel in blocks.batches(blocks.in_order(_AT_ONCE)):
            answers[rows] = network(torch.from_numpy(mel).to(device)).cpu().numpy()
    bad = ~np.isfinite(answers).all(axis=1)
    if bad.any():
        row = int(np.argmax(bad))
        song = blocks.song_names[blocks.songs[row]]
        raise TrainingError(
            f"the network answers {answers[row, 0]} to block {blocks.numbers[row]} of song {song}"
        )
    return answers


def _is_out_of_patience(done: Progress, settings: TrainingSettings) -> bool:
    if not settings.patience or settings.switches.fixed_epoch or not done.epochs:
        return False
    return len(done.epochs) - done.kept_epoch >= settings.patience


def _not_a_number(
    loss: float,
    epoch: int,
    batch: int,
    blocks: Blocks,
    rows: npt.NDArray[np.intp],
    mel: npt.NDArray[np.float32],
) -> str:
    """Say what is not a number, and where."""
    bad = ~np.isfinite(mel).all(axis=(1, 2, 3))
    songs = blocks.named(rows.ravel()[bad] if bad.any() else rows.ravel())
    more = f" and {len(songs) - _MOST_SHOWN} more" if len(songs) > _MOST_SHOWN else ""
    shown = ", ".join(songs[:_MOST_SHOWN]) + more
    why = (
        f"mel blocks of {shown} are not finite: make the task data again"
        if bad.any()
        else f"songs {shown}; a smaller learning rate may help"
    )
    return f"the loss is {loss} in epoch {epoch}, batch {batch} ({why})"
