"""How much memory there is for the songs that are done side by side."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

SHARE = 0.8
"""The share of the available memory that songs may need together: estimates err, and the system caches files."""

_MIB = 1 << 20
_SUPPOSED_MIB = 4096.0  # where the system says nothing


def default_budget_mib() -> float:
    """Return what songs may need together by default, in MiB: a share of what is available now."""
    return SHARE * available_mib()


def available_mib(root: Path = Path("/")) -> float:
    """Return how much memory this process may still take, in MiB.

    The least of what Linux calls available and of what the limits of its control groups leave (version 1 and 2); else the
    physical memory.

    Parameters
    ----------
    root : Path
        Where ``proc`` and ``sys`` are.
    """
    found = [mib for mib in (_mem_available(root), *_left_by_groups(root)) if mib is not None]
    return max(0.0, min(found)) if found else _physical_mib()


def _mem_available(root: Path) -> float | None:
    with suppress(OSError, ValueError):
        for line in (root / "proc/meminfo").read_text().splitlines():
            name, _, value = line.partition(":")
            if name == "MemAvailable":
                return int(value.split()[0]) / 1024.0
    return None


def _left_by_groups(root: Path) -> Iterator[float | None]:
    """Yield what the limit of each control group above this process leaves."""
    mounted = root / "sys/fs/cgroup"
    try:
        lines = (root / "proc/self/cgroup").read_text().splitlines()
    except OSError:
        return
    for line in lines:
        _, _, kinds_and_path = line.partition(":")
        kinds, _, path = kinds_and_path.partition(":")
        if kinds == "":
            names = ("memory.max", "memory.current", "inactive_file")
            top = mounted
        elif "memory" in kinds.split(","):
            names = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
            top = mounted / "memory"
        else:
            continue
        # In a container the path is often that of the host, and the group of the container is what is mounted.
        group = top / path.lstrip("/")
        for folder in (group, *group.parents):
            yield _left_by(folder, *names)
            if folder == top:
                break


def _left_by(group: Path, limit: str, used: str, reclaimable: str) -> float | None:
    """Return what a group leaves, its cached files being given back when they must; None where it has no limit."""
    try:
        most = int((group / limit).read_text())  # "max" is no limit
        now = int((group / used).read_text())
    except (OSError, ValueError):
        return None
    cached = 0
    with suppress(OSError, ValueError):
        for line in (group / "memory.stat").read_text().splitlines():
            name, _, value = line.partition(" ")
            if name == reclaimable:
                cached = int(value)
    return (most - max(0, now - cached)) / _MIB


def _physical_mib() -> float:
    with suppress(AttributeError, ValueError, OSError):
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / _MIB
    return _SUPPOSED_MIB
