"""References are read, and a rule set gets their targets in place of its own."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from mixrules._support.wording import listed
from mixrules.errors import ParameterError
from mixrules.mixplan import MixPlan
from mixrules.read_targets import require_share
from mixrules.reference.constants import bounds_of, mean_of_references, read_constants
from mixrules.reference.finished_mix import FinishedMix, mix_readings, read_mix
from mixrules.reference.reference import Reference, references_of
from mixrules.reference.song import song_targets
from mixrules.reference.stated import stated_targets
from mixrules.reference.targets import ReferenceTargets
from mixrules.ruleset import RuleSet
from mixrules.stems import Progress, Stems, load_stems
from mixrules.stems.song_files.file_kinds import is_stem_file

_HOLD_MIB = 192.0
"""Larger references are read in blocks: the song that is to be mixed is held as well."""


def reference_targets(
    reference: Reference | Stems | MixPlan | str | os.PathLike[str],
    *,
    threads: int | None = None,
    progress: Progress | None = None,
) -> ReferenceTargets:
    """Measure a mix that another is to be like.

    Parameters
    ----------
    reference : Reference, Stems, MixPlan or path-like
        A folder of stems, with or without their mix; a plan; a finished mix; or ``"FOLDER=FILE"``, stems with their
        plan or their mix.
    threads : int, optional
        How many stems to work on at once; by default as many as there are cores.
    progress : callable, optional
        Told what is being done.

    Returns
    -------
    ReferenceTargets
        What it tells; its notes say what it does not.

    Raises
    ------
    MixrulesError
        If it cannot be read, is silent or shorter than 3 s, or its plan is for other stems.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> band = {name: 0.1 * rng.standard_normal((4 * 44_100, 1)) for name in ("vocals", "bass", "piano")}
    >>> band["bass"] *= 0.5
    >>> targets = reference_targets(Stems.from_arrays(band, 44_100, title="my favourite"))
    >>> [(source.role, round(source.lufs - targets.sources[0].lufs)) for source in targets.sources]
    [('bass', 0), ('piano', 6)]
    """
    (one, *others) = references_of(reference)
    if others:
        raise ParameterError("one reference is measured at a time; mix and plan take several as like")
    return _measured(one, threads, progress)


def rules_like(
    rules: RuleSet,
    like: Any,
    *,
    strength: float = 1.0,
    threads: int | None = None,
    progress: Progress | None = None,
) -> RuleSet:
    """Return a rule set whose targets lie between its own and those of one reference or several.

    Parameters
    ----------
    rules : RuleSet
        The rule set.
    like : Reference, ReferenceTargets, Stems, MixPlan, path-like, or a sequence of them
        As for `reference_targets`, or what that returned; several are averaged.
    strength : float
        0 to 1, the share of the way; 0 gives the same rule set.
    threads, progress
        As for `reference_targets`.

    Returns
    -------
    RuleSet
        What it read is in its `read`.

    Raises
    ------
    MixrulesError
        As for `reference_targets`; also if a reference tells nothing that the rule set aims at.

    Examples
    --------
    >>> from mixrules import presets
    >>> from mixrules.reference import ReferenceTargets
    >>> loud = ReferenceTargets(name="a loud mix", integrated_lufs=-8.0)
    >>> rules_like(presets.load(), loud, strength=0.5)["master.target_lufs"]
    -11.0
    """
    strength = require_share(strength)
    measured = [_measured(each, threads, progress) for each in references_of(like)]
    if strength == 0.0:
        return rules
    read = mean_of_references([read_constants(each, rules) for each in measured], rules)
    name = listed(list(dict.fromkeys(each.name for each in measured)))
    if not read:
        raise ParameterError(f"{name} tells nothing that rule set {rules.name} aims at")
    notes = tuple(f"of {each.name}: {note}" for each in measured for note in each.notes)
    return rules.with_read(read, name=name, strength=strength, bounds=bounds_of(read, rules), notes=notes)


def _measured(
    reference: Reference | ReferenceTargets, threads: int | None, progress: Progress | None
) -> ReferenceTargets:
    if isinstance(reference, ReferenceTargets):
        return reference
    name = reference.called
    _tell(progress, f"reading {name}", 0)
    made = _of(reference, name, threads)
    _tell(progress, f"reading {name}", 1)
    return made


def _of(reference: Reference, name: str, threads: int | None) -> ReferenceTargets:
    plan = reference.plan
    if plan is not None and not isinstance(plan, MixPlan):
        plan = MixPlan.load(Path(plan))
    mix = None if reference.mix is None else read_mix(reference.mix)
    if reference.stems is not None:
        stems = reference.stems
        if not isinstance(stems, Stems):
            stems = load_stems(stems, threads=threads, hold_mib=_HOLD_MIB)
        if mix is None and plan is None and stems.mixture_path is not None:
            # The first stream of a song in one file is its mix.
            mix = read_mix(stems.mixture_path, stream=0 if is_stem_file(stems.mixture_path) else None)
        return song_targets(stems, name=name, plan=plan, mix=mix, threads=threads)
    if plan is not None:
        return stated_targets(plan, name=name)
    return _of_mix_alone(mix, name)


def _of_mix_alone(mix: FinishedMix | None, name: str) -> ReferenceTargets:
    if mix is None:
        raise ParameterError("a reference needs stems, a mix or a plan, got none of them")
    values, notes = mix_readings(mix)
    said = "a finished mix alone: levels, loudness ranges, spectra and reverbs of its stems are not read"
    return ReferenceTargets(name=name, notes=(said, *notes), **values)


def _tell(progress: Progress | None, what: str, done: int) -> None:
    if progress is not None:
        progress(what, done, 1)
