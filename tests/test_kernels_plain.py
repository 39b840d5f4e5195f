"""Every compiled kernel does what its Python source says: run by the interpreter, it gives the same."""

from __future__ import annotations

import importlib
import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mixrules.fourier import bin_order, twiddle_factors

MODULES = {
    "analysis": "analysis._kernels",
    "spectrum": "analysis._spectrum_kernels",
    "fourier": "fourier._kernels",
    "loudness": "loudness._kernels",
    "peak": "loudness._peak_kernels",
    "processors": "processors._kernels",
    "compressor": "processors._compressor_kernels",
    "convolution": "processors._convolution_kernels",
    "limiter": "processors._limiter_kernels",
}
RNG_SEED = 5


def calls() -> dict[str, tuple[Any, ...]]:
    """Return arguments for every kernel, a few hundred samples each; the same at every call."""
    rng = np.random.default_rng(RNG_SEED)

    def noise(*shape: int, dtype: Any = np.float64) -> np.ndarray:
        return (0.3 * rng.standard_normal(shape)).astype(dtype)

    low_pass = np.array([0.2, 0.3, 0.1, -0.5, 0.2])
    shelves = np.tile(np.array([0.9, 0.1, 0.0, -0.1, 0.05]), (8, 2, 1))
    k_filter = np.array([1.535, -2.692, 1.198, -1.690, 0.732, -1.990, 0.990])
    loud = np.array([True, True, False])
    required = np.abs(noise(302, dtype=np.float32)) * (rng.random(302) < 0.1).astype(np.float32)
    reduction = np.abs(noise(302, dtype=np.float32))
    factors = twiddle_factors(64, np.dtype(np.float64))
    # Two tiles of a compressor and a sample, the first below its threshold.
    tiles = noise(4097, 2, dtype=np.float32)
    tiles[:2048] *= np.float32(1e-3)
    stereo, single = noise(300, 2), noise(300, 2, dtype=np.float32)
    return {
        "analysis.peak_envelope": (
            *(
                single.view(np.int32),
                np.int32(0x7FFFFFFF),
                np.array([0, 90, 200, 300]),
                np.zeros(3, np.int32),
            ),
        ),
        "analysis.add_moments": (stereo, np.zeros(5)),
        "analysis.crest_sums": (single, 0.98, np.zeros(4)),
        "analysis.band_mean_squares": (
            *(stereo, np.tile(low_pass[1:, np.newaxis], (2, 1, 16))),
            *(np.zeros((2, 2, 16)), np.zeros(100), np.zeros((3, 16))),
        ),
        "analysis.compressed_energies": (
            *(20.0 * noise(48, dtype=np.float32), noise(48, dtype=np.float32) ** 2),
            *(noise(10, dtype=np.float32) ** 2, (5, 4), np.float32(8.0)),
            np.tile(np.array([[-12.0], [0.6], [6.0], [0.08], [0.6], [0.9]], np.float32), 16),
            *(np.zeros((2, 16), np.float32), np.zeros((3, 16), np.float32)),
        ),
        "loudness.k_energies": (
            *(single, k_filter, noise(2, 5), np.arange(10, 283, 16), 8, 1, np.zeros((16, 2))),
        ),
        "loudness.k_weight": (
            *(noise(1100, 2, dtype=np.float32), k_filter, np.zeros((2, 4)), np.zeros((1100, 2), np.float32)),
        ),
        "loudness.hop_products": (*(noise(6, 600, 2), np.array([40, 440, 600]), noise(3, 6, 6)),),
        "peak.peak_search": (*(single, noise(3, 6), 3.0, 32, np.zeros(2)),),
        "processors.biquad_cascade": (
            *(noise(2100, 2), np.tile(low_pass, (2, 1)), np.zeros((2, 2, 2)), np.zeros((2100, 2))),
        ),
        "compressor.compress_single": (
            *(
                tiles,
                tiles,
                np.float32(10.0**-1.15).view(np.int32),
                tuple(map(np.float32, (-23.0, 0.75, 6.0, 0.1))),
            ),
            *((0.9, 0.99), tuple(map(np.float32, (1.4, 0.5))), np.zeros(2), np.zeros_like(tiles)),
        ),
        "compressor.smooth_decoupled": (np.abs(noise(300)), 0.9, 0.99, np.zeros(2), np.zeros(300)),
        "processors.delay_network": (
            *(np.array([41, 47, 53, 59, 61, 67, 71, 73]), np.full(8, 0.9), shelves),
            *(np.where(np.arange(8) % 3, 1.0, -1.0), np.zeros(472), np.zeros((8, 32)), np.zeros((300, 2))),
        ),
        "processors.add_scaled": (single[:, 0].copy(), noise(250, dtype=np.float32), np.float32(0.5)),
        "fourier.fold": (*(noise(9000), np.arange(0, 640, 20), noise(4096, 4), 64, noise(64 * 65 * 64)),),
        "fourier.forward": (noise(64 * 65 * 64), 64, factors.roots, factors.twiddles),
        "fourier.backward": (noise(64 * 65 * 64), 64, factors.roots, factors.twiddles),
        "convolution.multiply_spectra": (
            *(noise(64 * 65 * 64), 3, noise(4096, 4, 2), noise(4096, 2, 34), noise(2, 64 * 65 * 64)),
        ),
        "convolution.unfold_segments": (
            *(noise(2, 64 * 65 * 64), factors.half_bin_shift, noise(32 * 4096).astype(np.complex128)),
        ),
        "spectrum.band_powers": (
            *(
                noise(64 * 65 * 64),
                64,
                bin_order(64).reshape(-1),
                np.array([0, 3, 4092]),
                np.array([4, 40, 44]),
            ),
            *(np.abs(noise(44)), np.zeros((4099, 32)), np.zeros((3, 32))),
        ),
        "limiter.mark_loud_blocks": (
            *(single.view(np.int32), np.float32(0.8).view(np.int32), np.int32(0x7FFFFFFF)),
            np.zeros(3, dtype=np.bool_),
        ),
        "limiter.add_excess": (
            *(single, noise(3, 12, dtype=np.float32), 0.5, 0.45, loud),
            *(np.zeros((3, 141), np.float32), np.zeros(302, np.float32)),
        ),
        "limiter.shape_reduction": (
            *(required, np.ones(3, dtype=np.bool_), 0.95, np.zeros(22, np.int64), np.zeros(11), np.zeros(11)),
            *(np.zeros(3, dtype=np.bool_), np.zeros(302, np.float32)),
        ),
        "limiter.apply_trace": (single, reduction, loud, single.copy()),
    }


def kernels() -> dict[str, Any]:
    """Return every function of the kernel modules, by the names that `calls` uses."""
    functions = {}
    for short, name in MODULES.items():
        module = importlib.import_module(f"mixrules.{name}")
        for key, value in vars(module).items():
            if callable(value) and getattr(value, "__module__", None) == module.__name__:
                functions[f"{short}.{key}"] = value
    return functions


def results() -> dict[str, tuple[Any, ...]]:
    """Run every kernel; return what it returned and what it left in its arguments."""
    functions = kernels()
    outcomes = {}
    for name, arguments in calls().items():
        returned = functions[name](*arguments)
        outcomes[name] = (returned, *arguments)
    return outcomes


@pytest.fixture(scope="module")
def plain() -> dict[str, tuple[Any, ...]]:
    """The results of the interpreter, from a process of its own."""
    tests = Path(__file__).resolve().parent
    code = (
        "import pickle, sys; import numba; assert numba.config.DISABLE_JIT; import test_kernels_plain as t; "
        "sys.stdout.buffer.write(pickle.dumps(t.results()))"
    )
    run = subprocess.run(
        [sys.executable, "-W", "ignore::RuntimeWarning", "-c", code],
        cwd=tests,
        env=os.environ
        | {"NUMBA_DISABLE_JIT": "1", "PYTHONPATH": os.pathsep.join([str(tests), str(tests.parent)])},
        capture_output=True,
        check=False,
        timeout=300,
    )
    assert run.returncode == 0, run.stderr.decode()
    interpreted: dict[str, tuple[Any, ...]] = pickle.loads(run.stdout)
    return interpreted


@pytest.fixture(scope="module")
def compiled() -> dict[str, tuple[Any, ...]]:
    """The results of the machine code."""
    return results()


def test_every_kernel_is_called() -> None:
    assert set(calls()) == set(kernels())


@pytest.mark.parametrize("name", calls())
def test_the_compiled_kernel_does_what_its_source_says(
    name: str, plain: dict[str, tuple[Any, ...]], compiled: dict[str, tuple[Any, ...]]
) -> None:
    ours, theirs = compiled[name], plain[name]
    assert ours[0] == theirs[0]
    before = (None, *calls()[name])
    changed = [
        not np.array_equal(a, b) for a, b in zip(ours, before, strict=True) if isinstance(a, np.ndarray)
    ]
    assert any(changed)
    for mine, other in zip(ours[1:], theirs[1:], strict=True):
        single = isinstance(mine, np.ndarray) and mine.dtype == np.float32
        np.testing.assert_allclose(mine, other, rtol=1e-4 if single else 1e-9, atol=1e-6 if single else 1e-12)
