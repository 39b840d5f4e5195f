"""The fades rule: a stem that begins or ends in sound gets a fade of a few milliseconds there.

A file that was cut out of a longer take begins or ends with a sample that is far from zero: a step, which is heard as a
click. The fade is part of the stem's automation, added to what a ride or a duck has put there.
"""

from __future__ import annotations

from dataclasses import dataclass

from mixrules._support.wording import listed, signed
from mixrules.decision import Decision, Quantity, Statement
from mixrules.processors import GainPoint, add_automations, automation_gain_db, gain_to_db
from mixrules.session import Session

RULE = "fades"
_SOURCE = "ours; common practice at edits"
_EDGE_MARGIN_DB = 1.0  # the gain is rounded where the engine smooths it
_MS_PER_S = 1000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FadeSettings:
    """The constants of ``fades:edges``; the presets say what each means."""

    click_lu: float
    fade_in_ms: float
    fade_out_ms: float
    depth_db: float
    attack_roles: tuple[str, ...]


def edges(session: Session, settings: FadeSettings) -> list[Decision]:
    """Fade the stems in and out that begin or end with a click."""
    return [
        decision for stem in session.active if (decision := _faded(session, stem.name, settings)) is not None
    ]


def _faded(session: Session, name: str, settings: FadeSettings) -> Decision | None:
    scan = session.scan(name)
    start_s, end_s = scan.first_sample / session.sample_rate, scan.last_sample / session.sample_rate
    in_s, out_s = settings.fade_in_ms / _MS_PER_S, settings.fade_out_ms / _MS_PER_S
    if end_s - start_s < 2 * (in_s + out_s):
        return None
    steps_lu = [gain_to_db(step) - scan.integrated_lufs for step in (scan.first_step, scan.last_step)]
    begins, ends = (step_lu > settings.click_lu for step_lu in steps_lu)
    begins = begins and session.role(name) not in settings.attack_roles
    points: list[GainPoint] = []
    if begins:
        points += _line((start_s, settings.depth_db), (start_s + in_s, 0.0))
    if ends:
        points += _line((end_s - out_s, 0.0), (end_s, settings.depth_db))
    if not points:
        return None
    automation = add_automations(session.plan.stem(name).automation, points)
    edges_s = [start_s] * begins + [end_s] * ends
    edge_db = float(automation_gain_db(edges_s, automation).min())
    fades = [f"in over {settings.fade_in_ms:g} ms"] * begins + [
        f"out over {settings.fade_out_ms:g} ms"
    ] * ends
    clicking = ["begins"] * begins + ["ends"] * ends
    jumps = [signed(step_lu, 0) for step_lu, clicks in zip(steps_lu, (begins, ends), strict=True) if clicks]
    return Decision(
        rule=RULE,
        stem=name,
        source=_SOURCE,
        measured=(
            Quantity.of("first sample", gain_to_db(scan.first_step), "dBFS"),
            Quantity.of("last sample", gain_to_db(scan.last_step), "dBFS"),
        ),
        threshold=f"{settings.click_lu:g} LU of its loudness",
        parameters={"automation": automation},
        sentence=(
            f"{name}: faded {listed(fades)}, because it {listed(clicking)} with a jump that would click "
            f"({listed(jumps)} LU against its loudness)."
        ),
        statements=(
            Statement(
                kind="edge_gain_db", stems=(name,), unit="dB", stated=round(edge_db + _EDGE_MARGIN_DB, 1)
            ),
        ),
    )


def _line(*corners: tuple[float, float]) -> list[GainPoint]:
    return [GainPoint(time_s=round(time_s, 6), gain_db=gain_db) for time_s, gain_db in corners]
