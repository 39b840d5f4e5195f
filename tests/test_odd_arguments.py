"""Odd arguments: every public function and class gives a result or one of this package's errors, in one line."""

from __future__ import annotations

import dataclasses
import decimal
import fractions
import pathlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import mixrules
from mixrules import (
    Constant,
    Decision,
    LoudnessMeter,
    MasterPlan,
    MixPlan,
    PluginInsert,
    Quantity,
    ReverbBus,
    RuleSet,
    Send,
    Session,
    Statement,
    Stem,
    StemPlan,
    Stems,
    presets,
    report,
)
from mixrules.errors import MixrulesError
from mixrules.evaluation import Rendition, evaluate
from mixrules.evaluation.scoring import score
from mixrules.listening import Results
from mixrules.listening.making.request import StimuliRequest, parse_attributes
from mixrules.loudness import block_energies
from mixrules.processors import (
    CompressorParams,
    EqBand,
    EqualizerParams,
    LimiterParams,
    PanParams,
    ReverbParams,
)
from mixrules.ratings import RejectionRules, ScaleRange, Settings, analyse, read_ratings
from mixrules.ratings.power import PlannedTest
from mixrules.report import players
from mixrules.systems import System, parse_systems, random_plan, song_sources

RATE = 8_000
TONE = 0.1 * np.sin(np.arange(800) / 5.0)


class RaisingArray:
    def __array__(self, *_: Any, **__: Any) -> Any:
        raise RuntimeError("on\nanother device")


class ArrayLike:
    """As a tensor of another library is: no array, but one can be had of it."""

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        return np.asarray(TONE, dtype)


class RaisingRepr:
    def __repr__(self) -> str:
        raise RuntimeError("no text")


class Subclass(np.ndarray[Any, Any]):
    pass


def nested(depth: int) -> list[Any]:
    inner: list[Any] = []
    for _ in range(depth):
        inner = [inner]
    return inner


def read_only() -> Any:
    audio = TONE.copy()
    audio.flags.writeable = False
    return audio


ODD: dict[str, Any] = {
    "None": None,
    "true": True,
    "numpy true": np.bool_(True),
    "zero": 0,
    "negative": -1,
    "two": 2,
    "huge": 10**400,
    "too many digits": 10**5000,
    "half": 0.5,
    "nan": float("nan"),
    "infinity": float("inf"),
    "numpy int": np.int64(2),
    "numpy float": np.float32(0.5),
    "decimal": decimal.Decimal("0.5"),
    "fraction": fractions.Fraction(1, 2),
    "complex": 1j,
    "text": "vocals",
    "empty text": "",
    "NUL in a text": "a\0b",
    "lines": "a\nb",
    "surrogate": "b\udce4ss",
    "long text": "x" * 5000,
    "bytes": b"vocals",
    "byte array": bytearray(b"\xff\xfe"),
    "path": pathlib.Path("nowhere"),
    "list": [],
    "list of numbers": [0.1, 0.2, 0.3],
    "list of texts": ["vocals", "bass"],
    "ragged": [[0.1, 0.2], [0.3]],
    "deep": nested(5000),
    "tuple": (),
    "tuple of numbers": (1.0, 1.0),
    "with its rate": (TONE, RATE),
    "set": {1, 2},
    "dict": {},
    "dict of texts": {"vocals": "bass"},
    "dict of arrays": {"vocals": TONE},
    "keys that are numbers": {1: TONE},
    "unhashable within": {"vocals": [[]]},
    "object": object(),
    "class": int,
    "raises in repr": RaisingRepr(),
    "function": lambda *_: None,
    "array": TONE,
    "empty array": np.zeros(0),
    "0-d": np.array(0.5),
    "3-d": np.zeros((2, 2, 2)),
    "wide": np.zeros((2, 900)),
    "integers": np.zeros(9, np.int16),
    "booleans": np.zeros(9, bool),
    "objects": np.array([0.1, None]),
    "complex array": np.zeros(9, complex),
    "texts": np.array(["a", "b"]),
    "records": np.zeros(3, [("l", "f4"), ("r", "f4")]),
    "dates": np.zeros(3, "M8[s]"),
    "nan within": np.array([0.0, np.nan]),
    "infinity within": np.array([np.inf, 0.0]),
    "very large": np.full(9, 1e300),
    "masked": np.ma.masked_array(TONE, mask=TONE > 0.05),
    "nothing masked": np.ma.masked_array(TONE, mask=False),
    "read-only": read_only(),
    "other byte order": TONE.astype(">f8"),
    "Fortran order": np.asfortranarray(np.stack([TONE, TONE], axis=1)),
    "negative strides": TONE[::-1],
    "half precision": TONE.astype(np.float16),
    "long double": TONE.astype(np.longdouble),
    "subclass": TONE.view(Subclass),
    "array-like": ArrayLike(),
    "raises in __array__": RaisingArray(),
    "file handle": open,
}


def generators() -> dict[str, Any]:
    """Fresh each time: they are used up."""
    return {"generator": (n / 10 for n in range(3)), "iterator": iter([0.1, 0.2]), "map": map(str, range(2))}


def fields_of(params: Any) -> dict[str, Any]:
    return {field.name: getattr(params, field.name) for field in dataclasses.fields(params)}


SONG = {"vocals": TONE, "bass": TONE[::-1]}
STEMS = Stems.from_arrays(SONG, RATE)
PLAN = mixrules.starting_plan(STEMS)
RESULT = mixrules.mix(STEMS, mix_plan=PLAN)
PICTURE = report.measure_song(STEMS, PLAN)
MIX = Rendition(np.stack([TONE, TONE], axis=1), RATE)
RULES = presets.load()
CONSTANT = RULES.constants["level.vocal_to_backing_lu"]
LIST = RULES.constants["pan.centre_roles"]

BUILDS: dict[str, tuple[Callable[..., Any], dict[str, Any]]] = {
    "Constant": (
        Constant,
        {
            "value": 1.0,
            "unit": "dB",
            "about": "a",
            "source": "s",
            "minimum": 0,
            "maximum": 2,
            "choices": None,
        },
    ),
    "Decision": (
        Decision,
        {
            "rule": "r",
            "sentence": "s",
            "source": "x",
            "stem": "",
            "measured": (),
            "threshold": "",
            "parameters": {},
            "statements": (),
            "superseded": False,
        },
    ),
    "LoudnessMeter": (LoudnessMeter, {"sample_rate": RATE, "channels": 1, "channel_weights": None}),
    "MasterPlan": (
        MasterPlan,
        {"equalizer": EqualizerParams(), "compressor": None, "plugins": (), "gain_db": 0.0, "limiter": None},
    ),
    "MixPlan": (
        MixPlan,
        {
            "stems": PLAN.stems,
            "reverbs": (),
            "master": MasterPlan(),
            "version": 1,
            "made_by": "",
            "title": "",
            "sample_rate": None,
            "seed": None,
            "notes": (),
            "decisions": (),
            "result": None,
        },
    ),
    "PluginInsert": (
        PluginInsert,
        {"path": "a.vst3", "plugin_name": "", "replaces": "compressor", "parameters": {}, "from_params": {}},
    ),
    "Quantity": (Quantity, {"name": "n", "value": 1.0, "unit": "dB"}),
    "Quantity.of": (Quantity.of, {"name": "n", "value": 1.0, "unit": "dB"}),
    "ReverbBus": (ReverbBus, {"name": "room", "params": ReverbParams(t60_s=1.0)}),
    "RuleSet": (RuleSet, {"name": "n", "about": "a", "chain": (), "constants": {}}),
    "RuleSet.from_toml": (RuleSet.from_toml, {"text": ""}),
    "RuleSet.with_values": (RULES.with_values, {"values": {}}),
    "RuleSet.with_rule": (
        RULES.with_rule,
        {"name": "own", "function": print, "after": None, "constants": None},
    ),
    "Send": (Send, {"to": "room", "level_db": 0.0}),
    "Session": (Session, {"stems": STEMS, "plan": None, "engine": None, "measurements": None}),
    "Statement": (
        Statement,
        {
            "kind": "mix_integrated_lufs",
            "stems": (),
            "bus": "",
            "unit": "LUFS",
            "stated": -14.0,
            "tolerance": 0.1,
            "measured": None,
            "note": "",
        },
    ),
    "Stem": (
        Stem,
        {
            "name": "a",
            "audio": TONE,
            "role": "vocal",
            "role_confidence": 1.0,
            "role_reason": "",
            "file_name": None,
            "notes": (),
        },
    ),
    "StemPlan": (
        StemPlan,
        {
            "name": "a",
            "role": "vocal",
            "role_confidence": 1.0,
            "input_gain_db": 0.0,
            "equalizer": EqualizerParams(),
            "compressor": None,
            "plugins": (),
            "pan": PanParams(),
            "sends": (),
            "gain_db": 0.0,
            "mute": False,
        },
    ),
    "Stems": (
        Stems,
        {"stems": STEMS.stems, "sample_rate": RATE, "title": "", "notes": (), "mixture_path": None},
    ),
    "Stems.from_arrays": (
        Stems.from_arrays,
        {"arrays": SONG, "sample_rate": RATE, "roles": None, "title": "", "threads": None},
    ),
    "Stems.with_roles": (STEMS.with_roles, {"roles": {}, "reason": ""}),
    "load_stems": (
        mixrules.load_stems,
        {
            "folder": "nowhere",
            "roles": None,
            "sample_rate": None,
            "hold_mib": 1.0,
            "threads": None,
            "progress": None,
        },
    ),
    "mix": (
        mixrules.mix,
        {
            "song": STEMS,
            "rules": "default",
            "start": None,
            "mix_plan": PLAN,
            "sample_rate": None,
            "roles": None,
            "engine": "native",
            "threads": 1,
            "profile": False,
            "progress": None,
        },
    ),
    "plan": (
        mixrules.plan,
        {
            "song": STEMS,
            "rules": RULES.without(*RULES.rules),
            "start": None,
            "sample_rate": None,
            "roles": None,
            "engine": "native",
            "threads": 1,
            "progress": None,
        },
    ),
    "render": (
        mixrules.render,
        {
            "song": STEMS,
            "mix_plan": PLAN,
            "sample_rate": None,
            "roles": None,
            "engine": "native",
            "threads": 1,
            "progress": None,
        },
    ),
    "starting_plan": (mixrules.starting_plan, {"stems": STEMS}),
    "MixPlan.from_json": (MixPlan.from_json, {"text": PLAN.to_json(), "source": "p"}),
    "MixPlan.load": (MixPlan.load, {"path": "nowhere.json"}),
    "MixPlan.replace": (PLAN.replace, {"title": "", "stems": PLAN.stems}),
    "MixPlan.require_fits": (PLAN.require_fits, {"names": STEMS.names, "source": ""}),
    "presets.load": (presets.load, {"name": "default"}),
    "measure": (
        mixrules.measure,
        {"audio": TONE, "sample_rate": RATE, "channel_weights": None, "dual_mono": False},
    ),
    "measure, a file": (
        mixrules.measure,
        {"audio": "nowhere.wav", "sample_rate": None, "channel_weights": None, "dual_mono": False},
    ),
    "normalize_audio": (
        mixrules.normalize_audio,
        {
            "audio": TONE,
            "sample_rate": RATE,
            "target_lufs": -20.0,
            "ceiling_dbtp": -1.0,
            "limit_db": 0.0,
            "channel_weights": None,
            "dual_mono": False,
        },
    ),
    "normalize": (
        mixrules.normalize,
        {
            "files": "nowhere.wav",
            "output": "normalized",
            "target_lufs": -20.0,
            "ceiling_dbtp": -1.0,
            "limit_db": 0.0,
            "album": False,
            "format": None,
            "subtype": None,
            "channel_weights": None,
            "dual_mono": False,
            "force": False,
            "dry_run": True,
            "progress": None,
        },
    ),
    "integrated_loudness": (
        mixrules.integrated_loudness,
        {"audio": TONE, "sample_rate": RATE, "channel_weights": None},
    ),
    "loudness_range": (
        mixrules.loudness_range,
        {"audio": TONE, "sample_rate": RATE, "channel_weights": None, "hop_s": 1.0},
    ),
    "short_term_loudness": (
        mixrules.short_term_loudness,
        {"audio": TONE, "sample_rate": RATE, "hop_s": 0.1, "channel_weights": None},
    ),
    "momentary_loudness": (
        mixrules.momentary_loudness,
        {"audio": TONE, "sample_rate": RATE, "hop_s": 0.1, "channel_weights": None},
    ),
    "true_peak": (mixrules.true_peak, {"audio": TONE, "sample_rate": RATE}),
    **{
        type(params).__name__: (
            type(params),
            fields_of(params),
        )
        for params in (
            CompressorParams(threshold_db=-20.0, ratio=2.0),
            EqualizerParams(),
            LimiterParams(),
            PanParams(),
            ReverbParams(t60_s=1.0),
        )
    },
    "EqBand": (EqBand, {"kind": "peaking", "frequency_hz": 100.0, "gain_db": 1.0, "q": 1.0}),
}
BUILDS |= {
    "read_ratings": (read_ratings, {"paths": ["nowhere"], "key": None, "form": None, "group_by": None}),
    "analyse": (analyse, {"reading": None, "settings": Settings()}),
    "RejectionRules": (RejectionRules, fields_of(RejectionRules())),
    "Settings": (Settings, fields_of(Settings())),
    "ScaleRange": (ScaleRange, fields_of(ScaleRange())),
    "PlannedTest": (PlannedTest, fields_of(PlannedTest(conditions=3, effect=1.0, sd=1.0))),
    "System": (System, {"name": "none", "kind": "none", "folder": None}),
    "StimuliRequest": (
        StimuliRequest,
        fields_of(StimuliRequest(systems=parse_systems("none,equal"), seed=1)),
    ),
    "random_plan": (random_plan, {"stems": STEMS, "seed": 0}),
    "Rendition": (Rendition, {"audio": TONE, "sample_rate": RATE, "stems": None, "vocals": ()}),
    "measure_song": (
        report.measure_song,
        {"stems": STEMS, "mix": PLAN, "engine": "native", "threads": 1, "progress": None},
    ),
    "measure_sound": (
        report.measure_sound,
        {"audio": TONE, "sample_rate": RATE, "channel_weights": None, "dual_mono": False},
    ),
    "draw_loudness": (
        report.draw_loudness,
        {"sounds": PICTURE, "stem": "bass", "target_lufs": -14.0, "axes": None},
    ),
    "draw_spectra": (report.draw_spectra, {"sounds": {"a": PICTURE.whole_after}, "axes": None}),
    "draw_masking": (report.draw_masking, {"song": PICTURE, "stem": "bass", "when": "after", "axes": None}),
    "draw_reverb": (report.draw_reverb, {"song": PICTURE, "bus": None, "axes": None}),
    "draw_plan": (report.draw_plan, {"song": PICTURE, "axes": None}),
    "draw_eq": (report.draw_eq, {"song": PICTURE, "stem": "bass", "axes": None}),
    "players": (players, {"sounds": {"a": TONE}, "sample_rate": RATE, "start_s": 0.0, "length_s": 10.0}),
    "evaluate": (evaluate, {"candidate": MIX, "reference": MIX, "groups": ("width",)}),
    "score": (score, {"mix": "nowhere.wav", "reference": "nowhere", "groups": ("width",)}),
    "block_energies": (
        block_energies,
        {"audio": TONE, "sample_rate": RATE, "hop_s": 0.01, "channel_weights": None},
    ),
}
# With one argument that has no name, or that is used up.
CALLS: dict[str, Callable[[Any], Any]] = {
    "RejectionRules.with_text": RejectionRules().with_text,
    "parse_systems": parse_systems,
    "song_sources": song_sources,
    "parse_attributes": parse_attributes,
    "Results.from_json": lambda v: Results.from_json(v),
    "MixResult.save": lambda v: RESULT.save(v),
    "LoudnessMeter.update": lambda v: LoudnessMeter(RATE, 1).update(v),
    "Constant.with_value": lambda v: CONSTANT.with_value(v, "level"),
    "Constant.with_value, a list": lambda v: LIST.with_value(v, "roles"),
    "RuleSet.with_values, a value": lambda v: RULES.with_values({"level.vocal_to_backing_lu": v}),
    "RuleSet.without": lambda v: RULES.without(v),
    "RuleSet.source": lambda v: RULES.source(v),
    "RuleSet[]": lambda v: RULES[v],
    "RuleSet.section": lambda v: RULES.section(v),
    "MixPlan.stem": lambda v: PLAN.stem(v),
    "MixPlan.reverb": lambda v: PLAN.reverb(v),
    "MixPlan.replace_stem": lambda v: PLAN.replace_stem(v, gain_db=1.0),
    "MixPlan.replace_stem, a field": lambda v: PLAN.replace_stem("bass", gain_db=v),
    "Stems[]": lambda v: STEMS[v],
    "Session.apply": lambda v: Session(STEMS).apply(v),
    "Decision, a parameter": lambda v: Decision(rule="r", sentence="s", source="x", parameters={"a": v}),
    "Stems.from_arrays, an array": lambda v: Stems.from_arrays({"vocals": v}, RATE),
    "Stems.from_arrays, a role": lambda v: Stems.from_arrays(SONG, RATE, {"bass": v}),
    "Stems.with_roles, a role": lambda v: STEMS.with_roles({"bass": v}),
}


def with_one_odd(function: Callable[..., Any], right: dict[str, Any], parameter: str) -> Callable[[Any], Any]:
    return lambda value: function(**(right | {parameter: value}))


def cases() -> Iterator[tuple[str, Callable[[Any], Any]]]:
    for name, (function, right) in BUILDS.items():
        for parameter in right:
            yield f"{name} {parameter}", with_one_odd(function, right, parameter)
    yield from CALLS.items()


CASES = dict(cases())


# What `stems.stems` has still to check by itself.
@pytest.mark.parametrize("case", CASES)
@pytest.mark.usefixtures("tmp_path_as_cwd")
def test_an_odd_argument_gives_a_result_or_one_line(case: str) -> None:
    wrong = []
    for name, value in (ODD | generators()).items():
        if callable(value) and case.endswith("progress"):
            continue
        try:
            CASES[case](value)
        except MixrulesError as error:
            if "\n" in str(error) or len(str(error)) > 2100 or not str(error):
                wrong.append(f"{name}: {error}")
        except Exception as error:
            wrong.append(f"{name}: {type(error).__name__}: {error}")
    assert not wrong, "\n".join(w[:200] for w in wrong)


@pytest.fixture
def tmp_path_as_cwd(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
