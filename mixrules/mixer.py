"""The whole chain on one page: stems in, plan, mix out.

`plan` lets the rules decide, step after step, in the order of the rule set's chain. `render` turns
any plan into audio. `mix` does both and then measures every promise of the report on the result.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy.typing as npt

from mixrules._support.arguments import as_path, require_callable, require_known, require_mapping
from mixrules._support.clock import RunClock
from mixrules._support.json_values import defined
from mixrules._support.validation import Audio
from mixrules._support.version import __version__
from mixrules._support.written_values import as_bool
from mixrules.decision import Decision
from mixrules.engine import Renderer, Store, load_engine
from mixrules.errors import ParameterError, StemsError
from mixrules.files import Scratch
from mixrules.measurements import Measurements
from mixrules.mix_result import MixResult, RenderedStems
from mixrules.mixplan import Footer, MixPlan, starting_plan
from mixrules.plan_fitting import fitted, undecided, with_brought
from mixrules.presets import load as load_preset
from mixrules.reference import Reference, ReferenceTargets, rules_like
from mixrules.reference.said import what_was_read
from mixrules.rules import RULES, inspection
from mixrules.ruleset import RuleSet, Step
from mixrules.session import Session
from mixrules.stems import Progress, Stems, load_stems
from mixrules.verification import verify

Song = str | os.PathLike[str] | Mapping[str, npt.ArrayLike] | Stems
"""What `mix`, `plan` and `render` take: a folder, arrays by name, or stems."""
Like = str | os.PathLike[str] | Reference | ReferenceTargets | Stems | MixPlan
"""What a mix may be like."""


def mix(
    song: Song,
    *,
    rules: RuleSet | str = "default",
    like: Like | Sequence[Like] | None = None,
    like_strength: float = 1.0,
    start: MixPlan | None = None,
    mix_plan: MixPlan | None = None,
    sample_rate: int | None = None,
    roles: Mapping[str, str] | None = None,
    engine: str = "native",
    threads: int | None = None,
    profile: bool = False,
    progress: Progress | None = None,
) -> MixResult:
    """Mix a song by rules, or by a plan, and measure what the plan's decisions state.

    Parameters
    ----------
    song : path, mapping of str to array_like, or Stems
        A folder of stems, or arrays of shape (samples, channels) or (samples,) by name.
    rules : RuleSet or str
        A rule set or a preset's name.
    like : path, Reference, ReferenceTargets, Stems, MixPlan, or a sequence of them, optional
        Mixes whose targets take the place of the preset's; see `reference_targets`. Several are averaged.
    like_strength : float
        0 to 1, the share of the way from the preset's targets to those; at 0 the mix is the preset's.
    start : MixPlan, optional
        The plan from which the rules go on, by default one that changes nothing: for plug-ins that the
        rules are to drive, or for settings that no rule touches.
    mix_plan : MixPlan, optional
        Nothing is decided: this plan is rendered, and what its decisions state is measured.
    sample_rate : int, optional
        Hz. Required with arrays; with a folder, the rate to resample to.
    roles : mapping of str to str, optional
        Stem or file names to roles, where the guess from the name is wrong.
    engine : str
        ``"native"`` or ``"pedalboard"``.
    threads : int, optional
        How many stems to work on at once; by default as many as there are cores. The result is the same.
    profile : bool
        Keep what the run cost, step by step, in the plan's footer.
    progress : callable, optional
        Told what is being done.

    Returns
    -------
    MixResult

    Raises
    ------
    MixrulesError
        If the stems cannot be used, or a setting is out of range.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> song = {name: 0.1 * rng.standard_normal((4 * 44_100, 1)) for name in ("vocals", "piano")}
    >>> result = mix(song, sample_rate=44_100)
    >>> round(result.loudness.integrated_lufs, 1)
    -14.0
    >>> print(result.plan.decisions[-1].rule)
    master
    >>> report = result.save("mix.wav")  # and mix.plan.json beside it
    """
    require_callable(progress, name="progress")
    clock = RunClock(progress) if as_bool(profile, "profile") else None
    progress = clock or progress
    stems = as_stems(song, sample_rate=sample_rate, roles=roles, threads=threads)
    processors = load_engine(engine)
    if mix_plan is not None and like is not None:
        raise ParameterError("a mix_plan is rendered as it is: like needs rules that decide")
    if mix_plan is not None:
        mix_plan, stems = fitted(mix_plan, stems, processors)
    elif start is not None:
        start, stems = fitted(start, stems, processors)
    measurements = Measurements(Renderer(stems, processors, threads=threads))
    if mix_plan is None:
        rules = _alike(rules, like, like_strength, threads, progress)
        mix_plan = decide(measurements, rules, start=start, progress=progress)
    result = finished(mix_plan, measurements, progress=progress)
    if clock is not None and result.plan.result is not None:
        footer = dataclasses.replace(result.plan.result, profile=clock.result())
        result = dataclasses.replace(result, plan=result.plan.replace(result=footer))
    return result


def plan(
    song: Song,
    *,
    rules: RuleSet | str = "default",
    like: Like | Sequence[Like] | None = None,
    like_strength: float = 1.0,
    start: MixPlan | None = None,
    sample_rate: int | None = None,
    roles: Mapping[str, str] | None = None,
    engine: str = "native",
    threads: int | None = None,
    progress: Progress | None = None,
) -> MixPlan:
    """Let the rules decide, and return the plan.

    Parameters
    ----------
    song, rules, like, like_strength, start, sample_rate, roles, engine, threads, progress
        As for `mix`.

    Returns
    -------
    MixPlan
        Every parameter and why it is what it is; nothing is rendered.

    Raises
    ------
    MixrulesError
        If the stems cannot be used, or a setting is out of range.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> song = {name: 0.1 * rng.standard_normal((4 * 44_100, 1)) for name in ("vocals", "piano")}
    >>> decided = plan(song, sample_rate=44_100)
    >>> [stem.name for stem in decided.stems]
    ['vocals', 'piano']
    >>> decided.stem("vocals").pan.pan
    0.0
    """
    require_callable(progress, name="progress")
    stems = as_stems(song, sample_rate=sample_rate, roles=roles, threads=threads)
    processors = load_engine(engine)
    if start is not None:
        start, stems = fitted(start, stems, processors)
    measurements = Measurements(Renderer(stems, processors, threads=threads))
    rules = _alike(rules, like, like_strength, threads, progress)
    return decide(measurements, rules, start=start, progress=progress)


def render(
    song: Song,
    mix_plan: MixPlan,
    *,
    sample_rate: int | None = None,
    roles: Mapping[str, str] | None = None,
    engine: str = "native",
    threads: int | None = None,
    progress: Progress | None = None,
) -> Audio:
    """Render a plan: any plan, whoever made it. Same stems and plan, same samples, on one kind of processor.

    Parameters
    ----------
    song
        As for `mix`.
    mix_plan : MixPlan
        What to render; its stems must be those of the song.
    sample_rate, roles, engine, threads, progress
        As for `mix`.

    Returns
    -------
    ndarray of float32, shape (samples, 2)
        The finished mix, tails included.

    Raises
    ------
    PlanError
        If the plan is for other stems, or names a plug-in that the engine cannot host.

    Examples
    --------
    >>> import numpy as np
    >>> from mixrules import Stems, starting_plan
    >>> stems = Stems.from_arrays({"vocals": np.full(1000, 0.25)}, 44_100)
    >>> quieter = starting_plan(stems).replace_stem("vocals", gain_db=-6.0)
    >>> render(stems, quieter).shape
    (1000, 2)
    """
    require_callable(progress, name="progress")
    stems = as_stems(song, sample_rate=sample_rate, roles=roles, threads=threads)
    processors = load_engine(engine)
    mix_plan, stems = fitted(mix_plan, stems, processors)
    measurements = Measurements(Renderer(stems, processors, threads=threads))
    _tell(progress, "rendering", 0, 1)
    store = measurements.mixdown(mix_plan, measure=False).finish(mix_plan.master, measure=False)
    _tell(progress, "rendering", 1, 1)
    return _whole(store)


def as_stems(
    song: Song,
    *,
    sample_rate: int | None = None,
    roles: Mapping[str, str] | None = None,
    threads: int | None = None,
) -> Stems:
    """Return `song` as stems: read from a folder, or made of arrays."""
    if roles is not None:
        require_mapping(roles, name="roles", what="from a stem's or file's name to its role", to_texts=True)
    if isinstance(song, Stems):
        return song.with_roles(roles) if roles else song
    if isinstance(song, Mapping):
        if sample_rate is None:
            raise ParameterError("arrays need a sample_rate in Hz: pass sample_rate=44100")
        return Stems.from_arrays(song, sample_rate, roles=roles, threads=threads)
    if not isinstance(song, str | os.PathLike):
        raise ParameterError(f"a song is a folder, arrays by name or Stems, got {type(song).__name__}")
    song = as_path(song, name="song")
    return load_stems(song, roles=roles, sample_rate=sample_rate, threads=threads)


def finished(mix_plan: MixPlan, measurements: Measurements, *, progress: Progress | None = None) -> MixResult:
    """Render a plan and measure what its decisions state."""
    _tell(progress, "rendering", 0, 1)
    mixdown = measurements.mixdown(mix_plan, measure=False)
    mixdown.finish(mix_plan.master)
    _tell(progress, "rendering", 1, 1)
    plan_with_checks = checked(mix_plan, measurements, progress=progress)
    store = mixdown.finish(
        mix_plan.master
    )  # again where a check asked for the sum, which takes the mix's place
    return MixResult(
        audio=_whole(store),
        sample_rate=measurements.stems.sample_rate,
        plan=plan_with_checks,
        loudness=mixdown.measured(mix_plan.master),
        stems=RenderedStems(measurements.renderer, mix_plan, mixdown.samples),
        sliced=store if isinstance(store, Scratch) else None,
    )


def checked(mix_plan: MixPlan, measurements: Measurements, *, progress: Progress | None = None) -> MixPlan:
    """Measure every statement of a plan on what was rendered; return it with that and what the mix measures."""
    _tell(progress, "checking the report", 0, 1)
    verified = verify(mix_plan, measurements)
    _tell(progress, "checking the report", 1, 1)
    loudness = measurements.mastered_loudness(mix_plan, mix_plan.master)
    footer = Footer(
        integrated_lufs=defined(loudness.integrated_lufs),
        loudness_range_lu=defined(loudness.loudness_range_lu),
        true_peak_dbtp=defined(loudness.true_peak_dbtp),
        duration_s=loudness.duration_s,
    )
    return verified.replace(result=footer)


def decide(
    measurements: Measurements,
    rules: RuleSet | str,
    *,
    start: MixPlan | None = None,
    progress: Progress | None = None,
) -> MixPlan:
    """Run the chain: every step measures under the plan so far and adds its decisions to it."""
    stems = measurements.stems
    rules = _rule_set(rules)
    made_by = f"mixrules {__version__}, preset {rules.label}"
    goes_on = start is not None
    start = start or starting_plan(stems)
    if all(stem.silent or start.stem(stem.name).mute for stem in stems):
        names = ", ".join(stems.names)
        raise StemsError(f"every stem ({names}) is silent or muted, at least one must hold sound")
    start = undecided(start, rules.rules).replace(
        made_by=made_by, sample_rate=stems.sample_rate, decisions=(), result=None
    )
    session = Session(stems, start, measurements=measurements, read=rules.read)
    _tell(progress, "looking at the stems", 0, 1)
    session.apply([*inspection.inspect(session), *what_was_read(session, rules)])
    for number, step in enumerate(rules.chain):
        _tell(progress, f"deciding: {step.rule}", number, len(rules.chain))
        session.apply(_decisions(session, rules, step))
    _tell(progress, "deciding", len(rules.chain), len(rules.chain))
    return with_brought(session.plan) if goes_on else session.plan


def _rule_set(rules: RuleSet | str) -> RuleSet:
    rules = load_preset(rules) if isinstance(rules, str) else rules
    if not isinstance(rules, RuleSet):
        raise ParameterError(f"rules is a RuleSet or a preset's name, got {type(rules).__name__}")
    return rules


def _alike(
    rules: RuleSet | str, like: Any, like_strength: float, threads: int | None, progress: Progress | None
) -> RuleSet:
    """Return the rule set with what references tell, where there are any."""
    rules = _rule_set(rules)
    if like is None:
        return rules
    return rules_like(rules, like, strength=like_strength, threads=threads, progress=progress)


def _decisions(session: Session, rules: RuleSet, step: Step) -> list[Decision]:
    """Return what a step of the chain decides: a rule of the package, or a function of the user's own."""
    if step.function is not None:
        decisions: list[Decision] = step.function(session, rules.section(step.rule))
        return decisions
    rule = RULES[require_known(str(step), RULES, what="rule")]
    return rule.decide(session, rules, step.rule)


def _whole(store: Store) -> Audio:
    """Return a mix as an array; one that is on the disk stays there and is mapped."""
    return store.mapped() if isinstance(store, Scratch) else store.read(0, store.samples)


def _tell(progress: Progress | None, what: str, done: int, total: int) -> None:
    if progress is not None:
        progress(what, done, total)
