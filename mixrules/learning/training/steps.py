"""What a training is made of: a network that has learnt nothing, steps through the training blocks, answers."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from mixrules.errors import TrainingError
from mixrules.learning.network.mel_network import MelNetwork
from mixrules.learning.training.batches import batches_of_epoch, drawn_seed
from mixrules.learning.training.blocks import Blocks
from mixrules.learning.training.chosen_blocks import ChosenBlocks
from mixrules.learning.training.settings import TrainingSettings

_AT_ONCE = 256  # blocks that are answered together
_MOST_SHOWN = 5
_OF_UNCHANGED = 0.1  # what counts of the error of a band that was not changed


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


def train_one_epoch(
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
                group["lr"] = cosine_learning_rate(settings, epoch - 1 + (number - 1) / len(batches))
        answers = network(torch.from_numpy(mel).to(device))
        answers = answers.reshape(*rows.shape, -1).mean(dim=1)  # of the blocks of an item
        targets = torch.from_numpy(blocks.targets[rows[:, 0]]).to(device, torch.float32)
        loss = loss_of(network, answers, targets, settings)
        if not torch.isfinite(loss):
            raise TrainingError(
                _not_a_number(float(loss.detach()), epoch, number, blocks.named(rows.ravel()))
            )
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.detach())
    return float(torch.stack(losses).mean())


def cosine_learning_rate(settings: TrainingSettings, epochs_done: float) -> float:
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


def predict(network: MelNetwork, blocks: Blocks) -> npt.NDArray[np.float64]:
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


def _not_a_number(loss: float, epoch: int, batch: int, songs: tuple[str, ...]) -> str:
    """Say what is not a number, and where."""
    more = f" and {len(songs) - _MOST_SHOWN} more" if len(songs) > _MOST_SHOWN else ""
    shown = ", ".join(songs[:_MOST_SHOWN]) + more
    return f"the loss is {loss} in epoch {epoch}, batch {batch} (songs {shown}; a smaller learning rate may help)"
