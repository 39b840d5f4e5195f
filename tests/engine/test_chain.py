"""The chain is written once: a stage added to it is rendered, measured and cached without another line."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from synthetic import RATE, band

from mixrules import MixPlan, Stems
from mixrules.engine import CHAIN, Chain, Engine, Renderer, Stage, load_engine
from mixrules.engine.base import ImmediateProcessor
from mixrules.engine.chain import Prepare
from mixrules.measurements import Measurements
from mixrules.mixplan import MasterPlan, StemPlan, starting_plan
from mixrules.processors import EqBand, EqualizerParams, PanParams

# A plan has no polarity, so that the switch is moved by a role here: all that a stage sees is its settings.
INVERTED = "effects"


def inverted(strip: StemPlan) -> bool:
    return strip.role == INVERTED


def polarity(engine: Engine, channels: int, inverts: bool) -> Sequence[Prepare]:
    return [lambda signal: ImmediateProcessor(lambda block: -block)] if inverts else []


@pytest.fixture
def chain() -> Chain:
    switch = Stage("polarity", inverted, polarity)
    return dataclasses.replace(CHAIN, strip=(CHAIN.strip[0], switch, *CHAIN.strip[1:]))


@pytest.fixture
def measurements(chain: Chain) -> Measurements:
    song = band(3.0)
    stems = Stems.from_arrays(song | {"guitar_copy": song["guitar"]}, RATE)
    return Measurements(Renderer(stems, load_engine("native"), chain=chain))


@pytest.fixture
def plan(measurements: Measurements) -> MixPlan:
    return starting_plan(measurements.stems)


def turned(plan: MixPlan, name: str) -> MixPlan:
    return plan.replace_stem(name, role=INVERTED)


def test_a_stage_that_is_added_is_rendered(measurements: Measurements, plan: MixPlan) -> None:
    assert measurements.renderer.chain.stage_names[:3] == ("input", "polarity", "equalizer")
    renderer = measurements.renderer
    for through in ("polarity", "pan", "fader"):
        plain, turned_over = (
            renderer.stem(each, "bass", through=through) for each in (plan, turned(plan, "bass"))
        )
        np.testing.assert_array_equal(turned_over, -plain)
    np.testing.assert_array_equal(
        renderer.stem(turned(plan, "bass"), "bass", through="input"), renderer.stems["bass"].audio
    )
    both = ("guitar", "guitar_copy")
    assert np.abs(measurements.sum_audio(plan, both)[:]).max() > 0.01
    assert np.abs(measurements.sum_audio(turned(plan, "guitar"), both)[:]).max() == 0.0


def test_a_stage_that_is_added_is_measured_and_no_cache_is_stale(
    measurements: Measurements, plan: MixPlan
) -> None:
    both = ("guitar", "guitar_copy")
    before = measurements.levels.loudness(plan, both)
    assert before > -40.0
    assert measurements.levels.loudness(turned(plan, "guitar"), both) == -np.inf
    assert measurements.levels.loudness(plan, both) == before
    sums = [measurements.mixdown(each).total for each in (plan, turned(plan, "guitar"))]
    assert len({sums[k].read(0, 1000).tobytes() for k in (0, 1)}) == 2
    assert (
        measurements.renderer.chain.level_db(load_engine("native"), turned(plan, "bass").stem("bass"), 2)
        is None
    )


def test_a_stage_of_the_master_that_is_added_is_heard(
    plan: MixPlan, chain: Chain, measurements: Measurements
) -> None:
    switch: Stage[MasterPlan] = Stage("polarity", lambda master: master.gain_db < 0.0, polarity)
    with_switch = dataclasses.replace(chain, master_inserts=(switch, *chain.master_inserts))
    renderer = Renderer(measurements.stems, load_engine("native"), chain=with_switch)
    mixdown = Measurements(renderer).mixdown(plan)
    total = mixdown.total.read(0, mixdown.samples).copy()
    mixed = mixdown.finish(MasterPlan(gain_db=-6.0)).read(0, mixdown.samples)
    np.testing.assert_array_equal(mixed, -total * np.float32(10.0 ** (-6.0 / 20.0)))
    np.testing.assert_array_equal(mixdown.finish(MasterPlan()).read(0, mixdown.samples), total)


@pytest.mark.parametrize("engine", ["native", "pedalboard"])
def test_an_engine_that_works_on_whole_signals_processes_nothing_twice(
    engine: str, plan: MixPlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pan decided after an equaliser leaves the equalised signal as it is."""
    from mixrules.engine import pedalboard_engine

    run = pedalboard_engine._run
    runs: list[int] = []

    def counted(*arguments: Any) -> Any:
        runs.append(1)
        return run(*arguments)

    monkeypatch.setattr(pedalboard_engine, "_run", counted)
    renderer = Renderer(Stems.from_arrays(band(1.0), RATE), load_engine(engine))
    bands = EqualizerParams(bands=(EqBand(frequency_hz=1000.0, gain_db=6.0, q=1.0),))
    equalized = starting_plan(renderer.stems).replace_stem("guitar", equalizer=bands)
    first = renderer.stem(equalized, "guitar", through="equalizer")
    panned = renderer.stem(equalized.replace_stem("guitar", pan=PanParams(pan=1.0)), "guitar", through="pan")
    np.testing.assert_allclose(panned[:, 1], first[:, 0], rtol=1e-6)
    assert len(runs) == (1 if engine == "pedalboard" else 0)


def test_the_cache_key_of_a_point_changes_with_every_field_of_the_strip(plan: MixPlan) -> None:
    """Whoever adds a field to the plan's strip learns here whether the chain takes notice of it."""
    changed = {
        "input_gain_db": 1.0,
        "equalizer": EqualizerParams(bands=(EqBand(frequency_hz=100.0, gain_db=1.0),)),
        "pan": PanParams(pan=0.1),
        "gain_db": 1.0,
        "mute": True,
    }
    key = CHAIN.sum_key(plan)
    for field, value in changed.items():
        assert CHAIN.sum_key(plan.replace_stem("bass", **{field: value})) != key, field
    described = {"name", "role", "role_confidence"}
    known = {*changed, *described, "compressor", "plugins", "sends"}
    assert {field.name for field in dataclasses.fields(StemPlan)} == known
