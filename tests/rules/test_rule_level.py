"""The level rules, measured with pyloudnorm's K-filter after the standard rather than with our meter."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

import numpy as np
import pyloudnorm
import pytest
from preset_numbers import numbers
from synthetic import RATE, Samples, Song, band, clicks, noise

from mixrules import MixPlan, MixResult, Statement, StemPlan, mix, presets

SECONDS = 6.0


def lufs(audio: Samples) -> float:
    return float(pyloudnorm.Meter(RATE, filter_class="DeMan").integrated_loudness(audio))


def mixed(song: Song, preset: str = "default", **values: float) -> MixResult:
    """Mix by the level rule alone, which may know of instruments."""
    rules = presets.load(preset)
    rules = rules.without(*(rule for rule in rules.rules if rule not in ("level", "instruments")))
    changed = {f"level.{name}": value for name, value in values.items()}
    return mix(song, sample_rate=RATE, rules=rules.with_values(changed))


def total(result: MixResult, *names: str) -> Samples:
    summed: Samples = np.sum([result.stems[name] for name in names], axis=0)
    return summed


def total_of(song: Song, *names: str) -> Samples:
    summed: Samples = np.sum([song[name] for name in names], axis=0)
    return summed


def statements(result: MixResult) -> list[Statement]:
    return [s for d in result.plan.decisions if not d.superseded for s in d.statements]


@pytest.mark.parametrize("target_lu", [-1.77, 0.0, 6.0, -20.0])
@pytest.mark.parametrize("vocal_gain", [1e-2, 1.0, 8.0])
def test_survey_sets_the_vocal_against_the_backing(target_lu: float, vocal_gain: float) -> None:
    song = band(SECONDS)
    song["vocals"] = song["vocals"] * np.float32(vocal_gain)
    result = mixed(song, "survey-2022", vocal_to_backing_lu=target_lu)
    backing = lufs(total(result, "drums", "bass", "guitar"))
    assert lufs(result.stems["vocals"]) - backing == pytest.approx(target_lu, abs=0.05)
    assert all(result.plan.stem(name).gain_db == 0.0 for name in ("drums", "bass", "guitar"))
    assert statements(result)
    assert all(s.holds for s in statements(result))


@pytest.mark.parametrize(
    ("gone", "said"),
    [("vocals", "No lead vocal was found"), ("backing", "No backing sounds")],
    ids=["no vocal", "no backing"],
)
def test_survey_without_a_vocal_or_a_backing_moves_nothing(gone: str, said: str) -> None:
    song = band(SECONDS)
    song = {n: a for n, a in song.items() if (n == "vocals") != (gone == "vocals")}
    result = mixed(song, "survey-2022")
    assert [stem.gain_db for stem in result.plan.stems] == [0.0] * len(song)
    (decision,) = (d for d in result.plan.decisions if not d.superseded)
    assert decision.sentence.startswith(said)


def test_survey_moves_several_vocals_together() -> None:
    song = band(SECONDS)
    song["lead vocal 2"] = 0.2 * noise(SECONDS, 300, 3000, seed=9)
    result = mixed(song, "survey-2022")
    vocals = total(result, "vocals", "lead vocal 2")
    assert lufs(vocals) - lufs(total(result, "drums", "bass", "guitar")) == pytest.approx(-1.77, abs=0.05)
    assert result.plan.stem("vocals").gain_db == pytest.approx(result.plan.stem("lead vocal 2").gain_db)


def trusted(
    given_lu: Mapping[str, float], rule_lu: Mapping[str, float], share: float | None = None
) -> dict[str, float]:
    """Return the levels between the rule's and the given ones, by hand: both less their means over sources."""
    level = numbers("level")
    share = level["trust_given"] if share is None else share
    given_mean, rule_mean = (float(np.mean(list(each.values()))) for each in (given_lu, rule_lu))
    levels = {}
    for name, rule in rule_lu.items():
        further = (given_lu[name] - given_mean) - (rule - rule_mean)
        further = min(max(further, -level["trust_within_lu"]), level["trust_within_lu"])
        levels[name] = rule + share * further
    return levels


OFFSETS = {
    "backing vocals": "choir_lu",
    "drums": "drums_lu",
    "bass": "bass_lu",
    "guitar": "guitar_lu",
    "piano": "piano_lu",
    "rhodes": "keys_lu",
    "synth": "synth_lu",
    "strings": "strings_lu",
    "trumpet": "winds_lu",
    "effects": "effects_lu",
    "other": "other_lu",
}


@pytest.mark.parametrize("share", [None, 0.0, 0.5, 1.0])
def test_every_stem_stands_between_its_role_and_what_was_given(share: float | None) -> None:
    song = {
        name: np.float32(10.0 ** (number / 10 - 0.5)) * noise(SECONDS, 100, 6000, seed=number)
        for number, name in enumerate(OFFSETS)
    }
    result = mixed(song) if share is None else mixed(song, trust_given=share)
    level = numbers("level")
    wanted = trusted(
        {name: lufs(audio) for name, audio in song.items()},
        {name: level["reference_lufs"] + level[offset] for name, offset in OFFSETS.items()},
        share,
    )
    for name in OFFSETS:
        assert lufs(result.stems[name]) == pytest.approx(wanted[name], abs=0.05), name
    assert all(s.holds for s in statements(result))


def test_an_accompaniment_is_louder_than_the_single_instruments_beside_it() -> None:
    song = {
        "accompaniment": noise(SECONDS, 50, 6000, seed=1),
        "lead guitar": noise(SECONDS, 300, 3000, seed=2),
    }
    result = mixed(song, trust_given=0.0)
    level = numbers("level")
    assert level["accompaniment_lu"] > level["other_lu"]
    for name, offset in {"accompaniment": "accompaniment_lu", "lead guitar": "guitar_lu"}.items():
        wanted = level["reference_lufs"] + level[offset]
        assert lufs(result.stems[name]) == pytest.approx(wanted, abs=0.05), name


def test_an_accompaniment_is_no_loudest_source_for_the_vocal() -> None:
    song = {
        "accompaniment": noise(SECONDS, 50, 6000, seed=1),
        "lead guitar": noise(SECONDS, 300, 3000, seed=2),
    }
    song["vocals"] = noise(SECONDS, 200, 4000, seed=3)
    result = mixed(song, vocal_above_loudest_lu=0.0, trust_given=0.0, accompaniment_lu=10.0, guitar_lu=-1.5)
    level = numbers("level")
    # The accompaniment counts as a source without what it is louder for; the guitar is as loud as that.
    wanted = max(
        lufs(result.stems["lead guitar"]),
        lufs(result.stems["accompaniment"]) - (10.0 - level["other_lu"]),
        lufs(total(result, "accompaniment", "lead guitar")) + level["vocal_to_backing_lu"],
    )
    assert lufs(result.stems["vocals"]) == pytest.approx(wanted, abs=0.05)


def test_backing_vocals_have_another_offset_beside_a_lead() -> None:
    song = {"guitar": noise(SECONDS, 100, 2000, seed=1), "backing vocals": noise(SECONDS, 300, 3000, seed=2)}
    song["vocals"] = noise(SECONDS, 200, 4000, seed=3)
    result = mixed(song, trust_given=0.0)
    level = numbers("level")
    wanted = level["reference_lufs"] + level["backing_vocal_lu"]
    assert lufs(result.stems["backing vocals"]) == pytest.approx(wanted, abs=0.05)


def test_a_kit_in_pieces_is_one_source() -> None:
    kit = {
        "kick": noise(SECONDS, 40, 100, seed=1) * clicks(SECONDS, 120, seed=1) * 10,
        "snare": clicks(SECONDS, 60, seed=2),
        "hihat": clicks(SECONDS, 240, seed=3),
        "overheads": noise(SECONDS, 2000, 9000, seed=4) * np.float32(0.1),
    }
    song = kit | {"bass": noise(SECONDS, 40, 150, seed=5)}
    result = mixed(song)
    level = numbers("level")
    sources = trusted(
        {"kit": lufs(total_of(song, *kit)), "bass": lufs(song["bass"])},
        {
            "kit": level["drums_lu"] + level["kit_pieces_lu"] * math.log10(len(kit)),
            "bass": level["bass_lu"],
        },
    )
    assert lufs(total(result, *kit)) == pytest.approx(level["reference_lufs"] + sources["kit"], abs=0.05)
    within = trusted(
        {name: lufs(song[name]) for name in kit},
        {
            "kick": level["kit_kick_lu"],
            "snare": level["kit_snare_lu"],
            "hihat": level["kit_hihat_lu"],
            "overheads": level["kit_drums_lu"],
        },
    )
    kick = lufs(result.stems["kick"])
    for name in kit:
        apart = lufs(result.stems[name]) - kick
        assert apart == pytest.approx(within[name] - within["kick"], abs=0.05), name
    assert {s.kind for s in statements(result)} == {"group_integrated_lufs", "stem_integrated_lufs"}
    assert all(s.holds for s in statements(result))


def test_a_piece_of_a_kit_that_stands_alone_is_a_source_of_its_own() -> None:
    result = mixed({"snare": clicks(SECONDS, 60), "bass": noise(SECONDS, 40, 150)}, trust_given=0.0)
    level = numbers("level")
    assert lufs(result.stems["snare"]) == pytest.approx(level["reference_lufs"] + level["drums_lu"], abs=0.05)


@pytest.mark.parametrize("above_lu", [-6.0, 0.0, 6.0])
def test_the_vocal_meets_its_target_and_its_floor(above_lu: float) -> None:
    result = mixed(band(SECONDS), vocal_above_loudest_lu=above_lu, trust_given=0.0)
    vocal = lufs(result.stems["vocals"])
    others = {name: lufs(result.stems[name]) for name in ("drums", "bass", "guitar")}
    backing = lufs(total(result, *others))
    target = numbers("level")["vocal_to_backing_lu"]
    assert vocal >= max(others.values()) + above_lu - 0.05
    assert vocal >= backing + target - 0.05
    assert vocal == pytest.approx(max(max(others.values()) + above_lu, backing + target), abs=0.05)


def test_against_a_single_backing_the_vocal_follows_its_target_alone() -> None:
    song = {"vocals": noise(SECONDS, 200, 4000), "accompaniment": noise(SECONDS, 40, 8000, seed=1)}
    result = mixed(song, vocal_to_backing_lu=-5.0, trust_given=0.0)
    between = lufs(result.stems["vocals"]) - lufs(result.stems["accompaniment"])
    assert between == pytest.approx(-5.0, abs=0.05)


def test_several_vocals_are_equally_loud_and_set_together() -> None:
    song = band(SECONDS)
    song["lead vocal 2"] = 0.05 * noise(SECONDS, 300, 3000, seed=9)
    result = mixed(song, trust_given=0.0)
    assert lufs(result.stems["vocals"]) == pytest.approx(lufs(result.stems["lead vocal 2"]), abs=0.05)
    assert all(s.holds for s in statements(result))


@pytest.mark.parametrize("names", [("vocals",), ("lead vocal 1", "lead vocal 2")])
def test_vocals_alone_go_to_the_reference(names: tuple[str, ...]) -> None:
    song = {name: noise(SECONDS, 200, 4000, seed=i) for i, name in enumerate(names)}
    result = mixed(song)
    assert lufs(total(result, *names)) == pytest.approx(numbers("level")["reference_lufs"], abs=0.05)
    assert all(s.holds for s in statements(result))


def test_survey_says_at_which_fader_the_vocal_was_measured() -> None:
    result = mix(band(SECONDS), sample_rate=RATE, rules="survey-2022")
    first, last = (d for d in result.plan.decisions if d.rule == "level" and d.stem == "vocals")
    assert first.superseded
    assert "with the fader at +0.0 dB it was" in first.sentence
    assert f"with the fader at {first.parameters['gain_db']:+.1f} dB it was" in last.sentence


@pytest.mark.parametrize("preset", presets.names())
@pytest.mark.parametrize("how", ["silent", "muted"])
def test_a_vocal_that_does_not_sound_is_named(preset: str, how: str) -> None:
    song = band(SECONDS)
    if how == "silent":
        song["vocals"] = np.zeros_like(song["vocals"])
    start = MixPlan(
        stems=tuple(StemPlan(name=name, mute=name == "vocals" and how == "muted") for name in song)
    )
    sentences = [d.sentence for d in mix(song, sample_rate=RATE, rules=preset, start=start).plan.decisions]
    (said,) = {s for s in sentences if s.startswith("No ")}
    assert said.startswith("No lead vocal is heard (vocals is silent or muted), so ")
    assert "--role" not in said


def test_an_instrumental_is_a_mix_and_no_error() -> None:
    song = band(SECONDS)
    del song["vocals"]
    result = mixed(song)
    assert not any(s.kind == "vocal_to_backing_lu" for s in statements(result))
    _, said = (d for d in result.plan.decisions if not d.stem and not d.superseded)
    assert "instrumental" in said.sentence
    assert "--role" in said.sentence
    assert not said.statements


def test_a_stem_of_unknown_role_is_levelled_by_what_it_sounds_like() -> None:
    song = {
        "xq1": noise(SECONDS, 40, 120, seed=1) * np.float32(0.1),
        "xq2": clicks(SECONDS, 120, seed=2),
        "xq3": noise(SECONDS, 500, 5000, seed=3),
    }
    result = mixed(song, bass_lu=-2.0, drums_lu=-4.0, other_lu=-6.0, trust_given=0.0)
    reference = numbers("level")["reference_lufs"]
    assert lufs(result.stems["xq1"]) == pytest.approx(reference - 2.0, abs=0.05)
    assert lufs(result.stems["xq2"]) == pytest.approx(reference - 4.0, abs=0.05)
    assert lufs(result.stems["xq3"]) == pytest.approx(reference - 6.0, abs=0.05)
    sentence = next(d.sentence for d in result.plan.decisions if d.stem == "xq1" and not d.superseded)
    assert "usual for bass, guessed from its sound" in sentence


def test_no_fader_moves_by_more_than_is_allowed_and_that_is_said() -> None:
    song = band(SECONDS)
    song["guitar"] = song["guitar"] * np.float32(1e-2)
    result = mixed(song, max_gain_db=12.0)
    assert result.plan.stem("guitar").gain_db == 12.0
    said = [d for d in result.plan.decisions if d.stem == "guitar" and not d.superseded]
    assert "the fader's limit stops it at" in said[0].sentence
    assert all(s.holds for s in statements(result))


def test_a_silent_stem_is_left_alone() -> None:
    song = band(SECONDS) | {"piano": np.zeros(round(SECONDS * RATE), np.float32)}
    result = mixed(song)
    assert result.plan.stem("piano").gain_db == 0.0
    assert not result.stems["piano"].any()


def test_vocals_that_cancel_out_are_promised_nothing() -> None:
    voice = noise(SECONDS, 200, 4000)
    result = mixed({"lead vocal 1": voice, "lead vocal 2": -voice, "guitar": noise(SECONDS, 90, 900, seed=2)})
    assert all(s.holds for s in statements(result))
    assert np.isfinite([stem.gain_db for stem in result.plan.stems]).all()


@pytest.mark.parametrize("max_gain_db", [10.0, 20.0])
@pytest.mark.parametrize("names", [("vocals",), ("lead vocal 1", "lead vocal 2")])
def test_a_vocal_that_meets_the_limit_is_said_to_and_what_is_stated_is_true(
    names: tuple[str, ...], max_gain_db: float
) -> None:
    song = band(SECONDS)
    voice = song.pop("vocals")
    for number, name in enumerate(names):
        song[name] = np.float32(0.01 / (1 + number)) * np.roll(voice, 9000 * number)
    result = mixed(song, max_gain_db=max_gain_db)
    reached = lufs(total(result, *names))
    backing = lufs(total(result, "drums", "bass", "guitar"))
    assert reached < backing - 10.0
    for name in names:
        assert result.plan.stem(name).gain_db == max_gain_db
        (said,) = (d for d in result.plan.decisions if d.stem == name and not d.superseded)
        stops_at = re.search(r"the fader's limit stops it at (-?[\d.]+)", said.sentence)
        assert stops_at is not None, said.sentence
        assert float(stops_at[1]) == pytest.approx(reached, abs=0.06)
        (statement,) = said.statements
        assert statement.kind == "vocal_to_backing_lu"
        assert statement.stated == pytest.approx(reached - backing, abs=0.05)
        assert statement.holds


def test_a_vocal_within_the_limit_is_not_said_to_meet_it() -> None:
    result = mixed(band(SECONDS))
    assert not any("limit" in d.sentence for d in result.plan.decisions)


def test_the_vocal_is_above_the_loudest_source_as_it_is_and_not_as_it_was_meant() -> None:
    """A backing whose faders meet the limit is not the measure of a vocal in the place it never reached."""
    song = {name: audio * np.float32(0.01) for name, audio in band(SECONDS).items()}
    song["vocals"] = song["vocals"] * np.float32(100.0)
    result = mixed(song, max_gain_db=20.0, vocal_above_loudest_lu=3.0, trust_given=0.0)
    others = {name: lufs(result.stems[name]) for name in ("drums", "bass", "guitar")}
    aim = max(
        max(others.values()) + 3.0,
        lufs(total(result, *others)) + numbers("level")["vocal_to_backing_lu"],
    )
    assert lufs(result.stems["vocals"]) == pytest.approx(aim, abs=0.05)
    assert all(s.holds for s in statements(result))


@pytest.mark.parametrize("preset", presets.names())
@pytest.mark.parametrize(
    ("gain", "why"),
    [(0.0, "silent"), (1e-3, "quieter than -70 LUFS")],
    ids=["silent", "quieter than -70 LUFS"],
)
@pytest.mark.parametrize("name", ["vocals", "guitar"])
def test_a_stem_without_a_loudness_is_left_alone_and_that_is_said(
    name: str, gain: float, why: str, preset: str
) -> None:
    song = band(SECONDS)
    song[name] = song[name] * np.float32(gain)
    result = mix(song, sample_rate=RATE, rules=preset)
    (said,) = (d for d in result.plan.decisions if d.stem == name)
    assert why in said.sentence
    assert "left alone" in said.sentence
    assert said.parameters == {}
    assert not said.superseded
    strip = result.plan.stem(name)
    assert strip == StemPlan(name=name, role=strip.role, role_confidence=strip.role_confidence)
    # Nor does any of the others' statements count on it.
    assert not any(name in s.stems for s in statements(result))
    assert {d.stem for d in result.plan.decisions if d.rule == "stems"} == {name}


def test_a_stem_just_above_the_gate_is_not_left_alone() -> None:
    song = band(SECONDS)
    song["guitar"] = song["guitar"] * np.float32(10.0 ** (-45.0 / 20.0))
    assert -70.0 < lufs(song["guitar"]) < -60.0
    made = mix(song, sample_rate=RATE).plan
    assert not any("left alone" in d.sentence for d in made.decisions)
    assert made.stem("guitar").gain_db > 20.0


def spoken(result: MixResult) -> str:
    """Return what is said of the balance as given."""
    return next(
        d.sentence
        for d in result.plan.decisions
        if d.rule == "level" and not d.stem and not d.superseded and "the faders go" in d.sentence.lower()
    )


@pytest.mark.parametrize("how", ["peak", "loudness", "recorded"])
def test_stems_that_nobody_balanced_are_recognised_and_not_trusted(how: str) -> None:
    song = band(SECONDS)
    for number, (name, audio) in enumerate(song.items()):
        song[name] = {
            "peak": 0.5 * audio / np.abs(audio).max(),
            "recorded": 0.5 * 10.0 ** (-number / 20.0) * audio / np.abs(audio).max(),
            "loudness": audio * 10.0 ** ((-24.0 - lufs(audio)) / 20.0),
        }[how].astype(np.float32)
    result, without = mixed(song), mixed(song, trust_given=0.0)
    words = {
        "peak": "normalised to one peak",
        "loudness": "normalised to one loudness",
        "recorded": "recording level",
    }
    assert words[how] in spoken(result)
    assert "all of the way" in spoken(result)
    for name in song:
        assert result.plan.stem(name).gain_db == pytest.approx(without.plan.stem(name).gain_db)
    assert all(s.holds for s in statements(result))


def test_a_rough_mix_is_trusted_and_every_sentence_says_how_far() -> None:
    song = {name: audio / np.abs(audio).max() for name, audio in band(SECONDS).items()}
    for number, name in enumerate(song):
        song[name] = (song[name] * 10.0 ** ((-4.0 * number - 1.0) / 20.0)).astype(np.float32)
    result = mixed(song)
    way = f"{100 * (1 - numbers('level')['trust_given']):.0f} % of the way"
    assert "rough mix" in spoken(result)
    said = [d for d in result.plan.decisions if d.rule == "level" and not d.superseded]
    assert all(way in d.sentence for d in said)
    assert all(d.measured and d.threshold for d in said)


@pytest.mark.parametrize("given_lu", [-1.0, 4.0])
@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_the_vocal_stands_between_its_target_and_where_it_was_given(share: float, given_lu: float) -> None:
    song = band(SECONDS)
    song["guitar"] = song["guitar"] * np.float32(0.1)  # faders further apart than takes would be
    backing = total_of(song, *(name for name in song if name != "vocals"))
    song["vocals"] = song["vocals"] * np.float32(
        10.0 ** ((lufs(backing) + given_lu - lufs(song["vocals"])) / 20.0)
    )
    result = mixed(song, trust_given=share, vocal_above_loudest_lu=-20.0)
    target = numbers("level")["vocal_to_backing_lu"]
    reached = lufs(result.stems["vocals"]) - lufs(total(result, *(name for name in song if name != "vocals")))
    further = min(given_lu - target, numbers("level")["vocal_trust_within_lu"])
    assert reached == pytest.approx(target + share * further, abs=0.1)


def test_no_given_level_counts_for_more_than_the_limit() -> None:
    song = {"guitar": noise(SECONDS, 100, 2000, seed=1), "bass": noise(SECONDS, 40, 200, seed=2)}
    song["guitar"] = song["guitar"] * np.float32(10.0 ** (-60.0 / 20.0) * 30.0)
    result = mixed(song)
    level = numbers("level")
    wanted = level["reference_lufs"] + level["guitar_lu"] - level["trust_given"] * level["trust_within_lu"]
    assert lufs(result.stems["guitar"]) == pytest.approx(wanted, abs=0.05)
    assert f"counted as {level['trust_within_lu']:g} LU away" in next(
        d.sentence for d in result.plan.decisions if d.stem == "guitar" and not d.superseded
    )


def test_the_rule_run_again_drifts_nowhere() -> None:
    """What was given is what the files hold, whatever the faders are by now."""
    rules = presets.load("default")
    rules = rules.without(*(rule for rule in rules.rules if rule != "level"))
    song = band(SECONDS)
    once = mix(song, sample_rate=RATE, rules=rules)
    again = mix(song, sample_rate=RATE, rules=rules, start=once.plan)
    for name in song:
        assert again.plan.stem(name).gain_db == pytest.approx(once.plan.stem(name).gain_db, abs=0.05)


@pytest.mark.parametrize("gain", [1.0, 8.0])
def test_backing_vocals_stay_under_the_lead(gain: float) -> None:
    song = band(SECONDS)
    harmonies = {
        f"backing vocals {n}": noise(SECONDS, 300, 4000, seed=20 + n) * np.float32(gain) for n in range(1, 5)
    }
    result = mixed(song | harmonies, backing_vocal_lu=6.0)
    lead, together = lufs(result.stems["vocals"]), lufs(total(result, *harmonies))
    limit = numbers("level")["backing_vocals_to_lead_lu"]
    assert together == pytest.approx(lead + limit, abs=0.15)
    assert all(s.holds for s in statements(result))
    assert "keeps backing vocals under the lead" in next(
        d.sentence for d in result.plan.decisions if d.stem == "backing vocals 1" and not d.superseded
    )


def test_a_lead_over_nothing_but_backing_vocals_rises_over_them() -> None:
    song = {"vocals": noise(SECONDS, 200, 4000, seed=1), "backing vocals": noise(SECONDS, 300, 3000, seed=2)}
    result = mixed(song)
    apart = lufs(result.stems["backing vocals"]) - lufs(result.stems["vocals"])
    assert apart <= numbers("level")["backing_vocals_to_lead_lu"] + 0.1


def test_files_of_one_instrument_are_one_source_with_one_fader() -> None:
    direct = noise(SECONDS, 60, 3000, seed=3)
    amplifier = np.tanh(3.0 * direct).astype(np.float32) * np.float32(0.3)
    song = {"Gtr DI": direct, "Gtr Amp": amplifier, "bass": noise(SECONDS, 40, 200, seed=4)}
    result = mixed(song, trust_given=0.0)
    level = numbers("level")
    assert result.plan.stem("Gtr DI").gain_db == result.plan.stem("Gtr Amp").gain_db
    wanted = level["reference_lufs"] + level["guitar_lu"]
    assert lufs(total(result, "Gtr DI", "Gtr Amp")) == pytest.approx(wanted, abs=0.05)
    assert all(s.holds for s in statements(result))


@pytest.mark.parametrize("preset", ["default", "survey-2022"])
@pytest.mark.parametrize("vocal_db", [2.0, -3.5, 9.0])
@pytest.mark.parametrize("vocal_gain", [0.15, 0.7, 4.0])
def test_a_wished_vocal_is_so_much_louder_against_the_backing(
    preset: str, vocal_db: float, vocal_gain: float
) -> None:
    song = band(SECONDS)
    song["vocals"] = song["vocals"] * np.float32(vocal_gain)
    rules = presets.load(preset)
    rules = rules.without(*(rule for rule in rules.rules if rule not in ("level", "instruments")))
    without = mix(song, sample_rate=RATE, rules=rules)
    wished = mix(song, sample_rate=RATE, rules=rules.with_vocal_db(vocal_db))
    ratios = [
        lufs(total(result, "vocals")) - lufs(total(result, "drums", "bass", "guitar"))
        for result in (without, wished)
    ]
    assert ratios[1] - ratios[0] == pytest.approx(vocal_db, abs=0.02)
    for name in ("drums", "bass", "guitar"):
        assert wished.plan.stem(name) == without.plan.stem(name)
    assert all(statement.holds for statement in statements(wished))
    assert f"vocal {vocal_db:+g} dB" in wished.plan.made_by


def test_a_wish_is_recorded_and_survives_trust_strength_and_the_whole_chain() -> None:
    song = band(SECONDS)
    rules = presets.load().with_strength(0.5)
    without, wished = (mix(song, sample_rate=RATE, rules=each) for each in (rules, rules.with_vocal_db(2.0)))
    (asked,) = (d for d in wished.plan.decisions if "user" in d.source and not d.superseded)
    assert (asked.rule, asked.stem, asked.parameters) == ("level", "", {})
    assert "2 dB louder" in asked.sentence
    assert not any("user" in d.source for d in without.plan.decisions)
    stated = [
        next(s for s in statements(result) if s.kind == "vocal_to_backing_lu") for result in (without, wished)
    ]
    assert stated[1].stated - stated[0].stated == pytest.approx(2.0, abs=0.02)
    assert all(statement.holds for statement in statements(wished))
    assert wished.loudness.integrated_lufs == pytest.approx(-14.0, abs=0.1)
    softer = presets.load().with_vocal_db(3.0).with_vocal_db(-4.0)
    assert softer["level.vocal_shift_db"] == -1.0


def test_backing_vocals_do_not_follow_a_wish() -> None:
    song = {**band(SECONDS), "backing vocals": noise(SECONDS, 300, 4000, seed=9)}
    rules = presets.load()
    rules = rules.without(*(rule for rule in rules.rules if rule not in ("level", "instruments")))
    without = mix(song, sample_rate=RATE, rules=rules)
    wished = mix(song, sample_rate=RATE, rules=rules.with_vocal_db(-6.0))
    fader = "backing vocals"
    assert wished.plan.stem(fader) == without.plan.stem(fader)
    moved_db = wished.plan.stem("vocals").gain_db - without.plan.stem("vocals").gain_db
    assert moved_db == pytest.approx(-6.0, abs=0.02)
