"""The page of the vetoes has every line as the registry has it."""

from __future__ import annotations

import re
from pathlib import Path

from mixrules.evaluation.vetoes import VETOES

PAGE = Path(__file__).resolve().parents[3] / "docs" / "vetoes.md"
ROW = re.compile(r"^\| `(\w+)` \| (.*) \| (.*) \| (.*) \| (.*) \|$", re.MULTILINE)


def test_the_table_is_that_of_the_registry() -> None:
    shown = [
        (
            veto.name,
            veto.about,
            veto.measured,
            f"{veto.fires_when} {veto.threshold:g} {veto.unit}".rstrip(),
            veto.source,
        )
        for veto in VETOES.values()
    ]
    assert ROW.findall(PAGE.read_text(encoding="utf-8")) == shown
