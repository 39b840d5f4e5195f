"""The share of right roles on the labelled list: published figures are the present ones, with a floor."""

from __future__ import annotations

import pytest
from share_of_roles import PAGE, docs_table, guesses, labelled_names, page_with, recorded, shares

from mixrules.stems.roles import ROLES

NAMES = labelled_names()
FOUND = guesses(NAMES)
NOW = shares(FOUND)


def test_the_list_is_long_and_well_formed() -> None:
    assert len(NAMES) >= 2_500
    assert {one.role for one in NAMES} == set(ROLES)
    assert {one.part for one in NAMES} == {"seen", "held out"}
    assert len({(one.name, one.song, one.language) for one in NAMES}) == len(NAMES)
    assert all(one.source for one in NAMES)


@pytest.mark.parametrize(("part", "floor"), [("seen", 0.99), ("held out", 0.97)])
def test_the_share_of_all_names(part: str, floor: float) -> None:
    right, names = NOW[part, "all", ""]
    assert right / names >= floor


@pytest.mark.parametrize("key", [key for key, (_, names) in NOW.items() if names >= 20], ids=" ".join)
def test_no_habit_and_no_language_is_left_behind(key: tuple[str, str, str]) -> None:
    right, names = NOW[key]
    assert right / names >= 0.88


def test_the_published_shares_are_the_present_ones() -> None:
    published = {key: row["after"] for key, row in recorded().items()}
    assert published == {key: f"{100 * right / names:.1f}" for key, (right, names) in NOW.items()}


def test_no_share_fell() -> None:
    assert all(float(row["after"]) >= float(row["before"]) for row in recorded().values())


def test_the_documentation_has_them_too() -> None:
    assert page_with(docs_table()) == PAGE.read_text(encoding="utf-8")
