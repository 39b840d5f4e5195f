"""Doubles told from returns by their names, in every language that roles are known in."""

from __future__ import annotations

import pytest

from mixrules.stems.roles import guess_role, is_double, supported_role
from mixrules.stems.roles.words import qualifiers

DOUBLES = """
    Vox Triple|Vox Doubler|Lead Vox Quad|Vox 叠唱|主唱叠轨|主唱叠唱|Вокал дабл|Vocal ダブル|ボーカルダブル|Vox Doublure
    |보컬 더블|Gesang Doppelung|Dbl Vox|Vox (Double)|Double|Vox Double no reverb|Vox D|LV DT|Songs/Lead Vox Dbl.wav
"""
NO_DOUBLES = """
    Vox Dbl Rvrb|Vox Double Hall|Reverb - Vox Dbl|Vox Dbl (Delay)|Вокал дабл ревер|主唱叠唱混响|Vocal Reverb
    |Vox Doubled Plate|Gesang Doppler Nachhall|Kick|01
"""


@pytest.mark.parametrize("name", [name.strip() for name in DOUBLES.split("|")])
def test_doubles(name: str) -> None:
    assert is_double(name)
    assert guess_role(name).role == "support"


@pytest.mark.parametrize("name", [name.strip() for name in NO_DOUBLES.split("|")])
def test_returns_of_doubles_and_others_are_none(name: str) -> None:
    assert not is_double(name)


def test_every_word_of_a_double_makes_one_of_a_vocal() -> None:
    names = [f"Vox {word}" for word in qualifiers.DOUBLES]
    assert [name for name in names if not is_double(name)] == []
    assert {supported_role(name) for name in names} == {"vocal"}


def test_every_word_of_a_return_makes_one_of_a_double() -> None:
    words = qualifiers.RETURNS | qualifiers.LAST_RETURNS
    assert [word for word in words if is_double(f"Vox Dbl {word}")] == []
