"""The network, the same for every task: four convolutions and a linear layer over one mel block.

It reads the power in mel bands as task data holds it and answers in the unit of what is to be predicted, so that what is
done to its input and to its answers is part of it, and of the file that it is exported to.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from mixrules.corpus.tasks.mel_blocks import BANDS, FRAMES
from mixrules.learning.network.mel_inputs import (
    FLOOR_DB,
    MIDDLE_DB,
    SPREAD_DB,
    TINY_POWER,
    hides_levels_of_power,
    reference_axes,
)
from mixrules.learning.network.switches import Switches

CHANNELS = (8, 16, 32, 64)
"""Of the four convolutions, at width 8."""


class MelInput(nn.Module):
    """From the power in mel bands, shape (blocks, 2, 128, 64), to what the convolutions read, (blocks, 2, 64, 128).

    Parameters
    ----------
    switches : Switches
        Which of the old ways to go.
    levels : {"given", "hidden"}
        Whether both channels are referred to one power, so that their difference can be seen, or each to its own.
    """

    def __init__(self, switches: Switches, levels: str) -> None:
        super().__init__()
        self.switches, self.levels = switches, levels

    def forward(self, mel: Tensor) -> Tensor:
        """Return the input of the first convolution."""
        if not self.switches.power_input:
            inputs = self._in_db(mel)
        else:
            inputs = self._relative(mel) if hides_levels_of_power(self.switches, self.levels) else mel
        if self.switches.time_normalization:
            inputs = nn.functional.normalize(inputs, dim=3)
        if self.switches.random_channel_gains and self.training:
            inputs = inputs * torch.rand(1, inputs.shape[1], 1, 1, device=inputs.device)
        return inputs.transpose(2, 3)

    def _in_db(self, mel: Tensor) -> Tensor:
        relative_db = 10.0 * torch.log10(self._relative(mel).clamp(min=10.0 ** (-FLOOR_DB / 10.0)))
        return (relative_db - MIDDLE_DB) / SPREAD_DB

    def _relative(self, mel: Tensor) -> Tensor:
        return mel / mel.mean(reference_axes(self.levels), keepdim=True).clamp(min=TINY_POWER)


class MelNetwork(nn.Module):
    """Four times convolution 3 x 3, batch normalisation, ReLU and max pooling by 2; then dropout and a linear layer.

    At width 8 it has 25,465 parameters with one output, 31,617 with nine and 32,386 with ten.

    Parameters
    ----------
    outputs : int
        How many numbers it answers.
    switches : Switches
        Which of the old ways to go.
    levels : {"given", "hidden"}
        Whether it sees by how much one channel is louder than the other.
    width : int
        Channels of the first convolution; each next one has twice as many. Less of them is less capacity.
    dropout : float
        Share of the features that are left out at random in training.
    offset, scale : sequence of float, optional
        An answer is offset + scale x what the linear layer says, for each output.
    """

    offset: Tensor
    scale: Tensor

    def __init__(
        self,
        outputs: int,
        *,
        switches: Switches,
        levels: str = "given",
        width: int = CHANNELS[0],
        dropout: float = 0.3,
        offset: Sequence[float] | npt.NDArray[np.float64] | None = None,
        scale: Sequence[float] | npt.NDArray[np.float64] | None = None,
    ) -> None:
        super().__init__()
        self.input = MelInput(switches, levels)
        channels = [2, *(width * more // CHANNELS[0] for more in CHANNELS)]
        layers: list[nn.Module] = []
        for before, after in itertools.pairwise(channels):
            layers += [nn.Conv2d(before, after, 3), nn.BatchNorm2d(after), nn.ReLU(), nn.MaxPool2d(2)]
        self.features = nn.Sequential(*layers, nn.Flatten())
        self.dropout = nn.Dropout(dropout)
        frames, bands = (_after_four(size) for size in (FRAMES, BANDS))
        self.linear = nn.Linear(channels[-1] * frames * bands, outputs)
        for name, values, default in (("offset", offset, 0.0), ("scale", scale, 1.0)):
            numbers = np.full(outputs, default) if values is None else np.asarray(values)
            self.register_buffer(name, torch.tensor(numbers, dtype=torch.float32))

    def forward(self, mel: Tensor) -> Tensor:
        """Return the answers for each block, shape (blocks, outputs), in their units.

        The mean over the blocks of a song is the song's answer. It is the same as to average the features before the last
        layer, which is linear.
        """
        answers: Tensor = self.linear(self.dropout(self.features(self.input(mel))))
        return self.offset + self.scale * answers


def parameter_count(network: nn.Module) -> int:
    """Return how many numbers a network learns."""
    return sum(parameter.numel() for parameter in network.parameters())


def _after_four(size: int) -> int:
    """Return what four convolutions without padding and poolings leave of a length."""
    for _ in CHANNELS:
        size = (size - 2) // 2
    return size


def state_of(network: nn.Module) -> dict[str, Any]:
    """Return a copy of all that a network has learnt, on the CPU."""
    return {name: value.detach().cpu().clone() for name, value in network.state_dict().items()}
