"""Settings of the statistics of a listening test, with their defaults."""

from __future__ import annotations

from dataclasses import dataclass, field

from mixrules._support.field_types import require_field_types
from mixrules._support.validation import require_between
from mixrules.errors import ParameterError
from mixrules.ratings.rejection import RejectionRules


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Settings of the statistics.

    Parameters
    ----------
    alpha : float
        Level of each family of tests.
    margin : float
        Of equivalence, as a share of the scale: differences below it count as too small to matter.
    confidence : float
        Of the intervals.
    resamples : int
        Of the bootstrap; 0 for no intervals.
    seed : int
        What the resamples are drawn from.
    mixed_model : bool
        Whether a mixed-effects model is fitted beside the tests.
    rejection : RejectionRules
        Which listeners are left out.
    """

    alpha: float = 0.05
    margin: float = 0.1
    confidence: float = 0.95
    resamples: int = 2000
    seed: int = 0
    mixed_model: bool = True
    rejection: RejectionRules = field(default_factory=RejectionRules)

    def __post_init__(self) -> None:
        require_field_types(self)
        require_between(self, alpha=(1e-6, 0.5), margin=(1e-6, 1.0), confidence=(0.5, 0.9999))
        require_between(self, resamples=(0, 100_000), seed=(0, 2**31 - 1))
        if 0 < self.resamples < 100:
            raise ParameterError(f"resamples must be 0 or at least 100, got {self.resamples}")
