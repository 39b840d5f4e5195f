"""The reverb rules against the formula, and the pan rule's places."""

from __future__ import annotations

import math

import numpy as np
import pyloudnorm
import pytest
from preset_numbers import numbers
from synthetic import RATE, Samples, Song, band, clicks, noise

from mixrules import MixPlan, mix, plan, presets
from mixrules.analysis import Tempo
from mixrules.errors import ParameterError
from mixrules.session import Session

SECONDS = 5.0


def decided(song: Song, preset: str, rule: str, **values: object) -> MixPlan:
    rules = presets.load(preset)
    rules = rules.without(*(name for name in rules.rules if name != rule))
    return plan(
        song, sample_rate=RATE, rules=rules.with_values({f"{rule}.{k}": v for k, v in values.items()})
    )


def at_tempo(monkeypatch: pytest.MonkeyPatch, bpm: float, confidence: float = 0.9) -> None:
    found = Tempo(bpm=bpm, confidence=confidence, raw_bpm=bpm)
    monkeypatch.setattr(Session, "tempo", lambda *_: found)


@pytest.mark.parametrize(
    ("bpm", "t60_s"),
    [(60, 3.111), (120, 1.778), (180, 0.444), (186, 0.311), (199, 0.3), (220, 0.3), (15, 4.0), (10, 4.0)],
)
def test_survey_takes_the_reverberation_time_from_the_tempo(
    bpm: float, t60_s: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_tempo(monkeypatch, bpm)
    made = decided(band(1.0), "survey-2022", "reverb")
    (room,) = made.reverbs
    assert room.params.t60_s == pytest.approx(t60_s, abs=1e-3)
    assert ("that the rule allows" in made.decisions[0].sentence) == (t60_s in (0.3, 4.0))
    assert [send.to for send in made.stem("vocals").sends] == [room.name]
    assert all(stem.sends == () for stem in made.stems if stem.name != "vocals")


@pytest.mark.parametrize(("bpm", "t60_s"), [(60, 2.4), (120, 1.778), (199, 0.4)])
def test_default_clamps_narrower(bpm: float, t60_s: float, monkeypatch: pytest.MonkeyPatch) -> None:
    at_tempo(monkeypatch, bpm)
    assert decided(band(1.0), "default", "reverb").reverbs[0].params.t60_s == pytest.approx(t60_s, abs=1e-3)


@pytest.mark.parametrize(("bpm", "confidence"), [(math.nan, 0.0), (97.0, 0.01)])
@pytest.mark.parametrize("preset", presets.names())
def test_without_a_tempo_one_is_assumed_and_that_is_said(
    preset: str, bpm: float, confidence: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_tempo(monkeypatch, bpm, confidence)
    made = decided(band(1.0), preset, "reverb", tempo_fallback_bpm=100)
    assert made.reverbs[0].params.t60_s == pytest.approx(40 / 9 - 100 / 45)
    room = next(d for d in made.decisions if not d.stem)
    assert "no tempo was found, 100 BPM is assumed" in room.sentence


@pytest.mark.parametrize(("bpm", "pre_delay_ms"), [(120, 31.25), (100, 37.5), (60, 31.25), (180, 41.67)])
def test_the_pre_delay_is_a_note_value(
    bpm: float, pre_delay_ms: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_tempo(monkeypatch, bpm)
    made = decided(band(1.0), "default", "reverb")
    assert made.reverbs[0].params.pre_delay_ms == pytest.approx(pre_delay_ms, abs=0.01)


def test_which_notes_and_which_stems_is_set_by_the_preset(monkeypatch: pytest.MonkeyPatch) -> None:
    at_tempo(monkeypatch, 120)
    values = {"pre_delay_notes": "20,24", "no_reverb_roles": "vocal", "dry_side_to_mid_db": 0.0}
    made = decided(band(SECONDS), "default", "reverb", **values)
    assert made.reverbs[0].params.pre_delay_ms == 83.33
    assert {stem.name for stem in made.stems if stem.sends} == {"drums", "bass", "guitar"}


def test_the_tempo_of_a_click_track_is_heard() -> None:
    song = {"vocals": noise(12, 300, 3000), "drums": clicks(12, 100)}
    made = decided(song, "survey-2022", "reverb")
    assert made.decisions[0].measured[0].value == pytest.approx(100, abs=1)


def test_survey_blends_by_the_wet_share() -> None:
    """Dry * 0.89 + wet * 0.11 with a wet signal as loud as the dry: 20 log10(0.11 / 0.89) LU."""
    result = mix(band(SECONDS), sample_rate=RATE, rules=presets.load("survey-2022").without("master"))
    (level,) = (s for d in result.plan.decisions for s in d.statements if s.kind == "reverb_to_dry_lu")
    assert level.stated == pytest.approx(-18.16, abs=0.01)
    dry_only = mix(
        band(SECONDS), sample_rate=RATE, rules=presets.load("survey-2022").without("master", "reverb")
    )
    gain_db = result.plan.stem("vocals").gain_db - dry_only.plan.stem("vocals").gain_db
    dry = dry_only.stems["vocals"] * np.float32(10 ** (gain_db / 20))
    wet = result.stems["vocals"].copy()
    wet[: len(dry)] -= dry
    meter = pyloudnorm.Meter(RATE, filter_class="DeMan")
    between = meter.integrated_loudness(wet) - meter.integrated_loudness(dry)
    assert between == pytest.approx(-18.16, abs=0.3)


def stereo(audio: Samples, seed: int) -> Samples:
    other = noise(len(audio) / RATE, 300, 4000, seed=seed)
    return np.stack([audio, 0.5 * audio + other[: len(audio)]], axis=1)


def test_reverb_goes_to_what_is_dry_and_not_to_what_is_low_struck_or_wide() -> None:
    song = band(SECONDS) | {
        "kick": clicks(SECONDS, 60),
        "percussion": clicks(SECONDS, 240),
        "keys": stereo(noise(SECONDS, 300, 4000, seed=7), 8),
        "piano": noise(SECONDS, 300, 4000, seed=9),
    }
    made = decided(song, "default", "reverb")
    assert {stem.name for stem in made.stems if stem.sends} == {"vocals", "guitar", "piano"}
    said = {d.stem: d.sentence for d in made.decisions}
    assert "space of its own" in said["keys"]
    assert all(f"the rule keeps {name} dry" in said[name] for name in ("bass", "drums", "kick", "percussion"))
    low_cut = made.reverbs[0].params.low_cut_hz
    assert low_cut >= 100


def test_the_vocal_gets_more_reverb_than_the_rest() -> None:
    result = mix(band(SECONDS), sample_rate=RATE)
    levels = {
        s.stems[0]: s for d in result.plan.decisions for s in d.statements if s.kind == "reverb_to_dry_lu"
    }
    assert levels["vocals"].measured == pytest.approx(-14.0, abs=0.1)
    assert levels["guitar"].measured == pytest.approx(-16.0, abs=0.1)


def test_nothing_dry_means_no_room() -> None:
    made = decided({"drums": clicks(SECONDS, 120), "bass": noise(SECONDS, 40, 150)}, "default", "reverb")
    assert made.reverbs == ()


PADS = {f"pad {i}": noise(2.0, 1000, 2500, seed=i) for i in range(5)}


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5])
def test_sources_of_one_range_are_spread_symmetrically(count: int) -> None:
    made = decided(dict(list(PADS.items())[:count]), "default", "pan")
    places = [stem.pan.pan for stem in made.stems]
    width = numbers("pan")["width"]
    assert sum(places) == pytest.approx(0.0, abs=1e-9)
    assert sorted(places) == pytest.approx(np.linspace(-width, width, count) if count > 1 else [0.0])
    assert places[:1] == pytest.approx([0.0]) or count in (2, 4)


def test_places_follow_the_published_formula() -> None:
    """N = 2: 0, 1; N = 3: 1/2, 0, 1; N = 4: 1/3, 2/3, 0, 1 (0 is left)."""
    for count, wanted in ((2, (0, 1)), (3, (1 / 2, 0, 1)), (4, (1 / 3, 2 / 3, 0, 1))):
        made = decided(dict(list(PADS.items())[:count]), "default", "pan", width=1.0)
        assert [(stem.pan.pan + 1) / 2 for stem in made.stems] == pytest.approx(wanted)


def test_low_sources_and_the_centre_roles_stay_in_the_middle() -> None:
    song = {
        name: noise(2.0, 1000, 2500, seed=i)
        for i, name in enumerate(("vocals", "snare", "kick", "bass", "guitar 1", "guitar 2"))
    }
    song |= {"synth low 1": noise(2.0, 40, 150, seed=7), "synth low 2": noise(2.0, 40, 150, seed=8)}
    made = decided(song, "default", "pan")
    placed = {stem.name: stem.pan.pan for stem in made.stems}
    assert {name for name, place in placed.items() if place} == {"guitar 1", "guitar 2"}
    assert placed["guitar 1"] == -placed["guitar 2"]


def test_who_stays_in_the_centre_is_set_by_the_preset() -> None:
    song = {"snare": noise(2.0, 1000, 2000), "guitar": noise(2.0, 1000, 2000, seed=1)}
    for roles, places in (("vocal,snare", [0.0, 0.0]), ("vocal,kick", [-0.5, 0.5])):
        made = decided(song, "default", "pan", centre_roles=roles)
        assert sorted(stem.pan.pan for stem in made.stems) == pytest.approx(places)


def test_what_shares_a_range_is_set_by_the_preset() -> None:
    bands_hz = {"guitar 1": (400, 600), "guitar 2": (1000, 2000), "synth": (4000, 5000)}
    song = {name: noise(2.0, *edges_hz) for name, edges_hz in bands_hz.items()}
    why = {
        "20": "with guitar 2 and synth to its sides.",
        "800": "there is nothing to put on the other side.",
        "3000": "apart from guitar 2.",
    }
    for edges_hz, said in why.items():
        made = decided(song, "default", "pan", range_edges_hz=edges_hz)
        first = next(d.sentence for d in made.decisions if d.stem == "guitar 1")
        assert first.endswith(said)


def test_who_is_spread_nowhere_is_apart_from_nobody() -> None:
    song = {"guitar": noise(2.0, 400, 600), "tambourine": noise(2.0, 4000, 5000)}
    rules = presets.load("default").with_strength(0.0)
    made = plan(song, sample_rate=RATE, rules=rules)
    said = [d.sentence for d in made.decisions if d.rule == "pan" and d.stem]
    assert said == [f"{name}: centre, as the rule is set to spread nothing." for name in song]


def test_a_stereo_stem_keeps_its_image() -> None:
    keys = stereo(noise(2.0, 1000, 2500), 3)
    song = {"keys": keys, "piano": noise(2.0, 1000, 2500, seed=5), "guitar": noise(2.0, 1000, 2500, seed=6)}
    rules = presets.load().without("level", "eq", "compression", "reverb", "fades", "master")
    result = mix(song, sample_rate=RATE, rules=rules)
    assert result.plan.stem("keys").pan.pan == 0.0
    np.testing.assert_array_equal(result.stems["keys"], keys)
    left, right = (np.mean(result.stems["piano"][:, c] ** 2) for c in (0, 1))
    assert left != pytest.approx(right, rel=0.1)


@pytest.mark.parametrize(
    ("constants", "message"),
    [
        ({"pan.range_edges_hz": "3000,800"}, r"rule pan: range_edges_hz must rise .* got 3000, 800"),
        ({"reverb.pre_delay_notes": "1"}, r"rule reverb: pre_delay_ms must be 0 to 500, got"),
        ({"reverb.pre_delay_notes": "0"}, r"each of reverb\.pre_delay_notes must be 1 to 1024, got 0"),
    ],
)
def test_constants_that_are_impossible_are_refused_by_the_name_of_their_rule(
    constants: dict[str, str], message: str
) -> None:
    with pytest.raises(ParameterError, match=message):
        plan(band(4.0), sample_rate=RATE, rules=presets.load().with_values(constants))
