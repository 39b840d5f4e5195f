import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from analysis.synth import RATE, noise, sine
from mixrules.analysis import active_blocks, active_from_levels, block_rms_dbfs, gated_level_dbfs
from mixrules.errors import ParameterError

Array = npt.NDArray[Any]


def steps() -> Array:
    """One second each at -10, -35, -60 dBFS RMS, and silence."""
    levels = np.repeat([10 ** (-10 / 20), 10 ** (-35 / 20), 10 ** (-60 / 20), 0.0], RATE)
    return (levels * math.sqrt(2))[:, None] * sine(1000, 4.0)


def test_block_levels() -> None:
    levels = block_rms_dbfs(steps(), RATE)
    assert levels.shape == (40,)
    assert levels[:10] == pytest.approx(-10, abs=1e-3)
    assert levels[10:20] == pytest.approx(-35, abs=1e-3)
    assert levels[30:] == pytest.approx(-200)


def test_absolute_gate_depends_on_level_and_relative_gate_does_not() -> None:
    for gain in (1.0, 0.05):
        assert active_blocks(steps() * gain, RATE, relative_lu=30, gate="relative").sum() == 20
    assert active_blocks(steps(), RATE, gate="absolute").sum() == 10
    assert active_blocks(steps() * 0.05, RATE, gate="absolute").sum() == 0


def test_either_gate_passes_what_one_of_them_passes() -> None:
    quiet = steps() * 0.05
    assert active_blocks(quiet, RATE, relative_lu=10).sum() == 10
    loud = steps() * 3.0
    assert active_blocks(loud, RATE, absolute_dbfs=-30, relative_lu=5).sum() == 20


def test_own_level_is_gated_like_loudness() -> None:
    levels = block_rms_dbfs(steps(), RATE)
    assert gated_level_dbfs(levels) == pytest.approx(-10, abs=0.01)
    assert gated_level_dbfs(np.full(5, -80.0)) == -math.inf


def test_silence_is_never_active_by_the_relative_gate() -> None:
    silent = np.zeros((RATE, 2), np.float32)
    assert not active_blocks(silent, RATE, relative_lu=60).any()
    assert not active_blocks(1e-5 * noise(1.0), RATE, relative_lu=60).any()
    assert active_blocks(np.ones(1), RATE).tolist() == [True]


@pytest.mark.parametrize(
    "settings", [{"gate": "relative"}, {"gate": "both"}, {"relative_lu": -1.0}, {"absolute_dbfs": math.nan}]
)
def test_gates_that_make_no_sense_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ParameterError):
        active_from_levels([-20.0], **settings)
