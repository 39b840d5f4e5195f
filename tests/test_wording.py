"""How numbers, units and lists stand in sentences, and that parameters' names end in units that are known."""

from __future__ import annotations

import dataclasses

import pytest

from mixrules import processors
from mixrules._support.wording import hertz, listed, listed_briefly, place, signed, words_and_unit


@pytest.mark.parametrize(
    ("name", "words", "unit"),
    [
        ("pre_delay_ms", "pre delay", "ms"),
        ("low_shelf_db_per_s", "low shelf", "dB/s"),
        ("room_size_m", "room size", "m"),
        ("ceiling_dbtp", "ceiling", "dBTP"),
        ("s", "s", ""),
        ("lines", "lines", ""),
        ("low_shelf_q", "low shelf q", ""),
    ],
)
def test_a_name_is_words_and_a_unit(name: str, words: str, unit: str) -> None:
    assert words_and_unit(name) == (words, unit)


def test_what_a_processor_is_set_by_has_no_unit_among_its_words() -> None:
    settings = [getattr(processors, name) for name in processors.__all__]
    names = [
        field.name
        for kind in settings
        if dataclasses.is_dataclass(kind)
        for field in dataclasses.fields(kind)
    ]
    assert len(names) > 20
    for name in names:
        words, _ = words_and_unit(name)
        assert not {"db", "dbfs", "dbtp", "hz", "ms"} & set(words.split()), name


@pytest.mark.parametrize(
    ("pan", "words"), [(0.0, "centre"), (0.004, "centre"), (-0.3, "30 % left"), (1.0, "100 % right")]
)
def test_a_place(pan: float, words: str) -> None:
    assert place(pan) == words


@pytest.mark.parametrize(
    ("frequency_hz", "words"), [(62.5, "62.5 Hz"), (125.0, "125 Hz"), (999.7, "1 kHz"), (20_001.0, "20 kHz")]
)
def test_a_frequency(frequency_hz: float, words: str) -> None:
    assert hertz(frequency_hz) == words


def test_signs_and_lists() -> None:
    assert [signed(value) for value in (1.46, -0.2, -0.01)] == ["+1.5", "-0.2", "+0.0"]
    assert [listed("abc"[:count]) for count in range(4)] == ["", "a", "a and b", "a, b and c"]


def test_very_many_items_are_counted() -> None:
    assert listed_briefly(list("abcdef")) == "a, b, c, d, e and f"
    assert listed_briefly(list("abcdefg")) == "a, b, c, d, e and 2 more"
