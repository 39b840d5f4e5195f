"""Where a network is trained, and that it comes out the same there each time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from mixrules.errors import ParameterError

if TYPE_CHECKING:
    import torch


def chosen_device(name: str) -> torch.device:
    """Return a device by its name; ``"auto"`` is a GPU if there is one.

    Raises
    ------
    ParameterError
        If there is no such device here.
    """
    import torch

    usable = [
        name
        for name, has in (("cuda", torch.cuda.is_available), ("mps", torch.backends.mps.is_available))
        if has()
    ] + ["cpu"]
    if name == "auto":
        return torch.device(usable[0])
    if name not in usable:
        raise ParameterError(f"there is no device {name} here: torch can use {', '.join(usable)}")
    return torch.device(name)


@contextmanager
def reproducible(device: torch.device) -> Iterator[None]:
    """Let torch compute the same each time, and leave its generators as they were."""
    import torch

    cudnn = torch.backends.cudnn
    before = cudnn.deterministic, cudnn.benchmark
    devices = [device] if device.type == "cuda" else []
    try:
        cudnn.deterministic, cudnn.benchmark = True, False
        with torch.random.fork_rng(devices):
            yield
    finally:
        cudnn.deterministic, cudnn.benchmark = before
