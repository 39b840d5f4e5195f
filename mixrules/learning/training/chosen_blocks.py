"""Which blocks a training learns from, chooses by and is judged by: what its settings leave of task data."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixrules.errors import ParameterError
from mixrules.learning.training.blocks import Blocks, TaskBlocks
from mixrules.learning.training.history import short_unit
from mixrules.learning.training.scores import constants_of
from mixrules.learning.training.settings import TrainingSettings
from mixrules.statistics import modified_z

Floats = npt.NDArray[np.float64]

_PUBLISHED_LU = (-10.0, 6.0)
_PUBLISHED_POWER = 0.4
_AT_ONCE = 256


@dataclass(frozen=True, slots=True, eq=False)
class ChosenBlocks:
    """What a training uses of task data.

    Attributes
    ----------
    train, validation, test : Blocks
        What is learnt from, what chooses the epoch, what the result is told by.
    left_out : dict of str to int
        How many training blocks were left out, by reason.
    offset, scale : ndarray of float64, shape (outputs,)
        The network learns ``(target - offset) / scale``.
    error_scale : ndarray of float64, shape (outputs,)
        What errors are divided by before they are averaged over outputs: 1 where these have one unit, else the standard
        deviations over all unchanged training songs of the data. It depends on no setting: errors of trainings on parts
        of the songs can be compared.
    notes : tuple of str
        What was asked for and does nothing.
    """

    train: Blocks
    validation: Blocks
    test: Blocks
    left_out: dict[str, int]
    offset: Floats
    scale: Floats
    error_scale: Floats
    notes: tuple[str, ...] = ()

    def judged(self) -> dict[str, Blocks]:
        """Return what a trained network is judged by: each split, of the training songs those that are not changed."""
        return {"train": _unchanged(self.train), "validation": self.validation, "test": self.test}

    def constants(self) -> dict[str, Floats]:
        """Return the constants that a network has to beat: of the training songs that are not changed."""
        return constants_of(_unchanged(self.train).targets)

    def require_finite(self) -> None:
        """Read all that is used once, before anything is learnt from it.

        Raises
        ------
        AudioFileError
            If a mel block is not finite: names block, song and shard.
        """
        for blocks in (self.train, self.validation, self.test):
            blocks.require_finite()


def chosen_blocks(data: TaskBlocks, settings: TrainingSettings) -> ChosenBlocks:
    """Return what the settings leave of task data.

    Raises
    ------
    ParameterError
        If the data is of another task, its blocks cannot be pooled, or nothing would be left.
    AudioFileError
        If a shard cannot be read.
    """
    if data.task != settings.task:
        raise ParameterError(
            f"{data.folder} is task data of {data.task}, not of {settings.task}: "
            f"train {data.task}, or mixrules dataset --task {settings.task} makes the other"
        )
    switches = settings.switches
    train, validation, test = data.train, data.validation, data.test
    left_out: dict[str, int] = {}
    notes: list[str] = []
    if settings.fraction < 1.0:
        train = _counted(train, _in_fraction(train, settings), "of songs beyond the fraction", left_out)
    if switches.published_filter:
        train = _counted(train, _published(train), "outside the published limits", left_out)
        validation, test = (blocks.only(_published(blocks)) for blocks in (validation, test))
    if settings.outliers > 0.0:
        scores = np.column_stack([modified_z(column) for column in train.targets.T])
        notes += _without_outliers(scores, data.outputs, settings.outliers)
        far = np.any(np.abs(scores) > settings.outliers, axis=1)
        train = _counted(train, ~far, "of outliers", left_out)
    if switches.test_as_validation:
        validation = test
    for name, blocks in (("training", train), ("validation", validation), ("test", test)):
        if not len(blocks):
            raise ParameterError(
                f"no {name} block of {data.folder} is left by the filters that were asked for"
            )
    if settings.pool > 1:
        _require_one_target(train, settings)
    deviation = _deviations(train)
    alike = len({short_unit(unit) for unit in data.units}) == 1
    published = switches.published_scale
    return ChosenBlocks(
        train=train,
        validation=validation,
        test=test,
        left_out=left_out,
        offset=data.published_offset if published else train.targets.mean(axis=0),
        scale=data.published_scale if published else deviation,
        error_scale=np.ones_like(deviation) if alike else _deviations(_unchanged(data.train)),
        notes=tuple(notes),
    )


def _unchanged(blocks: Blocks) -> Blocks:
    """Return the blocks of songs as they are; all of them where there are but changed copies."""
    found = blocks.only(blocks.copies == 0)
    return found if len(found) else blocks


def _deviations(blocks: Blocks) -> Floats:
    """Return the standard deviation of each output, 1 for one that does not vary."""
    deviation = blocks.targets.std(axis=0)
    return np.where(deviation > 0.0, deviation, 1.0)


def _counted(blocks: Blocks, wanted: npt.NDArray[np.bool_], why: str, left_out: dict[str, int]) -> Blocks:
    if not wanted.all():
        left_out[why] = int(np.sum(~wanted))
    return blocks.only(wanted)


def _in_fraction(blocks: Blocks, settings: TrainingSettings) -> npt.NDArray[np.bool_]:
    """Return whether each block is of a song that is used: a smaller fraction is within a larger one."""
    order = np.random.default_rng([settings.seed, 0]).permutation(len(blocks.song_names))
    count = max(1, round(settings.fraction * len(order)))
    return np.isin(blocks.songs, order[:count])


def _without_outliers(scores: Floats, outputs: tuple[str, ...], limit: float) -> list[str]:
    """Say which outputs can have no outlier: most of their targets are the same, as gains of an equaliser are 0."""
    names = [name for name, column in zip(outputs, scores.T, strict=True) if np.isnan(column).all()]
    if not names:
        return []
    which = ", ".join(names) if len(names) < len(outputs) else "any output"
    return [
        f"outliers {limit:g} leaves out no block by {which}: half or more of the training targets are the same, or there "
        "are fewer than five"
    ]


def _published(blocks: Blocks) -> npt.NDArray[np.bool_]:
    """Return whether each block is one that the level network of 2022 was given."""
    low, high = _PUBLISHED_LU
    wanted: npt.NDArray[np.bool_] = np.all((blocks.targets > low) & (blocks.targets < high), axis=1)
    for rows, mel in blocks.batches(blocks.in_order(_AT_ONCE)):
        wanted[rows] &= mel[:, 1].mean((1, 2), dtype=np.float64) > _PUBLISHED_POWER
    return wanted


def _require_one_target(blocks: Blocks, settings: TrainingSettings) -> None:
    """Raise `ParameterError` where blocks of a song differ in what is to be predicted."""
    same = (np.diff(blocks.songs) == 0) & (np.diff(blocks.copies) == 0)
    differing = same & np.any(np.diff(blocks.targets, axis=0) != 0.0, axis=1)
    if differing.any():
        song = blocks.song_names[blocks.songs[int(np.argmax(differing))]]
        raise ParameterError(
            f"pool must be 1 where blocks of a song have targets of their own, as those of {song} for task "
            f"{settings.task}, got {settings.pool}"
        )
