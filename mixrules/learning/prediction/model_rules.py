"""Rules with a model in them: its number takes the place of a constant, all else stays the preset's.

The first step of the chain says what the models answered, so that a plan keeps it: for the song, for each snippet, and
beside it what the preset says.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mixrules._support.arguments import known_names, require_instance
from mixrules._support.wording import listed
from mixrules.constant import Constant
from mixrules.corpus.tasks.settings import DatasetSettings, make_task
from mixrules.corpus.tasks.task import Output
from mixrules.decision import Decision, Quantity
from mixrules.errors import ParameterError
from mixrules.learning.prediction import model_eq, model_reverb, model_targets
from mixrules.learning.prediction.model_wording import snippets_of
from mixrules.learning.prediction.song_answers import SongAnswers
from mixrules.learning.training.history import short_unit
from mixrules.ruleset import RuleSet, Step

STEP = "model"
"""What the step and the decisions are called that say what models answered."""


@dataclass(frozen=True, slots=True)
class _ModelRule:
    """How a model takes the place of a rule.

    Attributes
    ----------
    steps : tuple of str
        The steps of a chain whose place it takes.
    change : callable
        Returns the rules that follow from its answers.
    in_words : callable
        Returns what is said of them.
    own_values : callable
        Returns what the rules have by themselves.
    constants : mapping of str to Constant
        What the step in its place has constants for.
    """

    steps: tuple[str, ...]
    change: Callable[[RuleSet, SongAnswers], RuleSet]
    in_words: Callable[[RuleSet, SongAnswers], str]
    own_values: Callable[[RuleSet, SongAnswers], list[Quantity]] = lambda rules, answers: []
    constants: Mapping[str, Constant] = field(default_factory=dict)

    @property
    def rule(self) -> str:
        """The rule whose place it takes."""
        return self.steps[0].partition(":")[0]


_MODEL_RULES: Mapping[str, _ModelRule] = {
    **{
        task: _ModelRule(
            tuple(targets),
            model_targets.rules_with_target,
            model_targets.target_in_words,
            model_targets.own_target,
        )
        for task, targets in model_targets.TARGETS.items()
    },
    "eq": _ModelRule(
        model_eq.STEPS, model_eq.rules_with_eq, model_eq.eq_in_words, constants=model_eq.CONSTANTS
    ),
    **{
        task: _ModelRule(
            model_reverb.STEPS, model_reverb.rules_with_room, model_reverb.room_in_words, constants=constants
        )
        for task, constants in model_reverb.CONSTANTS.items()
    },
}
"""By task."""


def task_outputs(task: str) -> tuple[Output, ...]:
    """Return what is predicted in a task whose model takes the place of a rule.

    Raises
    ------
    ParameterError
        If it has to do with no rule.
    """
    if task not in _MODEL_RULES:
        raise ParameterError(
            f"a model for task {task!r} takes the place of no rule: {known_names(task, _MODEL_RULES)}"
        )
    return tuple(make_task(DatasetSettings(task=task)).outputs)


def rules_to_set(rules: RuleSet, tasks: Iterable[str]) -> RuleSet:
    """Return rules that also have the constants of the steps which models for some tasks put in the place of theirs."""
    own = {name: each for task in tasks for name, each in _MODEL_RULES[task].constants.items()}
    return dataclasses.replace(rules, constants={**own, **rules.constants})


def require_rules_for(rules: RuleSet, models: Iterable[tuple[str, str]]) -> None:
    """Raise `ParameterError` unless each of some models takes the place of a rule of its own.

    Parameters
    ----------
    rules : RuleSet
        The rules.
    models : iterable of (name, task)
        What the models are called, and what each was trained for.
    """
    taken: dict[str, str] = {}
    for model, task in models:
        task_outputs(task)
        place = _MODEL_RULES[task]
        if place.rule in taken:
            raise ParameterError(
                f"{taken[place.rule]} and {model} both take the place of rule {place.rule}: leave one out"
            )
        if not any(str(step) in place.steps for step in rules.chain):
            raise ParameterError(
                f"{model} takes the place of step {' or '.join(place.steps)}, rule set {rules.name} has neither: "
                f"its chain is {', '.join(map(str, rules.chain))}"
            )
        taken[place.rule] = model


def rules_for(rules: RuleSet, answers: Sequence[SongAnswers]) -> RuleSet:
    """Return rules in which models take the place of some, for one song.

    Parameters
    ----------
    rules : RuleSet
        The rules that decide all else.
    answers : sequence of SongAnswers
        What each model answers about the song. One that has no answers, since the song has no vocal for instance,
        leaves its rule as it is.

    Returns
    -------
    RuleSet
        Named after the models too. For tasks ``level`` and ``compression`` the mean answer is the rule's target. For
        ``eq`` the vocal's equaliser undoes the gains that the model estimates. For ``reverb`` and ``reverb-2022`` the
        vocal's room is the one that it describes. A number beyond what the rule takes is brought to the nearest that it
        does, and the plan says so.

    Raises
    ------
    ParameterError
        If two models take the place of one rule, the rules have none whose place a model takes, or answers are not
        finite.

    Examples
    --------
    >>> import numpy as np
    >>> from mixrules import presets
    >>> answers = SongAnswers(
    ...     model="level.onnx",
    ...     task="level",
    ...     outputs=("vocal_to_backing_lu",),
    ...     units=("LU",),
    ...     starts_s=np.array([0.0, 1.486]),
    ...     values=np.array([[-3.0], [-2.0]]),
    ... )
    >>> rules = rules_for(presets.load("survey-2022"), [answers])
    >>> rules.name, rules["level.vocal_to_backing_lu"]
    ('survey-2022 with level.onnx', -2.5)
    """
    require_instance(rules, RuleSet, name="rules")
    answers = tuple(answers)
    for each in answers:
        _check(each)
    require_rules_for(rules, [(each.model, each.task) for each in answers])
    changed, said = rules, []
    for each in answers:
        if len(each.values):
            said.append(_announcement(rules, each))
            changed = _MODEL_RULES[each.task].change(changed, each)
    if not said:
        return rules
    names = listed([each.model for each in answers if len(each.values)])
    step = Step(STEP, function=lambda session, settings: list(said))
    return dataclasses.replace(changed, name=f"{rules.name} with {names}", chain=(step, *changed.chain))


def _check(answers: SongAnswers) -> None:
    require_instance(answers, SongAnswers, name="each of answers")
    outputs = tuple(output.name for output in task_outputs(answers.task))
    if answers.outputs != outputs:
        raise ParameterError(
            f"{answers.model} answers {', '.join(answers.outputs)}: task {answers.task} is {', '.join(outputs)}"
        )
    shape = (len(answers.starts_s), len(outputs))
    if answers.values.shape != shape:
        raise ParameterError(
            f"{answers.model} has answers of shape {answers.values.shape}, {shape} is needed"
        )
    finite = np.isfinite(answers.values)
    if not finite.all():
        row, column = np.argwhere(~finite)[0]
        raise ParameterError(
            f"{answers.model} answers {answers.values[row, column]} for {outputs[column]} at "
            f"{answers.starts_s[row]:.2f} s: a finite number is needed"
        )


def _announcement(rules: RuleSet, answers: SongAnswers) -> Decision:
    """Return the decision that keeps what a model answered."""
    place = _MODEL_RULES[answers.task]
    units = [short_unit(unit).removeprefix("1") for unit in answers.units]  # "1" is no unit
    constants: Sequence[Any] = answers.constants or ()
    of_song = [
        Quantity.of(f"{output}, mean of {snippets_of(answers)}", value, unit)
        for (output, value), unit in zip(answers.mean().items(), units, strict=True)
    ]
    of_training = [
        Quantity.of(f"{output}, median of the training targets", value, unit)
        for output, value, unit in zip(answers.outputs, constants, units, strict=False)
    ]
    of_snippets = [
        Quantity.of(f"{output} at {start_s:.2f} s", value, unit)
        for start_s, row in zip(answers.starts_s, answers.values, strict=True)
        for output, value, unit in zip(answers.outputs, row, units, strict=True)
    ]
    return Decision(
        rule=STEP,
        source=f"{answers.model}, a model for task {answers.task}",
        sentence=place.in_words(rules, answers),
        measured=(*of_song, *place.own_values(rules, answers), *of_training, *of_snippets),
    )
