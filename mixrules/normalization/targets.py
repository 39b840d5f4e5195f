"""What normalisation aims for: a loudness, under a ceiling, with as much limiting as is allowed."""

from __future__ import annotations

from dataclasses import dataclass

from mixrules._support.validation import require_between

LOWEST_CEILING_DBTP = -60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LoudnessTarget:
    """The loudness to reach, and what must hold meanwhile.

    Attributes
    ----------
    target_lufs : float
        Integrated loudness, -60 to 0. -14 is what streaming services play at, and the mixes of preset ``default``;
        EBU R 128 asks for -23 in broadcasting.
    ceiling_dbtp : float
        The highest true peak, -60 to 0.
    limit_db : float
        How far a limiter may reduce peaks, 0 to 24; with 0 there is a gain and nothing else.
    """

    target_lufs: float = -14.0
    ceiling_dbtp: float = -1.0
    limit_db: float = 0.0

    def __post_init__(self) -> None:
        require_between(
            self, target_lufs=(-60.0, 0.0), ceiling_dbtp=(LOWEST_CEILING_DBTP, 0.0), limit_db=(0.0, 24.0)
        )
