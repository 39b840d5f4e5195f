"""A preset without one of its rules is a system of its own."""

from __future__ import annotations

import pytest

from mixrules import presets
from mixrules.errors import ParameterError
from mixrules.systems import parse_systems
from mixrules.systems.system import rules_of


def test_a_preset_without_rules_is_a_system() -> None:
    systems = parse_systems("default-without-eq,default-without-eq-without-pan,default")
    assert [system.kind for system in systems] == ["preset"] * 3
    assert rules_of("default-without-eq") == presets.load("default").without("eq")
    assert "pan" not in rules_of(systems[1].name).rules


def test_a_rule_that_is_not_there_is_one_line() -> None:
    with pytest.raises(ParameterError, match="has no rule 'pan': it has level, eq"):
        parse_systems("survey-2022-without-pan")
