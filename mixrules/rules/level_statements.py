"""What the level rules promise: statements that are measured again on the rendered mix."""

from __future__ import annotations

import math

from mixrules.decision import Statement


def vocal_statements(vocals: tuple[str, ...], stated_lu: float) -> tuple[Statement, ...]:
    """Promise the vocals' level against the backing; nothing where stems cancel out to silence."""
    if not math.isfinite(stated_lu):
        return ()
    return (Statement(kind="vocal_to_backing_lu", stems=vocals, unit="LU", stated=stated_lu),)


def loudness_statements(names: tuple[str, ...], stated_lufs: float) -> tuple[Statement, ...]:
    """Promise the loudness of some stems together; nothing where they cancel out to silence."""
    if not math.isfinite(stated_lufs):
        return ()
    kind = "group_integrated_lufs" if len(names) > 1 else "stem_integrated_lufs"
    return (Statement(kind=kind, stems=names, unit="LUFS", stated=round(stated_lufs, 2)),)


def support_statements(name: str, leads: tuple[str, ...], stated_lu: float) -> tuple[Statement, ...]:
    """Promise the level of a support stem against its leads; nothing where it has none, or silence is left."""
    if not leads or not math.isfinite(stated_lu):
        return ()
    kind = "support_to_lead_lu"
    return (Statement(kind=kind, stems=(name, *leads), unit="LU", stated=round(stated_lu, 2)),)
