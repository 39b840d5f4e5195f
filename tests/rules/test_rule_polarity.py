"""Pick-ups of one source that work against each other are turned, in the plan and by every engine; others are not."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from statement_checks import assert_true
from synthetic import RATE, Samples, Song, clicks, noise

from mixrules import MixPlan, MixResult, load_stems, mix, plan, presets, render, starting_plan
from mixrules.engine import Renderer, load_engine
from mixrules.stems import Stems
from mixrules.stems.pickups import source_words

SECONDS = 4.0
ONLY = presets.load().without("eq", "compression", "reverb")


def kick(seconds: float = SECONDS, hz: float = 60.0) -> Samples:
    t = np.arange(round(seconds * RATE)) / RATE
    return (0.5 * np.sin(2 * np.pi * hz * t) * np.exp(-(t % 0.5) * 12)).astype(np.float32)


def later(audio: Samples, ms: float) -> Samples:
    return np.roll(audio, round(ms * RATE / 1000))


def mixed(song: Song, **kwargs: object) -> MixResult:
    bass = {"bass": noise(SECONDS, 40, 150, seed=3)}
    return mix(song | bass, sample_rate=RATE, rules=ONLY, **kwargs)  # type: ignore[arg-type]


def turned(result: MixResult) -> list[str]:
    return [strip.name for strip in result.plan.stems if strip.invert_polarity]


def decisions(result: MixResult) -> list[str]:
    return [d.sentence for d in result.plan.decisions if d.rule == "polarity"]


def test_a_reversed_kick_is_turned_and_heard_again() -> None:
    song = {"Kick In": kick(), "Kick Out": -0.9 * kick()}
    result = mixed(song)
    assert turned(result) == ["Kick Out"]
    (sentence,) = decisions(result)
    assert "works against Kick In (correlation -1.00 between 40 and 300 Hz)" in sentence
    assert "together they are 25.6 LU louder that way" in sentence
    levels = [d.sentence for d in result.plan.decisions if d.rule == "level" and "Kick" in d.stem]
    assert not [each for each in levels if "cancel" in each or "limit" in each]
    assert_true(result.plan)
    statements = [s for d in result.plan.decisions for s in d.statements]
    (gain,) = (s for s in statements if s.kind == "gain_by_polarity_lu")
    assert gain.stated == pytest.approx(20 * np.log10(1.9 / 0.1), abs=0.05)
    apart = [result.stems[name].astype(float) for name in song]
    assert np.mean((apart[0] + apart[1]) ** 2) > np.mean(apart[0] ** 2) + np.mean(apart[1] ** 2)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Kick In", "Kick Out"),
        ("01 Kick", "02 Sub Kick"),
        ("K In", "K Out"),
        ("Snare Top", "Snare Btm"),
        ("Snare Over", "Snare Under"),
        ("Bass DI", "Bass Amp"),
        ("07 Bass DI", "08 Bass Amp"),
        ("Gtr 1 SM57", "Gtr 1 MD421"),
        ("Acoustic Gtr DI", "Acoustic Gtr Mic"),
    ],
)
def test_names_of_one_source(first: str, second: str) -> None:
    roles = dict.fromkeys((first, second), "kick" if first.startswith("K") else None)
    result = mixed(
        {first: kick(), second: -0.8 * later(kick(), 0.5)}, roles={k: v for k, v in roles.items() if v}
    )
    assert turned(result) == [second]


def test_exact_opposites_cancelled_before() -> None:
    result = mixed({"Kick In": kick(), "Kick Out": -kick(), "Sub Kick": 0.3 * kick()})
    assert turned(result) == ["Kick Out"]
    assert "together they cancelled out before" in decisions(result)[0]
    assert "Sub Kick: polarity kept" in decisions(result)[1]
    assert_true(result.plan)


def test_a_group_of_three_turns_each_that_goes_against_those_before() -> None:
    song = {"Kick In": kick(), "Kick Out": -0.8 * kick(), "Sub Kick": -0.5 * later(kick(), 0.5)}
    assert turned(mixed(song)) == ["Kick Out", "Sub Kick"]


@pytest.mark.parametrize(
    "song",
    [
        {"Kick In": kick(), "Kick Out": 0.9 * later(kick(), 1.0)},
        {"Kick In": kick(), "Kick Out": noise(SECONDS, 40, 8000, seed=5)},
        {"Kick 1": kick(), "Kick 2": kick(hz=47.0)},
        {"Snare Top": clicks(SECONDS, 120, seed=1), "Snare Btm": clicks(SECONDS, 120, seed=2)},
        {"Bass DI": noise(SECONDS, 40, 400, seed=6), "Bass Amp": noise(SECONDS, 40, 400, seed=7)},
        {"Guitar 1": kick(), "Guitar 2": -kick()},  # two guitars, whatever they play
        {"Synth Top": kick(), "Synth Bottom": -kick()},  # no microphones
        {"Kick": kick(), "Snare": -kick()},
        {"Vox 1": kick(), "Vox 2": -kick()},
    ],
    ids=lambda song: ", ".join(song),
)
def test_what_adds_up_or_is_something_else_keeps_its_polarity(song: Song) -> None:
    assert turned(mixed(song)) == []


@pytest.mark.parametrize("seed", range(6))
def test_two_takes_of_a_bass_line_are_no_opposites(seed: int) -> None:
    rng = np.random.default_rng(seed)
    notes_hz = rng.choice([41.2, 55.0, 61.7, 73.4, 82.4, 98.0], 10)
    t = np.arange(round(SECONDS / 10 * RATE)) / RATE

    def take() -> Samples:
        played = [
            sum(np.sin(2 * np.pi * hz * k * t + rng.uniform(0, 6.28)) / k for k in (1, 2, 3)) * np.exp(-3 * t)
            for hz in notes_hz
        ]
        return 0.1 * np.concatenate(played).astype(np.float32)

    assert turned(mixed({"Bass DI": take(), "Bass Amp": take()})) == []


def test_a_plan_that_turns_already_is_left_or_turned_back() -> None:
    stems = Stems.from_arrays({"Kick In": kick(), "Kick Out": -0.9 * kick()}, RATE)
    done = starting_plan(stems).replace_stem("Kick Out", invert_polarity=True)
    assert [s.name for s in plan(stems, start=done, rules=ONLY).stems if s.invert_polarity] == ["Kick Out"]
    stems = Stems.from_arrays({"Kick In": kick(), "Kick Out": 0.9 * kick()}, RATE)
    assert not [s.name for s in plan(stems, start=done, rules=ONLY).stems if s.invert_polarity]


def test_without_the_rule_the_level_says_that_stems_cancel_out() -> None:
    song = {"Kick In": kick(), "Kick Out": -kick(), "vocals": noise(SECONDS, 300, 3000)}
    result = mix(song, sample_rate=RATE, rules=ONLY.without("polarity"))
    said = [d.sentence for d in result.plan.decisions if d.rule == "level" and d.stem and not d.superseded]
    assert "together they cancel out: one of them has its polarity reversed" in said[0]
    assert "the backing cancels out" in said[2]
    assert_true(result.plan)


@pytest.mark.parametrize("opposites", [("Kick In", "Kick Out"), ("Vox 1", "Vox 2")])
def test_the_published_rules_say_that_stems_cancel_out(opposites: tuple[str, str]) -> None:
    other = "vocals" if "Kick In" in opposites else "bass"
    song = {opposites[0]: kick(), opposites[1]: -kick(), other: noise(SECONDS, 300, 3000)}
    result = mix(
        song, sample_rate=RATE, rules=presets.load("survey-2022").without("eq", "compression", "reverb")
    )
    said = [d.sentence for d in result.plan.decisions if d.rule == "level" and not d.superseded]
    assert said == [
        f"{opposites[0]} and {opposites[1]} cancel each other out, so every fader stays where it was: "
        "one has its polarity reversed."
    ]


def test_a_right_channel_against_its_left_is_turned(tmp_path: Path) -> None:
    rest = [0.02 * noise(SECONDS, 40, 8000, seed=seed) for seed in (1, 2)]
    song = {"OH L": kick() + rest[0], "OH R": -0.8 * kick() + rest[1], "vocals": noise(SECONDS, 300, 3000)}
    result = mix(song, sample_rate=RATE, rules=ONLY)
    assert result.plan.stem("OH").invert_right_polarity
    sides = result.stems["OH"]
    assert np.corrcoef(sides[:, 0], sides[:, 1])[0, 1] > 0.9
    assert "polarity of its right channel (OH R) turned" in decisions(result)[0]
    assert_true(result.plan)
    for name, audio in song.items():
        soundfile.write(tmp_path / f"{name}.wav", audio, RATE, subtype="FLOAT")
    on_disk = mix(load_stems(tmp_path, hold_mib=0.0), rules=ONLY)
    assert on_disk.plan.stem("OH").invert_right_polarity
    assert turned(mix(Stems.from_arrays(song, RATE, join_pairs=False), rules=ONLY)) == ["OH R"]


@pytest.mark.parametrize("engine", ["native", "pedalboard"])
def test_every_engine_turns(engine: str) -> None:
    if engine == "pedalboard":
        pytest.importorskip("pedalboard")
    stereo = np.stack([kick(), 0.5 * kick()], axis=1)
    stems = Stems.from_arrays({"a": kick(), "b": stereo}, RATE)
    turned_plan = starting_plan(stems).replace_stem("a", invert_polarity=True, input_gain_db=-6.0)
    turned_plan = turned_plan.replace_stem("b", invert_right_polarity=True)
    renderer = Renderer(stems, load_engine(engine))
    gain = np.float32(10 ** (-6 / 20))
    np.testing.assert_allclose(renderer.stem(turned_plan, "a", through="input"), -gain * kick()[:, None])
    np.testing.assert_allclose(renderer.stem(turned_plan, "b", through="input"), stereo * [1, -1])
    both = turned_plan.replace_stem("b", invert_polarity=True)
    np.testing.assert_allclose(renderer.stem(both, "b", through="input"), stereo * [-1, 1])
    plain = starting_plan(stems)
    whole = render(stems, plain.replace(stems=tuple(plain.stems)), engine=engine)
    inverted = plain
    for name in stems.names:
        inverted = inverted.replace_stem(name, invert_polarity=True)
    np.testing.assert_array_equal(render(stems, inverted, engine=engine), -whole)


def test_a_plans_file_names_polarity_only_where_it_is_turned() -> None:
    stems = Stems.from_arrays({"a": kick(), "b": kick()}, RATE)
    plain = starting_plan(stems)
    assert "polarity" not in plain.to_json()
    one = plain.replace_stem("a", invert_polarity=True)
    document = json.loads(one.to_json())
    assert document["stems"][0]["invert_polarity"] is True
    assert "invert_polarity" not in document["stems"][1]
    assert MixPlan.from_json(one.to_json()) == one
    assert MixPlan.from_json(plain.to_json()) == plain


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("03 Kick In", ("kick",)),
        ("Gtr 2 SM57", ("gtr", "2")),
        ("Gtr 2 RE20", ("gtr", "2")),
        ("SnareTop", ("snare",)),
        ("DI", ("di",)),
        ("12", ("12",)),
        ("Bas DI", ("bas",)),
    ],
)
def test_words_of_the_source(name: str, words: tuple[str, ...]) -> None:
    assert source_words(name) == words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("底鼓内", "底鼓外"),
        ("军鼓上", "军鼓底"),
        ("军鼓 顶部", "军鼓 底部"),
        ("贝斯DI", "贝斯音箱"),
        ("Caisse claire haut", "Caisse claire bas"),
        ("Grosse caisse intérieur", "Grosse caisse extérieur"),
        ("Basse ligne DI", "Basse ligne ampli"),
        ("Бочка внутри", "Бочка снаружи"),
        ("Малый верх", "Малый низ"),
        ("Бас линия", "Бас комбо"),
        ("Малый верхний", "Малый нижний"),
        ("キックイン", "キックアウト"),
        ("スネアトップ", "スネアボトム"),
        ("ベース ライン", "ベース アンプ"),
        ("킥인", "킥아웃"),
        ("스네어 탑", "스네어 바텀"),
        ("Snare oben", "Snare unten"),
        ("Bas DI", "Bas versterker"),
        ("Caixa cima", "Caixa esteira"),
        ("Werbel góra", "Werbel dół"),
    ],
)
def test_pickups_of_one_source_in_other_languages(one: str, other: str) -> None:
    assert source_words(one) == source_words(other) != ()
    assert len(source_words(one)) == len(source_words(f"{one} 2")) - 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("底鼓内", "军鼓内"),
        ("Бас 1 линия", "Бас 2 линия"),
        ("Bas", "Baixo"),
        ("キック", "スネア"),
        ("大鼓", "小鼓"),
        ("Clarinetto", "Clarinetto basso"),
    ],
)
def test_two_sources_in_other_languages(one: str, other: str) -> None:
    assert source_words(one) != source_words(other)
