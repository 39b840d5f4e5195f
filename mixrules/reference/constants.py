"""Which constants of a rule set a reference's targets are."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from mixrules.analysis import octave_bands
from mixrules.constant import Value
from mixrules.errors import ParameterError
from mixrules.presets import load as load_preset
from mixrules.processors import db_to_gain
from mixrules.reference.targets import ReferenceTargets
from mixrules.rules.compression import CompressionSettings
from mixrules.rules.level_faders import LevelSettings
from mixrules.rules.shared_room import SharedRoomSettings
from mixrules.rules.tone import ToneSettings
from mixrules.rules.width import WidthSettings
from mixrules.ruleset import RuleSet, typed_settings
from mixrules.session import VOCAL

TABLE = "like"
_LEAST_SIDE_DB = -60.0

_Settings = TypeVar("_Settings")


@dataclass(frozen=True, slots=True, kw_only=True)
class LikeSettings:
    """The constants of the table ``like``: how closely what was read is followed; the presets say what each means."""

    trust_given: float
    tone_beyond: float
    tone_least_beyond_db: float
    mix_tolerance_db_per_octave: float
    mix_share: float
    wider_db: float


def read_constants(targets: ReferenceTargets, rules: RuleSet) -> dict[str, Value]:
    """Return the constants that a reference tells, by name.

    Parameters
    ----------
    targets : ReferenceTargets
        What was measured.
    rules : RuleSet
        The rule set: constants that it has not are left out, and what follows from an average of levels, or lies beyond
        a band, has its value.

    Returns
    -------
    dict of str to value
        In the constants' units.
    """
    found: dict[str, float | tuple[float, ...]] = {}
    for part in (_levels, _vocals, _dynamics, _tone, _width, _reverb, _master):
        found |= part(targets, rules)
    return {
        name: value for name, value in found.items() if name in rules.constants and np.all(np.isfinite(value))
    }


def bounds_of(read: Iterable[str], rules: RuleSet) -> dict[str, Value]:
    """Return the tolerances and shares that go with constants that were read; none without the table ``like``."""
    try:
        like = typed_settings(rules, TABLE, LikeSettings)
    except ParameterError:  # a rule set without that table keeps its own
        return {}
    names = set(read)
    bounds: dict[str, float] = {}
    if any(name.startswith("level.") for name in names):
        bounds["level.trust_read"] = like.trust_given
    means = [name for name in names if name.startswith("tone.") and name.endswith("_mean_db")]
    for name in means:
        bounds[name.replace("_mean_db", "_beyond")] = like.tone_beyond
        bounds["tone.least_beyond_db"] = like.tone_least_beyond_db
    if "tone.mix_slope_db_per_octave" in names:
        bounds["tone.mix_tolerance_db_per_octave"] = like.mix_tolerance_db_per_octave
        bounds["tone.mix_share"] = like.mix_share
    return {name: value for name, value in bounds.items() if name in rules.constants}


def _settings(rules: RuleSet, table: str, kind: type[_Settings]) -> _Settings:
    """Return a rule's settings; where a rule set has no such rule those of preset ``default``, for its lists of roles."""
    try:
        return typed_settings(rules, table, kind)
    except ParameterError:
        return typed_settings(load_preset(), table, kind)


def _levels(targets: ReferenceTargets, rules: RuleSet) -> dict[str, float]:
    """Return the levels of sources, moved together so that their mean is that of the rule set's levels of the same.

    So a role that the reference has not keeps its place among the others.
    """
    settings = _settings(rules, "level", LevelSettings)
    found: dict[str, list[float]] = {}
    if len(targets.sources) > 1:
        names, offsets_lu = [], []
        for source in targets.sources:
            if source.kit_pieces:
                names.append("drums_lu")
                offsets_lu.append(settings.kit_offset_lu(source.kit_pieces))
            else:
                names.append(settings.offset_name(source.role, with_lead=targets.has_vocal))
                offsets_lu.append(settings.offset_lu(source.role, with_lead=targets.has_vocal))
        shift_lu = _mean(offsets_lu) - _mean([source.lufs for source in targets.sources])
        for name, source in zip(names, targets.sources, strict=True):
            raised_lu = (
                settings.kit_offset_lu(source.kit_pieces) - settings.drums_lu if source.kit_pieces else 0.0
            )
            found.setdefault(f"level.{name}", []).append(source.lufs + shift_lu - raised_lu)
    for source in targets.sources:
        in_kit_lu = [settings.in_kit_lu(role) for role, _ in source.pieces]
        shift_lu = _mean(in_kit_lu) - _mean([lufs for _, lufs in source.pieces])
        for role, lufs in source.pieces:
            found.setdefault(f"level.{settings.in_kit_name(role)}", []).append(lufs + shift_lu)
    return {name: _mean(values) for name, values in found.items()}


def _vocals(targets: ReferenceTargets, rules: RuleSet) -> dict[str, float]:
    """Return the level of the lead vocals, of what goes with them and of other support stems.

    The lead's floor against the loudest source only gives way: it is what keeps a vocal from being drowned.
    """
    floor = rules.constants.get("level.vocal_above_loudest_lu")
    found = {
        "level.vocal_to_backing_lu": targets.vocal_to_backing_lu,
        "level.backing_vocals_to_lead_lu": targets.backing_vocals_to_lead_lu,
        "level.support_return_lu": _mean(targets.returns_to_lead_lu),
        "level.support_double_lu": _mean(targets.doubles_to_lead_lu),
    }
    if floor is not None and targets.vocal_to_loudest_lu < float(floor.value):  # type: ignore[arg-type]
        found["level.vocal_above_loudest_lu"] = targets.vocal_to_loudest_lu
    return found


def _dynamics(targets: ReferenceTargets, rules: RuleSet) -> dict[str, float]:
    """Return loudness ranges and crests by class."""
    settings = _settings(rules, "compression", CompressionSettings)
    ranges: dict[str, list[float]] = {}
    for stem in targets.stems:
        if stem.role in settings.uncompressed_roles:
            continue
        for name, value in (
            (settings.target_name(stem.role), stem.loudness_range_lu),
            (settings.crest_name(stem.role), stem.crest_db),
        ):
            ranges.setdefault(f"compression.{name}", []).append(value)
        if stem.role == VOCAL:  # what survey-2022 has
            ranges.setdefault("compression.target_lu", []).append(stem.loudness_range_lu)
    return {name: _mean_of_finite(values) for name, values in ranges.items()}


def _tone(targets: ReferenceTargets, rules: RuleSet) -> dict[str, float | tuple[float, ...]]:
    """Return the mean spectra by class, and the slope of the mix.

    An octave in which a stem has next to nothing counts as the rule set's own: nothing there is part of its sound.
    """
    settings = _settings(rules, "tone", ToneSettings)
    found: dict[str, float | tuple[float, ...]] = {
        "tone.mix_slope_db_per_octave": targets.slope_db_per_octave
    }
    for stem_class in settings.classes:
        usual = settings.spectrum_of(stem_class)
        fars_db = []
        for stem in targets.stems:
            if stem.role not in stem_class.roles or not stem.octaves_db:
                continue
            count = len(stem.octaves_db)
            bands = octave_bands().below(octave_bands().high_hz[count - 1])
            far_db = usual.far_db(stem.octaves_db, bands, within_db=settings.heard_within_db)
            fars_db.append(np.pad(far_db, (0, len(usual.mean_db) - count)))
        if fars_db:
            mean_db = np.asarray(usual.mean_db) + np.mean(fars_db, axis=0)
            found[f"tone.{stem_class.mean_name}"] = tuple(mean_db.tolist())
    return found


def _width(targets: ReferenceTargets, rules: RuleSet) -> dict[str, float]:
    """Return the most side by class, the width of the mix, and how much of a side a mono stem gets."""
    settings = _settings(rules, "width", WidthSettings)
    widest: dict[str, list[float]] = {}
    spread: list[float] = []
    for stem in targets.stems:
        if math.isnan(stem.side_to_mid_db):
            continue
        if stem.side_to_mid_db > _LEAST_SIDE_DB:  # a mono stem does not tell how wide a stereo one should be
            widest.setdefault(f"width.{settings.most_name(stem.role)}", []).append(stem.side_to_mid_db)
        if stem.role in settings.spread_roles:
            spread.append(stem.side_to_mid_db)
    found = {name: _mean_side_db(values) for name, values in widest.items()}
    wider = rules.constants.get(f"{TABLE}.wider_db")
    wider_db = float(wider.value) if wider is not None else 0.0  # type: ignore[arg-type]
    found = {name: value + wider_db for name, value in found.items()}
    found["width.mix_side_to_mid_db"] = max(targets.side_to_mid_db, _LEAST_SIDE_DB)
    if spread:
        side_db = _mean_side_db(spread)
        found["width.spread"] = min(db_to_gain(side_db), 1.0) if side_db > _LEAST_SIDE_DB else 0.0
    return found


def _reverb(targets: ReferenceTargets, rules: RuleSet) -> dict[str, float]:
    """Return how loud reverbs are against the dry sound, and the time of the rooms."""
    settings = _settings(rules, "reverb", SharedRoomSettings)
    of_vocals = [stem.reverb_to_dry_lu for stem in targets.stems if stem.role in settings.vocal_roles]
    of_others = [stem.reverb_to_dry_lu for stem in targets.stems if stem.role not in settings.vocal_roles]
    t60_s = _mean_time_s(targets.t60_s)
    wet = db_to_gain(_mean_of_finite(of_vocals))
    return {
        "reverb.vocal_to_dry_lu": _mean_of_finite(of_vocals),
        "reverb.other_to_dry_lu": _mean_of_finite(of_others),
        "reverb.t60_min_s": t60_s,
        "reverb.t60_max_s": t60_s,
        "reverb.wet_share": wet / (1.0 + wet),
    }


def _master(targets: ReferenceTargets, rules: RuleSet) -> dict[str, float]:
    return {"master.target_lufs": targets.integrated_lufs}


def _mean(values: Iterable[float]) -> float:
    listed = list(values)
    return sum(listed) / len(listed) if listed else math.nan


def _mean_of_finite(values: Iterable[float]) -> float:
    return _mean(value for value in values if math.isfinite(value))


def _mean_time_s(values: Iterable[float]) -> float:
    listed = list(values)
    return math.exp(_mean(math.log(value) for value in listed)) if listed else math.nan


def _mean_side_db(ratios_db: list[float]) -> float:
    """Return the mean of sides against mids, as shares of the power: a mono stem has none."""
    shares = [1.0 / (1.0 + db_to_gain(-each) ** 2) if each > _LEAST_SIDE_DB else 0.0 for each in ratios_db]
    share = min(_mean(shares), 1.0 - 1e-6)
    return max(10.0 * math.log10(share / (1.0 - share)), _LEAST_SIDE_DB) if share > 0.0 else _LEAST_SIDE_DB


def mean_of_references(read: list[Mapping[str, Value]], rules: RuleSet) -> dict[str, Value]:
    """Return the mean of what several references tell, each constant over those that tell it; of times the geometric."""
    names = dict.fromkeys(name for each in read for name in each)
    return {
        name: _mean_value([each[name] for each in read if name in each], rules.constants[name].unit)
        for name in names
    }


def _mean_value(values: Sequence[Any], unit: str) -> Value:
    mean: Callable[[Iterable[float]], float] = _mean_time_s if unit == "s" else _mean
    if isinstance(values[0], tuple):
        return tuple(mean(column) for column in zip(*values, strict=True))
    return mean(values)
