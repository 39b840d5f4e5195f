"""The compression rule for every stem: bring its loudness range, or else its crest, to a target by role.

The times follow from the crest factor (Giannoulis, Massberg & Reiss 2013), the threshold is solved
for; nothing happens where range and crest are small enough. Loudness range: EBU Tech 3342.
"""

from __future__ import annotations

from dataclasses import dataclass

from mixrules.analysis import LevelScan
from mixrules.decision import Decision
from mixrules.processors import CompressorParams
from mixrules.rules.compression_decisions import (
    RULE,
    compressed,
    crest_compressed,
    exceeds,
    left_alone,
    not_helped,
    not_touched,
    trial_on_audio,
)
from mixrules.rules.crest_search import CrestModel, solve_crest
from mixrules.rules.range_search import LevelModel, SearchSettings, solve_threshold
from mixrules.rules.read_aims import Aim
from mixrules.rules.support import treated_as
from mixrules.session import Session

_SOURCE = "loudness range: EBU Tech 3342; times: Giannoulis, Massberg & Reiss 2013"
_CREST_SOURCE = "crest by class: ours; times: Giannoulis, Massberg & Reiss 2013"


@dataclass(frozen=True, slots=True, kw_only=True)
class CompressionSettings(SearchSettings):
    """The constants of ``compression:by_role``; the presets say what each means."""

    vocal_target_lu: float
    bass_target_lu: float
    drums_target_lu: float
    other_target_lu: float
    vocal_roles: tuple[str, ...]
    drums_roles: tuple[str, ...]
    uncompressed_roles: tuple[str, ...]
    tolerance_lu: float
    ratio: float
    knee_db: float
    attack_max_ms: float
    release_max_ms: float
    attack_min_ms: float
    release_min_ms: float
    vocal_crest_db: float
    bass_crest_db: float
    drums_crest_db: float
    other_crest_db: float
    crest_tolerance_db: float
    crest_ratio: float
    crest_max_reduction_db: float
    crest_exact_db: float
    crest_least_db: float

    def crest_name(self, role: str) -> str:
        """Return which setting holds the crest that stems of a role are brought to."""
        return f"{self._class_of(role)}_crest_db"

    def target_crest_db(self, role: str) -> float:
        """Return the crest that stems of a role are brought to."""
        return float(getattr(self, self.crest_name(role)))

    def target_name(self, role: str) -> str:
        """Return which setting holds the loudness range that stems of a role are brought to."""
        return f"{self._class_of(role)}_target_lu"

    def target_lu(self, role: str) -> float:
        """Return the loudness range that stems of a role are brought to."""
        return float(getattr(self, self.target_name(role)))

    def _class_of(self, role: str) -> str:
        if role in self.vocal_roles:
            return "vocal"
        if role in self.drums_roles:
            return "drums"
        return "bass" if role == "bass" else "other"


def by_role(session: Session, settings: CompressionSettings) -> list[Decision]:
    """Compress every stem whose loudness range, or else whose crest, is above the target of its role."""

    def decide(name: str) -> Decision:
        role = treated_as(session, name)
        if role in settings.uncompressed_roles:
            return not_touched(session, name, _SOURCE)
        target_lu = settings.target_lu(role)
        scan = session.level_scan(name, before="compressor")
        model = LevelModel(scan.envelope, scan.energies)
        start_lu = model.range_lu()
        if not exceeds(start_lu, target_lu, settings.tolerance_lu):
            return _by_crest(session, name, role, scan, start_lu, settings)
        attack_ms, release_ms = _times_ms(scan.crest_factor_squared, settings)
        params = CompressorParams(
            ratio=settings.ratio, attack_ms=attack_ms, release_ms=release_ms, knee_db=settings.knee_db
        )
        result = solve_threshold(params, target_lu, model, trial_on_audio(session, name), settings)
        if result.range_lu >= start_lu or not settings.max_reduction_db:
            return not_helped(name, start_lu, target_lu, _SOURCE)
        return compressed(name, start_lu, target_lu, result, _SOURCE)

    return list(session.each([stem.name for stem in session.active], decide).values())


def aims(session: Session, settings: CompressionSettings, decision: Decision) -> list[Aim]:
    """Return the loudness range or the crest that a stem was brought to, or was small enough for."""
    role = treated_as(session, decision.stem)
    if role in settings.uncompressed_roles:
        return []
    if any(each.kind == "stem_crest_db" for each in decision.statements):
        return [Aim(f"{RULE}.{settings.crest_name(role)}", "crest", signed=False)]
    return [Aim(f"{RULE}.{settings.target_name(role)}", "loudness range", signed=False)]


def _by_crest(
    session: Session, name: str, role: str, scan: LevelScan, range_lu: float, settings: CompressionSettings
) -> Decision:
    """Compress a stem whose loudness range is small enough, if its crest is not."""
    model, target_db = CrestModel(scan, session.plan.stem(name).gain_db), settings.target_crest_db(role)
    start_db = model.trace.crest_db
    if not exceeds(start_db, target_db, settings.crest_tolerance_db) or not settings.crest_max_reduction_db:
        return left_alone(name, range_lu, settings.target_lu(role), settings.tolerance_lu, _SOURCE)
    attack_ms, release_ms = _times_ms(scan.crest_factor_squared, settings)
    params = solve_crest(
        CompressorParams(
            ratio=settings.crest_ratio, attack_ms=attack_ms, release_ms=release_ms, knee_db=settings.knee_db
        ),
        model,
        target_db,
        max_reduction_db=settings.crest_max_reduction_db,
        exact_db=settings.crest_exact_db,
    )
    crest_db = session.peak_trace_with(name, through="compressor", compressor=params).crest_db
    if start_db - crest_db < settings.crest_least_db:
        return left_alone(name, range_lu, settings.target_lu(role), settings.tolerance_lu, _SOURCE)
    return crest_compressed(name, start_db, crest_db, target_db, params, _CREST_SOURCE)


def _times_ms(crest_squared: float, settings: CompressionSettings) -> tuple[float, float]:
    """Return attack and release from the squared crest factor (2 for a sine); short for percussive sounds."""
    crest_squared = max(crest_squared, 2.0)
    attack_ms = 2.0 * settings.attack_max_ms / crest_squared
    release_ms = 2.0 * settings.release_max_ms / crest_squared - attack_ms
    return (
        round(max(settings.attack_min_ms, attack_ms), 1),
        round(max(settings.release_min_ms, release_ms), 1),
    )
