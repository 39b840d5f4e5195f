from __future__ import annotations

import re
from typing import Any

import pytest

from mixrules.corpus.tasks.augmentation import AUGMENTATIONS
from mixrules.corpus.tasks.settings import TASKS, DatasetSettings, make_task
from mixrules.errors import ParameterError


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"task": "levels"}, "there is no task 'levels'"),
        ({"split": "snippets"}, "there is no split 'snippets'"),
        ({"shares": (0.9, 0.1, 0.0)}, "three numbers above 0 that add up to 1"),
        ({"shares": (0.8, 0.1, 0.2)}, "three numbers above 0 that add up to 1"),
        ({"shares": (0.9, 0.1)}, "three numbers above 0 that add up to 1"),
        ({"shares": (float("nan"), 0.5, 0.5)}, "three numbers above 0 that add up to 1"),
        ({"fraction": 0.0}, "fraction must be above 0 and at most 1"),
        ({"fraction": 1.5}, "fraction must be above 0 and at most 1"),
        ({"target": "song", "task": "eq"}, "for task level alone, not for eq"),
        ({"limits_lu": (-10.0, 6.0), "task": "compression"}, "limits in LU are for task level"),
        ({"limits_lu": (6.0, -10.0)}, "the lower first"),
        ({"block_hop": 16}, "block_hop must be 64 or 32"),
        ({"format": "zip"}, "there is no format 'zip'"),
        ({"shard_mib": 0.0}, "shard_mib must be 1 to"),
        ({"augment": ("echo",), "copies": 1}, "there is no augmentation 'echo'"),
        ({"augment": ("gain",)}, "ask for at least one copy"),
        ({"augment": ("gain", "gain"), "copies": 1}, "an augmentation is there twice"),
        ({"augment": ("polarity",), "copies": 1}, "polarity alone changes neither mel blocks nor loudness"),
        ({"split": "official", "ignore_official": True}, "--ignore-official is for --split songs"),
        ({"shared_artists": "keep"}, "--shared-artists is for --split official"),
        ({"copies": 2}, "copies for task level would be the same as the songs"),
        ({"task": "eq", "augment": ("eq",), "copies": 1}, "augmentation eq changes what task eq asks for"),
        ({"task": "reverb", "augment": ("reverb",), "copies": 1}, "changes what task reverb asks for"),
        (
            {"task": "reverb-2022", "augment": ("reverb",), "copies": 1},
            "changes what task reverb-2022 asks for",
        ),
    ],
)
def test_what_is_out_of_range_or_contradicts_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterError, match=re.escape(message)):
        DatasetSettings(**{"task": "level", **changes})


@pytest.mark.parametrize("name", TASKS)
def test_every_task_has_outputs_whose_names_end_in_their_units(name: str) -> None:
    task = make_task(DatasetSettings(task=name))
    assert task.name == name
    for output in task.outputs:
        assert re.search("_(lu|db|s|m|hz|ms|q|share)$", output.name)
        assert output.unit


def test_the_command_names_the_tasks_and_augmentations_there_are() -> None:
    from mixrules.cli.dataset import command

    options: dict[str, Any] = {str(option.name): option for option in command.params}
    assert tuple(options["task"].type.choices) == TASKS
    assert options["augment"].help.split(": ", 1)[1].rstrip(".").split(", ") == list(AUGMENTATIONS)
