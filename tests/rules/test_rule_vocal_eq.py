"""The published EQ rule, on noises whose band levels are known, against a twin of the published table."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.signal
from synthetic import Samples, noise

from mixrules import MixPlan, plan, presets

RATE = 48_000
SECONDS = 4.0
CENTERS_HZ = (63.0, 125.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0, 16_000.0)
# Levels of the noise in each octave, dB re an arbitrary level.
CASES = {
    "boxy vocal, bassy backing": ((-12, -6, 0, 3, 0, -6, -9, -18, -30), (6, 3, 0, -6, -9, -12, -15, -20, -24)),
    "bright backing": ((-30, -9, 0, 2, 1, -3, -12, -18, -24), (-20, -20, -15, -12, -6, 0, 6, 3, -3)),
    "like against like": ((-6, -3, 0, 0, -3, -6, -9, -12, -15), (-6, -3, 0, 0, -3, -6, -9, -12, -15)),
    "far apart": ((-40, -40, -30, 0, 3, 6, 0, -20, -40), (10, 12, -10, -30, -40, -40, -40, -30, -20)),
}  # fmt: skip


def spectrum(levels_db: tuple[float, ...], seed: int) -> Samples:
    """A tone in the middle of every octave band, its phase by the seed."""
    times_s = np.arange(round(SECONDS * RATE)) / RATE
    phases = np.random.default_rng(seed).uniform(0, 2 * np.pi, 9)
    total = np.zeros(len(times_s))
    for center_hz, level_db, phase in zip(CENTERS_HZ, levels_db, phases, strict=True):
        total += 10.0 ** (level_db / 20) * np.sin(2 * np.pi * center_hz * times_s + phase)
    samples: Samples = (total * 0.1 / np.sqrt(np.mean(total**2))).astype(np.float32)
    return samples


def band_levels_db(levels_db: tuple[float, ...]) -> np.ndarray:
    """What Butterworth octave filters of order 2 read of those tones, their skirts included."""
    powers = []
    for center_hz in CENTERS_HZ:
        edges_hz = (center_hz / np.sqrt(2), center_hz * np.sqrt(2))
        sos = scipy.signal.butter(2, edges_hz, "bandpass", fs=RATE, output="sos")
        _, response = scipy.signal.sosfreqz(sos, CENTERS_HZ, fs=RATE)
        powers.append(np.sum(np.abs(response) ** 2 * 10.0 ** (np.array(levels_db) / 10)))
    return 10 * np.log10(powers)


def k_weighting_db() -> np.ndarray:
    """The K-filter's gain at the centres, from the coefficients printed in BS.1770."""
    z = np.exp(-2j * np.pi * np.array(CENTERS_HZ) / 48_000)
    shelf = (1.53512485958697 - 2.69169618940638 * z + 1.19839281085285 * z**2) / (
        1 - 1.69065929318241 * z + 0.73248077421585 * z**2
    )
    high_pass = (1 - 2 * z + z**2) / (1 - 1.99004745483398 * z + 0.99007225036621 * z**2)
    gains_db: np.ndarray = 20 * np.log10(np.abs(shelf * high_pass))
    return gains_db


def published(vocal: tuple[float, ...], backing: tuple[float, ...], weigh: bool = True) -> dict[float, float]:
    """What part 1 of the rules says for these levels, step by step."""
    per_hz = 10 * np.log10(np.array(CENTERS_HZ) / np.sqrt(2))
    weight = k_weighting_db() if weigh else 0.0
    v, b = band_levels_db(vocal) - per_hz + weight, band_levels_db(backing) - per_hz + weight
    essential_v, essential_b = set(np.argsort(-v)[:6]), set(np.argsort(-b)[:2])
    d = b - v - np.mean(b - v)
    gains = {}
    for f in range(9):
        if f in essential_b - essential_v and d[f] < 0:
            gains[f] = -abs(d[f])
        if f in essential_v - essential_b and d[f] > 0:
            gains[f] = d[f]
    clamped = {f: float(np.clip(g, -8, 8)) for f, g in gains.items()}
    kept = sorted(clamped, key=lambda f: (-abs(clamped[f]), f))[:4]
    return {CENTERS_HZ[f]: clamped[f] for f in kept if abs(clamped[f]) >= 0.05}


def decided(vocal: Samples, backing: Samples, rate: int = RATE, **values: object) -> MixPlan:
    rules = presets.load("survey-2022")
    rules = rules.without(*(rule for rule in rules.rules if rule != "eq"))
    changed = {f"eq.{name}": value for name, value in values.items()}
    return plan({"vocals": vocal, "backing": backing}, sample_rate=rate, rules=rules.with_values(changed))


def gains(made: MixPlan) -> dict[float, float]:
    return {band.frequency_hz: band.gain_db for band in made.stem("vocals").equalizer.bands}


@pytest.mark.parametrize("case", CASES)
def test_cuts_and_boosts_are_those_of_the_table(case: str) -> None:
    vocal, backing = CASES[case]
    made = decided(spectrum(vocal, 1), spectrum(backing, 2))
    wanted = published(vocal, backing)
    assert gains(made) == pytest.approx(wanted, abs=0.5)
    assert made.stem("backing").equalizer.bands == ()
    assert all(band.q == 1.0 and band.kind == "peaking" for band in made.stem("vocals").equalizer.bands)


def test_by_hand() -> None:
    """Vocal: 250 Hz to 4 kHz. Backing: 63 and 125 Hz, and in the way at 4 kHz.

    In power per hertz the vocal's six are then 125 Hz to 4 kHz and the backing's two 63 and 125 Hz.
    At 63 Hz, essential to the backing alone, the vocal is the weaker: no cut. Of the bands essential
    to the vocal alone the backing is the stronger at 4 kHz only, by far more than 8 dB: boost.
    """
    vocal = (-40, -10, 10, 10, 10, 10, 10, -40, -40)
    backing = (10, 8, -20, -20, -20, -20, 22, -50, -50)
    found = gains(decided(spectrum(vocal, 3), spectrum(backing, 4), weighting="none"))
    assert found == {4000.0: 8.0}


def test_at_most_so_many_bands_within_so_many_db() -> None:
    vocal, backing = (0, 0, 0, 0, 0, 0, 0, 0, 0), (-30, -20, -10, 20, 10, 30, 20, 0, -40)
    for bands, limit in ((4, 8.0), (2, 8.0), (4, 3.0), (0, 8.0)):
        found = gains(decided(spectrum(vocal, 1), spectrum(backing, 2), max_bands=bands, max_gain_db=limit))
        assert len(found) <= bands
        assert all(abs(gain) <= limit for gain in found.values())


@pytest.mark.parametrize("bands", ["octave", "third_octave", "bark", "erb"])
def test_every_band_set_has_an_answer(bands: str) -> None:
    made = decided(spectrum(CASES["far apart"][0], 1), spectrum(CASES["far apart"][1], 2), bands=bands)
    assert len(gains(made)) <= 4


@pytest.mark.parametrize("rate", [8000, 22_050, 44_100, 192_000])
def test_every_rate_has_an_answer(rate: int) -> None:
    top = min(rate / 2, 20_000)
    made = decided(noise(1.0, 100, top, rate=rate), noise(1.0, 50, top / 4, rate=rate, seed=1), rate=rate)
    assert all(frequency < rate / 2 for frequency in gains(made))


def test_only_blocks_in_which_the_vocal_sings_count() -> None:
    """The backing is loud at 4 kHz only while the vocal rests: that must not boost anything there."""
    vocal, backing = spectrum(CASES["boxy vocal, bassy backing"][0], 1), spectrum(CASES["far apart"][1], 2)
    half = len(vocal) // 2
    sings, rests = vocal.copy(), backing.copy()
    sings[half:] = 0.0
    rests[half:] += 3 * noise(SECONDS, 3600, 4400, rate=RATE, seed=5)[half:]
    again = gains(decided(sings[:half], backing[:half]))
    assert gains(decided(sings, rests)) == pytest.approx(again, abs=0.3)


def test_a_quiet_vocal_is_heard_too() -> None:
    vocal, backing = CASES["boxy vocal, bassy backing"]
    quiet = decided(spectrum(vocal, 1) * np.float32(0.01), spectrum(backing, 2) * np.float32(0.01))
    assert gains(quiet) == pytest.approx(published(vocal, backing), abs=0.5)


def test_several_vocals_get_one_equaliser() -> None:
    vocal, backing = CASES["bright backing"]
    rules = presets.load("survey-2022").without("level", "compression", "reverb", "master")
    song = {"lead vocal 1": spectrum(vocal, 1), "lead vocal 2": spectrum(vocal, 3), "b": spectrum(backing, 2)}
    made = plan(song, sample_rate=RATE, rules=rules)
    assert made.stem("lead vocal 1").equalizer == made.stem("lead vocal 2").equalizer
    assert made.stem("b").equalizer.bands == ()


@pytest.mark.parametrize("gone", ["vocals", "backing"])
def test_without_a_vocal_or_a_backing_there_is_nothing_to_fit(gone: str) -> None:
    song = {"vocals": noise(1, 100, 5000), "backing": noise(1, 100, 5000)}
    del song[gone]
    rules = presets.load("survey-2022").without("level", "compression", "reverb", "master")
    made = plan(song, sample_rate=22_050, rules=rules)
    assert all(stem.equalizer.bands == () for stem in made.stems)
