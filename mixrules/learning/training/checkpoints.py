"""Checkpoints: a training that was killed goes on after its last complete epoch, as if it had not been."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from mixrules.errors import AudioFileError, ParameterError
from mixrules.files import atomic_path
from mixrules.learning.error_pair import ErrorPair
from mixrules.learning.training.history import Epoch, Spread


@dataclass(slots=True, eq=False)
class TrainingState:
    """How far a training is, and what it needs to go on.

    Attributes
    ----------
    epochs : list of Epoch
        Those that are complete.
    network, optimizer : dict
        Their states after the last one.
    kept : dict
        The state of the network that is kept so far.
    kept_epoch : int
        After which epoch that was; 0 before the first.
    """

    epochs: list[Epoch] = field(default_factory=list)
    network: dict[str, Any] = field(default_factory=dict)
    optimizer: dict[str, Any] = field(default_factory=dict)
    kept: dict[str, Any] = field(default_factory=dict)
    kept_epoch: int = 0


def save_checkpoint(path: Path, identity: dict[str, Any], state: TrainingState) -> None:
    """Write a checkpoint that is complete or absent.

    Parameters
    ----------
    path : Path
        The file.
    identity : dict
        What the training depends on, as JSON holds it.
    state : TrainingState
        How far it is.
    """
    content = {
        "identity": identity,
        "epochs": [dataclasses.asdict(epoch) for epoch in state.epochs],
        "network": state.network,
        "optimizer": state.optimizer,
        "kept": state.kept,
        "kept_epoch": state.kept_epoch,
    }
    with atomic_path(path) as temporary:
        torch.save(content, temporary)


def load_checkpoint(path: Path, identity: dict[str, Any]) -> TrainingState:
    """Return how far a training is.

    Raises
    ------
    ParameterError
        If the file is of another training.
    AudioFileError
        If it cannot be read.
    """
    if not path.exists():
        return TrainingState()
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
        found = content["identity"]
        state = TrainingState(
            epochs=[_epoch(plain) for plain in content["epochs"]],
            network=content["network"],
            optimizer=content["optimizer"],
            kept=content["kept"],
            kept_epoch=content["kept_epoch"],
        )
    except Exception as error:  # what a damaged file makes torch raise is of many kinds
        why = " ".join(str(error).split()) or type(error).__name__
        raise AudioFileError(f"{path} cannot be read ({why[:100]}): --restart begins anew") from error
    if found != identity:
        raise ParameterError(
            f"{path.parent} holds a training that has not ended, {_difference(found, identity)}: "
            "give its options to go on with it, --restart to begin anew, or another name with -o"
        )
    return state


def _difference(found: dict[str, Any], identity: dict[str, Any]) -> str:
    """Say what the first difference between two trainings is."""
    for name in identity:
        if isinstance(identity[name], dict) and isinstance(found.get(name), dict):
            if found[name] != identity[name]:
                return _difference(found[name], identity[name])
        elif found.get(name) != identity[name]:
            return f"with {name} {found.get(name)} where this one has {identity[name]}"
    return "by another version"


def _epoch(plain: dict[str, Any]) -> Epoch:
    values = dict(plain)
    for name in ("by_snippet", "by_song"):
        values[name] = ErrorPair(**values[name])
    values["answers"] = tuple(
        Spread(**(spread | {"quantiles": tuple(spread["quantiles"])})) for spread in values["answers"]
    )
    return Epoch(**values)
