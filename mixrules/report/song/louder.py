"""What it costs to have a mix louder: the limiting of the same song decided twice, and what stops it short."""

from __future__ import annotations

import math

from mixrules.mixplan import MixPlan, StemPlan
from mixrules.report.song.summary import limiting_db
from mixrules.ruleset import RuleSet

MOST_LIMITING = "master.max_limiting_db"
_CEILING = "master.ceiling_dbtp"
_REACHED = "master.reached_lu"
_TARGET = "master.target_lufs"
_MORE_DB = 3.0
_SHOWS_DB = 0.05
_SHOWS_LU = 0.1


def cost_row(before: MixPlan, after: MixPlan, louder_lu: float) -> str:
    """Return what being louder costs, in one line.

    Parameters
    ----------
    before, after : MixPlan
        Of the same song by the same rules, before with the usual target and after with one that is higher.
    louder_lu : float
        By how much.

    Returns
    -------
    str
        By how much the master turns peaks down, what that was without, and in how many stems they come down further.
    """
    without_db, with_db = (limiting_db(plan) or 0.0 for plan in (before, after))
    further = sum(_is_limited_more(before.stem(strip.name), strip) for strip in after.stems)
    by_lu = _stated_lufs(after) - _stated_lufs(before)
    short = math.isfinite(by_lu) and by_lu < louder_lu - _SHOWS_LU
    said = f"louder by {by_lu:.1f} of {louder_lu:g} LU" if short else f"louder by {louder_lu:g} LU"
    if with_db - without_db < _SHOWS_DB and not further:
        return f"{said}, for no more limiting ({with_db:.1f} dB)"
    stems = f", also on {further} stem{'s' if further > 1 else ''}" if further else ""
    more_db = round(with_db, 1) - round(without_db, 1)
    return f"{said}, for {more_db:.1f} dB more limiting ({with_db:.1f}, not {without_db:.1f}){stems}"


def stopped_row(rules: RuleSet, integrated_lufs: float) -> str:
    """Return which constant keeps a mix from its target, in one line; empty where the target was reached."""
    target_lufs = _number(rules, _TARGET)
    if target_lufs is None or "master" not in rules.rules:
        return ""
    short_lu = target_lufs - integrated_lufs
    if not short_lu >= (_number(rules, _REACHED) or _SHOWS_DB):
        return ""
    most_db = _number(rules, MOST_LIMITING)
    if most_db:
        stop = f"limiting ends at {most_db:g} dB ({MOST_LIMITING})"
    else:
        stop = f"peaks reach {_number(rules, _CEILING):g} dBTP ({_CEILING})"
    return f"short of {target_lufs:g} LUFS by {short_lu:.1f} LU: {stop}"


def more_limiting(rules: RuleSet, integrated_lufs: float) -> str:
    """Return the setting that would let a mix that falls short become louder; empty where there is none."""
    most_db = _number(rules, MOST_LIMITING)
    if most_db is None or not stopped_row(rules, integrated_lufs):
        return ""
    short_lu = (_number(rules, _TARGET) or 0.0) - integrated_lufs
    wanted_db = most_db + max(_MORE_DB, math.ceil(short_lu))
    allowed_db = min(wanted_db, rules.constants[MOST_LIMITING].maximum or wanted_db)
    return f"{MOST_LIMITING}={allowed_db:g}" if allowed_db > most_db else ""


def _stated_lufs(plan: MixPlan) -> float:
    """Return the loudness that a plan states of the mix; NaN where it states none."""
    stated = [
        each.stated
        for decision in plan.decisions
        if not decision.superseded
        for each in decision.statements
        if each.kind == "mix_integrated_lufs"
    ]
    return stated[-1] if stated else math.nan


def _is_limited_more(before: StemPlan, after: StemPlan) -> bool:
    if after.limiter is None:
        return False
    return before.limiter is None or after.limiter.ceiling_dbtp < before.limiter.ceiling_dbtp - _SHOWS_DB


def _number(rules: RuleSet, name: str) -> float | None:
    constant = rules.constants.get(name)
    return float(constant.value) if constant is not None and isinstance(constant.value, int | float) else None
