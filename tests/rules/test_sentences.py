"""The sentences of the rules: whatever the song, a musician can read each, and every number in it is one."""

from __future__ import annotations

import re

import numpy as np
import pytest
from synthetic import RATE, Song, band, noise

from mixrules import MixPlan, plan, presets

SECONDS = 4.0
# What no number may print as, and words of the code or of a paper that a musician would have to look up.
UNREADABLE = re.compile(
    r"\binf\b|\bnan\b|[+-]0\.0+(?![\d.])(?! dB| LU)|\bNone\b|\bmask|signal-to-masker|\bis not \S+ \S+ or more\b|\bstrip\b"
    r"|[{}]|\s\s|\.\.",
    re.IGNORECASE,
)
DENIED_TWICE = re.compile(r"\bnot\b[^,;:.]*\b(?:no|not|none|nothing)\b", re.IGNORECASE)


def odd_song() -> Song:
    opposite = noise(SECONDS, 300, 4000, seed=4)
    silent = np.zeros_like(opposite)
    return {
        "vocals": noise(SECONDS, 200, 6000, seed=1),
        "pad": np.stack([opposite, -opposite], axis=-1).astype(np.float32),
        "keys": np.stack([noise(SECONDS, 300, 4000, seed=seed) for seed in (7, 8)], axis=-1),
        "guitar 1": noise(SECONDS, 300, 900, seed=2),
        "guitar 2": noise(SECONDS, 300, 900, seed=3),
        "kick": noise(SECONDS, 40, 120, seed=5),
        "bass": noise(SECONDS, 40, 120, seed=6) + np.float32(0.05),
        "silent": silent,
        "faint": opposite * np.float32(1e-5),
        "Vocal Reverb": noise(SECONDS, 400, 3000, seed=9),
    }


SONGS = {
    "a band": band(SECONDS),
    "odd stems": odd_song(),
    "one stem": {"guitar": noise(SECONDS, 300, 900)},
    "one return": {"Vocal Reverb": noise(SECONDS, 300, 900)},
    "a few samples": {"vocals": noise(0.01, 300, 900), "guitar": noise(0.01, 300, 900, seed=2)},
}


def sentences(made: MixPlan) -> list[tuple[str, str]]:
    return [(decision.stem, decision.sentence) for decision in made.decisions]


@pytest.mark.parametrize(
    ("preset", "strength"),
    [("default", 0.0), ("default", 0.5), ("default", 1.0), ("default", 2.0), ("survey-2022", 1.0)],
)
@pytest.mark.parametrize("song", SONGS)
def test_every_sentence_can_be_read(song: str, preset: str, strength: float) -> None:
    made = plan(SONGS[song], sample_rate=RATE, rules=presets.load(preset).with_strength(strength))
    assert made.decisions
    for stem, sentence in sentences(made):
        assert not UNREADABLE.search(sentence), sentence
        assert sentence.endswith("."), sentence
        assert stem in sentence, sentence
        assert not DENIED_TWICE.search(sentence), sentence


def test_a_stem_in_opposite_phase_is_wide_and_no_infinity() -> None:
    made = plan(SONGS["odd stems"], sample_rate=RATE)
    (said,) = (d.sentence for d in made.decisions if d.rule == "reverb" and d.stem == "pad")
    assert said == "pad: no reverb, as it is as wide as can be, its right channel its left one upside down."


def test_what_hides_another_stem_and_needs_the_band_itself_says_so() -> None:
    loud, soft = noise(SECONDS, 400, 700, seed=1), noise(SECONDS, 400, 700, seed=2) * np.float32(0.1)
    apart = noise(SECONDS, 5000, 9000, seed=3)
    rules = presets.load("default")
    rules = rules.without(*(rule for rule in rules.rules if rule != "eq"))
    for other, why in (
        (soft, "it needs the frequencies at which it hides another stem"),
        (apart, "it hides no other stem"),
    ):
        made = plan({"guitar": loud, "piano": other}, sample_rate=RATE, rules=rules)
        assert [d.sentence for d in made.decisions if d.stem == "guitar"] == [f"guitar: no EQ, as {why}."]
