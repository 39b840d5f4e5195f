"""The chain is written once: a stage added to it is rendered, measured and cached without another line."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from synthetic import RATE, band

from mixrules import MixPlan, Session, Stems, mix
from mixrules._support.validation import Audio
from mixrules.engine import CHAIN, Chain, Engine, Processor, Renderer, Signal, Stage, load_engine
from mixrules.engine.base import ImmediateProcessor
from mixrules.engine.chain import Prepare
from mixrules.engine.native import NativeEngine
from mixrules.engine.whole import WholeProcessor
from mixrules.errors import ParameterError
from mixrules.measurements import Measurements
from mixrules.mixplan import MasterPlan, PluginInsert, ReverbBus, Send, StemPlan, starting_plan
from mixrules.processors import (
    CompressorParams,
    DynamicEqBand,
    EqBand,
    EqualizerParams,
    GainPoint,
    LimiterParams,
    PanParams,
    ReverbParams,
    WidthParams,
    compress,
    equalize,
)

# The added stage has no field of the plan, so that its switch is moved by a role: all that a stage sees is its settings.
INVERTED = "effects"


def inverted(strip: StemPlan) -> bool:
    return strip.role == INVERTED


def polarity(engine: Engine, channels: int, inverts: bool) -> Sequence[Prepare]:
    return [lambda signal: ImmediateProcessor(lambda block: -block)] if inverts else []


@pytest.fixture(params=range(len(CHAIN.strip) + 1), ids=lambda position: f"at {position}")
def chain(request: pytest.FixtureRequest) -> Chain:
    switch = Stage("polarity", inverted, polarity)
    position = request.param
    return dataclasses.replace(CHAIN, strip=(*CHAIN.strip[:position], switch, *CHAIN.strip[position:]))


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
    renderer = measurements.renderer
    names = renderer.chain.stage_names
    for through in names[names.index("polarity") :]:
        plain, switched = (
            renderer.stem(each, "bass", through=through) for each in (plan, turned(plan, "bass"))
        )
        np.testing.assert_array_equal(switched, -plain)
    for through in names[: names.index("polarity")]:
        plain, same = (renderer.stem(each, "bass", through=through) for each in (plan, turned(plan, "bass")))
        np.testing.assert_array_equal(same, plain)
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


@pytest.mark.parametrize("position", range(len(CHAIN.strip_before_pan()) + 1))
def test_trials_go_through_every_stage_before_the_pan(plan: MixPlan, position: int) -> None:
    quieter = Stage(
        "half",
        lambda strip: strip.role == INVERTED,
        lambda engine, channels, halves: (
            [lambda signal: ImmediateProcessor(lambda block: block * np.float32(0.5))] if halves else []
        ),
    )
    strip = (*CHAIN.strip[:position], quieter, *CHAIN.strip[position:])
    renderer = Renderer(
        Stems.from_arrays(band(3.0), RATE),
        load_engine("native"),
        chain=dataclasses.replace(CHAIN, strip=strip),
    )
    levels = Measurements(renderer).levels
    before, after = (
        levels.strip_energies(each, "bass")
        for each in (starting_plan(renderer.stems), turned(starting_plan(renderer.stems), "bass"))
    )
    np.testing.assert_allclose(after.energies, before.energies * 0.25, rtol=1e-5)


def test_a_stage_of_the_master_that_is_added_is_rendered() -> None:
    stems = Stems.from_arrays(band(3.0), RATE)
    plan = starting_plan(stems)
    switch: Stage[MasterPlan] = Stage("polarity", lambda master: master.gain_db < 0.0, polarity)
    with_switch = dataclasses.replace(CHAIN, master_inserts=(switch, *CHAIN.master_inserts))
    renderer = Renderer(stems, load_engine("native"), chain=with_switch)
    mixdown = Measurements(renderer).mixdown(plan)
    total = mixdown.total.read(0, mixdown.samples).copy()
    mixed = mixdown.finish(MasterPlan(gain_db=-6.0)).read(0, mixdown.samples)
    np.testing.assert_array_equal(mixed, -total * np.float32(10.0 ** (-6.0 / 20.0)))
    np.testing.assert_array_equal(mixdown.finish(MasterPlan()).read(0, mixdown.samples), total)


class WholeEngine(NativeEngine):
    """The native processors as ones that need the whole signal, plug-ins that negate, and a count of their work."""

    def __init__(self) -> None:
        self.processed: list[str] = []

    def _whole(self, what: str, signal: Signal, process: Callable[[Audio], Audio]) -> Processor:
        def counted(audio: Audio) -> Audio:
            self.processed.append(what)
            return process(audio)

        return WholeProcessor(signal, counted)

    def equalizer(self, signal: Signal, params: EqualizerParams) -> Processor:
        return self._whole("equalizer", signal, lambda audio: equalize(audio, signal.sample_rate, params))

    def compressor(self, signal: Signal, params: CompressorParams) -> Processor:
        return self._whole("compressor", signal, lambda audio: compress(audio, signal.sample_rate, params))

    def plugin(self, signal: Signal, insert: PluginInsert, replaced: CompressorParams | None) -> Processor:
        return self._whole("plugin", signal, lambda audio: -audio)


def test_what_works_on_whole_signals_processes_nothing_twice_and_nothing_stale() -> None:
    engine = WholeEngine()
    renderer = Renderer(Stems.from_arrays(band(1.0), RATE), engine)
    inserts = {field: CHANGED[field] for field in ("equalizer", "compressor", "plugins")}
    plan = starting_plan(renderer.stems).replace_stem("guitar", **inserts)
    first = renderer.stem(plan, "guitar", through="compressor")
    assert engine.processed == ["equalizer", "plugin", "plugin"]
    streamed = Renderer(renderer.stems, load_engine("native")).stem(
        plan.replace_stem("guitar", plugins=(), compressor=None), "guitar", through="compressor"
    )
    np.testing.assert_allclose(first, streamed, atol=1e-6)  # negated twice
    renderer.stem(plan.replace_stem("guitar", pan=PanParams(pan=1.0)), "guitar")
    assert engine.processed == ["equalizer", "plugin", "plugin"]
    other = (PluginInsert(path="a", replaces="compressor", parameters={"drive": 2.0}), PluginInsert(path="b"))
    renderer.stem(plan.replace_stem("guitar", plugins=other), "guitar")
    assert engine.processed[3:] == ["plugin", "plugin"]  # the second follows the first
    bands = EqualizerParams(bands=(EqBand(frequency_hz=500.0, gain_db=6.0, q=1.0),))
    renderer.stem(plan.replace_stem("guitar", equalizer=bands), "guitar")
    assert engine.processed[5:] == ["equalizer", "plugin", "plugin"]


# A value for every field of a strip that is not what a stem is called.
CHANGED: dict[str, Any] = {
    "invert_polarity": True,
    "invert_right_polarity": True,
    "input_gain_db": 1.0,
    "equalizer": EqualizerParams(bands=(EqBand(frequency_hz=100.0, gain_db=1.0),)),
    "compressor": CompressorParams(threshold_db=-30.0),
    "plugins": (PluginInsert(path="a", replaces="compressor"), PluginInsert(path="b")),
    "dynamic_equalizer": (DynamicEqBand(frequency_hz=5000.0),),
    "limiter": LimiterParams(ceiling_dbtp=-6.0),
    "automation": (GainPoint(time_s=0.5, gain_db=-3.0),),
    "pan": PanParams(pan=0.1),
    "width": WidthParams(spread=0.5),
    "sends": (Send(to="room", level_db=-9.0),),
    "gain_db": 1.0,
    "mute": True,
}


@pytest.mark.parametrize("field", CHANGED)
def test_the_key_of_the_sum_changes_with_every_field_of_a_strip(field: str) -> None:
    plan = starting_plan(Stems.from_arrays(band(1.0), RATE))
    plan = plan.replace(reverbs=(ReverbBus(name="room", params=ReverbParams(t60_s=0.5)),))
    assert CHAIN.sum_key(plan.replace_stem("bass", **{field: CHANGED[field]})) != CHAIN.sum_key(plan)
    described = {"name", "role", "role_confidence", "instrument"}
    assert {field.name for field in dataclasses.fields(StemPlan)} == {*CHANGED, *described}


def test_a_point_that_is_not_in_the_chain_is_refused() -> None:
    session = Session(Stems.from_arrays(band(1.0), RATE))
    with pytest.raises(ParameterError, match="no stage 'fadr': there are input, equalizer"):
        session.audio("bass", through="fadr")
    with pytest.raises(ParameterError, match="no stage 'fader' here"):
        session.level_scan("bass", before="fader")
    with pytest.raises(ParameterError, match="at least one stem"):
        session.sum(())


def test_a_muted_stem_needs_no_engine_that_hosts_its_plug_in() -> None:
    stems = Stems.from_arrays(band(1.0), RATE)
    plan = starting_plan(stems).replace_stem("bass", mute=True, plugins=(PluginInsert(path="some.vst3"),))
    assert not mix(stems, mix_plan=plan).stems["bass"].any()


def test_what_a_renderer_returns_cannot_write_into_the_stems() -> None:
    stems = Stems.from_arrays(band(1.0), RATE)
    audio = Session(stems).audio("bass", through="input")
    with pytest.raises(ValueError, match="read-only"):
        audio[:] = 0.0
    assert stems["bass"].audio.any()
