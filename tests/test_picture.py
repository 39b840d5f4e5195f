"""The picture at the top of README.md shows what the rules do today."""

from __future__ import annotations

import io
import runpy
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from synthetic import Song  # noqa: TC002

from mixrules import MixResult, Stems

DOCS = Path(__file__).resolve().parent.parent / "docs"
SCRIPT = runpy.run_path(str(DOCS / "make_picture.py"))


@pytest.fixture(scope="module")
def mixes(demo_song: Song) -> tuple[MixResult, MixResult]:
    both: tuple[MixResult, MixResult] = SCRIPT["both_mixes"](Stems.from_arrays(demo_song, 44_100))
    return both


def test_its_numbers_are_those_of_today(mixes: tuple[MixResult, MixResult]) -> None:
    drawn = SCRIPT["numbers_in"](SCRIPT["PICTURE"])
    today = SCRIPT["numbers"](*mixes)
    assert SCRIPT["alike"](drawn, today), f"python docs/make_picture.py draws it anew: {drawn}, today {today}"


def test_it_can_be_drawn_anew_and_is_small(mixes: tuple[MixResult, MixResult]) -> None:
    with Image.open(io.BytesIO(SCRIPT["picture"](*mixes))) as new, Image.open(SCRIPT["PICTURE"]) as old:
        assert new.size == old.size
        assert new.info["Title"] == old.info["Title"]
    assert SCRIPT["PICTURE"].stat().st_size < 150_000


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({}, True),
        ({"mix": [-15.0, -1.05]}, True),
        ({"mix": [-15.0, -1.2]}, False),
        ({"mix": [-15.0]}, False),
        ({"also": {"vocals": "reverb"}}, False),
        ({"more": 1}, False),
    ],
)
def test_a_change_of_a_number_is_noticed(change: dict[str, Any], same: bool) -> None:
    drawn = {"mix": [-15.0, -1.0], "also": {"vocals": "compressed 3.8:1"}}
    assert SCRIPT["alike"](drawn, drawn | change) is same
