"""What benchmarks/match_recovery.py compares: settings that do the same are the same, others as far apart as they are."""

from __future__ import annotations

import dataclasses
import json
import math
from pathlib import Path
from typing import Any

import match_recovery
import numpy as np
import plan_differences
import pytest
from drawn_plans import drawn_plan
from synthetic import RATE, band

from mixrules import MixPlan, Stems
from mixrules.mixplan import MasterPlan, ReverbBus, Send, starting_plan
from mixrules.processors import CompressorParams, EqBand, EqualizerParams, PanParams, ReverbParams


@pytest.fixture(scope="module")
def stems() -> Stems:
    return Stems.from_arrays(band(4.0), RATE)


@pytest.fixture(scope="module")
def plan(stems: Stems) -> MixPlan:
    return starting_plan(stems)


def of(rows: list[dict[str, Any]], stem: str) -> dict[str, Any]:
    return next(row for row in rows if row["stem"] == stem)


def test_a_plan_is_not_apart_from_itself(stems: Stems) -> None:
    drawn = drawn_plan(stems, 3)
    for row in plan_differences.differences(stems, drawn, drawn):
        assert all(value in (None, 0.0) for name, value in row.items() if name != "stem")


def test_gain_counts_wherever_it_is_applied(stems: Stems, plan: MixPlan) -> None:
    fader = plan.replace_stem("guitar", gain_db=3.0)
    trim = plan.replace_stem("guitar", input_gain_db=3.0)
    row = of(plan_differences.differences(stems, fader, trim), "guitar")
    assert row["level_db"] == pytest.approx(0.0, abs=1e-3)
    assert row["eq_db"] == pytest.approx(0.0, abs=1e-6)
    in_the_master = plan.replace(master=MasterPlan(gain_db=2.5))
    row = of(plan_differences.differences(stems, plan, in_the_master), "bass")
    assert row["level_db"] == pytest.approx(2.5, abs=1e-3)
    assert row["eq_db"] == pytest.approx(2.5, abs=1e-6)


def test_an_equalizer_counts_where_the_stem_has_energy(stems: Stems, plan: MixPlan) -> None:
    bell = EqualizerParams(bands=(EqBand(frequency_hz=5000.0, gain_db=6.0, q=2.0),))
    changed = plan.replace_stem("bass", equalizer=bell)
    assert of(plan_differences.differences(stems, plan, changed), "bass")["eq_db"] < 0.05  # 40 to 150 Hz
    low = EqualizerParams(bands=(EqBand(frequency_hz=80.0, gain_db=6.0, q=0.5),))
    changed = plan.replace_stem("bass", equalizer=low)
    assert of(plan_differences.differences(stems, plan, changed), "bass")["eq_db"] > 3.0


def test_pans_are_compared_by_their_place(stems: Stems, plan: MixPlan) -> None:
    changed = plan.replace_stem("drums", pan=PanParams(pan=0.25))
    assert of(plan_differences.differences(stems, plan, changed), "drums")["pan"] == pytest.approx(
        0.25, abs=1e-5
    )


def test_compressors_that_do_nothing_are_none(stems: Stems, plan: MixPlan) -> None:
    idle = plan.replace_stem("vocals", compressor=CompressorParams(threshold_db=0.0, ratio=8.0, knee_db=0.0))
    row = of(plan_differences.differences(stems, plan, idle), "vocals")
    assert row["curve_db"] == pytest.approx(0.0, abs=1e-9)
    acting = plan.replace_stem("vocals", compressor=CompressorParams(threshold_db=-40.0, ratio=4.0))
    assert of(plan_differences.differences(stems, plan, acting), "vocals")["curve_db"] > 1.0
    assert of(plan_differences.differences(stems, plan, acting), "bass")["curve_db"] is None


def test_make_up_gain_is_no_part_of_the_curve(stems: Stems, plan: MixPlan) -> None:
    params = CompressorParams(threshold_db=-30.0, ratio=3.0)
    one = plan.replace_stem("vocals", compressor=params)
    louder = dataclasses.replace(params, makeup_db=4.0)
    other = plan.replace_stem("vocals", compressor=louder, gain_db=-4.0)
    row = of(plan_differences.differences(stems, one, other), "vocals")
    assert row["curve_db"] == pytest.approx(0.0, abs=1e-9)
    assert row["level_db"] == pytest.approx(0.0, abs=1e-3)


def test_reverbs(stems: Stems, plan: MixPlan) -> None:
    def with_room(t60_s: float, level_db: float) -> MixPlan:
        room = ReverbBus(name="room", params=ReverbParams(t60_s=t60_s))
        sent = plan.replace(reverbs=(room,))
        return sent.replace_stem("vocals", sends=(Send(to="room", level_db=level_db),))

    song = of(plan_differences.differences(stems, with_room(1.0, -12.0), with_room(1.2, -9.0)), "")
    assert song["t60_percent"] == pytest.approx(20.0, abs=0.5)
    assert song["wet_db"] == pytest.approx(3.0, abs=0.6)
    rows = plan_differences.differences(stems, with_room(1.0, -12.0), plan)
    assert of(rows, "")["t60_percent"] == of(rows, "")["wet_db"] == of(rows, "vocals")["send_db"] == math.inf
    assert of(plan_differences.differences(stems, plan, plan), "")["t60_percent"] is None


def test_a_drawn_plan_is_the_same_every_time(stems: Stems) -> None:
    assert drawn_plan(stems, 1) == drawn_plan(stems, 1) != drawn_plan(stems, 2)


@pytest.mark.parametrize(("left", "right", "pan"), [(1.0, 1.0, 0.0), (1.0, 0.0, -1.0), (0.0, 0.5, 1.0)])
def test_positions(left: float, right: float, pan: float) -> None:
    assert plan_differences.position(left, right) == pytest.approx(pan)


def test_faders_of_a_truth_file(stems: Stems, plan: MixPlan, tmp_path: Path) -> None:
    path = tmp_path / "song.json"
    gains = {stem.name: {"left": 1.0, "right": 1.0} for stem in stems}
    gains["bass"] = {"left": 0.5, "right": 0.5}
    path.write_text(json.dumps({"stems": gains}), encoding="utf-8")
    found = {row["stem"]: row for row in match_recovery.off_truth(stems, plan, path)}
    assert found["bass"]["level_db"] == pytest.approx(20 * math.log10(2), abs=1e-3)
    assert found["drums"]["level_db"] == pytest.approx(0.0, abs=1e-3)
    assert found["bass"]["pan"] == pytest.approx(0.0, abs=1e-9)


def test_the_table_counts_what_is_within_its_bound_and_names_the_worst() -> None:
    rows = [
        {"song": "a", "seed": 0, "stem": "bass", "level_db": value, "curve_db": None}
        for value in (0.05, 0.2, math.inf)
    ]
    text = match_recovery.table([*rows, {"song": "a", "stem": "", "ladder": {"gain": -20.0}}])
    assert "| level (dB) | 3 | 0.2 | inf | 33 % | 0.1 |" in text
    assert "- level (dB): inf (a bass), 0.2 (a bass), 0.05 (a bass)" in text
    assert "| gain | 1 | -20.0 |" in text
    assert "curve_db" not in text
    assert np.isfinite(len(text))
