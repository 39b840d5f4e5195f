"""Compiled functions run where their cache cannot be written."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import numpy as np
import pytest

SCRIPT = """
    import resource, signal, sys
    sys.path.insert(0, {folder!r})
    import kernel
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    sys.dont_write_bytecode = True  # it would be cut short, and stay
    resource.setrlimit(resource.RLIMIT_FSIZE, (16, 16))
    print(kernel.twice(21))
"""
KERNEL = """
from mixrules._support.jit import jit

@jit
def twice(number):
    return 2 * number
"""


def test_a_full_disk_stops_no_kernel(tmp_path: Path) -> None:
    pytest.importorskip("resource", reason="limits of the size of files are POSIX's")
    (tmp_path / "kernel.py").write_text(KERNEL, encoding="utf-8")
    script = textwrap.dedent(SCRIPT).format(folder=str(tmp_path))
    root = Path(__file__).resolve().parents[1]
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=root, check=False
    )
    assert run.stdout.strip() == "42", run.stderr


def test_a_division_by_zero_is_infinity_and_a_nan_is_kept(tmp_path: Path) -> None:
    from mixrules._support.jit import jit
    from mixrules._support.pointers import elements, larger, smaller

    def kernel(values: Any, out: Any) -> None:
        source, target = elements(values, 0), elements(out, 0)
        target[0] = 1.0 / source[0]
        target[1] = larger(source[1], 1.0)
        target[2] = larger(1.0, source[1])
        target[3] = smaller(source[2], source[3])

    out = np.empty(4)
    jit(kernel)(np.array([0.0, np.nan, 3.0, 2.0]), out)
    # As Python's max: a NaN is larger than nothing, and nothing is larger than it.
    np.testing.assert_array_equal(out, [np.inf, np.nan, 1.0, 2.0])


def test_only_contiguous_arrays_are_reached() -> None:
    from numba.core.errors import TypingError

    from mixrules._support.jit import jit
    from mixrules._support.pointers import elements

    def kernel(values: Any) -> float:
        first: float = elements(values, 0)[0]
        return first

    with pytest.raises(TypingError):
        jit(kernel)(np.zeros((4, 4))[:, ::2])


def test_a_kernel_is_compiled_anew_when_a_constant_of_its_module_changes(tmp_path: Path) -> None:
    (tmp_path / "kernel.py").write_text(
        "from mixrules._support.jit import jit\nfrom number import NUMBER\n\n\n"
        "@jit\ndef times(x):\n    return NUMBER * x\n",
        encoding="utf-8",
    )
    root = Path(__file__).resolve().parents[1]
    printed = []
    for number in (2, 3, 3):
        (tmp_path / "number.py").write_text(f"NUMBER = {number}\n", encoding="utf-8")
        code = (
            f"import sys; sys.path.insert(0, {str(tmp_path)!r}); sys.dont_write_bytecode = True; import kernel; "
            "print(kernel.times(7), sum(kernel.times.stats.cache_hits.values()))"
        )
        run = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, cwd=root, check=True
        )
        printed.append(run.stdout.split())
    assert printed == [["14", "0"], ["21", "0"], ["21", "1"]]


def test_larger_refuses_unsigned_integers() -> None:
    from numba.core.errors import TypingError

    from mixrules._support.jit import jit
    from mixrules._support.pointers import larger

    def kernel(a: Any, b: Any) -> Any:
        return larger(a, b)

    assert jit(kernel)(np.int32(-1), np.int32(1)) == 1
    with pytest.raises(TypingError):
        jit(kernel)(np.uint32(1), np.uint32(2))
