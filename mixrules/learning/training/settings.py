"""What a training depends on besides the task data."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from mixrules._support.arguments import require_known
from mixrules._support.validation import require_between
from mixrules.corpus.tasks.settings import TASKS
from mixrules.errors import ParameterError
from mixrules.learning.network.mel_inputs import LEVELS
from mixrules.learning.network.switches import Switches, switches_of

LOSSES = ("absolute", "squared")
ORDERS = ("sample", "song")
SCHEDULES = ("constant", "cosine")
DEVICES = ("auto", "cpu", "cuda", "mps")

# As published: batch size, learning rate, weight decay, and the epoch after which the network was evaluated.
_PUBLISHED: dict[str, tuple[int, float, float, int]] = {
    "level": (25, 1e-3, 0.0, 1),
    "compression": (25, 1e-4, 1e-6, 3),
    "eq": (30, 1e-3, 0.0, 200),
    "reverb": (25, 1e-5, 0.0, 500),
}
# Tasks in which all blocks of a song have one target: how many are averaged in training, and the songs to a step.
_POOLED = ("eq", "compression", "reverb", "reverb-2022")
_POOL, _SONGS = 8, 8
_LIKE = {"toy-level": "level", "toy-eq": "eq", "reverb-2022": "reverb"}


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingSettings:
    """How a network is trained.

    Attributes
    ----------
    task : str
        What it learns: the task of the task data.
    network : {"corrected", "faithful"}
        Which network.
    switches : Switches
        What of it is as it was in 2022.
    levels : {"given", "hidden"}
        Whether it sees by how much the vocal is louder than the backing. A network for task ``level`` that sees it reads
        the answer off its input and cannot say how loud a vocal should be.
    width : int
        Channels of the first convolution, 1 to 64.
    dropout : float
        Share of the features that are left out at random in training, from 0 to below 1.
    epochs : int
        How often it goes through the training songs, at most.
    patience : int
        It stops after so many epochs without an improvement on validation songs; 0: never.
    batch : int
        Blocks, or songs where the blocks of a song are averaged, between two steps.
    pool : int
        How many blocks of a song are averaged in training before its error counts; 1: each block counts by itself. Only
        where all blocks of a song have the same target.
    loss : {"absolute", "squared"}
        What counts as error.
    learning_rate : float
        Of Adam.
    schedule : {"constant", "cosine"}
        How the learning rate goes on: as it is, or down to 0 over all `epochs` along half a cosine, which helps to the
        last decimals where there is no noise in the targets.
    weight_decay : float
        L2: how much of each weight is taken away, as Adam does it.
    l1 : float
        L1: weight of the sum of all absolute weights in the loss.
    shuffle : {"sample", "song"}
        What is shuffled before each epoch.
    outliers : float
        Training samples are left out whose target lies farther from the median than so many standard deviations, by
        the median absolute deviation; 0: none are.
    fraction : float
        How much of the training songs is used, above 0 up to 1; a smaller part is within a larger one.
    seed : int
        What chance is drawn from.
    device : {"auto", "cpu", "cuda", "mps"}
        Where it is trained; ``"auto"``: a GPU if there is one.
    threads : int
        Of a CPU; 0: as many as torch takes by itself. With another number sums are rounded differently.

    Raises
    ------
    ParameterError
        If one is out of its range.
    """

    task: str
    network: str = "corrected"
    switches: Switches = field(default_factory=Switches)
    levels: str = "given"
    width: int = 8
    dropout: float = 0.3
    epochs: int = 100
    patience: int = 15
    batch: int = 32
    pool: int = 1
    loss: str = "absolute"
    learning_rate: float = 1e-3
    schedule: str = "constant"
    weight_decay: float = 0.0
    l1: float = 0.0
    shuffle: str = "sample"
    outliers: float = 0.0
    fraction: float = 1.0
    seed: int = 0
    device: str = "auto"
    threads: int = 0

    def __post_init__(self) -> None:
        require_known(self.task, TASKS, what="task")
        require_known(self.levels, LEVELS, what="choice for levels")
        require_known(self.loss, LOSSES, what="loss")
        require_known(self.shuffle, ORDERS, what="order")
        require_known(self.schedule, SCHEDULES, what="schedule")
        require_known(self.device, DEVICES, what="device")
        require_between(
            self,
            width=(1, 64),
            dropout=(0.0, 0.99),
            epochs=(1, 100_000),
            patience=(0, 100_000),
            batch=(1, 65_536),
            pool=(1, 4096),
            learning_rate=(1e-9, 10.0),
            weight_decay=(0.0, 10.0),
            l1=(0.0, 10.0),
            outliers=(0.0, 1000.0),
            threads=(0, 1024),
            seed=(0, 2**63 - 1),
        )
        if not 0.0 < self.fraction <= 1.0:
            raise ParameterError(f"fraction must be above 0 and at most 1, got {self.fraction}")

    @property
    def judged_by(self) -> str:
        """Whose mean absolute error chooses the epoch and tells the result: the song's, or the snippet's.

        In the toys each snippet has its own target, whose mean over a song is near 0 whatever the network has learnt.
        """
        return "snippet" if self.task.startswith("toy-") else "song"

    def plain(self) -> dict[str, Any]:
        """Return the settings as JSON holds them."""
        return dataclasses.asdict(self)


def settings_for(
    task: str,
    network: str = "corrected",
    *,
    on: Sequence[str] = (),
    off: Sequence[str] = (),
    **changes: Any,
) -> TrainingSettings:
    """Return the settings of a network for a task, as published or as they should be.

    Parameters
    ----------
    task : str
        What it learns.
    network : {"corrected", "faithful"}
        Which network.
    on, off : sequence of str
        Switches to turn on or off besides.
    **changes
        Fields of `TrainingSettings` to be other than usual; None leaves one as it is.

    Raises
    ------
    ParameterError
        If there is no such task, network or switch, or a setting is out of its range.
    """
    require_known(task, TASKS, what="task")
    switches = switches_of(network, task).changed(on=on, off=off)
    values: dict[str, Any] = {"levels": "hidden" if task == "level" else "given"}
    if network == "corrected":
        values |= {"pool": _POOL, "batch": _SONGS} if task in _POOLED else {}
    else:
        batch, learning_rate, weight_decay, epoch = _PUBLISHED[_LIKE.get(task, task)]
        values |= {
            "batch": batch,
            "learning_rate": learning_rate,
            "weight_decay": weight_decay,
            "loss": "squared",
        }
        if task == "eq":  # the one published network whose blocks were averaged per song
            values |= {"pool": _POOL}
        if switches.fixed_epoch:
            values |= {"epochs": epoch, "patience": 0}
    values |= {name: value for name, value in changes.items() if value is not None}
    return TrainingSettings(task=task, network=network, switches=switches, **values)
