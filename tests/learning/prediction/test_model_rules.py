"""Rules with a model in the place of one: its number decides, all else is the rules'."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from learning.prediction.written_answers import BLOCK_S, ROOM, ROOM_2022, answers, room
from statement_checks import assert_true
from synthetic import RATE, band, noise

from mixrules import Decision, MixPlan, RuleSet, Stems, mix, plan, presets
from mixrules.corpus.tasks.eq import CENTERS_HZ, octave_equalizer
from mixrules.corpus.tasks.reverb import RANGES, AddedReverb, added_reverb
from mixrules.errors import ParameterError
from mixrules.learning.prediction.model_rules import require_rules_for, rules_for
from mixrules.learning.prediction.song_answers import SongAnswers
from mixrules.processors import ReverbParams, reverberate
from mixrules.systems.random_reverb import REVERB_RANGES, WET_SHARE

PRESETS = ("survey-2022", "default")
TARGETS = {
    ("survey-2022", "level"): "level.vocal_to_backing_lu",
    ("default", "level"): "level.vocal_to_backing_lu",
    ("survey-2022", "compression"): "compression.target_lu",
    ("default", "compression"): "compression.vocal_target_lu",
}


@pytest.fixture(scope="module")
def song() -> Stems:
    return Stems.from_arrays(band(4.0), RATE)


def rules(preset: str) -> RuleSet:
    return presets.load(preset)


def said(made: MixPlan) -> list[Decision]:
    return [decision for decision in made.decisions if decision.rule == "model"]


def of_rule(made: MixPlan, rule: str, stem: str) -> Decision:
    (found,) = [d for d in made.decisions if (d.rule, d.stem) == (rule, stem) and not d.superseded]
    return found


@pytest.mark.parametrize(("preset", "task"), TARGETS)
def test_the_mean_answer_is_the_rules_target_and_nothing_else_is_changed(
    song: Stems, preset: str, task: str
) -> None:
    answer = answers(task, [3.0], [4.5])
    with_model = plan(song, rules=rules_for(rules(preset), [answer]))
    values = {TARGETS[preset, task]: 3.75}
    if (preset, task) == ("default", "level"):
        values["level.vocal_trust_within_lu"] = 0.0
    by_hand = plan(song, rules=rules(preset).with_values(values))
    assert (with_model.stems, with_model.reverbs, with_model.master) == (
        by_hand.stems,
        by_hand.reverbs,
        by_hand.master,
    )
    assert [d for d in with_model.decisions if d.rule != "model"] == list(by_hand.decisions)


@pytest.mark.parametrize("preset", PRESETS)
def test_the_constant_names_the_model_as_its_source(preset: str) -> None:
    with_model = rules_for(rules(preset), [answers("level", [-3.0], [-2.0])])
    assert with_model["level.vocal_to_backing_lu"] == -2.5
    assert with_model.source("level.vocal_to_backing_lu") == "level.onnx, mean of 2 snippets"
    assert with_model.name == f"{preset} with level.onnx"


@pytest.mark.parametrize("preset", PRESETS)
def test_what_the_model_says_is_true_of_the_rendered_mix(song: Stems, preset: str) -> None:
    given = [
        answers("level", [-3.5], [-2.5]),
        answers("compression", [4.0]),
        answers("eq", [0, 6, 0, -7, 1, 2, 0, 0, 0]),
        room(**ROOM),
    ]
    made = mix(song, rules=rules_for(rules(preset), given)).plan
    assert_true(made)
    (level,) = [s for s in of_rule(made, "level", "vocals").statements if s.kind == "vocal_to_backing_lu"]
    assert level.stated == pytest.approx(-3.0, abs=0.01)
    assert level.measured == pytest.approx(-3.0, abs=0.01)
    names = "level.onnx, compression.onnx, eq.onnx and reverb.onnx"
    assert made.made_by.endswith(f"preset {preset} with {names}")
    assert [decision.source.partition(",")[0] for decision in said(made)] == [s.model for s in given]


def test_answers_are_kept_by_song_and_by_snippet_beside_the_constants(song: Stems) -> None:
    answer = answers("level", [-3.0], [-2.5], [-1.0], medians=[-2.2])
    (decision,) = said(plan(song, rules=rules_for(rules("survey-2022"), [answer])))
    assert [(quantity.name, quantity.value, quantity.unit) for quantity in decision.measured] == [
        ("vocal_to_backing_lu, mean of 3 snippets", pytest.approx(-6.5 / 3), "LU"),
        ("level.vocal_to_backing_lu of survey-2022", -1.77, "LU"),
        ("vocal_to_backing_lu, median of the training targets", -2.2, "LU"),
        ("vocal_to_backing_lu at 0.00 s", -3.0, "LU"),
        (f"vocal_to_backing_lu at {BLOCK_S:.2f} s", -2.5, "LU"),
        (f"vocal_to_backing_lu at {2 * BLOCK_S:.2f} s", -1.0, "LU"),
    ]
    assert decision.sentence == (
        "level.onnx: the vocal belongs at -2.17 LU against the backing, the mean of 3 snippets "
        "(from -3.00 to -1.00 LU); survey-2022 has -1.77 LU."
    )


def test_a_number_beyond_the_bounds_is_brought_to_them_and_said() -> None:
    answer = answers("compression", [-4.0])
    with_model = rules_for(rules("survey-2022"), [answer])
    assert with_model["compression.target_lu"] == 1.0
    sentence = with_model.chain[0].function(None, {})[0].sentence  # type: ignore[misc]
    assert "should be -4.00 LU" in sentence
    assert "; 1 LU is the nearest that the rule takes; " in sentence


def test_without_answers_the_rules_are_as_they_were() -> None:
    survey = rules("survey-2022")
    assert rules_for(survey, []) == survey
    assert rules_for(survey, [answers("level")]) == survey


def test_the_equaliser_takes_back_what_was_done_to_the_vocal() -> None:
    dry = noise(4.0, 30, 20_000, rate=44_100, seed=7)[:, np.newaxis]
    gains_db = [0.0, 6.0, 0.0, -9.0, 0.0, 0.0, 12.0, 0.0, -3.0]
    changed = octave_equalizer(gains_db, 1).process(dry)
    song = Stems.from_arrays({"vocals": changed, "piano": noise(4.0, 100, 9000, rate=44_100)}, 44_100)
    chosen = rules("survey-2022").without("level", "compression", "reverb", "master")
    result = mix(song, rules=rules_for(chosen, [answers("eq", gains_db)]))
    bands = result.plan.stem("vocals").equalizer.bands
    assert {band.frequency_hz: band.gain_db for band in bands} == {125: -6, 500: 9, 4000: -12, 16_000: 3}
    vocals = result.stems["vocals"][: len(dry), 0] * np.sqrt(2.0)  # the pan's -3 dB
    assert np.abs(vocals - dry[:, 0])[4410:].max() < 1e-3 * np.abs(dry).max()


def test_the_four_largest_gains_are_kept_within_bounds(song: Stems) -> None:
    estimated_db = [1.0, -2.0, 3.0, 18.0, 0.5, -5.0, 0.2, 0.0, 20.0]
    made = plan(song, rules=rules_for(rules("survey-2022"), [answers("eq", estimated_db)]))
    bands = made.stem("vocals").equalizer.bands
    # The octave at 16 kHz is beyond half of the song's rate of 22.05 kHz.
    assert [(band.frequency_hz, band.gain_db) for band in bands] == [
        (125, 2),
        (250, -3),
        (500, -15),
        (2000, 5),
    ]
    assert {band.q for band in bands} == {np.sqrt(2.0)}
    sentence = of_rule(made, "eq", "vocals").sentence
    assert sentence == (
        "vocals: +2.0 dB at 125 Hz, -3.0 dB at 250 Hz, -15.0 dB at 500 Hz and +5.0 dB at 2000 Hz, which undoes the gains "
        "that eq.onnx estimates; it estimates +18.0 dB at 500 Hz, more than a band is changed by."
    )


def test_in_default_the_other_stems_keep_their_cuts(song: Stems) -> None:
    by_rules = plan(song, rules="default")
    with_model = plan(song, rules=rules_for(rules("default"), [answers("eq", [0, 0, 0, 6, 0, 0, 0, 0, 0])]))
    assert [band.gain_db for band in with_model.stem("vocals").equalizer.bands] == [-6.0]
    for name in ("drums", "bass", "guitar"):
        assert with_model.stem(name).equalizer == by_rules.stem(name).equalizer


def test_an_estimate_of_no_gains_leaves_the_vocal_as_it_is(song: Stems) -> None:
    made = plan(song, rules=rules_for(rules("survey-2022"), [answers("eq", [0.0] * 9)]))
    assert made.stem("vocals").equalizer.bands == ()
    assert said(made)[0].sentence.startswith(
        "eq.onnx: the estimated equaliser of the vocal as given is no change, "
    )
    assert (
        of_rule(made, "eq", "vocals").sentence == "vocals stays as it is: eq.onnx estimates no gain to undo."
    )


@pytest.mark.parametrize("numbers", [ROOM, ROOM_2022], ids=["reverb", "reverb-2022"])
@pytest.mark.parametrize("preset", PRESETS)
def test_the_vocals_room_is_the_models(song: Stems, preset: str, numbers: dict[str, float]) -> None:
    made = plan(song, rules=rules_for(rules(preset), [room(**numbers)]))
    of_room = {name: value for name, value in numbers.items() if not name.startswith("wet")}
    params = made.reverb("vocal room")
    assert params == ReverbParams(**of_room)  # type: ignore[arg-type]
    (send,) = made.stem("vocals").sends
    # What task data adds: the energy of the response to that of the direct sound, in the mean of the channels.
    click = np.zeros((1, 1))
    click[0] = 1.0
    energy = np.sum(reverberate(click, RATE, params).mean(axis=1) ** 2)
    share = numbers.get("wet_share", 0.5)
    wet_db = numbers.get("wet_db", 20 * np.log10(share / (1 - share)))
    assert send.level_db + 10 * np.log10(energy) == pytest.approx(wet_db, abs=1e-3)


@pytest.mark.parametrize("numbers", [ROOM, ROOM_2022], ids=["reverb", "reverb-2022"])
def test_the_rendered_room_is_that_which_task_data_would_have_added(numbers: dict[str, float]) -> None:
    dry = noise(2.0, 100, 9000, rate=44_100, seed=5)[:, np.newaxis]
    if "wet_share" in numbers:
        share = numbers["wet_share"]
        of_room = {name: value for name, value in numbers.items() if name != "wet_share"}
        added = AddedReverb(ReverbParams(**of_room), share, dry=1.0 - share)  # type: ignore[arg-type]
        scale = 1.0 / (1.0 - share)
    else:
        added, scale = added_reverb(numbers), 1.0
    song = Stems.from_arrays({"vocals": dry, "piano": noise(2.0, 100, 9000, rate=44_100)}, 44_100)
    chosen = rules("survey-2022").without("level", "eq", "compression", "master")
    rendered = mix(song, rules=rules_for(chosen, [room(**numbers)])).stems["vocals"][: len(dry)]
    wanted = scale * added.process(dry)[:, 0]
    assert rendered.mean(axis=1) * np.sqrt(2.0) == pytest.approx(wanted, abs=1e-4)  # the pan's -3 dB


def test_in_default_the_others_stay_in_the_shared_room(song: Stems) -> None:
    by_rules = plan(song, rules="default")
    with_model = plan(song, rules=rules_for(rules("default"), [room(**ROOM)]))
    assert [bus.name for bus in with_model.reverbs] == ["room", "vocal room"]
    assert with_model.reverb("room") == by_rules.reverb("room")
    for name in ("drums", "bass", "guitar"):
        # Another order of sums moves a fader by less than a millionth of a decibel.
        fader_db = pytest.approx(by_rules.stem(name).gain_db, abs=1e-6)
        assert with_model.stem(name).gain_db == fader_db
        assert with_model.replace_stem(name, gain_db=0.0).stem(name) == by_rules.replace_stem(
            name, gain_db=0.0
        ).stem(name)
    assert [send.to for send in with_model.stem("vocals").sends] == ["vocal room"]
    rooms = [d for d in with_model.decisions if "decays in" in d.sentence and d.rule == "reverb"]
    assert [decision.superseded for decision in rooms] == [False, False]


def test_a_shared_room_that_nobody_is_in_is_left_out() -> None:
    dry = {name: audio for name, audio in band(4.0).items() if name in ("vocals", "drums")}
    song = Stems.from_arrays(dry, RATE)
    made = plan(song, rules=rules_for(rules("default"), [room(**ROOM)]))
    assert [bus.name for bus in made.reverbs] == ["vocal room"]


def test_in_default_a_vocal_with_a_space_of_its_own_stays_as_it_is(rng: np.random.Generator) -> None:
    wide = band(4.0) | {"vocals": 0.1 * rng.standard_normal((4 * RATE, 2))}
    song = Stems.from_arrays(wide, RATE)
    made = plan(song, rules=rules_for(rules("default"), [room(**ROOM)]))
    assert made.stem("vocals").sends == ()
    assert "has a space of its own" in of_rule(made, "reverb", "vocals").sentence


def test_a_room_that_would_not_decay_gets_less_of_its_shelves(song: Stems) -> None:
    endless = ROOM_2022 | {"t60_s": 9.0, "low_shelf_db_per_s": 6.0, "high_shelf_db_per_s": 4.0}
    made = plan(song, rules=rules_for(rules("survey-2022"), [room(**endless)]))
    assert made.reverb("vocal room").low_shelf_db_per_s == 3.0
    (decided,) = [d for d in made.decisions if d.rule == "reverb" and not d.stem]
    assert "of its shelves: with more it would not decay" in decided.sentence


def test_an_estimate_beyond_what_its_targets_are_drawn_from_is_brought_to_the_nearest(song: Stems) -> None:
    odd = ROOM | {"t60_s": -3.0, "room_size_m": 900.0, "wet_db": 90.0, "pre_delay_ms": -1.0}
    made = plan(song, rules=rules_for(rules("survey-2022"), [room(**odd)]))
    params = made.reverb("vocal room")
    assert (params.t60_s, params.room_size_m, params.pre_delay_ms) == (0.3, 30.0, 0.0)
    (decided,) = [d for d in made.decisions if d.rule == "reverb" and not d.stem]
    assert decided.sentence == (
        "The vocal room decays in 0.30 s, like the reverb that reverb.onnx estimates on the vocal as given, and is added "
        "to it; of estimates beyond their bounds it takes the nearest, t60_s 0.3, room_size_m 30, pre_delay_ms 0 and "
        "wet_db 0."
    )


def test_the_room_is_said_to_be_like_the_one_on_the_vocal(song: Stems) -> None:
    (decision,) = said(plan(song, rules=rules_for(rules("survey-2022"), [room(**ROOM)])))
    assert decision.sentence.startswith(
        "reverb.onnx: the estimated reverb on the vocal as given has a decay of 1.20 s, "
    )
    assert decision.sentence.endswith(
        "; the mix adds a room like it, so that a dry vocal gets little and a wet one more."
    )


@pytest.mark.parametrize(
    ("numbers", "ranges"),
    [(ROOM, RANGES), (ROOM_2022, {**REVERB_RANGES, "wet_share": WET_SHARE})],
    ids=["reverb", "reverb-2022"],
)
def test_what_bounds_a_room_are_constants_from_the_ranges_of_task_data(
    numbers: dict[str, float], ranges: dict[str, tuple[float, float]], song: Stems
) -> None:
    changed = rules_for(rules("survey-2022"), [room(**numbers)])
    assert {name: changed[f"reverb.model_{name}"] for name in numbers} == ranges
    assert all(changed.source(f"reverb.model_{name}").startswith("task reverb") for name in numbers)
    assert changed["reverb.model_shelf_shares"] == (1.0, 0.5, 0.25, 0.0)
    narrow = changed.with_values({"reverb.model_t60_s": "0.4, 0.9", "reverb.model_shelf_shares": "0"})
    params = plan(song, rules=narrow).reverb("vocal room")
    assert (params.t60_s, params.low_shelf_db_per_s, params.high_shelf_db_per_s) == (0.9, 0.0, 0.0)
    for odd in ("0.4", "0.9, 0.4"):
        with pytest.raises(
            ParameterError, match=r"reverb\.model_t60_s must be two numbers, the least and the most"
        ):
            plan(song, rules=changed.with_values({"reverb.model_t60_s": odd}))
    with pytest.raises(ParameterError, match=r"each of reverb\.model_t60_s must be 0\.[13] to"):
        changed.with_values({"reverb.model_t60_s": "0, 20"})


def test_measured_numbers_keep_their_unit_whether_or_not_the_task_explains_it(song: Stems) -> None:
    plain = dataclasses.replace(answers("level", [-3.0]), units=("LU",))
    (decision,) = said(plan(song, rules=rules_for(rules("survey-2022"), [plain])))
    assert {quantity.unit for quantity in decision.measured} == {"LU"}
    (decision,) = said(plan(song, rules=rules_for(rules("survey-2022"), [room(**ROOM_2022)])))
    units = {
        quantity.name.partition(",")[0].partition(" at ")[0]: quantity.unit for quantity in decision.measured
    }
    assert (units["wet_share"], units["t60_s"], units["fade_in_s"]) == ("", "s", "s")


def test_constants_that_are_changed_afterwards_count(song: Stems) -> None:
    with_model = rules_for(rules("default"), [room(**ROOM), answers("eq", [9.0] + [0.0] * 8)])
    changed = with_model.with_values({"reverb.no_reverb_roles": ["vocal"], "eq.model_max_gain_db": 3.0})
    made = plan(song, rules=changed)
    assert made.stem("vocals").sends == ()
    assert [band.gain_db for band in made.stem("vocals").equalizer.bands] == [-3.0]


def _odd(**changes: object) -> SongAnswers:
    return dataclasses.replace(answers("level", [-3.0]), **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([answers("level", [1.0]), answers("level", [1.0], model="b")], "level.onnx and b both take the place of rule"),
        ([_odd(task="toy-level")], "'toy-level' takes the place of no rule: there are level, compression, eq"),
        ([_odd(values=np.array([[np.nan]]))], "level.onnx answers nan for vocal_to_backing_lu at 0.00 s"),
        ([_odd(outputs=("a", "b"))], "level.onnx answers a, b: task level is vocal_to_backing_lu"),
        ([_odd(values=np.zeros((2, 1)))], r"level.onnx has answers of shape \(2, 1\), \(1, 1\) is needed"),
        (["level.onnx"], "each of answers must be SongAnswers"),
    ],
)  # fmt: skip
def test_odd_answers_are_refused_in_one_line(given: list[SongAnswers], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        rules_for(rules("survey-2022"), given)


def test_a_model_needs_a_rule_whose_place_it_takes() -> None:
    left = rules("default").without("reverb")
    require_rules_for(left, [("level.onnx", "level")])
    with pytest.raises(
        ParameterError, match=r"room.onnx takes the place of step reverb:vocal or reverb:shared_room"
    ):
        require_rules_for(left, [("room.onnx", "reverb")])
    own = left.without("eq").with_rule("eq", lambda session, settings: [])
    with pytest.raises(ParameterError, match="rule set default has neither"):
        rules_for(own, [answers("eq", [0.0] * len(CENTERS_HZ))])
