"""Systems: named, found, and what each makes of a song."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyloudnorm
import pytest
from synthetic import RATE, band, clicks, noise

from mixrules import MixPlan, Stems, starting_plan
from mixrules.errors import AudioError, AudioFileError, MixrulesError, ParameterError, PlanError
from mixrules.files import write_audio
from mixrules.mixer import plan as plan_by_rules
from mixrules.mixer import render
from mixrules.stems.song_description import AudioPart
from mixrules.systems import (
    Song,
    System,
    equal_plan,
    load_song,
    parse_systems,
    produce,
    random_plan,
    require_ready,
    sum_plan,
)
from mixrules.systems.random_mixer import OCTAVES_HZ


@pytest.fixture(scope="module")
def stems() -> Stems:
    return Stems.from_arrays(band(6.0), RATE, title="tune")


@pytest.fixture
def song(stems: Stems) -> Song:
    return Song("tune", stems)


def lufs(audio: np.ndarray) -> float:
    meter = pyloudnorm.Meter(RATE, filter_class="DeMan")
    return float(meter.integrated_loudness(np.asarray(audio, np.float64)))


def test_names_are_parsed_in_order(tmp_path: Path, stems: Stems) -> None:
    starting_plan(stems).save(tmp_path / "tune.json")
    systems = parse_systems(f" none, random ,survey-2022,human,model={tmp_path}/")
    assert [s.name for s in systems] == ["none", "random", "survey-2022", "human", "model"]
    assert [s.kind for s in systems] == ["none", "random", "preset", "human", "plans"]
    assert systems[-1].folder == tmp_path
    assert parse_systems(["equal", "default"])[1].kind == "preset"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no system is named"),
        ("deep", "there is no system 'deep'"),
        ("none,none", "'none' is named twice"),
        ("model=", "names no folder"),
        ("random=x/", "one of our own"),
        ("model=nowhere/", "does not exist"),
        ("model=empty/", "holds neither plans"),
        ("model=file.txt", "is a file"),
        ("a/b=empty/", "holds neither"),
    ],
)
def test_bad_names(text: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "file.txt").write_text("")
    with pytest.raises(MixrulesError, match=says):
        parse_systems(text)


@pytest.mark.parametrize("name", ["", "a/b", "../x", "x" * 65, "a\nb"])
def test_names_that_could_be_paths_are_refused(name: str) -> None:
    with pytest.raises(ParameterError, match="system's name"):
        System(name=name, kind="none")


@pytest.mark.parametrize("place", ["tune.wav", "tune.flac", "tune/mixture.wav", "tune/mixture.flac"])
def test_finished_audio_is_found(place: str, tmp_path: Path, song: Song) -> None:
    (tmp_path / "tune").mkdir()
    audio = noise(6.0, 100, 1000)
    write_audio(tmp_path / place, audio, RATE)
    (system,) = parse_systems(f"other={tmp_path}")
    assert system.kind == "audio"
    made = produce(system, song, seed=1)
    assert made.audio.shape == (len(audio), 2)
    assert made.plan is None
    assert np.max(np.abs(made.audio[:, 1] - audio)) < 1e-6
    assert any("mono" in note for note in made.notes)


def test_another_rate_is_resampled(tmp_path: Path, song: Song) -> None:
    seconds = np.arange(6 * 48_000) / 48_000
    write_audio(tmp_path / "tune.wav", np.tile(0.3 * np.sin(2 * np.pi * 440 * seconds), (2, 1)).T, 48_000)
    made = produce(parse_systems(f"other={tmp_path}")[0], song, seed=1)
    expected = 0.3 * np.sin(2 * np.pi * 440 * np.arange(6 * RATE) / RATE)
    assert len(made.audio) == song.stems.samples
    middle = slice(RATE, 5 * RATE)
    assert np.max(np.abs(made.audio[middle, 0] - expected[middle])) < 1e-4
    assert "resampled from 48000 to 22050 Hz" in made.notes[0]


@pytest.mark.parametrize(
    ("seconds", "gain", "says"),
    [(4.0, 1.0, "lasts 4.00 s"), (40.0, 1.0, "lasts 40.00 s"), (6.0, 0.0, "is silent")],
)
def test_audio_that_cannot_be_it(seconds: float, gain: float, says: str, tmp_path: Path, song: Song) -> None:
    write_audio(tmp_path / "tune.wav", gain * noise(seconds, 100, 1000), RATE)
    (system,) = parse_systems(f"other={tmp_path}")
    with pytest.raises(AudioError, match=says):
        require_ready(system, song)


@pytest.mark.parametrize(
    ("late_s", "says"), [(0.0, ""), (0.02, ""), (0.4, "about 0.4 s later"), (-0.7, "about 0.7 s earlier")]
)
def test_a_mix_that_starts_at_another_time_is_noticed(late_s: float, says: str, tmp_path: Path) -> None:
    hits = np.zeros(10 * RATE, np.float32)
    for at_s in np.cumsum(np.random.default_rng(4).uniform(0.15, 0.6, 24)):
        start = round(at_s * RATE)
        hits[start : start + 800] += noise(1.0, 100, 5000)[: len(hits[start : start + 800])]
    stems = Stems.from_arrays({"drums": hits, "pad": 0.2 * noise(10.0, 200, 800)}, RATE)
    mix = np.roll(np.tanh(4 * hits), round(late_s * RATE))
    write_audio(tmp_path / "tune.wav", mix, RATE)
    notes = produce(parse_systems(f"other={tmp_path}")[0], Song("tune", stems), seed=0).notes
    found = [note for note in notes if "than the stems" in note]
    assert len(found) == bool(says)
    assert all(says in note for note in found)


def test_missing_things_are_one_line(tmp_path: Path, song: Song) -> None:
    write_audio(tmp_path / "other.wav", noise(6.0, 100, 1000), RATE)
    with pytest.raises(AudioFileError, match=r"lacks song tune: .* holds no tune\.wav or"):
        require_ready(parse_systems(f"model={tmp_path}")[0], song)
    with pytest.raises(AudioFileError, match="no human mix beside its stems"):
        require_ready(parse_systems("human")[0], song)
    starting_plan(Stems.from_arrays({"a": noise(1.0, 100, 200)}, RATE)).save(tmp_path / "tune.json")
    with pytest.raises(PlanError, match=r"tune\.json is for other stems"):
        require_ready(parse_systems(f"model={tmp_path}")[0], song)


def test_the_human_mix_lies_beside_the_stems_or_in_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "tune"
    folder.mkdir()
    for name, audio in band(3.0).items():
        write_audio(folder / f"{name}.wav", audio, RATE)
    mixture = noise(3.0, 100, 1000)
    write_audio(folder / "mixture.wav", mixture, RATE)
    song = load_song(folder)
    assert song.name == "tune"
    assert song.human == (AudioPart(path=folder / "mixture.wav"),)
    assert "mixture" not in song.stems.names
    (human,) = parse_systems("human")
    assert np.allclose(produce(human, song, seed=0).audio[:, 0], mixture, atol=1e-6)
    (folder / "mixture.wav").rename(tmp_path / "tune.flac.wav")
    (tmp_path / "mixes").mkdir()
    (tmp_path / "tune.flac.wav").rename(tmp_path / "mixes" / "tune.wav")
    (human,) = parse_systems(f"human={tmp_path / 'mixes'}")
    assert human.kind == "human"
    assert np.allclose(produce(human, load_song(folder), seed=0).audio[:, 1], mixture, atol=1e-6)


def test_a_mix_of_ours_is_no_humans(tmp_path: Path, stems: Stems) -> None:
    for name, audio in band(3.0).items():
        write_audio(tmp_path / f"{name}.wav", audio, RATE)
    write_audio(tmp_path / "mix.wav", noise(3.0, 100, 1000), RATE)
    starting_plan(stems).save(tmp_path / "mix.plan.json")
    assert load_song(tmp_path).human == ()


def test_the_plain_sum_is_numpys(stems: Stems) -> None:
    both = {**band(2.0), "wide": np.stack([noise(2.0, 100, 900, seed=5), noise(2.0, 100, 900, seed=6)], 1)}
    mixed = Stems.from_arrays(both, RATE)
    expected = sum(np.broadcast_to(s.audio, (mixed.samples, 2)) for s in mixed)
    assert np.max(np.abs(render(mixed, sum_plan(mixed)) - expected)) < 1e-6


def test_equal_means_equal_to_another_meter(stems: Stems) -> None:
    plan = equal_plan(stems)
    for name in stems.names:
        alone = plan
        for other in stems.names:
            alone = alone.replace_stem(other, mute=other != name)
        assert lufs(render(stems, alone)) == pytest.approx(-23.0, abs=0.05)


def test_presets_and_plans_render_what_they_are(tmp_path: Path, song: Song) -> None:
    decided = plan_by_rules(song.stems, rules="survey-2022")
    edited = decided.replace_stem("bass", gain_db=-6.0)
    edited.save(tmp_path / "tune.plan.json")
    preset, model = parse_systems(f"survey-2022,model={tmp_path}")
    assert np.array_equal(produce(preset, song, seed=0).audio, render(song.stems, decided))
    made = produce(model, song, seed=0)
    assert made.plan == MixPlan.load(tmp_path / "tune.plan.json")
    assert np.array_equal(made.audio, render(song.stems, edited))


def test_the_random_mixer_keeps_to_its_ranges(stems: Stems) -> None:
    seen = [random_plan(stems, seed=seed) for seed in range(12)]
    for plan in seen:
        strip = plan.stem("vocals")
        assert len(strip.equalizer.bands) == 4
        assert {b.frequency_hz for b in strip.equalizer.bands} <= set(OCTAVES_HZ)
        assert all(-15 <= b.gain_db <= 15 for b in strip.equalizer.bands)
        assert strip.compressor is not None
        assert -50 <= strip.compressor.threshold_db <= 0
        assert 1 <= strip.compressor.ratio <= 16
        assert 0.1 <= plan.reverbs[0].params.t60_s <= 9
        assert plan.stem("bass") == starting_plan(stems).stem("bass")
    assert len({plan.stem("vocals").gain_db for plan in seen}) == len(seen)
    assert random_plan(stems, seed=3) == seen[3]


def test_the_random_mixers_level_is_the_drawn_one(stems: Stems) -> None:
    plan = random_plan(stems, seed=5)
    drawn = float(plan.notes[-1].split("drawn: ")[1].split(" LU")[0])
    only_vocal = plan
    for name in stems.names:
        only_vocal = only_vocal.replace_stem(name, mute=name != "vocals")
    no_vocal = plan.replace_stem("vocals", mute=True)
    difference = lufs(render(stems, only_vocal)) - lufs(render(stems, no_vocal))
    assert difference == pytest.approx(drawn, abs=0.15)
    assert lufs(render(stems, plan)) == pytest.approx(-28.0, abs=0.1)


def test_chance_differs_by_song_and_not_by_run(stems: Stems) -> None:
    (system,) = parse_systems("random")
    one, again = (produce(system, Song("one", stems), seed=7) for _ in range(2))
    other = produce(system, Song("other", stems), seed=7)
    assert np.array_equal(one.audio, again.audio)
    assert one.plan is not None
    assert other.plan is not None
    assert one.plan.seed != other.plan.seed


def test_songs_without_a_vocal_get_a_random_mix_too() -> None:
    instrumental = Stems.from_arrays({"drums": clicks(4.0, 120), "bass": noise(4.0, 40, 150)}, RATE)
    plan = random_plan(instrumental, seed=1)
    assert "takes its part by chance" in plan.notes[-1]
    assert sum(bool(s.equalizer.bands) for s in plan.stems) == 1
    alone = Stems.from_arrays({"piano": noise(4.0, 100, 4000)}, RATE)
    assert "no backing" in random_plan(alone, seed=1).notes[-1]
    with pytest.raises(ParameterError, match="seed must be 0 or more"):
        random_plan(alone, seed=-1)
