"""A plan for each song of a data set, by rules with models in the place of some: what is written, kept and refused."""

from __future__ import annotations

import csv
import pickle
from pathlib import Path

import pytest
import soundfile
from corpus.batch.songs import RATE, put
from learning.prediction.model_stand_in import open_numbers, write_numbers
from statement_checks import assert_true

from mixrules import MixPlan, presets
from mixrules.corpus.catalogue import Catalogue
from mixrules.corpus.one_song import OneSong, is_song
from mixrules.errors import AudioFileError, ParameterError
from mixrules.learning.prediction.chosen_models import ModelFile
from mixrules.learning.prediction.predicted_plans import Prediction
from mixrules.learning.prediction.prediction_run import predict_songs
from mixrules.systems import load_song, parse_systems, produce

FIRST, SECOND = "train/Artist 0 - Song 0", "test/Artist 1 - Song 1"


@pytest.fixture(autouse=True)
def _stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    open_numbers(monkeypatch)


@pytest.fixture
def songs(tmp_path: Path) -> Catalogue:
    for number, name in enumerate((FIRST, SECOND)):
        put(tmp_path / "set", name, gain=0.05 * (number + 1), seconds=3.2, seed=number)
    return Catalogue(tmp_path / "set", "musdb18hq")


def prediction(tmp_path: Path, preset: str = "survey-2022", **tasks: float) -> Prediction:
    files = [
        ModelFile.of(write_numbers(tmp_path / f"{task}.onnx", task, number)) for task, number in tasks.items()
    ]
    return Prediction(rules=presets.load(preset).without("eq", "reverb"), models=tuple(files))


def rows(path: Path) -> list[dict[str, str]]:
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_song_gets_a_plan_that_holds_and_its_answers(songs: Catalogue, tmp_path: Path) -> None:
    work = prediction(tmp_path, level=-5.0, compression=9.0)
    summary, answers, _ = predict_songs(work, songs, tmp_path / "plans")
    assert (summary.done, summary.kept, summary.failed) == (2, 0, ())
    assert answers == {
        "vocal_to_backing_lu": pytest.approx((-4.95, -4.95)),
        "loudness_range_lu": pytest.approx((9.05, 9.05)),
    }
    made = MixPlan.load(tmp_path / "plans" / f"{FIRST}.plan.json")
    assert_true(made)
    assert made.result is not None
    assert made.result.integrated_lufs == pytest.approx(-28.0, abs=0.1)
    stated = {s.stated for d in made.decisions for s in d.statements if s.kind == "vocal_to_backing_lu"}
    assert stated == {-4.95}
    table = rows(tmp_path / "plans" / "answers.csv")
    assert table[0] == {
        "song": FIRST, "snippet": "0", "vocal_to_backing_lu": "-5.0", "loudness_range_lu": "9.0"
    }  # fmt: skip
    assert [(row["song"], row["snippet"]) for row in table] == [
        (song, snippet) for song in (FIRST, SECOND) for snippet in "01"
    ]
    assert rows(tmp_path / "plans" / f"{FIRST}.answers.csv") == table[:2]


def test_the_folder_is_a_system_like_any_other(songs: Catalogue, tmp_path: Path) -> None:
    predict_songs(prediction(tmp_path, level=-5.0), songs, tmp_path / "plans")
    (deep,) = parse_systems(f"deep={tmp_path / 'plans'}")
    assert deep.kind == "plans"
    song = next(song for song in songs if song.song == FIRST)
    made = produce(deep, load_song(song), seed=0)
    assert made.plan == MixPlan.load(tmp_path / "plans" / f"{FIRST}.plan.json")


def test_a_run_goes_on_where_it_was(songs: Catalogue, tmp_path: Path) -> None:
    work = prediction(tmp_path, level=-5.0)
    predict_songs(work, songs, tmp_path / "plans")
    before = {path: path.read_bytes() for path in (tmp_path / "plans").rglob("*.csv")}
    (tmp_path / "plans" / f"{SECOND}.answers.csv").unlink()
    summary, answers, _ = predict_songs(work, songs, tmp_path / "plans")
    assert (summary.done, summary.kept) == (1, 1)
    assert answers["vocal_to_backing_lu"] == pytest.approx((-4.95, -4.95))
    assert {path: path.read_bytes() for path in (tmp_path / "plans").rglob("*.csv")} == before


def test_plans_of_another_model_are_not_mixed_up_with_those_that_are_there(
    songs: Catalogue, tmp_path: Path
) -> None:
    predict_songs(prediction(tmp_path, level=-5.0), songs, tmp_path / "plans")
    with pytest.raises(ParameterError, match=r"are of other settings \(models.level"):
        predict_songs(prediction(tmp_path, level=-6.0), songs, tmp_path / "plans")


def test_a_model_that_is_replaced_while_it_is_used_is_refused(songs: Catalogue, tmp_path: Path) -> None:
    work = prediction(tmp_path, level=-5.0)
    write_numbers(tmp_path / "level.onnx", "level", -9.0)
    summary, _, _ = predict_songs(work, songs, tmp_path / "plans")
    assert {record.reason for record in summary.failed} == {
        f"{tmp_path / 'level.onnx'} is no longer the model that the run began with: begin again"
    }


def test_a_song_that_fails_costs_no_other(songs: Catalogue, tmp_path: Path) -> None:
    (tmp_path / "set" / FIRST / "bass.wav").unlink()
    summary, answers, _ = predict_songs(prediction(tmp_path, level=-5.0), songs, tmp_path / "plans")
    assert [(record.song, record.reason) for record in summary.failed] == [(FIRST, "bass.wav is missing")]
    assert len(answers["vocal_to_backing_lu"]) == 1
    assert {row["song"] for row in rows(tmp_path / "plans" / "answers.csv")} == {SECOND}


def test_of_a_song_without_a_vocal_the_rules_decide_and_the_plan_says_so(tmp_path: Path) -> None:
    folder = put(tmp_path, "songs/Instrumental", seconds=2.0)
    (folder / "vocals.wav").unlink()
    work = prediction(tmp_path, preset="default", level=-5.0)
    summary, answers, _ = predict_songs(work, OneSong(folder), tmp_path / "plans")
    assert (summary.failed, answers) == ((), {"vocal_to_backing_lu": ()})
    made = MixPlan.load(tmp_path / "plans" / "Instrumental.plan.json")
    assert any(note.startswith("no answer from level.onnx, so that the rules decide") for note in made.notes)
    assert "model" not in {decision.rule for decision in made.decisions}
    assert rows(tmp_path / "plans" / "answers.csv") == []


def test_a_level_that_is_read_and_a_song_that_was_learnt_from_are_noted(
    songs: Catalogue, tmp_path: Path
) -> None:
    models = (
        ModelFile.of(
            write_numbers(tmp_path / "level.onnx", "level", -5.0, reads_level=True, trained_on=[FIRST])
        ),
        ModelFile.of(write_numbers(tmp_path / "range.onnx", "compression", 9.0)),
    )
    work = Prediction(rules=presets.load("survey-2022").without("eq", "reverb"), models=models)
    _, _, trained_on = predict_songs(work, songs, tmp_path / "plans")
    assert trained_on == {"level": 1, "compression": 0}
    notes = [MixPlan.load(tmp_path / "plans" / f"{name}.plan.json").notes for name in (FIRST, SECOND)]
    learnt = {note for note in notes[0] if note.startswith("level.onnx was trained on this song")}
    assert len(learnt) == 1
    assert set(notes[0]) - set(notes[1]) == learnt
    reads = "was trained to read the level as given; it does not decide how loud the vocal should be"
    assert f"level.onnx {reads}" in notes[1]
    again = predict_songs(work, songs, tmp_path / "plans")
    assert (again[0].kept, again[2]) == (2, trained_on)


def test_without_an_answer_there_is_nothing_to_note_of_it(tmp_path: Path) -> None:
    folder = put(tmp_path, "songs/Instrumental", seconds=2.0)
    (folder / "vocals.wav").unlink()
    model = write_numbers(
        tmp_path / "level.onnx", "level", -5.0, reads_level=True, trained_on=["Instrumental"]
    )
    work = Prediction(rules=presets.load("default"), models=(ModelFile.of(model),))
    _, _, trained_on = predict_songs(work, OneSong(folder), tmp_path / "plans")
    assert trained_on == {"level": 0}
    notes = MixPlan.load(tmp_path / "plans" / "Instrumental.plan.json").notes
    assert not [note for note in notes if note.startswith("level.onnx")]


def test_work_goes_to_other_processes(tmp_path: Path) -> None:
    work = prediction(tmp_path, level=-5.0)
    assert pickle.loads(pickle.dumps(work)) == work


def test_what_cannot_be_is_refused_before_any_song(tmp_path: Path) -> None:
    work = prediction(tmp_path, level=-5.0)
    again = ModelFile.of(write_numbers(tmp_path / "again.onnx", "level", 1.0))
    toy = ModelFile.of(write_numbers(tmp_path / "toy.onnx", "toy-level", 1.0))
    with pytest.raises(
        ParameterError, match=r"level\.onnx and again\.onnx both take the place of rule level"
    ):
        Prediction(rules=work.rules, models=(*work.models, again))
    with pytest.raises(ParameterError, match="a model for task 'toy-level' takes the place of no rule"):
        Prediction(rules=work.rules, models=(toy,))
    with pytest.raises(AudioFileError, match="nowhere does not exist"):
        predict_songs(work, Catalogue(tmp_path / "nowhere"), tmp_path / "plans")
    assert not (tmp_path / "plans").exists()


def test_a_folder_of_stems_is_a_song_and_a_folder_of_these_is_none(tmp_path: Path) -> None:
    folder = put(tmp_path, "songs/One", seconds=0.1)
    assert is_song(folder)
    assert not is_song(tmp_path / "songs")
    assert not is_song(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    assert not is_song(tmp_path / "empty")
    (tmp_path / "grouped" / "Drums").mkdir(parents=True)
    soundfile.write(tmp_path / "grouped" / "Drums" / "kick.wav", [0.1] * 100, RATE)
    assert is_song(tmp_path / "grouped")
    (song,) = OneSong(folder)
    assert (song.song, song.folder) == ("One", folder)
