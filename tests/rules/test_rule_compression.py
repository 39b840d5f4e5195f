"""The compression rules: the published path step by step, its direct solution, and targets by role."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from synthetic import RATE, Samples, Song, clicks, noise, terraces

import mixrules.processors
from mixrules import Decision, MixPlan, RuleSet, integrated_loudness, loudness_range, mix, plan, presets
from mixrules.errors import ParameterError
from mixrules.loudness import BlockEnergies
from mixrules.processors import CompressorParams
from mixrules.rules.vocal_compression import VocalCompressionSettings, published_path
from mixrules.ruleset import typed_settings
from mixrules.session import Session

SECONDS = 32.0
VOICES = {
    "two steps": terraces(SECONDS, (0.0, -18.0)),
    "four steps": terraces(SECONDS, (0.0, -6.0, -12.0, -17.0)),
    "swell": (
        noise(SECONDS, 200, 5000, seed=3)
        * 10.0 ** (np.linspace(-19, 0, round(SECONDS * RATE)) / 20)
    ).astype(np.float32),
    "syllables": (
        terraces(SECONDS, (0.0, -4.0, -16.0), seed=4)
        * (0.02 + (np.arange(round(SECONDS * RATE)) % (RATE // 3) < RATE // 5))
    ).astype(np.float32),
}  # fmt: skip

Runs = list[CompressorParams]


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> Runs:
    """Every trial of the compressor on audio, by its parameters."""
    seen: Runs = []
    real = Session.energies_with

    def counted(self: Session, name: str, **changes: Any) -> BlockEnergies:
        seen.append(changes["compressor"])
        return real(self, name, **changes)

    monkeypatch.setattr(Session, "energies_with", counted)
    return seen


def only(preset: str, **values: object) -> RuleSet:
    rules = presets.load(preset)
    rules = rules.without(*(rule for rule in rules.rules if rule != "compression"))
    return rules.with_values({f"compression.{name}": value for name, value in values.items()})


def decided(song: Song, preset: str = "survey-2022", **values: object) -> MixPlan:
    return plan(song, sample_rate=RATE, rules=only(preset, **values))


def about(made: MixPlan, stem: str) -> Decision:
    (decision,) = (d for d in made.decisions if d.stem == stem and d.rule == "compression")
    return decision


def compressor(made: MixPlan, stem: str = "vocals") -> CompressorParams:
    params = made.stem(stem).compressor
    assert params is not None
    return params


def after(audio: Samples, made: MixPlan, stem: str = "vocals") -> float:
    compressed = mixrules.processors.compress(audio, RATE, compressor(made, stem))
    return loudness_range(compressed, RATE)


def path_settings(**values: object) -> VocalCompressionSettings:
    return typed_settings(only("survey-2022", **values), "compression", VocalCompressionSettings)


def test_the_path_is_the_published_one() -> None:
    settings = path_settings()
    path = published_path(settings, 18.0, 0.0)
    thresholds = [*range(-3, -31, -3), *np.arange(-30.5, -35.01, -0.5)]
    ratios = [*(3.0 + 0.1 * k for k in range(10)), *(3.9 + k for k in range(1, 11))]
    assert [s.params.threshold_db for s in path] == pytest.approx(thresholds)
    assert [s.params.ratio for s in path] == pytest.approx(ratios)
    assert [s.params.makeup_db for s in path] == pytest.approx([0.5 * k for k in range(1, 21)])
    assert {(s.params.attack_ms, s.params.release_ms, s.params.knee_db) for s in path} == {(30.0, 150.0, 0.0)}
    assert {s.tolerance_lu for s in path} == {1.0}


def test_a_wide_range_is_given_more_tolerance_step_by_step() -> None:
    settings = path_settings()
    at_limit, above = published_path(settings, 20.0, 0.0), published_path(settings, 20.1, 0.0)
    assert {s.tolerance_lu for s in at_limit} == {1.0}
    assert [s.tolerance_lu for s in above] == pytest.approx([1.0 + 0.2 * k for k in range(1, 21)])


def test_no_more_than_the_allowed_number_of_steps() -> None:
    assert len(published_path(path_settings(max_steps=3), 18.0, 0.0)) == 3


def test_the_iterative_search_walks_the_path_and_stops_where_the_range_is_met(runs: Runs) -> None:
    voice = VOICES["two steps"]
    made = decided({"vocals": voice}, target_lu=11.0)
    peak_dbfs = 20 * np.log10(np.abs(voice).max())
    assert [r.threshold_db - (peak_dbfs + 1.0) for r in runs] == pytest.approx(
        [-3.0 * k for k in range(1, len(runs) + 1)]
    )
    assert [r.ratio for r in runs] == pytest.approx([3.0 + 0.1 * k for k in range(len(runs))])
    assert made.stem("vocals").compressor == runs[-1]
    *before_lu, met_lu = (loudness_range(mixrules.processors.compress(voice, RATE, r), RATE) for r in runs)
    assert len(before_lu) > 1
    assert min(before_lu) - 11.0 >= 1.0
    assert met_lu - 11.0 < 1.0


def test_the_path_does_not_depend_on_the_level_of_the_vocal() -> None:
    ranges = []
    for gain in (0.02, 1.0, 30.0):
        voice = VOICES["two steps"] * np.float32(gain)
        made = decided({"vocals": voice}, target_lu=11.0)
        ranges.append((after(voice, made), compressor(made).ratio))
    assert ranges[0] == pytest.approx(ranges[1], abs=0.02)
    assert ranges[2] == pytest.approx(ranges[1], abs=0.02)


@pytest.mark.parametrize("voice", VOICES)
@pytest.mark.parametrize("target_lu", [7.0, 10.0, 13.0])
def test_direct_reaches_the_range_of_iterative_in_two_runs(voice: str, target_lu: float, runs: Runs) -> None:
    audio = VOICES[voice]
    slow = decided({"vocals": audio}, target_lu=target_lu)
    assert slow.stem("vocals").compressor is not None
    runs.clear()
    fast = mix(
        {"vocals": audio}, sample_rate=RATE, rules=only("survey-2022", target_lu=target_lu, method="direct")
    )
    assert 1 <= len(runs) <= 2
    runs.clear()
    assert after(audio, fast.plan) == pytest.approx(after(audio, slow), abs=0.5)


def test_a_path_that_ends_too_early_is_said_to(runs: Runs) -> None:
    made = decided({"vocals": VOICES["two steps"]}, target_lu=1.0)
    decision = about(made, "vocals")
    assert "short of the 1 LU wanted" in decision.sentence
    assert len(runs) == 20
    peak_dbfs = 20 * np.log10(np.abs(VOICES["two steps"]).max())
    assert compressor(made).threshold_db - (peak_dbfs + 1.0) == pytest.approx(-35.0)


@pytest.mark.parametrize("preset", presets.names())
def test_a_range_that_is_small_enough_is_left_alone(preset: str, runs: Runs) -> None:
    made = decided({"vocals": terraces(SECONDS, (0.0, -8.0))}, preset)
    assert made.stem("vocals").compressor is None
    assert runs == []
    decision = about(made, "vocals")
    assert "no compression, as it is steady enough" in decision.sentence
    assert decision.measured[0].value == pytest.approx(8.0, abs=0.5)


@pytest.mark.parametrize("preset", presets.names())
def test_a_vocal_too_short_for_a_range_is_left_alone(preset: str) -> None:
    made = decided({"vocals": noise(1.0, 200, 4000)}, preset)
    assert made.stem("vocals").compressor is None
    assert "too short for a loudness range" in about(made, "vocals").sentence


ROLES = {"vocals": "vocal", "choir": "vocal", "bass": "bass", "drums": "drums", "guitar": "other"}


@pytest.fixture(scope="module")
def by_role() -> tuple[Song, MixPlan]:
    song = {name: terraces(SECONDS, (0.0, -17.0), seed=i) for i, name in enumerate(ROLES)}
    return song, decided(song, "default")


@pytest.mark.parametrize("stem", ROLES)
def test_every_role_is_brought_to_its_own_range(stem: str, by_role: tuple[Song, MixPlan]) -> None:
    song, made = by_role
    target_lu = presets.load()[f"compression.{ROLES[stem]}_target_lu"]
    assert after(song[stem], made, stem) == pytest.approx(target_lu, abs=0.5)
    assert about(made, stem).statements[0].stated == pytest.approx(after(song[stem], made, stem), abs=0.02)


def test_at_most_two_runs_a_stem(runs: Runs) -> None:
    mix({"guitar": VOICES["four steps"]}, sample_rate=RATE, rules=only("default", other_target_lu=8.0))
    assert 1 <= len(runs) <= 2


def test_short_times_for_what_is_struck_and_long_ones_for_what_sustains() -> None:
    fade = 10.0 ** (terraces(SECONDS, (0.0,))[:1] * 0)  # a one, of the right type
    ramp = (fade * 10.0 ** (np.linspace(-17, 0, round(SECONDS * RATE)) / 20)).astype(np.float32)
    song = {"drums": clicks(SECONDS, 120) * ramp, "guitar": noise(SECONDS, 300, 3000) * ramp}
    made = decided(song, "default", drums_target_lu=8.0, other_target_lu=8.0)
    drums, guitar = compressor(made, "drums"), compressor(made, "guitar")
    assert drums.attack_ms < guitar.attack_ms
    assert drums.release_ms < guitar.release_ms


@pytest.mark.parametrize("max_reduction_db", [3.0, 9.0])
def test_the_loud_parts_are_never_turned_down_too_far(max_reduction_db: float) -> None:
    voice = VOICES["two steps"]
    made = decided({"vocals": voice}, "default", vocal_target_lu=2.0, max_reduction_db=max_reduction_db)
    params = compressor(made)
    loud = voice[: 4 * RATE]
    turned_down = integrated_loudness(loud, RATE) - integrated_loudness(
        mixrules.processors.compress(loud, RATE, params), RATE
    )
    assert turned_down <= max_reduction_db + 0.5
    if max_reduction_db == 3.0:
        assert "short of the 2 LU wanted" in about(made, "vocals").sentence


@pytest.mark.parametrize("preset", presets.names())
@pytest.mark.parametrize("gain_db", [-55.0, 0.0, 18.0, 40.0])
def test_any_level_can_be_compressed(preset: str, gain_db: float) -> None:
    """Float files may go far beyond full scale, or lie near the noise."""
    voice = VOICES["two steps"] * np.float32(10.0 ** (gain_db / 20))
    target = "target_lu" if preset == "survey-2022" else "vocal_target_lu"
    result = mix({"vocals": voice}, sample_rate=RATE, rules=only(preset, **{target: 11.0}))
    if gain_db > -55.0:
        assert loudness_range(result.stems["vocals"], RATE) == pytest.approx(11.0, abs=1.0)
    assert all(s.holds for d in result.plan.decisions for s in d.statements)


Make = Callable[[float], Song]


def test_only_the_vocal_is_compressed_by_the_survey(make_band: Make) -> None:
    song = make_band(4.0) | {"vocals": VOICES["two steps"], "piano": VOICES["two steps"]}
    made = decided(song)
    assert made.stem("vocals").compressor is not None
    assert all(s.compressor is None for s in made.stems if s.name != "vocals")


@pytest.mark.parametrize("preset", presets.names())
def test_a_quiet_recording_is_compressed_like_a_loud_one(preset: str) -> None:
    """The absolute gate of the range is met where the stem sits in the mix, not where it was recorded."""
    rules = presets.load(preset).without("eq", "reverb", "master")
    target = "target_lu" if preset == "survey-2022" else "vocal_target_lu"
    rules = rules.with_values({f"compression.{target}": 9.0})
    made = []
    for gain_db in (0.0, -38.0):
        voice = VOICES["two steps"] * np.float32(10.0 ** (gain_db / 20))
        song = {"vocals": voice, "guitar": noise(SECONDS, 100, 2000)}
        params = plan(song, sample_rate=RATE, rules=rules).stem("vocals").compressor
        assert params is not None
        made.append((params.threshold_db - gain_db, params.ratio))
    assert made[1] == pytest.approx(made[0], abs=0.1)


def test_settings_that_leave_no_step_are_refused() -> None:
    with pytest.raises(ParameterError, match="leave no step"):
        decided({"vocals": VOICES["two steps"]}, target_lu=5.0, last_threshold_db=0.0)
