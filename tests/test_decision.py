"""Decisions and statements: plain data, checked, and honest about what was not measured."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mixrules import Decision, Quantity, Send, Statement
from mixrules.errors import ParameterError


def test_parameters_become_what_json_returns() -> None:
    decision = Decision(
        rule="r",
        sentence="s",
        source="x",
        parameters={"a": np.float32(0.5), "b": (1, np.int64(2)), "c": Send(to="room", level_db=-3.0)},
    )
    assert decision.parameters == {"a": 0.5, "b": [1, 2], "c": {"to": "room", "level_db": -3.0}}
    assert type(decision.parameters["a"]) is float


@pytest.mark.parametrize("value", [object(), np.zeros(3), lambda: 0])
def test_parameters_that_are_not_data_are_refused(value: object) -> None:
    with pytest.raises(ParameterError, match="plain data"):
        Decision(rule="r", sentence="s", source="x", parameters={"a": value})


@pytest.mark.parametrize(("rule", "sentence"), [("", "s"), ("r", "")])
def test_a_decision_needs_a_rule_and_a_sentence(rule: str, sentence: str) -> None:
    with pytest.raises(ParameterError, match="a rule and a sentence"):
        Decision(rule=rule, sentence=sentence, source="x")


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_not_defined_is_none(value: float) -> None:
    assert Quantity.of("loudness", value, "LUFS").value is None
    with pytest.raises(ParameterError, match="stated must be a finite number"):
        Statement(kind="mix_integrated_lufs", unit="LUFS", stated=value)


@pytest.mark.parametrize(
    ("measured", "holds"), [(None, None), (-14.0, True), (-14.1, True), (-13.9, True), (-14.11, False)]
)
def test_a_statement_holds_within_its_tolerance(measured: float | None, holds: bool | None) -> None:
    statement = Statement(kind="mix_integrated_lufs", unit="LUFS", stated=-14.0, measured=measured)
    assert statement.holds is holds
