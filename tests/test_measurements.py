"""What is measured once is not measured again, and what changed is: every cache follows the settings it depends on."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from synthetic import RATE, band

import mixrules.measurements.levels
from mixrules import MixPlan, Session, Stems, integrated_loudness, mix
from mixrules.analysis import erb_bands, octave_bands, powers_in_sets
from mixrules.engine import Renderer, SumAudio, load_engine, run_pass
from mixrules.engine.source import BLOCK_SAMPLES
from mixrules.engine.sum import SumStream
from mixrules.loudness import CrossEnergies
from mixrules.measurements import Measurements
from mixrules.mixplan import MasterPlan, ReverbBus, Send, starting_plan
from mixrules.processors import CompressorParams, EqBand, EqualizerParams, PanParams, ReverbParams
from mixrules.statement_kinds import KINDS, StatementKind

ROOM = ReverbBus(name="room", params=ReverbParams(t60_s=0.5))
CHANGES = {
    "input_gain_db": 3.0,
    "equalizer": EqualizerParams(bands=(EqBand(frequency_hz=1000.0, gain_db=6.0, q=1.0),)),
    "compressor": CompressorParams(threshold_db=-40.0),
    "pan": PanParams(pan=0.5),
}


@pytest.fixture
def measurements() -> Measurements:
    return Measurements(Renderer(Stems.from_arrays(band(3.0), RATE), load_engine("native")))


@pytest.fixture
def plan(measurements: Measurements) -> MixPlan:
    made = starting_plan(measurements.stems).replace(reverbs=(ROOM,))
    return made.replace_stem("vocals", sends=(Send(to="room", level_db=-9.0),)).replace_stem(
        "bass", mute=True
    )


@pytest.fixture
def passes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Counts the passes over the song."""
    made: list[str] = []

    def counted(*arguments: Any, **more: Any) -> CrossEnergies:
        made.append("pass")
        return run_pass(*arguments, **more)

    monkeypatch.setattr(mixrules.measurements.levels, "run_pass", counted)
    return made


def test_levels_of_all_stems_at_any_faders_take_one_pass(
    measurements: Measurements, plan: MixPlan, passes: list[str]
) -> None:
    names = measurements.stems.names
    for gain_db in (0.0, -6.0):
        moved = plan.replace_stem("drums", gain_db=gain_db)
        assert [measurements.levels.loudness(moved, [name]) for name in names if name != "bass"]
        assert math.isfinite(measurements.levels.loudness(moved, names))
        assert math.isfinite(measurements.levels.reverb_to_dry_lu(moved, "vocals", "room"))
        assert math.isfinite(measurements.levels.loudness_range(moved, "vocals"))
    assert measurements.levels.loudness(plan, ["bass"]) == -math.inf  # muted
    assert len(passes) == 1


@pytest.mark.parametrize("field", CHANGES)
def test_a_changed_stage_is_measured_anew(
    measurements: Measurements, plan: MixPlan, passes: list[str], field: str
) -> None:
    before = measurements.levels.loudness(plan, ["drums"])
    changed = plan.replace_stem("drums", **{field: CHANGES[field]})
    assert measurements.levels.loudness(changed, ["guitar"]) == measurements.levels.loudness(plan, ["guitar"])
    assert len(passes) == 1  # the guitar is as it was
    assert measurements.levels.loudness(changed, ["drums"]) != before
    assert len(passes) == 2


def test_another_room_is_measured_anew(measurements: Measurements, plan: MixPlan, passes: list[str]) -> None:
    measurements.levels.loudness(plan, ["vocals"])
    hall = ReverbBus(name="room", params=ReverbParams(t60_s=2.0))
    measurements.levels.loudness(plan.replace(reverbs=(hall,)), ["drums"])
    assert len(passes) == 1
    measurements.levels.loudness(plan.replace(reverbs=(hall,)), ["vocals"])
    assert len(passes) == 2


def test_sends_of_several_stems_take_one_pass(
    measurements: Measurements, plan: MixPlan, passes: list[str]
) -> None:
    measurements.given.scans()
    passes.clear()
    levels = measurements.levels.send_levels(plan, {"vocals": -14.0, "guitar": -16.0}, ROOM)
    assert len(passes) == 1
    for name, to_dry_lu in (("vocals", -14.0), ("guitar", -16.0)):
        sent = plan.replace_stem(name, sends=(Send(to="room", level_db=levels[name][1]),))
        assert measurements.levels.reverb_to_dry_lu(sent, name, "room") == pytest.approx(to_dry_lu, abs=0.05)


def test_the_mixdown_follows_the_plan(measurements: Measurements, plan: MixPlan) -> None:
    first = measurements.mixdown(plan)
    assert measurements.mixdown(plan.replace(title="another title", master=MasterPlan(gain_db=1.0))) is first
    for field, value in {**CHANGES, "gain_db": 1.0, "mute": True}.items():
        assert measurements.mixdown(plan.replace_stem("drums", **{field: value})) is not first
        first = measurements.mixdown(plan)


@pytest.mark.parametrize(
    "changes", [{"gain_db": -6.0, "input_gain_db": 2.0}, CHANGES, {"sends": (Send(to="room", level_db=0.0),)}]
)
def test_band_powers_are_those_of_the_stem_in_the_mix(changes: dict[str, object]) -> None:
    rng = np.random.default_rng(3)
    stereo = (0.1 * rng.standard_normal((2 * RATE, 2))).astype(np.float32)
    measurements = Measurements(Renderer(Stems.from_arrays({"keys": stereo}, RATE), load_engine("native")))
    plan = starting_plan(measurements.stems).replace(reverbs=(ROOM,)).replace_stem("keys", **changes)
    bands = octave_bands().below(RATE / 2)
    fine = erb_bands().below(RATE / 2)
    powers = measurements.spectra.band_powers(plan, ["keys"], bands, fine, block_s=0.1)["keys"]
    expected = powers_in_sets(measurements.audio(plan, "keys"), RATE, [bands, fine], block_s=0.1)
    for got, rendered in zip(powers, expected, strict=True):
        np.testing.assert_allclose(np.asarray(got), rendered, rtol=1e-4, atol=1e-9)


def test_a_tempo_of_other_bounds_is_another_question(measurements: Measurements) -> None:
    slow = measurements.given.tempo(["drums"], 40.0, 80.0)
    fast = measurements.given.tempo(["drums"], 100.0, 190.0)
    assert fast.bpm == pytest.approx(2.0 * slow.bpm, rel=0.02)


def test_threads_that_ask_for_the_same_at_once_get_it(measurements: Measurements) -> None:
    names = measurements.stems.names
    session = Session(measurements.stems, measurements=measurements)
    nested = session.each(names, lambda _: session.each(names, session.scan))
    assert len({scans["bass"] for scans in nested.values()}) == 1


def test_a_check_that_asks_for_the_sum_leaves_the_mix_a_mix(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sum and the mix share one store: what is measured of the sum must not be returned for the mix."""
    before_master = StatementKind(
        label="before the master",
        measure=lambda measurements, plan, _: measurements.mix_loudness(plan).integrated_lufs,
    )
    monkeypatch.setitem(KINDS, "mix_true_peak_dbtp", before_master)
    stems = Stems.from_arrays(band(3.0), RATE)
    result = mix(stems)
    again = mix(stems, mix_plan=result.plan)
    np.testing.assert_array_equal(again.audio, result.audio)
    assert integrated_loudness(again.audio, RATE) == pytest.approx(again.loudness.integrated_lufs, abs=1e-3)


def test_a_sum_whose_reading_was_interrupted_starts_anew(
    measurements: Measurements, plan: MixPlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    total = measurements.sum_audio(plan, measurements.stems.names)
    expected = total[:].copy()
    total = measurements.sum_audio(plan, measurements.stems.names)
    add_up = SumStream.add_up
    monkeypatch.setattr(SumStream, "add_up", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        total[1000:5000]
    monkeypatch.setattr(SumStream, "add_up", add_up)
    np.testing.assert_array_equal(total[1000:5000], expected[1000:5000])
    np.testing.assert_array_equal(total[0:10], expected[0:10])
    np.testing.assert_array_equal(total[len(total) - 7 :], expected[-7:])
    assert isinstance(total, SumAudio)
    assert len(total._window) <= BLOCK_SAMPLES


def test_no_stems_need_no_sends(measurements: Measurements, plan: MixPlan) -> None:
    assert measurements.levels.send_levels(plan, {}, ROOM) == {}
