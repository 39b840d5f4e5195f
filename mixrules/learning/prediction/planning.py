"""A plan of one song by rules in which models take the place of some: functions of one's own, or ONNX files."""

from __future__ import annotations

from collections.abc import Mapping

from mixrules.errors import ParameterError
from mixrules.learning.prediction.model_answers import GivenModel, answering_models, answers_for_song
from mixrules.learning.prediction.model_notes import level_notes
from mixrules.learning.prediction.model_rules import require_rules_for, rules_for
from mixrules.mixer import Song, as_stems, plan
from mixrules.mixplan import MixPlan, starting_plan
from mixrules.presets import load as load_preset
from mixrules.ruleset import RuleSet


def plan_with(
    song: Song,
    models: Mapping[str, GivenModel],
    *,
    rules: RuleSet | str = "default",
    sample_rate: int | None = None,
    roles: Mapping[str, str] | None = None,
    engine: str = "native",
    threads: int | None = None,
) -> MixPlan:
    """Return the plan of a song in which models take the place of some rules and the rules decide all else.

    Parameters
    ----------
    song
        As for `mixrules.plan`.
    models : mapping of str to function, path or Model
        By task: ``"level"``, ``"compression"``, ``"eq"``, ``"reverb"`` or ``"reverb-2022"``. A function gets mel blocks,
        float32 of shape (blocks, 2, 128, 64), power of backing and vocal as task data holds it, some of the song at a
        time, and returns its answers, shape (blocks, outputs), in the units of the task. A path is that of an ONNX file,
        which may be opened by `open_model` already.
    rules : RuleSet or str
        A rule set or a preset's name.
    sample_rate, roles, engine, threads
        As for `mixrules.plan`.

    Returns
    -------
    MixPlan
        Every parameter and why it is what it is; the first decisions say what the models answered. Where a song has no
        vocal or no backing the rules decide alone, and a note says so.

    Raises
    ------
    MixrulesError
        If the stems cannot be used, a model does not answer as it should, or two take the place of one rule.

    Examples
    --------
    >>> import numpy as np
    >>> from mixrules.learning import plan_with
    >>> rng = np.random.default_rng(0)
    >>> song = {name: 0.1 * rng.standard_normal((4 * 44_100, 1)) for name in ("vocals", "piano")}
    >>> def quiet_vocal(mel):
    ...     return np.full(len(mel), -9.0)
    >>> made = plan_with(song, {"level": quiet_vocal}, rules="survey-2022", sample_rate=44_100)
    >>> said = next(decision.sentence for decision in made.decisions if decision.rule == "model")
    >>> said.partition(",")[0]
    'quiet_vocal: the vocal belongs at -9.00 LU against the backing'
    >>> made.decisions[-1].rule
    'master'
    """
    answering = answering_models(models)
    rules = load_preset(rules) if isinstance(rules, str) else rules
    if not isinstance(rules, RuleSet):
        raise ParameterError(f"rules is a RuleSet or a preset's name, got {type(rules).__name__}")
    require_rules_for(rules, [(model.name, model.task) for model in answering])
    stems = as_stems(song, sample_rate=sample_rate, roles=roles, threads=threads)
    answers, note = answers_for_song(answering, stems)
    start = starting_plan(stems)
    notes = (*([note] if note else []), *level_notes(answering, answers))
    start = start.replace(notes=(*start.notes, *notes))
    return plan(stems, rules=rules_for(rules, answers), start=start, engine=engine, threads=threads)
