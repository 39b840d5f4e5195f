"""Mixes that do not lie where their stems do, or are of others: explained as far as it goes, and said to be so."""

from __future__ import annotations

from fractions import Fraction

import pytest
from matching.placed_mixes import Samples, later, mixed, slower, song

from mixrules.matching import Match, match
from mixrules.stems import Stems

SECONDS = 5.0


@pytest.fixture(scope="module")
def stems() -> Stems:
    return song(SECONDS, 3)


@pytest.fixture(scope="module")
def mix(stems: Stems) -> Samples:
    return mixed(stems, (0.5, 1.0, 0.25))


def level_db(found: Match, name: str) -> float:
    """The gain of a mono stem in the middle, on either side, in dB: the pan law taken off."""
    strip = found.plan.stem(name)
    return strip.gain_db + strip.input_gain_db + found.plan.master.gain_db - 3.01


def words(found: Match) -> str:
    """Everything that is said to the reader."""
    decisions = (decision.sentence for decision in found.plan.decisions)
    return " ".join([*found.notes, *found.plan.notes, found.alignment.sentence, *decisions])


def test_another_song_is_not_explained(stems: Stems) -> None:
    found = match(stems, mixed(song(SECONDS, 3, seed=7)))
    assert found.explained_share < 0.2
    assert not found.alignment.told
    assert "cannot be told" in words(found)


def test_a_mix_that_is_late_drifts_and_is_upside_down(stems: Stems, mix: Samples) -> None:
    found = match(stems, -later(slower(mix, Fraction(2001, 2000)), 300.0))
    assert found.alignment.inverted
    assert found.explained_share > 0.99
    assert level_db(found, "track 0") == pytest.approx(-6.02, abs=0.2)
