"""Markers: that they stand where what was put into a song begins and ends, in every format."""

from __future__ import annotations

from pathlib import Path
from xml.etree.ElementTree import parse

import numpy as np
import numpy.typing as npt
import pytest
import rpp

from export.full_plan import project_xml
from mixrules import MixPlan, Stems, export_plan, starting_plan
from mixrules.engine import Renderer, load_engine
from mixrules.export.markers import markers_of

RATE = 16_000
SECONDS = 30
SUPERCLOCK = 282_240_000
EXPECTED = {
    "Lead Vox in": [4.0, 18.0],
    "Lead Vox out": [10.0, 24.0],
    "drums in": [2.0],
    "break": [12.0],
    "loudest 3 seconds": [20.0],
}


def bursts(*passages: tuple[float, float, float], seed: int) -> npt.NDArray[np.float64]:
    """Noise in passages of (start, end, gain), with a quarter second of pause in every second as singers breathe."""
    times_s = np.arange(SECONDS * RATE) / RATE
    gain = sum(level * ((times_s >= start) & (times_s < end)) for start, end, level in passages)
    breath = (times_s % 1.0 < 0.5) | (times_s % 1.0 >= 0.75)
    noise = np.random.default_rng(seed).standard_normal((len(times_s), 1))
    return np.asarray(noise * (gain * breath)[:, np.newaxis])


def song() -> Stems:
    vocal = bursts((4.0, 10.0, 0.1), (18.0, 24.0, 0.1), seed=1)
    kick = bursts((2.0, 12.0, 0.02), (14.0, 30.0, 0.02), seed=2)
    snare = bursts((2.0, 12.0, 0.02), (14.0, 20.0, 0.02), (20.0, 23.0, 0.1), (23.0, 30.0, 0.02), seed=3)
    cough = bursts((28.5, 29.0, 0.1), seed=4)
    arrays = {"Lead Vox": vocal + cough, "kick": kick, "snare": snare}
    return Stems.from_arrays(arrays, RATE, roles={"Lead Vox": "vocal", "kick": "kick", "snare": "snare"})


def found(stems: Stems, plan: MixPlan) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {}
    for marker in markers_of(Renderer(stems, load_engine("native")), plan):
        times.setdefault(marker.name, []).append(marker.time_s)
    return times


def test_they_stand_where_passages_begin_and_end() -> None:
    stems = song()
    times = found(stems, starting_plan(stems))
    assert times.keys() == EXPECTED.keys()
    for name, expected in EXPECTED.items():
        # Windows are read in steps of 100 ms.
        assert times[name] == pytest.approx(expected, abs=0.11), name


def test_what_is_muted_or_silent_has_none() -> None:
    stems = song()
    muted = starting_plan(stems).replace_stem("Lead Vox", mute=True)
    assert not any("Lead Vox" in name for name in found(stems, muted))
    quiet = Stems.from_arrays({"vocals": np.zeros((RATE, 1)), "bass": np.full((RATE, 2), 0.1)}, RATE)
    assert found(quiet, starting_plan(quiet).replace_stem("bass", mute=True)) == {}
    brief = Stems.from_arrays({"vocals": np.full((1, 1), 0.5)}, RATE)
    assert found(brief, starting_plan(brief)) == {}


def test_every_format_has_them(tmp_path: Path) -> None:
    stems = song()
    plan = starting_plan(stems)
    expected = [(name, time) for name, times in found(stems, plan).items() for time in times]
    expected.sort(key=lambda each: each[1])
    path = export_plan(stems, plan, tmp_path / "a.dawproject").path
    marks = project_xml(path).findall("Arrangement/Markers/Marker")
    read = [[(mark.get("name", ""), float(mark.get("time", ""))) for mark in marks]]
    path = export_plan(stems, plan, tmp_path / "a.rpp").path
    lines = [each for each in rpp.loads(path.read_text()) if isinstance(each, list) and each[0] == "MARKER"]
    assert [str(line[1]) for line in lines] == [str(number + 1) for number in range(len(lines))]
    read.append([(str(line[3]), float(line[2])) for line in lines])
    path = export_plan(stems, plan, tmp_path / "a.ardour").path
    places = [each for each in parse(path).iterfind("Locations/Location") if each.get("flags") == "IsMark"]
    assert all(each.get("start") == each.get("end") for each in places)
    read.append([(each.get("name", ""), int(each.get("start", "")[1:]) / SUPERCLOCK) for each in places])
    for marks_read in read:
        assert [name for name, _ in marks_read] == [name for name, _ in expected]
        assert [time for _, time in marks_read] == pytest.approx([time for _, time in expected])
