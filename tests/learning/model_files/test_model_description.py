from __future__ import annotations

import json
from typing import Any

import pytest

from mixrules.corpus.tasks.settings import CONSTANTS, TASKS, DatasetSettings, make_task
from mixrules.errors import ParameterError, PlanError
from mixrules.learning.model_files.model_description import ModelDescription, description_of
from mixrules.learning.model_files.training_songs import TrainingSongs

FULL = ModelDescription(
    task="eq",
    name="deep eq",
    network="faithful",
    switches=("power_input", "time_normalization"),
    levels="hidden",
    parameters=31_617,
    medians=tuple(-0.1 * i for i in range(9)),
    verdict="eq: the network is no different from the constant",
    training_songs=TrainingSongs.of(["Angela - Air", "Bee & Bo"]),
    seed=7,
    data_hash="ab" * 32,
    versions={"torch": "2.13.0", "mixrules": "0.2.0"},
)


def with_change(**changes: Any) -> str:
    return json.dumps({**json.loads(FULL.in_json()), **changes})


@pytest.mark.parametrize("task", TASKS)
def test_a_task_decides_outputs_and_units(task: str) -> None:
    description = ModelDescription(task=task)
    outputs = make_task(DatasetSettings(task=task)).outputs
    assert description.outputs == tuple(output.name for output in outputs)
    assert description.units == tuple(output.unit for output in outputs)
    assert description_of(description.in_json(), "it") == description


def test_json_holds_everything_and_the_same_text_whatever_the_order() -> None:
    assert description_of(FULL.in_json(), "it") == FULL
    said = json.loads(FULL.in_json())
    assert (said["format"], said["format_version"]) == ("mixrules-model", 1)
    assert said["mel"] == CONSTANTS
    # BLAKE2b of the names with a digest of 4 bytes, as hashlib and b2sum --length 32 have it.
    assert said["training_songs"] == {"count": 2, "hashes": sorted(["4a5e3d16", "e723f686"])}
    other = ModelDescription(
        **{
            **{name: getattr(FULL, name) for name in ModelDescription.__slots__},
            "versions": dict(reversed(FULL.versions.items())),
        }
    )
    assert other.in_json() == FULL.in_json()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"task": "loudness"}, "there is no task 'loudness'"),
        ({"levels": "seen"}, "there is no choice for levels 'seen': there are given, hidden"),
        ({"outputs": ("gain_db",)}, "outputs must be those of task level, vocal_to_backing_lu, got gain_db"),
        ({"units": ("dB",)}, "units must be those of task level"),
        (
            {"medians": (1.0, 2.0)},
            r"medians must be a finite number for each of 1 outputs, got \(1\.0, 2\.0\)",
        ),
        ({"medians": (float("nan"),)}, "medians must be a finite number for each of 1 outputs"),
        ({"medians": 3.0}, "medians must be a finite number for each of 1 outputs, got 3.0"),
        ({"mel": {**CONSTANTS, "hop_samples": 512}}, "mel has hop_samples 512, task data 1024"),
        ({"mel": {**CONSTANTS, "log": True}}, "mel has log True, task data None"),
    ],
)
def test_what_does_not_fit_the_task_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        ModelDescription(**{"task": "level", **changes})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "it is not JSON"),
        (FULL.in_json()[:-20], "it is not JSON: line 1"),
        ("[]", "it is of format None, mixrules-model is needed"),
        (with_change(format="mixrules-plan"), "it is of format 'mixrules-plan', mixrules-model is needed"),
        (
            with_change(format_version=2),
            "it is of version 2 of mixrules-model, this mixrules reads 1: a newer one",
        ),
        (with_change(color="red"), r"it: \$\.color: unknown field"),
        (with_change(seed="seven"), r"it: \$\.seed: a whole number or null is needed, got \"seven\""),
        (with_change(task="reverb"), "outputs must be those of task reverb"),
        (with_change(training_songs={"count": 1}), r"it: \$\.training_songs: the field hashes is missing"),
    ],
)
def test_text_that_is_no_description_is_refused_in_one_line(text: str, message: str) -> None:
    with pytest.raises(PlanError, match=message) as raised:
        description_of(text, "it")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("changes", "reads"),
    [
        ({"task": "level", "levels": "given"}, True),
        ({"task": "level", "levels": "given", "switches": ("power_input",)}, True),
        ({"task": "level", "levels": "hidden"}, False),
        ({"task": "level", "levels": "given", "switches": ("power_input", "time_normalization")}, False),
        ({"task": "compression", "levels": "given"}, False),
    ],
)
def test_a_model_that_sees_the_level_it_answers_is_a_meter(changes: dict[str, Any], reads: bool) -> None:
    assert ModelDescription(**changes).reads_level is reads


def test_the_songs_it_was_trained_on_are_known_and_no_others() -> None:
    names = [f"song {number}" for number in range(3000)] + ["Ólöf", "\udc80 not UTF-8"]
    known = description_of(
        ModelDescription(task="level", training_songs=TrainingSongs.of(names)).in_json(), "it"
    )
    assert all(known.was_trained_on(name) is True for name in names)
    assert known.was_trained_on("another song") is False
    assert ModelDescription(task="level").was_trained_on("song 1") is None


def test_ten_thousand_songs_are_kept_and_of_more_their_number() -> None:
    names = [str(number) for number in range(10_001)]
    some, more = TrainingSongs.of(names[1:]), TrainingSongs.of(names)
    assert (some.count, some.holds("10000"), some.holds("0")) == (10_000, True, False)
    assert (more.count, more.hashes, more.holds("0")) == (10_001, (), None)
