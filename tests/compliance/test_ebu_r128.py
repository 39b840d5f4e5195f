"""EBU Tech 3341 cases 1 to 6 and 9 to 23, Tech 3342 cases 1 to 4, with the official tolerances."""

import pytest
from ebu_signals import RATES, TECH_3341, TECH_3342, Case


@pytest.mark.parametrize("sample_rate", RATES)
@pytest.mark.parametrize("case", TECH_3341, ids=lambda case: f"case{case.name}")
def test_tech_3341(case: Case, sample_rate: int) -> None:
    readings = case.read(sample_rate)
    assert readings
    assert case.passes(readings), readings


@pytest.mark.parametrize("sample_rate", RATES)
@pytest.mark.parametrize("case", TECH_3342, ids=lambda case: f"case{case.name}")
def test_tech_3342(case: Case, sample_rate: int) -> None:
    readings = case.read(sample_rate)
    assert case.passes(readings), readings


def test_case_13_needs_the_10_ms_grid() -> None:
    from ebu_signals import tones

    from mixrules import loudness

    audio = tones(48_000, (None, 0.06), (-23.0, 0.4), (None, 1.0))
    coarse = loudness.momentary_loudness(audio, 48_000, hop_s=0.1)[1].max()
    fine = loudness.momentary_loudness(audio, 48_000, hop_s=0.01)[1].max()
    assert coarse < -23.1 < fine
