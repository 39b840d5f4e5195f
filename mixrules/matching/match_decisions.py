"""What was found of a mix in sentences: the decisions of a matched plan."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

from mixrules._support.wording import hertz, listed, place, signed
from mixrules.decision import Decision, Quantity, Statement
from mixrules.matching.dry_fit import PAYS_SHARE
from mixrules.matching.matched_plan import Found
from mixrules.matching.stem_levels import StemLevel
from mixrules.mixplan import MixPlan, StemPlan
from mixrules.processors import EqBand, t60_at
from mixrules.statement_kinds import T60_STATED_AT_HZ

RULE = "match"
SOURCE = "ours: least squares on stems and mix"
CERTAIN_DB = 1.0
"""A level whose 95 % interval is wider than this to either side is said to be uncertain."""
_THRESHOLD = (
    f"kept where it lowers what is unexplained by {100.0 * PAYS_SHARE:g} % where it was not looked for"
)
_LOUDNESS_TOLERANCE_LU = 1.0


def decisions_of(
    plan: MixPlan, found: Found, levels: Sequence[StemLevel], *, explained_share: float, mix_lufs: float
) -> tuple[Decision, ...]:
    """Return what was found, stem by stem, then of reverb and master.

    Parameters
    ----------
    plan : MixPlan
        What was found.
    found : Found
        The same before it became a plan.
    levels : sequence of StemLevel
        How surely each stem's level is known, in the order of the stems.
    explained_share : float
        The share of the mix's power that the plan explains.
    mix_lufs : float
        Integrated loudness of the finished mix.

    Returns
    -------
    tuple of Decision
    """
    names = [strip.name for strip in plan.stems]
    decisions = [
        Decision(
            rule=RULE,
            stem=strip.name,
            source=SOURCE,
            sentence=stem_sentence(
                strip, level, *([names[other] for other in others] for others in (level.like, level.made_of))
            ),
            measured=(
                Quantity.of("95 % interval of the level, to the lower side", level.interval_db, "dB"),
                Quantity.of("more left unexplained without it", 100.0 * level.worth, "%"),
            ),
            threshold=_THRESHOLD,
            parameters=_set_fields(strip),
        )
        for strip, level in zip(plan.stems, levels, strict=True)
    ]
    statements: tuple[Statement, ...] = ()
    if math.isfinite(mix_lufs):
        statements = (
            Statement(
                kind="mix_integrated_lufs", unit="LUFS", stated=mix_lufs, tolerance=_LOUDNESS_TOLERANCE_LU
            ),
        )
    parameters: dict[str, Any] = {"master": dataclasses.asdict(plan.master)}
    if plan.reverbs:
        parameters["reverbs"] = [dataclasses.asdict(bus) for bus in plan.reverbs]
    decisions.append(
        Decision(
            rule=RULE,
            source=SOURCE,
            sentence=mix_sentence(plan, found),
            measured=(Quantity.of("explained share of the mix's power", 100.0 * explained_share, "%"),),
            threshold=_THRESHOLD,
            parameters=parameters,
            statements=statements,
        )
    )
    return tuple(decisions)


def stem_sentence(
    strip: StemPlan, level: StemLevel, like: Sequence[str] = (), made_of: Sequence[str] = ()
) -> str:
    """Return what was found of one stem."""
    if not level.heard:
        return f"{strip.name} does not sound where stems and mix were compared: it is left as it is."
    if strip.mute:
        return f"{strip.name} is not heard in the mix, or too softly to be told: it is muted."
    sure = _sureness(level)
    parts = [f"{strip.name}: fader {signed(strip.gain_db)} dB{sure}, {place(strip.pan.pan)}"]
    if strip.width is not None and abs(strip.width.side_gain_db) >= 0.1:
        parts.append(
            "made mono"
            if strip.width.side_gain_db <= -60.0
            else f"side {signed(strip.width.side_gain_db)} dB"
        )
    if strip.invert_polarity:
        parts.append("upside down")
    if strip.equalizer.bands:
        parts.append(f"EQ {listed([_band(band) for band in strip.equalizer.bands])}")
    if (compressor := strip.compressor) is not None:
        parts.append(
            f"compressed {compressor.ratio:.3g}:1 above {compressor.threshold_db:.1f} dBFS, attack "
            f"{compressor.attack_ms:.3g} ms, release {compressor.release_ms:.3g} ms"
        )
    if strip.sends:
        parts.append(f"reverb at {signed(strip.sends[0].level_db)} dB")
    sentence = ", ".join(parts) + "."
    if like:
        sentence += f" It cannot be told from {listed(list(like))}: the level is what they share."
    elif made_of:
        sentence += f" It can be made of {listed(list(made_of))}: its level and theirs cannot be told."
    return sentence


def mix_sentence(plan: MixPlan, found: Found) -> str:
    """Return what was found of reverb and master."""
    if found.room is None:
        reverb = "No reverb was found that pays"
    else:
        how = "its very echoes" if found.room.ours else "by how powers decay, not echo by echo"
        reverb = f"A reverb of {_t60_s(plan):.2g} s was found, {how}"
    master = plan.master
    parts = []
    if master.compressor is not None:
        parts.append(
            f"compressed {master.compressor.ratio:.3g}:1 above {master.compressor.threshold_db:.1f} dBFS"
        )
    if master.limiter is not None:
        parts.append(f"limited to {master.limiter.ceiling_dbtp:.1f} dBTP")
    return f"{reverb}; the sum is {listed(parts) if parts else 'left as it is'}."


def _t60_s(plan: MixPlan) -> float:
    return float(t60_at(plan.reverbs[0].params, T60_STATED_AT_HZ, plan.sample_rate or 48_000))


def _sureness(level: StemLevel) -> str:
    if not math.isfinite(level.interval_db):
        return " (which may as well be none)"
    sure = f" (±{max(level.interval_db, 0.01):.2f} dB)"
    return sure if level.interval_db <= CERTAIN_DB else f"{sure[:-1]}: uncertain)"


def _band(band: EqBand) -> str:
    kinds = {"low_shelf": " shelf below ", "high_shelf": " shelf above ", "peaking": " at "}
    if band.kind in kinds:
        return f"{signed(band.gain_db)} dB{kinds[band.kind]}{hertz(band.frequency_hz)}"
    return f"cut {'below' if band.kind == 'high_pass' else 'above'} {hertz(band.frequency_hz)}"


def _set_fields(strip: StemPlan) -> dict[str, Any]:
    """Return the fields of a strip that are not those of one that does nothing, as plain data."""
    untouched = StemPlan(name=strip.name, role=strip.role, role_confidence=strip.role_confidence)
    fields = {}
    for field in dataclasses.fields(strip):
        value = getattr(strip, field.name)
        if value != getattr(untouched, field.name):
            fields[field.name] = value
    return fields
