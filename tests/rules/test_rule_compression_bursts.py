"""What comes in bursts: the gates of the loudness range make it rise where a compressor should lower it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from synthetic import Samples  # noqa: TC002

from mixrules import Decision, MixResult, RuleSet, loudness_range, mix, presets
from mixrules.analysis import level_envelope
from mixrules.loudness import block_energies
from mixrules.processors import CompressorParams, compress
from mixrules.rules.range_search import LevelModel, SearchResult, SearchSettings, solve_threshold
from mixrules.ruleset import typed_settings

RATE = 8_000
SECONDS = 20.0
SEARCH = typed_settings(presets.load(), "compression", SearchSettings)

Bursts = list[tuple[float, float, float]]
"""For each burst its level in dB, its length in seconds and the silence after it in seconds."""

bursts = st.lists(
    st.tuples(st.floats(-30.0, 0.0), st.floats(0.05, 2.5), st.floats(0.0, 4.0)), min_size=3, max_size=12
)


def bursty(pattern: Bursts, floor_db: float) -> Samples:
    """Noise that is gated by a pattern, over and over, down to a floor in dB."""
    samples = round(SECONDS * RATE)
    level = np.full(samples, floor_db)
    at = 0
    while at < samples:
        for level_db, length_s, silence_s in pattern:
            length = round(length_s * RATE)
            level[at : at + length] = level_db
            at += length + round(silence_s * RATE)
    noise = 0.3 * np.random.default_rng(11).standard_normal(samples)
    return (noise * 10.0 ** (level / 20.0)).astype(np.float32)


def rules(target_lu: float, **values: float) -> RuleSet:
    named = {f"compression.{name}": value for name, value in values.items()}
    preset = presets.load("default")
    chosen = preset.without(*(rule for rule in preset.rules if rule != "compression"))
    # These tests are about the range: a crest is not what they ask for.
    without_crest = {"compression.crest_max_reduction_db": 0.0}
    return chosen.with_values({"compression.other_target_lu": target_lu} | without_crest | named)


def decided(audio: Samples, target_lu: float, **values: float) -> tuple[MixResult, Decision]:
    result = mix({"guitar": audio}, sample_rate=RATE, rules=rules(target_lu, **values))
    (decision,) = (d for d in result.plan.decisions if d.rule == "compression")
    return result, decision


def check(audio: Samples, target_lu: float, **values: float) -> bool:
    """Assert that what the rule does makes no range wider, and says what it does; return if it compressed."""
    result, decision = decided(audio, target_lu, **values)
    before_lu = loudness_range(audio, RATE)
    params = result.plan.stem("guitar").compressor
    if params is None:
        assert "no compression" in decision.sentence
        assert "compressor" not in decision.parameters
        after_lu = before_lu
    else:
        after_lu = loudness_range(compress(audio, RATE, params), RATE)
        assert after_lu < before_lu
        assert f"from {before_lu:.1f} to {after_lu:.1f} LU" in decision.sentence
        # Said to be short of the target, if and only if it is.
        assert ("short of" in decision.sentence) == (after_lu - target_lu >= 0.5)
    for statement in decision.statements:
        assert statement.holds, statement
        assert statement.stated == pytest.approx(after_lu, abs=0.1)
    return params is not None


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    bursts,
    st.sampled_from([-200.0, -60.0, -45.0, -30.0]),
    st.sampled_from([1.0, 4.0, 8.0, 12.0]),
    st.sampled_from([3.0, 9.0, 24.0]),
)
def test_no_range_is_made_wider(
    pattern: Bursts, floor_db: float, target_lu: float, max_reduction_db: float
) -> None:
    check(bursty(pattern, floor_db), target_lu, max_reduction_db=max_reduction_db)


EXAMPLES: dict[str, tuple[Bursts, float]] = {
    "gated hits": ([(0.0, 0.15, 1.2), (-6.0, 0.15, 1.2), (-20.0, 0.4, 2.5)], -200.0),
    "stabs and a bed": ([(0.0, 0.1, 3.9)], -30.0),
    "one loud phrase": ([(0.0, 2.0, 0.5), (-18.0, 2.5, 0.1), (-18.0, 2.5, 0.1), (-18.0, 2.5, 0.1)], -200.0),
    "phrases and breath": ([(-3.0, 1.5, 0.5), (-12.0, 2.0, 3.0), (-24.0, 2.0, 2.0)], -60.0),
    "silences alone": ([(-10.0, 2.5, 4.0)], -200.0),
}


@pytest.mark.parametrize("target_lu", [1.0, 5.0, 10.0])
@pytest.mark.parametrize("example", EXAMPLES)
def test_bursts_with_silences(example: str, target_lu: float) -> None:
    check(bursty(*EXAMPLES[example]), target_lu)


HOPELESS: dict[str, tuple[Bursts, float, float, float]] = {
    "little allowed": ([(-24.0, 1.44, 3.2), (-16.0, 0.43, 3.9)], -60.0, 5.0, 3.0),
    "much allowed": ([(-1.0, 0.16, 3.0), (-27.0, 0.28, 2.5), (-5.0, 0.94, 4.0)], -200.0, 1.0, 9.0),
}
"""Bursts, floor, target and reduction for which every compressor makes the range wider or leaves it."""


@pytest.mark.parametrize("example", HOPELESS)
def test_where_no_compressor_helps_none_is_used_and_that_is_said(example: str) -> None:
    pattern, floor_db, target_lu, max_reduction_db = HOPELESS[example]
    audio = bursty(pattern, floor_db)
    assert not check(audio, target_lu, max_reduction_db=max_reduction_db)
    _, decision = decided(audio, target_lu, max_reduction_db=max_reduction_db)
    assert f"above {target_lu:g}: no setting" in decision.sentence


def test_the_bursts_above_are_compressed() -> None:
    """Else most tests here would have nothing to find."""
    assert all(check(bursty(*bursts_and_floor), 5.0) for bursts_and_floor in EXAMPLES.values())


def solved(audio: Samples, target_lu: float) -> tuple[SearchResult, list[float]]:
    """Solve for the threshold as the rule does; return the result and the range after every trial."""
    model = LevelModel(level_envelope(audio, RATE), block_energies(audio, RATE))
    tried: list[float] = []

    def trial(params: CompressorParams) -> float:
        tried.append(loudness_range(compress(audio, RATE, params), RATE))
        return tried[-1]

    params = CompressorParams(ratio=2.0, attack_ms=10.0, release_ms=100.0, knee_db=6.0)
    result = solve_threshold(params, target_lu, model, trial, SEARCH)
    return result, tried


@settings(max_examples=15, deadline=None, derandomize=True)
@given(bursts, st.sampled_from([-200.0, -45.0]), st.sampled_from([2.0, 6.0, 10.0]))
def test_a_search_returns_the_best_of_what_it_tried(
    pattern: Bursts, floor_db: float, target_lu: float
) -> None:
    audio = bursty(pattern, floor_db)
    start_lu = loudness_range(audio, RATE)
    if not start_lu > target_lu + 1.0:
        return
    result, tried = solved(audio, target_lu)
    assert result.runs == len(tried) <= 2
    assert abs(result.range_lu - target_lu) == min(abs(range_lu - target_lu) for range_lu in tried)
    assert result.range_lu == pytest.approx(loudness_range(compress(audio, RATE, result.params), RATE))
    assert result.reached == (result.range_lu - target_lu < 0.5)
