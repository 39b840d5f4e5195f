"""What goes with another stem: a reverb's or a delay's return and a double stay under it, and count with it."""

from __future__ import annotations

import numpy as np
import pyloudnorm
import pytest
from statement_checks import assert_true
from synthetic import RATE, Samples, Song, band, noise

from mixrules import MixResult, mix, presets

SECONDS = 5.0
RETURN_LU = presets.load()["level.support_return_lu"]
DOUBLE_LU = presets.load()["level.support_double_lu"]


def lufs(audio: Samples) -> float:
    return float(pyloudnorm.Meter(RATE, filter_class="DeMan").integrated_loudness(audio))


def against(result: MixResult, support: str, *leads: str) -> float:
    """How loud one stem is in the mix against the sum of others, in LU."""
    return lufs(result.stems[support]) - lufs(np.sum([result.stems[lead] for lead in leads], axis=0))


def copy_of(audio: Samples, gain: float, *, delay_s: float = 0.04) -> Samples:
    return (gain * np.roll(audio, round(delay_s * RATE))).astype(np.float32)


def with_support(name: str, lead: str, gain: float, **more: Samples) -> Song:
    song = band(SECONDS)
    return song | more | {name: copy_of(song[lead], gain)}


def mixed(song: Song, *support: str) -> MixResult:
    return mix(song, sample_rate=RATE, roles=dict.fromkeys(support, "support"))


@pytest.mark.parametrize("name", ["Vocal Reverb", "Vox Delay", "Lead Vox Verb Print", "FX 1"])
def test_a_quiet_return_stays_as_quiet_as_it_was(name: str) -> None:
    result = mixed(with_support(name, "vocals", 0.1), name)
    assert against(result, name, "vocals") == pytest.approx(-20.0, abs=0.5)
    assert result.plan.stem(name).gain_db <= result.plan.stem("vocals").gain_db + 0.5
    (level,) = (d for d in result.plan.decisions if d.rule == "level" and d.stem == name and not d.superseded)
    assert level.sentence.endswith("LU against vocals, as it was given.")
    (statement,) = level.statements
    assert (statement.kind, statement.stems) == ("support_to_lead_lu", (name, "vocals"))
    assert statement.holds
    assert_true(result.plan)


@pytest.mark.parametrize("name", ["Vocal Reverb", "Vox Delay"])
def test_names_alone_say_what_is_support(name: str) -> None:
    result = mix(with_support(name, "vocals", 0.1), sample_rate=RATE)
    assert result.plan.stem(name).role == "support"
    assert against(result, name, "vocals") == pytest.approx(-20.0, abs=0.5)


@pytest.mark.parametrize(
    ("name", "most_lu"),
    [
        ("Vocal Reverb", RETURN_LU),
        ("Vox Double", DOUBLE_LU),
        ("Vox Triple", DOUBLE_LU),
        ("Vox 叠唱", DOUBLE_LU),
        ("Vox Double Reverb", RETURN_LU),
        ("Vox Dbl Rvrb", RETURN_LU),
    ],
)
@pytest.mark.parametrize("gain", [1.0, 4.0])
def test_a_loud_one_is_turned_down_below_its_lead(name: str, most_lu: float, gain: float) -> None:
    result = mixed(with_support(name, "vocals", gain), name)
    assert against(result, name, "vocals") == pytest.approx(most_lu, abs=0.1)
    assert_true(result.plan)


def test_the_vocal_and_its_support_together_stand_against_the_backing() -> None:
    result = mixed(with_support("Vocal Reverb", "vocals", 2.0), "Vocal Reverb")
    together = np.sum([result.stems[name] for name in ("vocals", "Vocal Reverb")], axis=0)
    backing = np.sum([result.stems[name] for name in ("drums", "bass", "guitar")], axis=0)
    target_lu = presets.load()["level.vocal_to_backing_lu"]
    assert lufs(together) - lufs(backing) == pytest.approx(target_lu, abs=0.05)


@pytest.mark.parametrize(("name", "lead"), [("Drums Reverb", "drums"), ("Gtr Delay", "guitar")])
def test_support_goes_with_what_its_name_says(name: str, lead: str) -> None:
    result = mixed(with_support(name, lead, 1.0), name)
    assert against(result, name, lead) == pytest.approx(RETURN_LU, abs=0.2)
    assert result.plan.stem(name).pan.pan == result.plan.stem(lead).pan.pan
    backing = np.sum([a for n, a in result.stems.items() if n != "vocals"], axis=0)
    target_lu = presets.load()["level.vocal_to_backing_lu"]
    assert lufs(result.stems["vocals"]) - lufs(backing) == pytest.approx(target_lu, abs=0.05)


def test_a_reverb_of_the_drums_goes_with_the_whole_kit_and_a_pieces_with_the_kit() -> None:
    song = band(SECONDS)
    song["kick"], song["snare"] = noise(SECONDS, 40, 200, seed=8), song.pop("drums")
    song |= {"Drum Verb": copy_of(song["snare"], 4.0), "Tom Verb": copy_of(song["kick"], 4.0)}
    result = mixed(song, "Drum Verb", "Tom Verb")
    for name in ("Drum Verb", "Tom Verb"):
        assert against(result, name, "kick", "snare") == pytest.approx(RETURN_LU, abs=0.2)
    assert_true(result.plan)


def test_of_several_leads_the_one_that_the_name_repeats() -> None:
    song = band(SECONDS)
    del song["guitar"]
    song |= {f"Gtr {n}": noise(SECONDS, 300, 4000, seed=20 + n) for n in (1, 2)}
    result = mixed(song | {"Gtr 2 Delay": copy_of(song["Gtr 2"], 1.0)}, "Gtr 2 Delay")
    assert against(result, "Gtr 2 Delay", "Gtr 2") == pytest.approx(RETURN_LU, abs=0.2)
    assert result.plan.stem("Gtr 2 Delay").pan.pan == result.plan.stem("Gtr 2").pan.pan != 0.0


def test_one_of_two_vocals() -> None:
    song = with_support("Lead Vox 2 Delay", "vocals", 1.0)
    song["Lead Vox 1"], song["Lead Vox 2"] = song.pop("vocals"), noise(SECONDS, 300, 3000, seed=9)
    result = mixed(song, "Lead Vox 2 Delay")
    assert against(result, "Lead Vox 2 Delay", "Lead Vox 2") == pytest.approx(RETURN_LU, abs=0.3)
    assert_true(result.plan)


def test_without_a_lead_it_keeps_its_place_in_the_whole() -> None:
    song = with_support("Reverb", "guitar", 0.2)
    del song["vocals"]
    result = mixed(song, "Reverb")
    given_lu = lufs(song["Reverb"]) - 10 * np.log10(
        sum(10 ** (lufs(song[n]) / 10) for n in ("drums", "bass", "guitar"))
    )
    assert against(result, "Reverb", "drums", "bass", "guitar") == pytest.approx(given_lu, abs=0.5)


def test_a_song_of_support_alone_and_silent_support_are_mixed() -> None:
    alone = mixed({"Vocal Reverb": noise(SECONDS, 300, 3000)}, "Vocal Reverb")
    assert np.isfinite(alone.loudness.integrated_lufs)
    silent = mixed(band(SECONDS) | {"Vocal Reverb": np.zeros(99, np.float32)}, "Vocal Reverb")
    assert silent.plan.stem("Vocal Reverb").gain_db == 0.0


def test_a_return_gets_no_reverb_no_compression_and_no_room() -> None:
    result = mixed(with_support("Vocal Reverb", "vocals", 0.5), "Vocal Reverb")
    strip = result.plan.stem("Vocal Reverb")
    assert not strip.sends
    assert strip.compressor is None
    assert strip.pan.pan == 0.0
    said = {d.rule: d.sentence for d in result.plan.decisions if d.stem == "Vocal Reverb"}
    assert said["reverb"] == "Vocal Reverb: no reverb, as it is the reverb or delay of another stem."
    assert said["pan"] == "Vocal Reverb: centre, together with vocals."
    cut_for = [d.sentence for d in result.plan.decisions if d.rule == "eq" and d.parameters]
    assert not [sentence for sentence in cut_for if "room for Vocal Reverb" in sentence]


def test_a_double_gets_the_reverb_of_what_it_doubles() -> None:
    result = mixed(with_support("Vox Double", "vocals", 0.5), "Vox Double")
    assert result.plan.stem("Vox Double").sends
    vocal_lu = presets.load()["reverb.vocal_to_dry_lu"]
    assert any(
        s.kind == "reverb_to_dry_lu" and s.stated == vocal_lu
        for d in result.plan.decisions
        if d.stem == "Vox Double"
        for s in d.statements
    )


def test_the_published_rules_leave_support_where_it_was() -> None:
    song = with_support("Vocal Reverb", "vocals", 0.1)
    result = mix(song, sample_rate=RATE, roles={"Vocal Reverb": "support"}, rules="survey-2022")
    assert result.plan.stem("Vocal Reverb").gain_db == 0.0
