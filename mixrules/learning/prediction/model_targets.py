"""A model whose answer is a rule's target: the vocal's level against the backing, or the range it is compressed to."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import cast

from mixrules._support.wording import signed
from mixrules.decision import Quantity
from mixrules.learning.prediction.model_wording import snippets_of
from mixrules.learning.prediction.song_answers import SongAnswers
from mixrules.ruleset import RuleSet

TARGETS: Mapping[str, Mapping[str, str]] = {
    "level": {
        "level:vocal_to_backing": "level.vocal_to_backing_lu",
        "level:by_role": "level.vocal_to_backing_lu",
    },
    "compression": {
        "compression:vocal": "compression.target_lu",
        "compression:by_role": "compression.vocal_target_lu",
    },
}
"""By task: the constant that is the target of each step."""

_VOCAL_TRUST = "level.vocal_trust_within_lu"


def target_name(rules: RuleSet, task: str) -> str:
    """Return the name of the constant that a model for a task takes the place of."""
    return next(TARGETS[task][str(step)] for step in rules.chain if str(step) in TARGETS[task])


def rules_with_target(rules: RuleSet, answers: SongAnswers) -> RuleSet:
    """Return rules with the mean answer as the target."""
    name = target_name(rules, answers.task)
    values = {name: _target(rules, answers)[1]}
    if name == "level.vocal_to_backing_lu" and _VOCAL_TRUST in rules.constants:
        values[_VOCAL_TRUST] = (
            0.0  # the model has heard the song: its answer is not mixed with the level as given
        )
    changed = rules.with_values(values)
    source = f"{answers.model}, mean of {snippets_of(answers)}"
    constant = dataclasses.replace(changed.constants[name], source=source)
    return dataclasses.replace(changed, constants={**changed.constants, name: constant})


def target_in_words(rules: RuleSet, answers: SongAnswers) -> str:
    """Return what is said of the answer, and what the preset says."""
    answer, target = _target(rules, answers)
    if answers.task == "level":
        what = f"the vocal belongs at {signed(answer, 2)} LU against the backing"
    else:
        what = f"the vocal's loudness range should be {answer:.2f} LU"
    spread = f"from {answers.values.min():.2f} to {answers.values.max():.2f} LU"
    own = own_target(rules, answers)[0]
    bound = "" if target == answer else f"; {target:g} LU is the nearest that the rule takes"
    return (
        f"{answers.model}: {what}, the mean of {snippets_of(answers)} ({spread}){bound}; "
        f"{rules.name} has {own.value:g} LU."
    )


def own_target(rules: RuleSet, answers: SongAnswers) -> list[Quantity]:
    """Return the constant whose place the model takes."""
    name = target_name(rules, answers.task)
    return [Quantity.of(f"{name} of {rules.name}", cast("float", rules[name]), rules.constants[name].unit)]


def _target(rules: RuleSet, answers: SongAnswers) -> tuple[float, float]:
    """Return the mean answer, as fine as constants are written, and what the rule takes of it."""
    constant = rules.constants[target_name(rules, answers.task)]
    (mean,) = answers.mean().values()
    answer = round(mean, 2)
    low = -math.inf if constant.minimum is None else constant.minimum
    high = math.inf if constant.maximum is None else constant.maximum
    return answer, min(max(answer, low), high)
