"""Numbers and counts in sentences, worded alike wherever ratings or choices are spoken of."""

from __future__ import annotations

import math
from collections.abc import Sequence


def p_text(p: float) -> str:
    """Return a p-value as it is printed: never as 0.

    Parameters
    ----------
    p : float
        NaN where there was no test.
    """
    if math.isnan(p):
        return "not defined"
    if p < 0.001:
        return "p < 0.001"
    text = f"{p:.3f}" if p < 0.9995 else "1"
    # Beside the usual level a reader must see on which side it lies.
    return f"p = {p:.4f}" if text == "0.050" else f"p = {text}"


def counted(count: int, what: str) -> str:
    """Return ``1 listener`` or ``2 listeners``.

    Parameters
    ----------
    count : int
        How many.
    what : str
        Of one.
    """
    return f"{count} {what}{'s' * (count != 1)}"


def joined(names: Sequence[str]) -> str:
    """Return ``a, b and c``.

    Parameters
    ----------
    names : sequence of str
        One or more.
    """
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
