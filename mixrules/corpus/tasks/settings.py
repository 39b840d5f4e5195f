"""What a folder of task data depends on besides the songs."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

from mixrules._support.arguments import is_finite, require_known
from mixrules._support.validation import require_between
from mixrules.corpus.tasks.augmentation import AUGMENTATIONS, in_order
from mixrules.corpus.tasks.mel_blocks import BANDS, BLOCK_SHAPE, FFT_SAMPLES, HOP_SAMPLES, SAMPLE_RATE
from mixrules.corpus.tasks.task import Task
from mixrules.errors import ParameterError

TASKS = ("level", "eq", "compression", "reverb", "reverb-2022", "toy-level", "toy-eq")
SPLITS = ("train", "validation", "test")
FORMATS = {"webdataset": "tar", "npz": "npz"}
BLOCK_HOPS = (64, 32)
# An augmentation that changes what a task asks for, without its answer.
_SPOILED_BY = {"eq": ("eq",), "reverb": ("reverb",), "reverb-2022": ("reverb",)}

CONSTANTS = {
    "sample_rate": SAMPLE_RATE,
    "fft_samples": FFT_SAMPLES,
    "hop_samples": HOP_SAMPLES,
    "mel_bands": BANDS,
    "mel_scale": "htk",
    "mel_norm": None,
    "window": "hann, periodic",
    "power": 2.0,
    "centered": True,
    "pad_mode": "reflect",
    "block_shape": list(BLOCK_SHAPE),
    "channels": ["backing", "vocal"],
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetSettings:
    """What task data is made of and how it is divided.

    Attributes
    ----------
    task : str
        One of `TASKS`.
    target : str
        For task ``level``: ``"snippet"`` or ``"song"``, whose level it is; empty for the usual one.
    seed : int
        What every draw depends on.
    split : str
        ``"songs"``: at random; ``"official"``: as the data set says.
    shares : tuple of three float
        Of the songs, for training, validation and test.
    fraction : float
        How much of the training songs is used, above 0 up to 1; a smaller part is within a larger one.
    ignore_official : bool
        For a split at random: whether official validation and test songs may be used for training.
    shared_artists : str
        What to do about an artist in training (or validation) and test of an official split: ``"refuse"``, ``"drop"``
        the songs that are not test, ``"keep"`` them.
    limits_lu : tuple of two float or None
        For task ``level``: samples whose target lies outside are left out.
    block_hop : int
        Frames from one block to the next: 64, or 32 for blocks that overlap by half.
    format : str
        ``"webdataset"`` or ``"npz"``.
    shard_mib : float
        The largest size of a shard in MiB.
    augment : tuple of str
        Names of augmentations; they are kept, and applied, in the order of `AUGMENTATIONS`.
    copies : int
        Changed copies of every training song, besides the song as it is.

    Raises
    ------
    ParameterError
        If one is out of its range, or two contradict each other.
    """

    task: str
    target: str = ""
    seed: int = 0
    split: str = "songs"
    shares: tuple[float, float, float] = (0.8, 0.1, 0.1)
    fraction: float = 1.0
    ignore_official: bool = False
    shared_artists: str = "refuse"
    limits_lu: tuple[float, float] | None = None
    block_hop: int = 64
    format: str = "webdataset"
    shard_mib: float = 256.0
    augment: tuple[str, ...] = ()
    copies: int = 0

    def __post_init__(self) -> None:
        require_known(self.task, TASKS, what="task")
        require_known(self.split, ("songs", "official"), what="split")
        require_known(self.shared_artists, ("refuse", "drop", "keep"), what="choice for shared artists")
        require_known(self.format, FORMATS, what="format")
        for name in self.augment:
            require_known(name, AUGMENTATIONS, what="augmentation")
        object.__setattr__(self, "augment", in_order(self.augment))
        require_between(self, shard_mib=(1.0, 65_536.0), copies=(0, 1000))
        self._check_target()
        self._check_split()
        self._check_copies()

    def _check_target(self) -> None:
        if self.target:
            require_known(self.target, ("snippet", "song"), what="target")
            if self.task != "level":
                raise ParameterError(
                    f"a target by {self.target} can be chosen for task level alone, not for {self.task}"
                )
        if self.limits_lu is not None:
            if self.task != "level":
                raise ParameterError(f"limits in LU are for task level, not for {self.task}")
            low, high = self.limits_lu
            if not (is_finite(low) and is_finite(high) and low < high):
                raise ParameterError(f"limits must be two numbers in LU, the lower first, got {low}, {high}")
        if self.block_hop not in BLOCK_HOPS:
            raise ParameterError(f"block_hop must be 64 or 32 frames, got {self.block_hop}")

    def _check_split(self) -> None:
        shares = self.shares
        good = len(shares) == 3 and all(is_finite(share) and share > 0.0 for share in shares)
        if not good or not math.isclose(sum(shares), 1.0, abs_tol=1e-6):
            raise ParameterError(
                "shares must be three numbers above 0 that add up to 1, for training, validation and test "
                f"(validation songs are not test songs), got {', '.join(f'{share:g}' for share in shares)}"
            )
        if self.ignore_official and self.split == "official":
            raise ParameterError(
                "an official split cannot be ignored and used: --ignore-official is for --split songs"
            )
        if self.shared_artists != "refuse" and self.split == "songs":
            raise ParameterError(
                "a split at random never has an artist in two splits: --shared-artists is for --split official"
            )
        if not (is_finite(self.fraction) and 0.0 < self.fraction <= 1.0):
            raise ParameterError(f"fraction must be above 0 and at most 1, got {self.fraction}")

    def _check_copies(self) -> None:
        spoiled = [name for name in self.augment if name in _SPOILED_BY.get(self.task, ())]
        if spoiled:
            raise ParameterError(
                f"augmentation {spoiled[0]} changes what task {self.task} asks for: leave it out"
            )
        if len(set(self.augment)) < len(self.augment):
            raise ParameterError(f"an augmentation is there twice: {', '.join(self.augment)}")
        if self.augment == ("polarity",):
            raise ParameterError(
                "augmentation polarity alone changes neither mel blocks nor loudness: name another one too"
            )
        if self.augment and not self.copies:
            raise ParameterError("augmentation changes copies of songs: ask for at least one copy")
        if self.copies and not self.augment and not make_task(self).random:
            raise ParameterError(
                f"copies for task {self.task} would be the same as the songs: name augmentations too"
            )

    def plain(self) -> dict[str, Any]:
        """Return the settings as JSON holds them."""
        plain = dataclasses.asdict(self)
        return {name: list(value) if isinstance(value, tuple) else value for name, value in plain.items()}


def make_task(settings: DatasetSettings) -> Task:
    """Return the task that settings name."""
    if settings.task == "level":
        from mixrules.corpus.tasks.level import LevelTask

        return LevelTask(by_song=settings.target == "song")
    if settings.task == "eq":
        from mixrules.corpus.tasks.eq import EqTask

        return EqTask()
    if settings.task == "compression":
        from mixrules.corpus.tasks.compression import CompressionTask

        return CompressionTask()
    if settings.task == "reverb":
        from mixrules.corpus.tasks.reverb import ReverbTask

        return ReverbTask()
    if settings.task == "reverb-2022":
        from mixrules.corpus.tasks.reverb_2022 import PublishedReverbTask

        return PublishedReverbTask()
    from mixrules.corpus.tasks.toys import ToyEqTask, ToyLevelTask

    return ToyLevelTask() if settings.task == "toy-level" else ToyEqTask()
