"""The rules go on from a plan: what it sets stays, what it mutes is not heard, its plug-ins are driven."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from statement_checks import assert_true
from synthetic import RATE, Song, band, terraces

from mixrules import Decision, MixPlan, PluginInsert, Statement, Stems, mix, plan, presets, render
from mixrules.errors import PlanError
from mixrules.mixplan import MasterPlan, ReverbBus, starting_plan
from mixrules.plan_edits import edits
from mixrules.processors import CompressorParams, EqBand, EqualizerParams, ReverbParams
from mixrules.report.song.strip_words import is_left_alone
from mixrules.report.song.summary import notices
from mixrules.session import Session

SECONDS = 12.0


@pytest.fixture(scope="module")
def song() -> Song:
    return band(SECONDS) | {"vocals": terraces(SECONDS, (0.0, -15.0), each_s=3.0)}


@pytest.fixture(scope="module")
def stems(song: Song) -> Stems:
    return Stems.from_arrays(song, RATE)


def decisions(made: MixPlan, stem: str) -> list[Decision]:
    return [d for d in made.decisions if d.stem == stem and not d.superseded]


@pytest.mark.parametrize("preset", presets.names())
def test_a_start_that_changes_nothing_changes_nothing(preset: str, stems: Stems) -> None:
    plain, started = mix(stems, rules=preset), mix(stems, rules=preset, start=starting_plan(stems))
    assert started.plan == plain.plan
    np.testing.assert_array_equal(started.audio, plain.audio)


@pytest.mark.parametrize("preset", presets.names())
def test_mixing_on_from_a_mix_s_own_plan_keeps_no_old_word(preset: str, stems: Stems) -> None:
    first = mix(stems, rules=preset)
    second = mix(stems, rules=preset, start=first.plan)
    assert len(second.plan.decisions) <= len(first.plan.decisions)
    assert second.plan.made_by == first.plan.made_by
    assert_true(second.plan)
    np.testing.assert_array_equal(render(stems, second.plan), second.audio)


def test_what_a_start_sets_and_no_rule_touches_stays(stems: Stems) -> None:
    warm = EqualizerParams(bands=(EqBand(kind="low_shelf", frequency_hz=120.0, gain_db=3.0, q=0.7),))
    start = starting_plan(stems).replace(
        title="my song", master=dataclasses.replace(MasterPlan(), equalizer=warm)
    )
    start = start.replace_stem("bass", input_gain_db=-4.0)
    made = mix(stems, rules=presets.load().without("eq", "master", "tone"), start=start).plan
    assert made.title == "my song"
    assert made.master.equalizer == warm
    assert made.stem("bass").input_gain_db == -4.0
    assert_true(made)
    # The rules heard the bass as the start made it.
    usual = plan(stems, rules=presets.load().without("eq", "master", "compression", "reverb"))
    made = plan(stems, rules=presets.load().without("eq", "master", "compression", "reverb"), start=start)
    moved = made.stem("bass").gain_db - usual.stem("bass").gain_db
    assert moved == pytest.approx(4.0, abs=0.01)


def verdicts(made: MixPlan) -> list[tuple[str, tuple[str, ...], float, bool | None]]:
    return [(s.kind, s.stems, s.stated, s.holds) for d in made.decisions for s in d.statements]


STARTS: dict[str, Callable[[MixPlan], MixPlan]] = {
    "muted": lambda p: p.replace_stem("bass", mute=True),
    "turned": lambda p: p.replace_stem("bass", invert_polarity=True, input_gain_db=-4.0),
    "compressed and muted": lambda p: p.replace_stem(
        "guitar", compressor=CompressorParams(threshold_db=-30.0), mute=True, gain_db=-3.0
    ),
    "mix": lambda p: p.replace(
        reverbs=(ReverbBus(name="hall", params=ReverbParams(t60_s=3.0)),),
        master=MasterPlan(compressor=CompressorParams(threshold_db=-20.0)),
    ),
}


@pytest.mark.parametrize("what", STARTS)
def test_what_a_start_brings_is_no_edit(what: str, stems: Stems) -> None:
    start = STARTS[what](starting_plan(stems))
    made = mix(stems, start=start).plan
    assert edits(made) == []
    # Rendered unchanged it still is as it was, and promises the same; so is one made of it.
    rendered = mix(stems, mix_plan=MixPlan.from_json(made.to_json())).plan
    assert edits(rendered) == []
    assert verdicts(rendered) == verdicts(made)
    again = plan(stems, start=made)
    assert edits(again) == []
    # What is changed afterwards is.
    changed = made.replace_stem("vocals", gain_db=-20.0).replace_stem("bass", input_gain_db=9.0)
    assert {(each.owner, each.field) for each in edits(changed)} == {
        ("vocals", "gain_db"),
        ("bass", "input_gain_db"),
    }


def test_what_a_start_mutes_is_told_and_unmuting_it_is_an_edit(stems: Stems) -> None:
    made = plan(stems, start=starting_plan(stems).replace_stem("bass", mute=True))
    assert made.decisions[0].rule == "start"
    assert made.decisions[0].sentence == "bass: kept from the plan it starts from: muted."
    assert is_left_alone(made.stem("bass"), made.decisions)
    assert not any("bass" in each for each in notices(made))
    unmuted = made.replace_stem("bass", mute=False)
    (edit,) = edits(unmuted)
    assert edit.in_words == "bass no longer muted"
    rendered = mix(stems, mix_plan=unmuted).plan
    assert sum(len(d.statements) for d in rendered.decisions) < sum(
        len(d.statements) for d in made.decisions if not d.superseded
    )
    assert_true(rendered)


def test_a_false_statement_is_told_whatever_the_start_brought(stems: Stems) -> None:
    """A start that mutes the bass excuses no wrong word about the loudness or the peak of the mix."""

    def lie(session: Session, settings: Mapping[str, object]) -> list[Decision]:
        stated = (
            Statement(kind="mix_integrated_lufs", unit="LUFS", stated=-40.0),
            Statement(kind="mix_true_peak_dbtp", unit="dBTP", stated=-40.0),
        )
        return [Decision(rule="lie", sentence="Lies.", source="t", statements=stated)]

    made = mix(
        stems,
        rules=presets.load().with_rule("lie", lie),
        start=starting_plan(stems).replace_stem("bass", mute=True),
    ).plan
    told = [s for d in made.decisions if d.rule == "lie" for s in d.statements]
    assert [(s.stated, s.holds) for s in told] == [(-40.0, False), (-40.0, False)]


def test_a_start_for_other_stems_is_refused(stems: Stems) -> None:
    other = starting_plan(Stems.from_arrays({"tuba": np.ones(9, np.float32)}, RATE))
    for function in (mix, plan):
        with pytest.raises(PlanError, match="the plan has tuba, which the stems lack"):
            function(stems, start=other)


@pytest.mark.parametrize("preset", presets.names())
@pytest.mark.parametrize("muted", [("drums",), ("guitar",), ("vocals",), ("vocals", "guitar")])
def test_a_muted_stem_is_not_heard_and_not_counted(
    muted: tuple[str, ...], preset: str, stems: Stems, song: Song
) -> None:
    start = starting_plan(stems)
    for name in muted:
        start = start.replace_stem(name, mute=True)
    result = mix(stems, rules=preset, start=start)
    for name in muted:
        assert result.plan.stem(name).mute
        assert not result.stems[name].any()
        said = " ".join(d.sentence for d in decisions(result.plan, name))
        assert "muted" in said
        assert "left alone" in said
    assert np.isfinite(result.audio).all()
    assert np.abs(result.audio).max() > 0.01
    assert_true(result.plan)
    for decision in result.plan.decisions:
        for statement in decision.statements:
            assert not set(statement.stems) & set(muted), statement
    # The others are set as if the muted ones were not there.
    without = plan({n: a for n, a in song.items() if n not in muted}, sample_rate=RATE, rules=preset)
    for strip in without.stems:
        assert result.plan.stem(strip.name).gain_db == pytest.approx(strip.gain_db, abs=0.01), strip.name


def test_everything_muted_is_silence_or_refused_in_one_line(stems: Stems) -> None:
    start = starting_plan(stems)
    for name in stems.names:
        start = start.replace_stem(name, mute=True)
    with pytest.raises(Exception, match="muted") as caught:
        mix(stems, start=start)
    assert "\n" not in str(caught.value)


FOLDERS = (os.environ.get("MIXRULES_VST3", ""), "/usr/lib/vst3", "~/.vst3")


@pytest.fixture(scope="module")
def driven() -> PluginInsert:
    """ZamComp in the compressor's place, driven by the rule."""
    for folder in filter(None, FOLDERS):
        path = Path(folder).expanduser() / "ZamComp.vst3"
        if path.exists():
            names = ("threshold_db", "ratio", "attack_ms", "release_ms")
            return PluginInsert(
                path=str(path), replaces="compressor", from_params={name: name for name in names}
            )
    pytest.skip("no ZamComp.vst3 in /usr/lib/vst3, ~/.vst3 or $MIXRULES_VST3 (Debian: zam-plugins)")


HOSTED_RULES = presets.load().with_values(
    # What ZamComp takes ends there; a range of 15 LU is to be narrowed for sure.
    {"compression.release_max_ms": 400.0, "compression.vocal_target_lu": 8.0}
)


def test_a_plug_in_that_a_start_names_is_driven_by_the_rule(driven: PluginInsert, stems: Stems) -> None:
    start = starting_plan(stems).replace_stem("vocals", plugins=(driven,))
    hosted = mix(stems, rules=HOSTED_RULES, start=start, engine="pedalboard")
    assert hosted.plan.stem("vocals").plugins == (driven,)
    params = hosted.plan.stem("vocals").compressor
    assert params is not None
    assert_true(hosted.plan)
    np.testing.assert_array_equal(render(stems, hosted.plan, engine="pedalboard"), hosted.audio)
    # Driven: with the compressor's threshold out of the way the plug-in does not act.
    idle = hosted.plan.replace_stem("vocals", compressor=dataclasses.replace(params, threshold_db=0.0))
    quieter = render(stems, hosted.plan, engine="pedalboard")
    louder = render(stems, idle, engine="pedalboard")
    assert np.abs(quieter - louder).max() > 0.01
    # And it is the plug-in that acts: without it the engine's own compressor makes another mix.
    own = render(stems, hosted.plan.replace_stem("vocals", plugins=()), engine="pedalboard")
    assert np.abs(quieter - own).max() > 1e-4
    decided = plan(stems, rules=HOSTED_RULES, start=start, engine="pedalboard")
    assert decided.stems == hosted.plan.stems


def test_the_native_engine_refuses_a_start_with_a_plug_in(stems: Stems) -> None:
    start = starting_plan(stems).replace_stem("vocals", plugins=(PluginInsert(path="some.vst3"),))
    with pytest.raises(PlanError, match="engine 'pedalboard'"):
        mix(stems, start=start)


def test_the_command_drives_a_plug_in(driven: PluginInsert, song: Song, tmp_path: Path) -> None:
    import soundfile
    from cli_runner import as_program

    (tmp_path / "song").mkdir()
    for name, audio in song.items():
        soundfile.write(tmp_path / "song" / f"{name}.wav", audio, RATE, subtype="FLOAT")
    started = starting_plan(Stems.from_arrays(song, RATE)).replace_stem("vocals", plugins=(driven,))
    started.save(tmp_path / "start.json")
    settings = ("compression.release_max_ms=400", "compression.vocal_target_lu=8")
    options = [word for setting in settings for word in ("--set", setting)]
    done = as_program(
        *(tmp_path, "mix", "song", "--start", "start.json", "--engine", "pedalboard", "-o", "out.wav"),
        *options,
    )
    # Not that nothing is said: the plug-in itself writes to stderr when it is closed.
    assert done.returncode == 0, done.stderr
    made = MixPlan.load(tmp_path / "out.plan.json")
    assert made.stem("vocals").plugins == (driven,)
    assert made.stem("vocals").compressor is not None
    again = as_program(
        tmp_path, "render", "song", "out.plan.json", "--engine", "pedalboard", "-o", "again.wav"
    )
    assert again.returncode == 0, again.stderr
    assert (tmp_path / "again.wav").read_bytes() == (tmp_path / "out.wav").read_bytes()
