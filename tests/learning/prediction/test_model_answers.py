"""What models answer for a song: functions of one's own, answers in order, songs without any."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from learning.prediction.written_answers import BLOCK_S
from synthetic import noise

from mixrules import Stems, plan, presets
from mixrules.errors import ParameterError
from mixrules.learning import plan_with
from mixrules.learning.prediction.model_answers import AnsweringModel, answering_models, answers_for_song
from mixrules.learning.prediction.song_blocks import mel_blocks_of

RATE = 44_100
Mel = npt.NDArray[np.float32]


@pytest.fixture(scope="module")
def song() -> Stems:
    """A song of three snippets, whose vocal is silent in the second."""
    vocals = noise(4.6, 200, 5000, rate=RATE, seed=1)
    vocals[round(BLOCK_S * RATE) - 500 : round(2 * BLOCK_S * RATE) + 500] = 0.0
    return Stems.from_arrays({"vocals": vocals, "piano": noise(4.6, 60, 3000, rate=RATE, seed=2)}, RATE)


def level_of_mel(mel: Mel) -> npt.NDArray[np.float64]:
    """How much more power the vocal has than the backing, the target of toy-level."""
    power = mel.sum(axis=(2, 3), dtype=np.float64)
    return np.asarray(10.0 * np.log10(power[:, 1] / power[:, 0]))


def test_a_function_gets_the_mel_blocks_of_the_song(song: Stems) -> None:
    (answered,), note = answers_for_song(answering_models({"level": level_of_mel}), song)
    assert note == ""
    assert (answered.model, answered.task, answered.constants) == ("level_of_mel", "level", None)
    assert answered.outputs == ("vocal_to_backing_lu",)
    assert answered.starts_s == pytest.approx([0.0, 2 * BLOCK_S])
    (batch,) = mel_blocks_of(song)
    assert answered.values[:, 0] == pytest.approx(level_of_mel(batch.mel))


def test_a_plan_with_functions_is_that_of_the_rules_with_their_numbers(song: Stems) -> None:
    def flat(mel: Mel) -> npt.NDArray[np.float64]:
        return np.tile([0.0, 0.0, 0.0, 0.0, 5.0, 0.0, 0.0, 0.0, 0.0], (len(mel), 1))

    made = plan_with(song, {"level": lambda mel: np.full(len(mel), -6.0), "eq": flat}, rules="survey-2022")
    assert [
        decision.sentence.partition(":")[0] for decision in made.decisions if decision.rule == "model"
    ] == [
        "<lambda>",
        "flat",
    ]
    assert [band.gain_db for band in made.stem("vocals").equalizer.bands] == [-5.0]
    level = [d for d in made.decisions if d.rule == "level" and not d.superseded][-1]
    assert [statement.stated for statement in level.statements] == [-6.0]


def test_a_song_is_taken_as_plan_takes_it(song: Stems) -> None:
    arrays = {stem.name: stem.audio for stem in song}
    named = {f"take {number}": audio for number, audio in enumerate(arrays.values())}
    roles = {"take 0": "vocal", "take 1": "piano"}
    made = plan_with(
        named, {"level": level_of_mel}, sample_rate=RATE, roles=roles, rules=presets.load("default")
    )
    assert made.stem("take 0").role == "vocal"
    assert "model" in {decision.rule for decision in made.decisions}
    with pytest.raises(ParameterError, match="arrays need a sample_rate"):
        plan_with(named, {"level": level_of_mel})


@pytest.mark.parametrize(
    ("names", "seconds", "why"),
    [
        (("bass", "piano"), 2.0, "no vocal among its stems"),
        (("vocals", "backing vocals"), 2.0, "nothing but a vocal among its stems"),
        (("vocals", "piano"), 1.0, "the song is 1.00 s long, a snippet 1.49 s"),
    ],
)
def test_where_a_model_cannot_be_asked_the_rules_decide_and_a_note_says_so(
    names: tuple[str, str], seconds: float, why: str
) -> None:
    arrays = {name: noise(seconds, 100, 5000, rate=RATE, seed=len(name)) for name in names}
    song = Stems.from_arrays(arrays, RATE)
    made, by_rules = plan_with(song, {"level": level_of_mel}), plan(song)
    assert made.replace(notes=by_rules.notes) == by_rules
    (note,) = set(made.notes) - set(by_rules.notes)
    assert note.startswith(f"no answer from level_of_mel, so that the rules decide: {why}")


def test_without_a_backing_beside_the_vocal_a_level_alone_is_not_answered() -> None:
    length_s = 2 * BLOCK_S + 0.1
    vocals, piano = (noise(length_s, 200, 5000, rate=RATE, seed=seed) for seed in (1, 2))
    half = round(BLOCK_S * RATE)
    vocals[half - 2000 :], piano[: half + 2000] = 0.0, 0.0  # never both in one snippet
    song = Stems.from_arrays({"vocals": vocals, "piano": piano}, RATE)
    models = answering_models({"level": level_of_mel, "compression": lambda mel: np.full(len(mel), 8.0)})
    answered, note = answers_for_song(models, song)
    assert [each.task for each in answered] == ["compression"]
    assert (
        note == "no answer from level_of_mel, so that the rules decide: no snippet has a vocal and a backing"
    )


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (np.zeros(5), r"mine answers shape \(5,\) for 2 mel blocks, \(2, 1\) is needed: a column for each of vocal_to"),
        (np.zeros((2, 3)), r"mine answers shape \(2, 3\)"),
        ("loud", "mine answers 'loud', numbers are needed"),
        (None, r"mine answers shape \(\)"),
    ],
)  # fmt: skip
def test_odd_answers_are_told_in_one_line(song: Stems, answer: object, message: str) -> None:
    model = AnsweringModel(name="mine", task="level", answers=lambda mel: answer)  # type: ignore[arg-type, return-value]
    with pytest.raises(ParameterError, match=message):
        answers_for_song([model], song)


@pytest.mark.parametrize(
    ("models", "message"),
    [
        ({"loudness": level_of_mel}, "a model for task 'loudness' takes the place of no rule"),
        ({"level": 3.0}, "a model is a function or the path of an ONNX file, got 3.0"),
        (level_of_mel, "models must be a mapping from a task to a function or an ONNX file"),
        ({"reverb": level_of_mel, "eq": level_of_mel}, "level_of_mel takes the place of step reverb"),
    ],
)
def test_odd_models_are_told_in_one_line(models: object, message: str) -> None:
    rules = presets.load("default").without("reverb")
    with pytest.raises(ParameterError, match=message):
        plan_with(Path("nowhere"), models, rules=rules)  # type: ignore[arg-type]


def test_rules_are_a_rule_set_or_a_presets_name(song: Stems) -> None:
    with pytest.raises(ParameterError, match="rules is a RuleSet or a preset's name, got int"):
        plan_with(song, {"level": level_of_mel}, rules=3)  # type: ignore[arg-type]
