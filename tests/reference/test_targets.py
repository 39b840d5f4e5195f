"""What is read of a reference, against what it was made to have."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pyloudnorm
import pytest
from synthetic import RATE, Song, band, clicks, noise

from mixrules import MixPlan, Reference, Stems, mix, reference_targets
from mixrules.errors import AudioError, AudioFileError, ParameterError, PlanError
from mixrules.files import write_audio
from mixrules.reference import ReferenceTargets, StemTarget, finished_mix
from mixrules.reference.reference import references_of

SECONDS = 8.0
METER = pyloudnorm.Meter(RATE)  # not ours
GAINS_DB = {"vocals": 2.0, "drums": -5.0, "bass": 3.0, "guitar": -7.0}


def at_gains(song: Song, gains_db: dict[str, float]) -> Song:
    return {name: np.float32(10.0 ** (gains_db[name] / 20.0)) * audio for name, audio in song.items()}


def integrated_lufs(audio: np.ndarray, rate: int) -> float:
    assert rate == RATE
    return float(METER.integrated_loudness(audio.astype(np.float64)))


def write_song(folder: Path, song: Song) -> Path:
    folder.mkdir(parents=True)
    for name, audio in song.items():
        write_audio(folder / f"{name}.wav", audio.reshape(len(audio), -1), RATE)
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_song(tmp_path / "song b", band(SECONDS))


def write_mix(path: Path, song: Song, *, gain: float = 0.4) -> Path:
    total = gain * np.sum(list(song.values()), axis=0)
    write_audio(path, np.repeat(total[:, None], 2, axis=1).astype(np.float32), RATE, subtype="FLOAT")
    return path


def of_role(targets: ReferenceTargets, role: str) -> StemTarget:
    (stem,) = (stem for stem in targets.stems if stem.role == role)
    return stem


def test_the_balance_of_a_finished_mix_is_found_from_its_raw_stems(folder: Path, tmp_path: Path) -> None:
    balanced = at_gains(band(SECONDS), GAINS_DB)
    finished = write_mix(tmp_path / "mix.wav", balanced)
    targets = reference_targets(f"{folder}={finished}")
    lufs = {name: integrated_lufs(audio[:, None], RATE) for name, audio in balanced.items()}
    found = {source.role: source.lufs for source in targets.sources}
    assert set(found) == {"drums", "bass", "guitar"}
    for role in found:
        assert found[role] - found["bass"] == pytest.approx(lufs[role] - lufs["bass"], abs=0.1)
    backing = np.sum([audio for name, audio in balanced.items() if name != "vocals"], axis=0)
    expected_lu = lufs["vocals"] - integrated_lufs(backing[:, None], RATE)
    assert targets.vocal_to_backing_lu == pytest.approx(expected_lu, abs=0.1)
    assert targets.vocal_to_loudest_lu == pytest.approx(lufs["vocals"] - max(lufs[r] for r in found), abs=0.1)
    total = 0.4 * np.sum(list(balanced.values()), axis=0)
    stereo = np.repeat(total[:, None], 2, axis=1)
    assert targets.integrated_lufs == pytest.approx(integrated_lufs(stereo, RATE), abs=0.1)
    assert targets.notes == ()


def test_a_mix_beside_the_stems_is_their_mix(folder: Path) -> None:
    write_mix(folder / "mixture.wav", at_gains(band(SECONDS), GAINS_DB))
    targets = reference_targets(folder)
    assert targets.name == "song b"
    assert math.isfinite(targets.integrated_lufs)
    named = reference_targets(Reference(stems=folder, name="that one"))
    assert (named.name, named.sources) == ("that one", targets.sources)


def test_a_mix_of_other_stems_tells_no_levels(folder: Path, tmp_path: Path) -> None:
    other = {"one": noise(SECONDS, 100, 8000, seed=77), "two": clicks(SECONDS, 90, seed=78)}
    targets = reference_targets(f"{folder}={write_mix(tmp_path / 'other.wav', other)}")
    assert targets.sources == ()
    assert math.isnan(targets.vocal_to_backing_lu)
    assert math.isfinite(targets.integrated_lufs)
    assert any("levels are not read" in note for note in targets.notes)


def test_a_stem_that_the_mix_has_not_is_said_to_be_absent(folder: Path, tmp_path: Path) -> None:
    song = band(SECONDS)
    del song["guitar"]
    targets = reference_targets(f"{folder}={write_mix(tmp_path / 'mix.wav', song)}")
    assert {source.role for source in targets.sources} == {"drums", "bass"}
    assert any("guitar is not in mix.wav" in note for note in targets.notes)


def test_stems_alone_tell_their_balance_and_no_loudness(tmp_path: Path) -> None:
    targets = reference_targets(write_song(tmp_path / "b", at_gains(band(SECONDS), GAINS_DB)))
    assert len(targets.sources) == 3
    assert math.isnan(targets.integrated_lufs)
    assert math.isfinite(targets.slope_db_per_octave)


def test_stems_that_were_normalised_tell_no_levels(tmp_path: Path) -> None:
    song = {name: audio / np.abs(audio).max() * 0.5 for name, audio in band(SECONDS).items()}
    targets = reference_targets(write_song(tmp_path / "b", song))
    assert targets.sources == ()
    assert any("normalised to one peak" in note for note in targets.notes)


def test_another_rate_tells_the_same(folder: Path, tmp_path: Path) -> None:
    import soxr

    balanced = at_gains(band(SECONDS), GAINS_DB)
    total = 0.4 * np.sum(list(balanced.values()), axis=0)
    stereo = np.repeat(total[:, None], 2, axis=1).astype(np.float32)
    write_audio(tmp_path / "mix.wav", stereo, RATE, subtype="FLOAT")
    write_audio(tmp_path / "mix_48.wav", soxr.resample(stereo, RATE, 48_000), 48_000, subtype="FLOAT")
    one, other = (reference_targets(f"{folder}={tmp_path / name}") for name in ("mix.wav", "mix_48.wav"))
    for a, b in zip(one.sources, other.sources, strict=True):
        # The clicks reach up to half of the rate, where a resampler has its transition band.
        assert a.lufs == pytest.approx(b.lufs, abs=0.02 if a.role != "drums" else 1.0)


def test_a_plan_with_its_stems_is_measured_as_it_mixes_them(folder: Path) -> None:
    result = mix(folder)
    targets = reference_targets(Reference(stems=folder, plan=result.plan))
    stated = {
        (s.kind, s.stems): s.measured for d in result.plan.decisions if not d.superseded for s in d.statements
    }
    assert targets.vocal_to_backing_lu == pytest.approx(stated["vocal_to_backing_lu", ("vocals",)], abs=0.01)
    assert targets.integrated_lufs == pytest.approx(result.loudness.integrated_lufs, abs=0.01)
    assert of_role(targets, "vocal").loudness_range_lu == pytest.approx(
        stated["stem_loudness_range_lu", ("vocals",)], abs=0.01
    )
    assert of_role(targets, "guitar").reverb_to_dry_lu == pytest.approx(
        stated["reverb_to_dry_lu", ("guitar",)], abs=0.01
    )
    assert targets.t60_s == (result.plan.reverbs[0].params.t60_s,)


def test_a_plan_alone_tells_what_it_states(folder: Path) -> None:
    plan = mix(folder).plan
    alone, measured = reference_targets(plan), reference_targets(Reference(stems=folder, plan=plan))
    assert alone.vocal_to_backing_lu == pytest.approx(measured.vocal_to_backing_lu, abs=0.01)
    assert {source.role for source in alone.sources} == {source.role for source in measured.sources}
    for source in alone.sources:
        (same,) = (each for each in measured.sources if each.role == source.role)
        assert source.lufs == pytest.approx(same.lufs, abs=0.01)
    assert alone.t60_s == measured.t60_s
    assert all(stem.octaves_db == () for stem in alone.stems)


def test_a_finished_mix_alone_tells_what_a_mix_can(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    audio = np.asarray(0.1 * rng.standard_normal((RATE * 8, 2)), np.float32)
    write_audio(tmp_path / "noise.wav", audio, RATE, subtype="FLOAT")
    targets = reference_targets(tmp_path / "noise.wav")
    assert targets.integrated_lufs == pytest.approx(integrated_lufs(audio, RATE), abs=0.1)
    assert targets.side_to_mid_db == pytest.approx(0.0, abs=0.1)
    assert targets.slope_db_per_octave == pytest.approx(0.0, abs=0.2)  # white noise
    assert (targets.sources, targets.stems, targets.t60_s) == ((), (), ())


def test_a_mono_mix_tells_no_width(tmp_path: Path) -> None:
    audio = noise(SECONDS, 100, 8000)[:, None]
    write_audio(tmp_path / "mono.wav", audio, RATE, subtype="FLOAT")
    targets = reference_targets(tmp_path / "mono.wav")
    assert math.isnan(targets.side_to_mid_db)
    assert any("mono" in note for note in targets.notes)
    twice = np.repeat(audio, 2, axis=1)
    assert targets.integrated_lufs == pytest.approx(integrated_lufs(twice, RATE), abs=0.1)


def test_a_mix_on_the_disk_tells_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(3)
    audio = np.asarray(0.1 * rng.standard_normal((RATE * 5, 2)), np.float32)
    write_audio(tmp_path / "noise.wav", audio, RATE, subtype="FLOAT")
    held = reference_targets(tmp_path / "noise.wav")
    monkeypatch.setattr(finished_mix, "_HELD_SAMPLES", 1000)
    sliced = reference_targets(tmp_path / "noise.wav")
    assert sliced == held


def test_a_folder_of_one_stem_tells_no_levels(tmp_path: Path) -> None:
    targets = reference_targets(write_song(tmp_path / "b", {"guitar": noise(SECONDS, 300, 4000)}))
    assert len(targets.sources) == 1
    assert len(targets.stems) == 1


@pytest.mark.parametrize(
    ("audio", "message"),
    [
        (np.zeros((RATE * 5, 2), np.float32), "silent"),
        (np.full((RATE * 2, 2), 0.1, np.float32), "at least 3 s"),
        (np.full((1, 2), 0.1, np.float32), "at least 3 s"),
        (np.full((RATE * 5, 2), 1e-7, np.float32), "too quiet"),
    ],
)
def test_a_mix_that_tells_nothing_is_refused(tmp_path: Path, audio: np.ndarray, message: str) -> None:
    write_audio(tmp_path / "mix.wav", audio, RATE, subtype="FLOAT")
    with pytest.raises(AudioError, match=message):
        reference_targets(tmp_path / "mix.wav")


def test_files_that_are_no_reference_are_named(tmp_path: Path, folder: Path) -> None:
    import soundfile

    (tmp_path / "text.txt").write_text("hello", encoding="utf-8")
    (tmp_path / "broken.wav").write_bytes(b"RIFF" + bytes(100))
    (tmp_path / "broken.json").write_text("{", encoding="utf-8")
    bad = np.full((RATE * 4, 2), 0.1, np.float32)
    bad[100] = np.nan
    soundfile.write(tmp_path / "nan.wav", bad, RATE, subtype="FLOAT")
    (tmp_path / "empty").mkdir()
    for like, kind, message in (
        (tmp_path / "nothing", AudioFileError, "there is no"),
        (tmp_path / "text.txt", ParameterError, "neither a folder of stems"),
        (tmp_path / "broken.wav", AudioFileError, "broken.wav"),
        (tmp_path / "broken.json", PlanError, "broken.json"),
        (tmp_path / "nan.wav", AudioFileError, "nan.wav"),
        (f"{folder}={tmp_path / 'nothing'}", AudioFileError, "there is no"),
        (f"{tmp_path / 'text.txt'}={tmp_path / 'nan.wav'}", ParameterError, "no folder of stems"),
        (f"{folder}={folder}", ParameterError, "holds stems"),
        (3, ParameterError, "like is"),
        ([], ParameterError, "at least one"),
    ):
        with pytest.raises(kind, match=message) as caught:
            reference_targets(like)  # type: ignore[arg-type]
        assert "\n" not in str(caught.value)


def test_a_plan_for_other_stems_is_refused(folder: Path) -> None:
    other = mix(
        {"piano": noise(4.0, 200, 2000), "flute": noise(4.0, 400, 4000, seed=2)}, sample_rate=RATE
    ).plan
    with pytest.raises(PlanError, match="song b"):
        reference_targets(Reference(stems=folder, plan=other))


def test_a_plan_that_states_nothing_asks_for_its_stems() -> None:
    plan = MixPlan.from_json('{"version": 2, "title": "bare", "stems": [{"name": "bass"}]}')
    with pytest.raises(PlanError, match="FOLDER=PLAN"):
        reference_targets(plan)


def test_a_reference_needs_something() -> None:
    with pytest.raises(ParameterError, match="none of them"):
        Reference()
    with pytest.raises(ParameterError, match="needs the stems"):
        Reference(mix="a.wav", plan="a.json")
    with pytest.raises(ParameterError, match="stems of a reference is a path"):
        Reference(stems=3)  # type: ignore[arg-type]


def test_names_with_an_equals_sign_are_paths_first(tmp_path: Path) -> None:
    odd = write_song(tmp_path / "a=b", band(SECONDS))
    (reference,) = references_of(str(odd))
    assert isinstance(reference, Reference)
    assert (reference.called, reference.mix) == ("a=b", None)


def test_stems_and_plans_in_memory_are_references(folder: Path) -> None:
    stems = Stems.from_arrays(at_gains(band(SECONDS), GAINS_DB), RATE, title="in memory")
    assert reference_targets(stems).name == "in memory"
