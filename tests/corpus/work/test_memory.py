"""The memory that is available is the least of what the system and the limits of control groups leave."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from mixrules.corpus.work import memory
from mixrules.corpus.work.memory import available_mib, default_budget_mib

MIB = 1 << 20


def make(root: Path, files: Mapping[str, object]) -> Path:
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(f"{content}\n")
    return root


MEMINFO = {"proc/meminfo": "MemTotal: 16777216 kB\nMemFree: 1 kB\nMemAvailable:    8388608 kB"}
GROUP = "sys/fs/cgroup/jobs/mine"


def test_what_linux_calls_available(tmp_path: Path) -> None:
    assert available_mib(make(tmp_path, MEMINFO)) == 8192.0


@pytest.mark.parametrize(
    ("limits", "available"),
    [
        ({f"{GROUP}/memory.max": 3000 * MIB}, 2000.0),
        ({f"{GROUP}/memory.max": "max"}, 8192.0),
        # The group above has less.
        ({f"{GROUP}/memory.max": "max", "sys/fs/cgroup/jobs/memory.max": 2500 * MIB}, 1500.0),
        # Files that are cached are given back.
        (
            {f"{GROUP}/memory.max": 3000 * MIB, f"{GROUP}/memory.stat": f"anon 5\ninactive_file {400 * MIB}"},
            2400.0,
        ),
        ({f"{GROUP}/memory.max": 900 * MIB}, 0.0),
        ({f"{GROUP}/memory.max": "rubbish"}, 8192.0),
    ],
)
def test_control_groups_of_version_2(limits: dict[str, object], available: float, tmp_path: Path) -> None:
    used = {f"{GROUP}/memory.current": 1000 * MIB, "sys/fs/cgroup/jobs/memory.current": 1000 * MIB}
    make(tmp_path, MEMINFO | used | {"proc/self/cgroup": "0::/jobs/mine"} | limits)
    assert available_mib(tmp_path) == available


def test_control_groups_of_version_1(tmp_path: Path) -> None:
    group = "sys/fs/cgroup/memory"  # a container's own, whatever its path on the host
    files = {
        "proc/self/cgroup": "5:cpu,cpuacct:/x\n4:memory:/docker/0123\n0::/",
        f"{group}/memory.limit_in_bytes": 4000 * MIB,
        f"{group}/memory.usage_in_bytes": 1500 * MIB,
        f"{group}/memory.stat": f"inactive_file 7\ntotal_inactive_file {500 * MIB}",
    }
    assert available_mib(make(tmp_path, MEMINFO | files)) == 3000.0
    (tmp_path / group / "memory.limit_in_bytes").write_text("9223372036854771712\n")  # no limit
    assert available_mib(tmp_path) == 8192.0


def test_else_the_physical_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sysconf", {"SC_PHYS_PAGES": 1 << 20, "SC_PAGE_SIZE": 4096}.__getitem__)
    assert available_mib(tmp_path) == 4096.0
    monkeypatch.delattr(os, "sysconf")
    assert available_mib(tmp_path) > 0.0


def test_the_budget_is_a_share(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "available_mib", lambda: 1000.0)
    assert default_budget_mib() == 800.0
