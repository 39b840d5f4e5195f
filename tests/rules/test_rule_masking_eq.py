"""The masking EQ rule: cuts where a masker does not need the band and another stem does, and only if they help."""

from __future__ import annotations

import numpy as np
import pytest
from preset_numbers import numbers
from synthetic import RATE, Song, band, noise

from mixrules import MixPlan, plan, presets
from mixrules.analysis import MaskingModel

SECONDS = 4.0


def decided(song: Song, rate: int = RATE, **values: object) -> MixPlan:
    rules = presets.load()
    rules = rules.without(*(rule for rule in rules.rules if rule != "eq"))
    changed = {f"eq.{name}": value for name, value in values.items()}
    return plan(song, sample_rate=rate, rules=rules.with_values(changed))


def masked_song() -> Song:
    """A guitar whose body is at 63 to 250 Hz, with a lesser, needless part that covers the vocal at 2 kHz."""
    body = [
        noise(SECONDS, hz / 1.3, hz * 1.3, seed=i) * np.float32(10) for i, hz in enumerate((63, 125, 250))
    ]
    return {
        "vocals": np.sum(
            [noise(SECONDS, hz / 1.3, hz * 1.3, seed=10 + i) for i, hz in enumerate((500, 1000, 2000))],
            axis=0,
        ).astype(np.float32)
        * np.float32(0.5),
        "guitar": np.sum([*body, noise(SECONDS, 1500, 2700, seed=20) * np.float32(2)], axis=0).astype(
            np.float32
        ),
    }


def test_a_masker_is_cut_where_it_masks_and_does_not_need_the_band() -> None:
    made = decided(masked_song())
    cuts = made.stem("guitar").equalizer.bands
    assert 2000.0 in [cut.frequency_hz for cut in cuts]
    assert all(cut.gain_db < 0 for cut in cuts)
    assert not {63.0, 125.0, 250.0} & {cut.frequency_hz for cut in cuts}
    assert made.stem("vocals").equalizer.bands == ()
    (decision,) = (d for d in made.decisions if d.stem == "guitar")
    before, after = (q.value for q in decision.measured[-2:])
    assert after is not None
    assert before is not None
    assert after - before >= numbers("eq")["min_improvement_db"]
    assert "makes room for vocals" in decision.sentence


def test_cuts_stay_within_the_limits() -> None:
    for limit, most in ((1.5, 3), (4.0, 1), (4.0, 0)):
        made = decided(masked_song(), max_cut_db=limit, max_bands=most)
        cuts = made.stem("guitar").equalizer.bands
        assert len(cuts) <= most
        assert all(-limit <= cut.gain_db < 0 for cut in cuts)
        assert {cut.q for cut in cuts} <= {presets.load()["eq.q"]}


def test_a_vocal_is_never_cut_however_loud() -> None:
    song = masked_song()
    song["vocals"], song["guitar"] = song["guitar"], song["vocals"]
    song["lead vocal 2"] = song["vocals"] * np.float32(3)
    made = decided(song)
    assert made.stem("vocals").equalizer.bands == ()
    assert made.stem("lead vocal 2").equalizer.bands == ()


def test_cuts_that_do_not_help_are_taken_back() -> None:
    made = decided(masked_song(), min_improvement_db=6.0)
    assert made.stem("guitar").equalizer.bands == ()
    (decision,) = (d for d in made.decisions if d.stem == "guitar")
    assert "were tried" in decision.sentence
    assert decision.measured


def test_half_the_cut_is_tried_where_all_of_it_makes_things_worse(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = decided(masked_song()).stem("guitar").equalizer.bands
    readings = iter([0.0, -1.0, 0.5, *[0.0] * 20])
    monkeypatch.setattr(MaskingModel, "mean_smr_db", lambda *_, **__: next(readings))
    half = decided(masked_song()).stem("guitar").equalizer.bands
    assert [b.gain_db for b in half] == pytest.approx([b.gain_db / 2 for b in whole], abs=0.01)


@pytest.mark.parametrize("names", [("vocals",), ("vocals", "piano")])
def test_stems_that_do_not_meet_are_left_alone(names: tuple[str, ...]) -> None:
    song = {"vocals": noise(SECONDS, 700, 1400), "piano": noise(SECONDS, 5600, 9000)}
    made = decided({name: song[name] for name in names})
    assert all(stem.equalizer.bands == () for stem in made.stems)


def test_pieces_of_one_kit_make_no_room_for_each_other() -> None:
    song = {"kick": noise(SECONDS, 40, 3000), "snare": noise(SECONDS, 1000, 3000, seed=1) * np.float32(0.3)}
    assert all(stem.equalizer.bands == () for stem in decided(song).stems)


def test_a_stem_of_unknown_role_is_cut_like_any_other() -> None:
    song = masked_song()
    song["zzz"] = song.pop("guitar")
    assert decided(song).stem("zzz").equalizer.bands


@pytest.mark.parametrize("rate", [8000, 44_100, 192_000])
@pytest.mark.parametrize("bands", ["octave", "third_octave", "bark", "erb"])
def test_every_rate_and_band_set_has_an_answer(rate: int, bands: str) -> None:
    song = {
        "vocals": noise(1.0, 300, 3000, rate=rate) * np.float32(0.1),
        "guitar": noise(1.0, 80, 3500, rate=rate, seed=1),
    }
    for stem in decided(song, rate, bands=bands).stems:
        assert all(b.frequency_hz < rate / 2 for b in stem.equalizer.bands)


def test_a_silent_stem_and_a_click_disturb_nothing() -> None:
    song = band(SECONDS) | {"piano": np.zeros(int(SECONDS * RATE), np.float32), "strings": np.eye(1, 5000)[0]}
    made = decided(song)
    assert made.stem("piano").equalizer.bands == ()
    for decision in made.decisions:
        assert "nan" not in decision.sentence
