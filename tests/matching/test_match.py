"""A finished mix made by numpy and scipy, or by a plan that is known, is explained by a plan."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest
from scipy import signal

from mixrules import MixPlan, Stems, render, starting_plan
from mixrules.matching import Match, match
from mixrules.mixplan import ReverbBus, Send
from mixrules.processors import (
    CompressorParams,
    LimiterParams,
    PanParams,
    ReverbParams,
    frequency_response,
    static_curve_db,
    t60_at,
)

RATE = 44_100
SECONDS = 6.0
Array = npt.NDArray[np.float64]


def _noise(seed: int, low_hz: float, high_hz: float, beats_per_s: float, rest_db: float = -40.0) -> Array:
    """Return notes of coloured noise, each decaying, some louder than others."""
    rng = np.random.default_rng(seed)
    count = round(SECONDS * RATE)
    sections = signal.butter(2, [low_hz, high_hz], "bandpass", fs=RATE, output="sos")
    noise = signal.sosfilt(sections, rng.standard_normal(count))
    time = np.arange(count) / RATE * beats_per_s
    loud = 10.0 ** (rng.uniform(-14.0, 0.0, math.ceil(time[-1]) + 1) / 20.0)
    envelope = loud[time.astype(int)] * 10.0 ** (rest_db * (time % 1.0) / 20.0)
    return np.asarray(0.3 * noise / np.abs(noise).max() * envelope)


@pytest.fixture(scope="module")
def stems() -> Stems:
    """Return three mono stems that overlap in frequency."""
    return Stems.from_arrays(
        {
            "bass": _noise(1, 40.0, 800.0, 2.0, -12.0)[:, None],
            "guitar": _noise(2, 150.0, 6000.0, 4.0)[:, None],
            "vocals": _noise(3, 200.0, 12_000.0, 1.3, -20.0)[:, None],
        },
        RATE,
    )


def _biquad(frequency_hz: float, gain_db: float, q: float) -> tuple[list[float], list[float]]:
    """Return a peaking filter by the formulas of the Audio EQ Cookbook."""
    amplitude, angle = 10.0 ** (gain_db / 40.0), 2.0 * math.pi * frequency_hz / RATE
    alpha = math.sin(angle) / (2.0 * q)
    return (
        [1.0 + alpha * amplitude, -2.0 * math.cos(angle), 1.0 - alpha * amplitude],
        [1.0 + alpha / amplitude, -2.0 * math.cos(angle), 1.0 - alpha / amplitude],
    )


def _residuals(found: Match) -> dict[str, float]:
    return {rung.name: rung.residual_db for rung in found.rungs}


def test_gains_places_and_an_equaliser_of_a_mix_made_by_scipy(stems: Stems) -> None:
    guitar = signal.lfilter(*_biquad(1000.0, 6.0, 1.4), stems["guitar"].audio[:, 0])
    factors = {"bass": (0.5, 0.5), "guitar": (0.2, 0.8), "vocals": (-0.6, -0.3)}
    sounds = {"bass": stems["bass"].audio[:, 0], "guitar": guitar, "vocals": stems["vocals"].audio[:, 0]}
    mix = sum(np.outer(sounds[name], factors[name]) for name in factors)
    found = match(stems, mix)
    for name, (left, right) in factors.items():
        strip = found.plan.stem(name)
        angle = (strip.pan.pan + 1.0) * math.pi / 4.0
        level = 10.0 ** (strip.gain_db / 20.0) * (-1.0 if strip.invert_polarity else 1.0)
        assert level * math.cos(angle) == pytest.approx(left, rel=0.005)
        assert level * math.sin(angle) == pytest.approx(right, rel=0.005)
        assert strip.compressor is None
    (band,) = found.plan.stem("guitar").equalizer.bands
    assert band.frequency_hz == pytest.approx(1000.0, rel=0.01)
    assert band.gain_db == pytest.approx(6.0, abs=0.05)
    assert band.q == pytest.approx(1.4, rel=0.02)
    assert not found.plan.stem("bass").equalizer.bands
    assert found.rungs[-1].residual_db < -45.0
    assert found.explained_share > 0.9999
    assert found.plan.reverbs == ()


def test_a_compressor_is_told_from_its_gain_over_time(stems: Stems) -> None:
    true = CompressorParams(threshold_db=-30.0, ratio=4.0, attack_ms=12.0, release_ms=150.0)
    plan = starting_plan(stems).replace_stem("vocals", compressor=true, gain_db=3.0)
    found = match(stems, render(stems, plan))
    strip = found.plan.stem("vocals")
    assert strip.compressor is not None
    levels = np.linspace(-36.0, -12.0, 9)
    ours = static_curve_db(levels, strip.compressor) + strip.gain_db
    assert ours == pytest.approx(static_curve_db(levels, true) + 3.0, abs=0.3)
    assert strip.compressor.attack_ms == pytest.approx(12.0, rel=0.1)
    assert strip.compressor.release_ms == pytest.approx(150.0, rel=0.1)
    assert [s.name for s in found.plan.stems if s.compressor] == ["vocals"]
    assert _residuals(found)["compression"] < _residuals(found)["EQ"] - 10.0


def test_a_reverb_of_ours_is_found_to_the_echo(stems: Stems) -> None:
    room = ReverbParams(t60_s=1.2, high_shelf_db_per_s=-16.0)
    plan = starting_plan(stems).replace(reverbs=(ReverbBus(name="hall", params=room),))
    plan = plan.replace_stem("guitar", sends=(Send(to="hall", level_db=-14.0),))
    plan = plan.replace_stem("vocals", sends=(Send(to="hall", level_db=-10.0),), pan=PanParams(pan=0.3))
    found = match(stems, render(stems, plan)[: stems.samples])
    (bus,) = found.plan.reverbs
    assert t60_at(bus.params, [500.0, 1000.0, 4000.0], RATE) == pytest.approx([1.2, 1.2, 1.18], rel=0.1)
    sends = {strip.name: [send.level_db for send in strip.sends] for strip in found.plan.stems}
    assert sends["guitar"] == [pytest.approx(-14.0, abs=0.5)]
    assert sends["vocals"] == [pytest.approx(-10.0, abs=0.5)]
    assert found.plan.stem("vocals").pan.pan == pytest.approx(0.3, abs=0.02)
    assert _residuals(found)["reverb"] < -25.0


def test_the_decay_of_a_room_that_is_not_ours(stems: Stems) -> None:
    rng = np.random.default_rng(5)
    time = np.arange(round(1.5 * RATE)) / RATE
    response = rng.standard_normal((len(time), 2)) * 10.0 ** (-3.0 * time[:, None] / 0.9)
    response *= 10.0 ** (-12.0 / 20.0) / math.sqrt(float(np.sum(response**2)))
    sounds = {stem.name: np.repeat(stem.audio, 2, axis=1) * math.sqrt(0.5) for stem in stems}
    wet = signal.fftconvolve(sounds["vocals"], response, axes=0)[: stems.samples]
    found = match(stems, sum(sounds.values()) + wet)
    (bus,) = found.plan.reverbs
    times = t60_at(bus.params, [250.0, 500.0, 1000.0, 2000.0, 4000.0], RATE)
    assert float(np.exp(np.mean(np.log(times)))) == pytest.approx(0.9, rel=0.1)
    (send,) = found.plan.stem("vocals").sends
    assert send.level_db == pytest.approx(-12.0, abs=1.5)


def test_a_limiter_on_the_sum_is_no_compressor_of_a_stem(stems: Stems) -> None:
    plan = starting_plan(stems)
    loud = plan.replace(
        master=plan.master.__class__(gain_db=17.0, limiter=LimiterParams(ceiling_dbtp=-3.0, release_ms=80.0))
    )
    found = match(stems, render(stems, loud))
    assert found.plan.master.limiter is not None
    assert found.plan.master.limiter.ceiling_dbtp == pytest.approx(-3.0, abs=0.1)
    assert not any(strip.compressor for strip in found.plan.stems)
    assert _residuals(found)["master"] < _residuals(found)["reverb"] - 3.0


def test_what_is_not_in_the_mix_and_what_cannot_be_told_apart(stems: Stems) -> None:
    names = {"bass": "bass", "guitar": "guitar", "copy": "guitar", "vocals": "vocals"}
    song = Stems.from_arrays({name: stems[of].audio for name, of in names.items()}, RATE)
    mix = np.repeat(stems["bass"].audio + stems["guitar"].audio, 2, axis=1)
    found = match(song, mix)
    assert [strip.name for strip in found.plan.stems if strip.mute] == ["vocals"]
    both = [10.0 ** (found.plan.stem(name).gain_db / 20.0) for name in ("guitar", "copy")]
    assert both[0] == pytest.approx(both[1], rel=0.01)
    assert sum(both) * math.sqrt(0.5) == pytest.approx(1.0, rel=0.01)
    said = {d.stem: d.sentence for d in found.plan.decisions}
    assert "cannot be told from copy" in said["guitar"]
    assert "not heard in the mix" in said["vocals"]


def test_a_mix_of_other_stems_is_said_to_be_unexplained(stems: Stems) -> None:
    other = np.outer(_noise(11, 60.0, 9000.0, 3.0), [1.0, 1.0])
    found = match(stems, other)
    assert found.explained_share < 0.2
    assert "do not take this plan for what was done" in found.plan.notes[0]


def test_the_plan_reads_back_and_renders_what_was_said(stems: Stems) -> None:
    mix = np.repeat(sum(stem.audio for stem in stems), 2, axis=1) * 0.5
    found = match(stems, mix)
    again = MixPlan.from_json(found.plan.to_json())
    assert again == found.plan
    left = mix - render(stems, again)[: len(mix)]
    assert 10.0 * np.log10(np.sum(left**2) / np.sum(mix**2)) == pytest.approx(
        found.rungs[-1].residual_db, abs=0.5
    )


def test_bands_response_is_that_of_the_plan() -> None:
    """The response that is fitted is the engine's own: scipy's freqz of the cookbook's filter."""
    from mixrules.matching.linear_strips import LinearStrip
    from mixrules.processors import EqBand, EqualizerParams

    band = EqBand(frequency_hz=1000.0, gain_db=6.0, q=1.4)
    grid = np.geomspace(50.0, 15_000.0, 20)
    strip = LinearStrip(channels=1, left=0.5, right=0.25, bands=(band,))
    _, expected = signal.freqz(*_biquad(1000.0, 6.0, 1.4), worN=grid, fs=RATE)
    assert strip.response(grid, RATE)[:, 1, 0] == pytest.approx(0.25 * expected)
    assert frequency_response(EqualizerParams(bands=(band,)), RATE, grid) == pytest.approx(expected)


@pytest.mark.parametrize("factors", [(0.5, 0.3), (-0.5, 0.3), (0.3, -0.5), (-0.3, -0.5)])
def test_factors_of_a_stereo_stem_are_rendered_with_their_signs(factors: tuple[float, float]) -> None:
    from mixrules.matching.linear_strips import LinearStrip
    from mixrules.matching.matched_plan import Found, plan_of
    from mixrules.matching.strip import Strip

    song = Stems.from_arrays({"pad": np.random.default_rng(0).uniform(-0.5, 0.5, (500, 2))}, RATE)
    strip = Strip(linear=LinearStrip(channels=2, left=factors[0], right=factors[1]))
    rendered = render(song, plan_of(song, Found(strips=(strip,)), made_by="test"))
    assert rendered == pytest.approx(song["pad"].audio * np.array(factors), abs=1e-6)
