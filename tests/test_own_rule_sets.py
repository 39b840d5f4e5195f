"""Rule sets of one's own, as TOML: what is wrong is one line, with line and column of the text's faults."""

from __future__ import annotations

import pytest

from mixrules import RuleSet
from mixrules.errors import ParameterError

LEVEL = "name = 'a'\nabout = ''\nchain = []\n[level]\n"

TOML: list[tuple[str | bytes, str]] = [
    ("name = 'a'\nname = 'b'\n", "line 2, column 11: a name stands twice"),
    ("[level]\na = {value = 1}\n[level]\n", "line 3, column 7: the table level stands twice"),
    ("name = ", "line 1, column 7: invalid value"),
    ("name = 'a", 'expected "\'"'),
    (
        "x = 1,5\n",
        "line 1, column 6: a line break is needed after a value; texts stand in quotes, decimal numbers",
    ),
    ("about = 'a'\nx = " + "9" * 5000, "line 2, column 5: a number is too long"),
    ("x = " + "[" * 5000, "its brackets are nested too deep"),
    ("x = " + "{a=" * 5000, "its brackets are nested too deep"),
    ("name = 'a'\n" + "a." * 200_000 + "a = 1", "line 2, column 1: a name has over 100 parts"),
    ("x = {" + " . ".join(['"a\\""'] * 20_000) + " = 1}", "line 1, column 6: a name has over 100 parts"),
    ('x = "\x01"', r"illegal character '\x01'"),
    ('{"name": "a"}', "line 1, column 1: invalid statement"),
    ("name = 'a'".encode("utf-16"), "it is text in UTF-16, save it as UTF-8"),
    (b"name = 'a'\nabout = 'B\xe4r'", "line 2, column 11: the byte 0xe4 is not UTF-8"),
    ("name = 3\nabout = ''\nchain = []", "the rule set needs name, of type str"),
    ("name = 'a'\nabout = ''\nchain = [3]", "each step of the rule set's chain must be a text, got 3"),
    (LEVEL + "a = 3", "level.a must be a table such as"),
    (LEVEL + "a = {value = 1, unit = 2, about = '', source = ''}", "level.a: unit must"),
    (LEVEL + "a = {value = nan, unit = '', about = '', source = ''}", "level.a must be a finite"),
    (LEVEL + "a = {value = 2020-01-01, unit = '', about = '', source = ''}", "level.a: value"),
    (LEVEL + "a = {value = 1, unit = '', about = '', source = '', maximum = 'x'}", "level.a: maximum"),
    ("", "the rule set needs name"),
]


@pytest.mark.parametrize(("text", "message"), TOML, ids=[repr(text[-30:]) for text, _ in TOML])
def test_what_is_wrong_in_a_rule_set_of_ones_own_is_one_line(text: str | bytes, message: str) -> None:
    with pytest.raises(ParameterError) as caught:
        RuleSet.from_toml(text)  # type: ignore[arg-type]
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 250


def test_a_rule_set_may_begin_with_a_byte_order_mark_and_have_any_line_ends() -> None:
    text = "\ufeffname = 'a'\r\nabout = ''\r\nchain = ['level:balance']\r\n"
    assert RuleSet.from_toml(text).rules == ("level",)
