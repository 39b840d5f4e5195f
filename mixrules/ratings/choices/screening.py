"""Leaving listeners of an A/B or ABX test out: by how they answered, never by what."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from mixrules.ratings.choices.table import Choice, ChoiceTable
from mixrules.ratings.rejection import Rejected, RejectionRules

FEWEST_FOR_SAME = 8
"""One in 128 presses the same button in eight trials by chance."""

_TEXTS = {
    "same": f"always the same button, in {FEWEST_FOR_SAME} answers or more",
    "fast": "too fast: the median answer took under {:g} s",
    "incomplete": "incomplete: gave under {:.0%} of the answers of the most complete listener",
}


def rules_of_choices(rules: RejectionRules) -> tuple[str, ...]:
    """Return what each rule says for choices; ``inconsistent`` has no meaning for them.

    Parameters
    ----------
    rules : RejectionRules
        With thresholds.
    """
    given = {name: getattr(rules, name) for name in _TEXTS}
    return tuple(
        f"{name}: off" if value is None else _TEXTS[name].format(value) for name, value in given.items()
    )


def screen_choices(table: ChoiceTable, rules: RejectionRules) -> tuple[ChoiceTable, tuple[Rejected, ...]]:
    """Leave out the listeners whom the rules reject.

    Parameters
    ----------
    table : ChoiceTable
        All answers.
    rules : RejectionRules
        What to look for.

    Returns
    -------
    table : ChoiceTable
        The answers of the others.
    rejected : tuple of Rejected
        A line for each listener and rule.
    """
    by_listener: dict[str, list[Choice]] = defaultdict(list)
    for row in table.rows:
        by_listener[row.listener].append(row)
    most = max(map(len, by_listener.values()), default=0)
    found: list[Rejected] = []
    for listener, rows in by_listener.items():
        pressed = {"A" if row.chosen == row.shown_first else "B" for row in rows if row.chosen}
        answers = sum(bool(row.chosen) for row in rows)
        median = float(np.median([row.seconds for row in rows]))
        if rules.same is not None and answers >= FEWEST_FOR_SAME and len(pressed) == 1:
            found.append(Rejected(listener, "same", f"chose {pressed.pop()} in all of {answers} answers"))
        if rules.fast is not None and median < rules.fast:
            found.append(Rejected(listener, "fast", f"the median answer took {median:.1f} s"))
        if rules.incomplete is not None and len(rows) < rules.incomplete * most:
            found.append(Rejected(listener, "incomplete", f"gave {len(rows)} of {most} answers"))
    out = {gone.listener for gone in found}
    return table.with_rows(row for row in table.rows if row.listener not in out), tuple(found)
