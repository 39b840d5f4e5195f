"""The whole chain: mix is plan and render, the same every time, for any song."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from reference_meters import libebur128
from statement_checks import assert_true
from synthetic import RATE, Song, band, clicks, noise, terraces

from mixrules import MixPlan, MixResult, Stems, measure, mix, plan, presets, render
from mixrules.demo import demo_stems
from mixrules.errors import AudioError, AudioFileError, ParameterError, PlanError, StemsError
from mixrules.mixplan import StemPlan
from mixrules.processors import EqBand, EqualizerParams


@pytest.fixture(scope="module")
def song() -> Song:
    return band(8.0)


@pytest.fixture(scope="module", params=presets.names())
def result(request: pytest.FixtureRequest, song: Song) -> MixResult:
    return mix(song, sample_rate=RATE, rules=request.param)


def test_mix_is_plan_and_render(result: MixResult, song: Song) -> None:
    preset = result.plan.made_by.rpartition(" ")[2]
    decided = plan(song, sample_rate=RATE, rules=preset)
    assert [s.gain_db for s in decided.stems] == [s.gain_db for s in result.plan.stems]
    np.testing.assert_array_equal(render(song, decided, sample_rate=RATE), result.audio)
    np.testing.assert_array_equal(render(song, result.plan, sample_rate=RATE), result.audio)


def test_a_plan_from_its_file_renders_to_the_same_samples(result: MixResult, song: Song) -> None:
    again = MixPlan.from_json(result.plan.to_json())
    assert again == result.plan
    np.testing.assert_array_equal(render(song, again, sample_rate=RATE), result.audio)


def test_the_same_song_gives_the_same_plan(result: MixResult, song: Song) -> None:
    preset = result.plan.made_by.rpartition(" ")[2]
    assert mix(song, sample_rate=RATE, rules=preset).plan == result.plan


@pytest.mark.parametrize("preset", presets.names())
def test_stems_sum_to_the_mix_before_the_master(preset: str, song: Song) -> None:
    rules = presets.load(preset)
    after_the_sum = {"master", "tone"}.intersection(rules.rules)
    result = mix(song, sample_rate=RATE, rules=rules.without(*after_the_sum))
    total = np.zeros((max(len(stem) for stem in result.stems.values()), 2))
    for stem in result.stems.values():
        total[: len(stem)] += stem
    np.testing.assert_allclose(total, result.audio, atol=1e-6)


def test_a_result_is_shown_in_one_line(result: MixResult) -> None:
    seconds, loudness, decisions = len(result.audio) / RATE, result.loudness, result.plan.decisions
    assert repr(result) == (
        f"MixResult({len(result.plan.stems)} stems, {seconds:.1f} s at {RATE} Hz, {loudness.integrated_lufs:.1f} LUFS, "
        f"{loudness.true_peak_dbtp:.1f} dBTP, {len(decisions)} decisions)"
    )


def test_the_result_is_what_it_says(result: MixResult) -> None:
    assert result.audio.dtype == np.float32
    assert result.audio.shape[1] == 2
    assert np.isfinite(result.audio).all()
    reading = libebur128(result.audio, RATE)
    assert result.loudness.integrated_lufs == pytest.approx(reading.integrated_lufs, abs=0.02)
    assert result.loudness.true_peak_dbtp == pytest.approx(reading.true_peak_dbtp, abs=0.1)
    assert result.plan.result is not None
    assert result.plan.result.integrated_lufs == result.loudness.integrated_lufs
    assert reading.true_peak_dbtp <= -1.0 + 0.05
    assert_true(result.plan)


def test_every_decision_says_why(result: MixResult) -> None:
    for decision in result.plan.decisions:
        assert decision.sentence.endswith(".")
        assert decision.source
        assert "nan" not in decision.sentence
        assert "inf" not in decision.sentence
        assert not decision.parameters or decision.measured or decision.rule == "reverb"


def test_the_input_is_left_alone(song: Song) -> None:
    before = {name: audio.copy() for name, audio in song.items()}
    mix(song, sample_rate=RATE)
    for name, audio in song.items():
        np.testing.assert_array_equal(audio, before[name])


@pytest.mark.parametrize(
    ("preset", "rule"), [(p, r) for p in presets.names() for r in presets.load(p).rules], ids=":".join
)
def test_any_rule_can_be_left_out(preset: str, rule: str, song: Song) -> None:
    made = mix(song, sample_rate=RATE, rules=presets.load(preset).without(rule)).plan
    assert rule not in {d.rule for d in made.decisions}
    untouched = StemPlan(name="x")
    fields = {
        "deess": "dynamic_equalizer",
        "peaks": "limiter",
        "width": "width",
        "compression": "compressor",
        "pan": "pan",
        "reverb": "sends",
        "level": "gain_db",
    }
    if rule in fields:
        assert all(getattr(s, fields[rule]) == getattr(untouched, fields[rule]) for s in made.stems)
    assert_true(made)


one = np.ones(1, np.float32)
ODD_SONGS: dict[str, tuple[Song, int]] = {
    "mono only": ({"vocals": noise(2, 200, 4000)}, RATE),
    "8 kHz": ({"vocals": noise(2, 200, 3500, rate=8000), "bass": noise(2, 40, 200, rate=8000)}, 8000),
    "192 kHz": ({"vocals": noise(1, 200, 9000, rate=192_000), "b": noise(1, 40, 200, rate=192_000)}, 192_000),
    "a silent stem": ({"vocals": 0 * noise(2, 200, 4000), "guitar": noise(2, 100, 4000)}, RATE),
    "one sample each": ({"vocals": one, "guitar": 0.5 * one}, RATE),
    "one sample among others": ({"vocals": one, "guitar": noise(2, 100, 4000)}, RATE),
    "half a second": ({"vocals": noise(0.5, 200, 4000), "drums": clicks(0.5, 240)}, RATE),
    "far beyond full scale": ({"vocals": 90 * terraces(12, (0, -20.0)), "guitar": 90 * noise(12, 90, 900)}, RATE),
    "next to nothing": ({"vocals": 1e-5 * noise(2, 200, 4000), "guitar": 1e-5 * noise(2, 90, 900)}, RATE),
    "opposite polarity": ({"lead vocal 1": noise(2, 200, 4000), "lead vocal 2": -noise(2, 200, 4000)}, RATE),
    "a constant": ({"vocals": np.full(RATE, 0.5, np.float32), "guitar": noise(2, 90, 900)}, RATE),
    "clicks alone": ({"vocals": np.eye(1, RATE, 50, dtype=np.float32)[0], "drums": clicks(2, 60)}, RATE),
    "unknown roles": ({"a": noise(2, 40, 100), "b": clicks(2, 120), "c": noise(2, 900, 4000)}, RATE),
    "twelve of a kind": ({f"guitar {i}": noise(1, 200, 4000, seed=i) for i in range(12)}, RATE),
}  # fmt: skip


@pytest.mark.parametrize("preset", presets.names())
@pytest.mark.parametrize("case", ODD_SONGS)
def test_odd_songs_are_mixed(case: str, preset: str) -> None:
    stems, rate = ODD_SONGS[case]
    result = mix({n: a.astype(np.float32) for n, a in stems.items()}, sample_rate=rate, rules=preset)
    assert np.isfinite(result.audio).all()
    assert result.loudness.true_peak_dbtp <= -1.0 + 0.05
    assert MixPlan.from_json(result.plan.to_json()) == result.plan
    assert_true(result.plan)
    for stem in result.plan.stems:
        assert np.isfinite([stem.gain_db, stem.pan.pan, *(send.level_db for send in stem.sends)]).all()


@pytest.mark.parametrize("preset", presets.names())
def test_a_song_of_silence_is_an_error(preset: str) -> None:
    with pytest.raises(StemsError, match=r"every stem \(vocals, bass\) is silent"):
        mix({"vocals": np.zeros(100), "bass": np.zeros(50)}, sample_rate=RATE, rules=preset)


@pytest.mark.parametrize(
    ("song", "options", "error", "message"),
    [
        ({"a": [0.1]}, {}, ParameterError, "sample_rate"),
        ({}, {"sample_rate": RATE}, StemsError, "no stems"),
        ({"a": [1, 2]}, {"sample_rate": RATE}, AudioError, "a"),
        ({"a": [0.1, np.nan]}, {"sample_rate": RATE}, AudioError, "'a' holds nan at sample 1"),
        ({"a": np.zeros((9, 3))}, {"sample_rate": RATE}, AudioError, "'a' has 3 channels"),
        ({"a": [0.1]}, {"sample_rate": 7}, ParameterError, "sample_rate must be"),
        ({"a": [0.1]}, {"sample_rate": RATE, "roles": {"a": "king"}}, ParameterError, "'king' is not a role"),
        ({"a": [0.1]}, {"sample_rate": RATE, "roles": {"b": "bass"}}, StemsError, "no stem 'b'"),
        ({"a": [0.1]}, {"sample_rate": RATE, "rules": "rock"}, ParameterError, "no preset 'rock'"),
        ({"a": [0.1]}, {"sample_rate": RATE, "engine": "steam"}, ParameterError, "no engine 'steam'"),
        ("no/such/folder", {}, AudioFileError, "no/such/folder"),
    ],
)
def test_what_cannot_be_mixed_is_one_line(
    song: object, options: dict[str, object], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message) as caught:
        mix(song, **options)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)


def test_a_plan_for_other_stems_is_not_rendered(result: MixResult) -> None:
    with pytest.raises(PlanError, match="the plan has bass, drums, guitar, which the stems lack"):
        render({"vocals": [0.1, 0.2]}, result.plan, sample_rate=RATE)


def test_a_muted_stem_is_not_heard(song: Song) -> None:
    stems = Stems.from_arrays(song, RATE)
    full = plan(stems, rules=presets.load().without("master"))
    without = render(stems, full.replace_stem("drums", mute=True))
    alone = full
    for name in ("vocals", "bass", "guitar"):
        alone = alone.replace_stem(name, mute=True)
    drums = render(stems, alone)
    whole = render(stems, full)
    length = max(len(whole), len(without), len(drums))
    padded = [np.pad(a, ((0, length - len(a)), (0, 0))) for a in (whole, without, drums)]
    np.testing.assert_allclose(padded[0], padded[1] + padded[2], atol=1e-6)


def test_progress_is_told(song: Song) -> None:
    told: list[tuple[str, int, int]] = []
    mix(band(1.0), sample_rate=RATE, progress=lambda *news: told.append(news))
    assert {"deciding: level", "rendering", "checking the report"} <= {what for what, _, _ in told}
    assert all(0 <= done <= total for _, done, total in told)


def test_a_result_is_saved_with_its_plan(result: MixResult, tmp_path: Path) -> None:
    result.save(tmp_path / "my.mix.wav")
    audio, rate = soundfile.read(tmp_path / "my.mix.wav", dtype="float32")
    assert rate == RATE
    np.testing.assert_allclose(audio, result.audio, atol=2**-23)
    assert MixPlan.from_json((tmp_path / "my.mix.plan.json").read_bytes()) == result.plan
    with pytest.raises(AudioFileError, match="nowhere"):
        result.save(tmp_path / "nowhere" / "mix.wav")


def test_a_saved_result_replaces_an_earlier_one_and_nothing_else(result: MixResult, tmp_path: Path) -> None:
    result.save(tmp_path / "mix.wav")
    result.save(tmp_path / "mix.wav")
    for name, kept in (("vocals.wav", "vocals.wav"), ("mine.wav", "mine.plan.json")):
        (tmp_path / kept).write_text("mine")
        with pytest.raises(AudioFileError, match=f"{kept} exists already and is no earlier mix"):
            result.save(tmp_path / name)
        assert (tmp_path / kept).read_text() == "mine"
    result.save(tmp_path / "vocals.wav", overwrite=True)
    assert soundfile.info(tmp_path / "vocals.wav").frames == len(result.audio)


def test_what_a_run_cost_is_in_the_footer_when_asked_for() -> None:
    song = band(3.0)
    told: list[str] = []
    made = mix(song, sample_rate=RATE, profile=True, progress=lambda what, *_: told.append(what))
    assert made.plan.result is not None
    cost = made.plan.result.profile
    assert cost is not None
    assert 0.0 < sum(cost.steps_s.values()) <= cost.wall_s + 0.01
    assert set(cost.steps_s) <= {*told, "beginning"}
    assert "deciding: eq" in told
    assert MixPlan.from_json(made.plan.to_json()) == made.plan
    plain = mix(song, sample_rate=RATE)
    assert plain.plan.result is not None
    assert plain.plan.result.profile is None
    assert plain.plan.decisions == made.plan.decisions


def demo_song_at(rate: int) -> Song:
    return dict(demo_stems(rate))


def test_at_a_strength_of_0_the_faders_stay_as_given_and_nothing_is_added() -> None:
    made = mix(demo_song_at(22_050), sample_rate=22_050, rules=presets.load().with_strength(0.0)).plan
    assert np.ptp([strip.gain_db for strip in made.stems]) < 0.1
    for strip in made.stems:
        assert (strip.compressor, strip.limiter, strip.width) == (None, None, None)
        assert strip.sends == ()
        assert strip.dynamic_equalizer == ()
        assert all(band.kind == "high_pass" for band in strip.equalizer.bands)
    assert_true(made)


def test_a_plan_that_starts_from_itself_is_hardly_changed() -> None:
    song = demo_song_at(22_050)
    once = plan(song, sample_rate=22_050)
    twice = plan(song, sample_rate=22_050, start=once)
    for first, again in zip(once.stems, twice.stems, strict=True):
        assert len(first.equalizer.bands) == len(again.equalizer.bands)
        assert len(first.automation) == len(again.automation)
        assert (first.limiter is None) == (again.limiter is None)
        assert again.gain_db == pytest.approx(first.gain_db, abs=0.5)


def test_what_a_person_changed_in_a_plan_is_added_to() -> None:
    song = demo_song_at(22_050)
    made = plan(song, sample_rate=22_050)
    mine = EqBand(frequency_hz=700.0, gain_db=3.0)
    changed = made.replace_stem("guitar", equalizer=EqualizerParams(bands=(mine,)))
    again = plan(song, sample_rate=22_050, start=changed)
    assert again.stem("guitar").equalizer.bands[0] == mine


@pytest.mark.parametrize("ending", ["mp3", "opus", "m4a"])
def test_a_result_is_saved_in_lossy_formats(ending: str, tmp_path: Path) -> None:
    if ending == "m4a":
        pytest.importorskip("av")
    result = mix(band(4.0), sample_rate=RATE)
    report = result.save(tmp_path / f"mix.{ending}")
    assert report.lossy
    assert report.sample_rate == (24_000 if ending == "opus" else RATE)
    after = measure(report.path)
    assert after.integrated_lufs == pytest.approx(result.loudness.integrated_lufs, abs=0.5)
    assert after.duration_s == pytest.approx(result.loudness.duration_s, abs=0.07)
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"mix.{ending}", "mix.plan.json"]
