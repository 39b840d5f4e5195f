"""Plug-ins in a plan: hosted, driven by a rule, refused in one line. With Debian's zam-plugins."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from mixrules.engine.native import NativeEngine
from mixrules.engine.pedalboard_engine import PedalboardEngine
from mixrules.errors import ParameterError, PlanError
from mixrules.loudness import loudness_range
from mixrules.mixer import render
from mixrules.mixplan import MixPlan, PluginInsert, starting_plan
from mixrules.presets import load
from mixrules.processors import CompressorParams, static_curve_db
from mixrules.rules import RULES
from mixrules.session import Session
from mixrules.stems import Stems

from .offline import through

Array = npt.NDArray[Any]

RATE = 44_100
FOLDERS = (os.environ.get("MIXRULES_VST3", ""), "/usr/lib/vst3", "~/.vst3")


def vst3(name: str) -> str:
    for folder in filter(None, FOLDERS):
        path = Path(folder).expanduser() / f"{name}.vst3"
        if path.exists():
            return str(path)
    pytest.skip(f"no {name}.vst3 in /usr/lib/vst3, ~/.vst3 or $MIXRULES_VST3 (Debian: zam-plugins)")


@pytest.fixture(scope="module")
def engine() -> PedalboardEngine:
    return PedalboardEngine()


def sine(level_dbfs: float, *, seconds: float = 3.0, frequency_hz: float = 1000.0) -> Array:
    time_s = np.arange(round(seconds * RATE)) / RATE
    wave: Array = 10.0 ** (level_dbfs / 20.0) * np.sin(2.0 * np.pi * frequency_hz * time_s)
    return wave[:, np.newaxis].astype(np.float32)


def noise(samples: int, channels: int, *, seed: int = 3) -> Array:
    return (0.1 * np.random.default_rng(seed).standard_normal((samples, channels))).astype(np.float32)


def level_dbfs(audio: Array) -> float:
    return float(20.0 * np.log10(np.max(np.abs(audio))))


DRIVEN = {
    "threshold_db": "threshold_db",
    "ratio": "ratio",
    "attack_ms": "attack_ms",
    "release_ms": "release_ms",
}


def compressor(**changes: Any) -> PluginInsert:
    settings: dict[str, Any] = {"path": vst3("ZamComp"), "replaces": "compressor", "from_params": DRIVEN}
    return PluginInsert(**(settings | changes))


@pytest.mark.parametrize("in_dbfs", [-40.0, -20.0, -12.0, -6.0])
@pytest.mark.parametrize(("threshold_db", "ratio"), [(-30.0, 4.0), (-24.0, 2.0)])
def test_a_compressor_drives_the_plug_in(
    engine: PedalboardEngine, in_dbfs: float, threshold_db: float, ratio: float
) -> None:
    params = CompressorParams(
        threshold_db=threshold_db, ratio=ratio, attack_ms=10.0, release_ms=120.0, knee_db=0.0
    )
    out = through(engine.plugin, sine(in_dbfs), RATE, compressor(), params)
    # ZamComp's detector reads a sine a little under its peak, so it turns down up to 1.2 dB less.
    wanted = float(static_curve_db(in_dbfs, params))
    assert wanted - 0.1 <= level_dbfs(out[-RATE // 2 :]) <= min(wanted + 1.3, in_dbfs + 0.01)


def test_the_attack_reaches_the_plug_in(engine: PedalboardEngine) -> None:
    def settled(attack_ms: float) -> float:
        params = CompressorParams(threshold_db=-40.0, ratio=8.0, attack_ms=attack_ms, release_ms=400.0)
        return level_dbfs(through(engine.plugin, sine(-6.0), RATE, compressor(), params)[900:1100])

    assert settled(1.0) < settled(80.0) - 6.0


def test_what_one_insert_sets_does_not_stay_for_the_next(engine: PedalboardEngine) -> None:
    audio, params = sine(-10.0, seconds=1.0), CompressorParams(threshold_db=-30.0, ratio=4.0)
    first = through(engine.plugin, audio, RATE, compressor(), params)
    louder = through(engine.plugin, audio, RATE, compressor(parameters={"makeup_db": 6.0}), params)
    harder = through(
        engine.plugin, audio, RATE, compressor(), CompressorParams(threshold_db=-60.0, ratio=10.0)
    )
    again = through(engine.plugin, audio, RATE, compressor(), params)
    np.testing.assert_array_equal(first, again)
    assert level_dbfs(louder) > level_dbfs(first) + 3.0
    assert level_dbfs(harder[-1000:]) < level_dbfs(first[-1000:]) - 6.0
    np.testing.assert_array_equal(
        through(PedalboardEngine().plugin, audio, RATE, compressor(), params), first
    )


def test_a_plug_in_without_a_compressor_to_drive_it_is_left_out(engine: PedalboardEngine) -> None:
    audio = sine(-10.0, seconds=0.5)
    np.testing.assert_array_equal(through(engine.plugin, audio, RATE, compressor(), None), audio)
    insert = compressor(from_params={}, parameters={"threshold_db": -40.0, "ratio": 4.0})
    assert level_dbfs(through(engine.plugin, audio, RATE, insert, None)[-1000:]) < -20.0


def test_an_equaliser_plug_in_boosts_where_it_is_told(engine: PedalboardEngine) -> None:
    insert = PluginInsert(
        path=vst3("ZamEQ2"),
        replaces="equalizer",
        parameters={"boost_cut_1_db": 6.0, "frequency_1_hz": 1000.0, "bandwidth_1": 1.0},
    )
    at_centre, far_away = sine(-20.0), sine(-20.0, frequency_hz=60.0)
    assert level_dbfs(through(engine.plugin, at_centre, RATE, insert, None)[-RATE:]) == pytest.approx(
        -14.0, abs=0.5
    )
    assert level_dbfs(through(engine.plugin, far_away, RATE, insert, None)[-RATE:]) == pytest.approx(
        -20.0, abs=0.3
    )


def test_latency_is_taken_off(engine: PedalboardEngine) -> None:
    # ZaMaximX2 looks 480 samples ahead and says so.
    audio = noise(RATE, 2)
    out = through(engine.plugin, audio, RATE, PluginInsert(path=vst3("ZaMaximX2")), None)
    assert out.shape == audio.shape
    np.testing.assert_allclose(out[:-1000], audio[:-1000], atol=1e-4)
    # Its end is not cut off either.
    assert np.abs(out[-480:]).max() > 0.05


@pytest.mark.parametrize("name", ["ZamComp", "ZamCompX2", "ZaMaximX2"])
@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("samples", [1, 2, 300, 8193])
def test_mono_and_stereo_fit_either_plug_in(
    engine: PedalboardEngine, name: str, channels: int, samples: int
) -> None:
    audio = noise(samples, channels)
    before = audio.copy()
    insert = PluginInsert(path=vst3(name))
    out = through(engine.plugin, audio, RATE, insert, None)
    assert out.shape == audio.shape
    assert out.dtype == np.float32
    assert through(engine.plugin, audio.astype(np.float64), RATE, insert, None).dtype == np.float64
    np.testing.assert_array_equal(audio, before)
    if name != "ZaMaximX2":
        # A compressor at its default threshold of 0 dBFS passes everything.
        np.testing.assert_allclose(out, audio, atol=1e-5)


def test_a_stereo_stem_in_a_mono_plug_in_keeps_its_sides_apart(engine: PedalboardEngine) -> None:
    audio = np.concatenate([sine(-6.0), sine(-50.0)], axis=1)
    out = through(engine.plugin, audio, RATE, compressor(), CompressorParams(threshold_db=-30.0, ratio=4.0))
    assert level_dbfs(out[-RATE:, :1]) < -15.0
    assert level_dbfs(out[-RATE:, 1:]) == pytest.approx(-50.0, abs=0.1)


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        ({"treshold": -20.0}, r"no parameter 'treshold': it has .*threshold_db"),
        ({"threshold_db": 12.0}, r"does not take 12.0 for 'threshold_db': accepted are -80 to 0 dB"),
        ({"threshold_db": float("nan")}, r"does not take nan for 'threshold_db': accepted are -80 to 0 dB"),
        ({"ratio": "steep"}, r"does not take 'steep' for 'ratio': accepted are 1 to 20"),
        ({"current_program": "Nil"}, r"does not take 'Nil' for 'current_program': accepted are 'Zero'"),
    ],
)
def test_wrong_parameters_are_refused(
    engine: PedalboardEngine, parameters: dict[str, Any], says: str
) -> None:
    insert = PluginInsert(path=vst3("ZamComp"), parameters=parameters)
    with pytest.raises(PlanError, match=says) as raised:
        through(engine.plugin, noise(100, 1), RATE, insert, None)
    assert "\n" not in str(raised.value)


def test_a_rule_s_value_that_the_plug_in_does_not_take_is_refused(engine: PedalboardEngine) -> None:
    with pytest.raises(
        PlanError, match=r"900.0 for 'release_ms' \(the compressor's release_ms\): accepted are 1 to 500 ms"
    ):
        through(engine.plugin, noise(100, 1), RATE, compressor(), CompressorParams(release_ms=900.0))


def test_a_plug_in_that_is_not_there_is_refused(engine: PedalboardEngine, tmp_path: Path) -> None:
    audio = noise(100, 1)
    with pytest.raises(PlanError, match=r"there is no plug-in .*Nothing\.vst3"):
        through(engine.plugin, audio, RATE, PluginInsert(path=str(tmp_path / "Nothing.vst3")), None)
    broken = tmp_path / "Broken.vst3"
    broken.write_text("not a plug-in")
    with pytest.raises(PlanError, match=r"Broken\.vst3 cannot be loaded: ") as raised:
        through(engine.plugin, audio, RATE, PluginInsert(path=str(broken)), None)
    assert "\n" not in str(raised.value)
    with pytest.raises(PlanError, match=r"holds no plug-in 'Other': it holds 'ZamComp'"):
        through(engine.plugin, audio, RATE, PluginInsert(path=vst3("ZamComp"), plugin_name="Other"), None)


def test_inserts_that_cannot_be_meant_are_refused() -> None:
    with pytest.raises(ParameterError, match="from_params needs replaces"):
        PluginInsert(path="x.vst3", from_params={"a": "ratio"})
    with pytest.raises(ParameterError, match="from_params names 'rati'"):
        PluginInsert(path="x.vst3", replaces="compressor", from_params={"a": "rati"})
    with pytest.raises(ParameterError, match="'a' stands in parameters and in from_params"):
        PluginInsert(path="x.vst3", replaces="compressor", parameters={"a": 1}, from_params={"a": "ratio"})


def test_the_native_engine_refuses_plug_ins_in_one_line() -> None:
    plan = MixPlan(stems=(starting_plan(one_stem()).stems[0],)).replace_stem(
        "tone", plugins=(PluginInsert(path="some.vst3"),)
    )
    with pytest.raises(PlanError, match=r"some\.vst3: render it with the engine 'pedalboard'"):
        render(one_stem(), plan)
    with pytest.raises(PlanError, match="engine 'pedalboard'"):
        through(NativeEngine().plugin, noise(10, 1), RATE, plan.stems[0].plugins[0], None)


def one_stem() -> Stems:
    return Stems.from_arrays({"tone": sine(-12.0, seconds=1.0)}, RATE)


def test_a_plan_with_plug_ins_survives_its_file_and_renders(engine: PedalboardEngine) -> None:
    stems = one_stem()
    plan = starting_plan(stems).replace_stem(
        "tone",
        compressor=CompressorParams(threshold_db=-30.0, ratio=4.0, knee_db=0.0),
        plugins=(
            compressor(),
            PluginInsert(path=vst3("ZamEQ2"), replaces="equalizer", parameters={"boost_cut_2_db": -3.0}),
            PluginInsert(path=vst3("ZamCompX2")),
        ),
    )
    read = MixPlan.from_json(plan.to_json())
    assert read == plan
    audio = render(stems, read, engine="pedalboard")
    np.testing.assert_array_equal(render(stems, read, engine="pedalboard"), audio)
    # -12 comes out at -25.5 and a little, and 3 dB less on either side, from the middle of a mono stem.
    assert level_dbfs(audio[RATE // 2 :]) == pytest.approx(-25.5 - 3.0, abs=1.5)


def test_the_master_takes_plug_ins(engine: PedalboardEngine) -> None:
    from dataclasses import replace

    plan = starting_plan(one_stem())
    plan = plan.replace(
        master=replace(
            plan.master,
            compressor=CompressorParams(threshold_db=-40.0, ratio=10.0, knee_db=0.0),
            plugins=(compressor(path=vst3("ZamCompX2")),),
        )
    )
    audio = render(one_stem(), plan, engine="pedalboard")
    assert level_dbfs(audio[RATE // 2 :]) == pytest.approx(-37.5, abs=1.5)


@pytest.mark.parametrize(
    ("allowed", "reached"), [({}, False), ({"max_reduction_db": 15.0, "max_ratio": 20.0}, True)]
)
def test_the_compression_rule_drives_the_plug_in(
    demo_song: dict[str, np.ndarray], allowed: dict[str, float], reached: bool
) -> None:
    stems = Stems.from_arrays({"vocals": demo_song["vocals"]}, RATE, roles={"vocals": "vocal"})
    plan = starting_plan(stems).replace_stem("vocals", plugins=(compressor(),))
    session = Session(stems, plan, engine=PedalboardEngine())
    # The default preset's longest release is beyond what ZamComp takes.
    changes = {"release_max_ms": 400.0, **allowed}
    rules = load("default").with_values({f"compression.{name}": value for name, value in changes.items()})
    session.apply(RULES["compression:by_role"].decide(session, rules, "compression"))
    decision = session.plan.decisions[-1]
    (statement,) = decision.statements
    # The range that the rule promises is the one that the plug-in leaves, and it says so if that is not enough.
    heard = session.audio("vocals", through="compressor")
    assert loudness_range(heard, RATE) == pytest.approx(statement.stated, abs=0.01)
    assert loudness_range(session.audio("vocals", through="equalizer"), RATE) > statement.stated + 3.0
    assert (abs(statement.stated - 10.0) < 1.0) is reached
    assert ("short of the 10 LU" in decision.sentence) is not reached


def test_a_plug_in_leaves_the_floating_point_mode_as_it_was() -> None:
    fresh = PedalboardEngine()
    through(fresh.plugin, noise(RATE, 1), RATE, PluginInsert(path=vst3("ZamComp")), None)
    smallest = np.nextafter(0.0, 1.0)
    assert smallest * 1.0 != 0.0
