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
def reproducible(device: torch.device, threads: int) -> Iterator[str]:
    """Let torch compute the same each time, and leave its generators and settings as they were.

    Yields what the device is called: of a CPU with its threads, on which it depends how sums are rounded.
    """
    import torch

    cudnn = torch.backends.cudnn
    before = cudnn.deterministic, cudnn.benchmark, torch.get_num_threads()
    try:
        cudnn.deterministic, cudnn.benchmark = True, False
        if threads:
            torch.set_num_threads(threads)
        with torch.random.fork_rng([device] if device.type == "cuda" else []):
            used = torch.get_num_threads()
            yield f"cpu, {used} thread{'' if used == 1 else 's'}" if device.type == "cpu" else device.type
    finally:
        cudnn.deterministic, cudnn.benchmark = before[:2]
        torch.set_num_threads(before[2])
