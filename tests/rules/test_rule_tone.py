"""The tone rule: a high-pass where something lies below a stem's sound, and what lies far outside its class."""

from __future__ import annotations

import numpy as np
import pytest
from preset_numbers import numbers
from scipy import signal
from synthetic import Song
from synthetic import noise as noise_at

from mixrules import MixPlan, mix, plan, presets
from mixrules.analysis import Bands, ClassSpectrum, block_band_powers, octave_bands
from mixrules.decision import Decision
from mixrules.processors import EqBand, EqualizerParams, equalize

RATE = 44_100
SECONDS = 4.0


def noise(seconds: float, low_hz: float, high_hz: float, *, seed: int) -> np.ndarray:
    return noise_at(seconds, low_hz, high_hz, rate=RATE, seed=seed)


def decided(song: Song, rate: int = RATE, **values: object) -> MixPlan:
    rules = presets.load()
    rules = rules.without(*(rule for rule in rules.rules if rule != "tone"))
    return plan(song, sample_rate=rate, rules=rules.with_values({f"tone.{n}": v for n, v in values.items()}))


def of(made: MixPlan, stem: str) -> Decision:
    (decision,) = (d for d in made.decisions if d.stem == stem and d.rule == "tone")
    return decision


def class_spectrum(name: str) -> ClassSpectrum:
    rules = presets.load()
    return ClassSpectrum(rules[f"tone.{name}_mean_db"], rules[f"tone.{name}_spread_db"])  # type: ignore[arg-type]


def usual(class_name: str, *, boosts_db: dict[float, float] | None = None) -> np.ndarray:
    """Return noise with the mean octave levels of a class, some octaves louder by so much."""
    parts = []
    for seed, (hz, level_db) in enumerate(
        zip(octave_bands().centers_hz, class_spectrum(class_name).mean_db, strict=True)
    ):
        part = noise(SECONDS, hz / 2**0.5, min(hz * 2**0.5, 20_000.0), seed=seed)
        gain_db = level_db + (boosts_db or {}).get(hz, 0.0)
        parts.append(part / np.sqrt(np.mean(part**2)) * 10.0 ** (gain_db / 20.0))
    return np.asarray(0.2 * np.sum(parts, axis=0), np.float32)


def hum(hz: float, amplitude: float) -> np.ndarray:
    time_s = np.arange(round(SECONDS * RATE)) / RATE
    return np.asarray(amplitude * np.sin(2 * np.pi * hz * time_s), np.float32)


def octave_levels_db(audio: np.ndarray) -> np.ndarray:
    powers = block_band_powers(audio, RATE, octave_bands(), block_s=0.1).mean(axis=0)
    return np.asarray(10.0 * np.log10(powers))


@pytest.mark.parametrize("class_name", ["vocals", "drums", "bass"])
def test_what_sounds_like_its_class_is_left_as_it_is(class_name: str) -> None:
    made = decided({class_name: usual(class_name)})
    assert made.stem(class_name).equalizer.bands == ()
    assert "no change of tone" in of(made, class_name).sentence


def test_a_share_of_what_lies_beyond_the_spread_is_taken_back() -> None:
    constants = numbers("tone")
    audio = usual("drums", boosts_db={2000.0: 14.0})
    band, *others = decided({"drums": audio}).stem("drums").equalizer.bands
    assert others == []
    assert (band.kind, band.frequency_hz, band.q) == ("peaking", 2000.0, constants["q"])
    far_db = octave_levels_db(audio) - np.array(class_spectrum("drums").mean_db)
    far_db -= far_db.mean()
    at = octave_bands().centers_hz.index(2000.0)
    beyond_db = far_db[at] - constants["drums_beyond"] * class_spectrum("drums").spread_db[at]
    assert band.gain_db == pytest.approx(-constants["share"] * beyond_db, abs=0.1)


def test_gains_and_counts_stay_within_the_limits() -> None:
    audio = usual("drums", boosts_db={250.0: 22.0, 2000.0: -18.0, 8000.0: 22.0})
    for most_db, count in ((6.0, 3), (2.0, 2), (6.0, 0)):
        bands = decided({"drums": audio}, max_gain_db=most_db, max_bands=count).stem("drums").equalizer.bands
        assert len(bands) <= count
        assert all(abs(band.gain_db) <= most_db for band in bands)
    assert decided({"drums": audio}, share=0.0).stem("drums").equalizer.bands == ()


def test_where_a_stem_has_next_to_nothing_it_is_not_raised() -> None:
    audio = usual("drums", boosts_db={125.0: -30.0})
    (raised,) = decided({"drums": audio}).stem("drums").equalizer.bands
    assert (raised.frequency_hz, raised.gain_db > 0.0) == (125.0, True)
    assert decided({"drums": audio}, boost_within_db=10.0).stem("drums").equalizer.bands == ()


def test_a_role_that_is_guessed_has_no_class() -> None:
    audio = usual("drums", boosts_db={2000.0: 20.0})
    made = decided({"track 7": audio})
    assert all(band.kind == "high_pass" for band in made.stem("track 7").equalizer.bands)


def test_rumble_below_a_voice_is_filtered_below_where_it_begins() -> None:
    voice = noise(SECONDS, 200.0, 4000.0, seed=1)
    clean, rumbling = decided({"vocals": voice}), decided({"vocals": voice + hum(30.0, 0.1)})
    assert clean.stem("vocals").equalizer.bands == ()
    band = rumbling.stem("vocals").equalizer.bands[0]
    assert band.kind == "high_pass"
    assert 0.6 * 200.0 <= band.frequency_hz <= 0.8 * 200.0
    sentence = of(rumbling, "vocals").sentence
    assert f"high-pass at {band.frequency_hz:.0f} Hz" in sentence


def test_low_stems_keep_their_lows() -> None:
    song = {"kick": hum(45.0, 0.3), "bass": hum(41.0, 0.3), "organ": hum(33.0, 0.3) + hum(400.0, 0.3)}
    made = decided(song)
    for name in song:
        assert all(band.kind != "high_pass" for band in made.stem(name).equalizer.bands)


def test_a_constant_offset_is_filtered() -> None:
    made = decided({"synth": noise(SECONDS, 300.0, 3000.0, seed=3) + np.float32(0.05)})
    decision = of(made, "synth")
    assert made.stem("synth").equalizer.bands[0].kind == "high_pass"
    assert "a DC offset of 5.0 % of full scale" in decision.sentence


def test_what_was_in_the_equaliser_stays_and_counts() -> None:
    from mixrules import Stems
    from mixrules.rules import RULES
    from mixrules.session import Session

    audio = usual("drums", boosts_db={2000.0: 14.0})
    session = Session(Stems.from_arrays({"drums": audio}, RATE))
    before = EqBand(frequency_hz=2000.0, gain_db=-14.0, q=1.0)
    session.plan = session.plan.replace_stem("drums", equalizer=EqualizerParams(bands=(before,)))
    session.apply(RULES["tone:by_class"].decide(session, presets.load(), "tone"))
    bands = session.plan.stem("drums").equalizer.bands
    assert bands[0] == before
    assert all(band.frequency_hz != 2000.0 or band.gain_db > -0.75 for band in bands[1:])


def test_statements_hold_on_the_rendered_mix() -> None:
    """The octave's level, measured by scipy on the equalised stem, is what the decision states."""
    song = {
        "drums": usual("drums", boosts_db={2000.0: 14.0}),
        "vocals": noise(SECONDS, 200.0, 4000.0, seed=1) + hum(30.0, 0.1),
    }
    rules = presets.load()
    result = mix(
        song, sample_rate=RATE, rules=rules.without(*(rule for rule in rules.rules if rule != "tone"))
    )
    for name, kind in (("drums", "stem_octave_level_db"), ("vocals", "stem_level_below_db")):
        (statement,) = (s for s in of(result.plan, name).statements if s.kind == kind)
        assert statement.holds
    audio = equalize(song["drums"], RATE, result.plan.stem("drums").equalizer)[:, 0]
    frequencies, density = signal.welch(audio, RATE, nperseg=8192)
    octave = (frequencies >= 2000.0 / 2**0.5) & (frequencies < 2000.0 * 2**0.5)
    level_db = 10.0 * np.log10(density[octave].sum() / density.sum())
    assert of(result.plan, "drums").statements[0].stated == pytest.approx(level_db, abs=0.3)


def test_filters_that_later_rules_add_do_not_count_for_what_was_stated() -> None:
    from mixrules import Stems
    from mixrules.engine import Renderer, load_engine
    from mixrules.measurements import Measurements
    from mixrules.verification import verify

    song = {"drums": usual("drums", boosts_db={2000.0: 14.0})}
    made = decided(song)
    bands = made.stem("drums").equalizer.bands
    later = EqBand(frequency_hz=2000.0, gain_db=-6.0, q=1.0)
    more = made.replace_stem("drums", equalizer=EqualizerParams(bands=(*bands, later)))
    less = made.replace_stem("drums", equalizer=EqualizerParams(bands=(later,)))
    measurements = Measurements(Renderer(Stems.from_arrays(song, RATE), load_engine("native")))
    assert of(verify(more, measurements), "drums").statements[0].holds
    # Without its filters the statement would not hold: an edit by hand has made it void.
    assert made.decisions
    assert of(verify(less, measurements), "drums").statements == ()


@pytest.mark.parametrize("rate", [8_000, 44_100, 192_000])
@pytest.mark.parametrize("samples", [1, 4_000, 40_000])
def test_odd_songs_pass(rate: int, samples: int) -> None:
    rng = np.random.default_rng(4)
    song = {
        "vocals": np.zeros((samples, 1), np.float32),
        "drums": rng.normal(0.0, 0.1, (samples, 2)).astype(np.float32),
        "guitar": np.full((samples, 1), 0.5, np.float32),
    }
    made = decided(song, rate=rate)
    assert all(band.frequency_hz < rate / 2 for strip in made.stems for band in strip.equalizer.bands)


def test_the_distance_from_a_class_does_not_depend_on_level() -> None:
    usual_drums = class_spectrum("drums")
    bands: Bands = octave_bands()
    far_db = usual_drums.far_db(np.array(usual_drums.mean_db) - 33.0, bands, within_db=60.0)
    np.testing.assert_allclose(far_db, 0.0, atol=1e-9)
