"""Values as JSON and tables hold them."""

from __future__ import annotations

import math
from typing import Any


def defined(value: Any) -> Any:
    """Return a value with None for each number in it that is NaN or infinite, which JSON has no word for."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {name: defined(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [defined(inner) for inner in value]
    return value
