"""A plan and its song: names however they are composed, another sample rate, plug-ins, and what is not there."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

import mixrules
from mixrules import (
    Decision,
    MasterPlan,
    MixPlan,
    PluginInsert,
    Statement,
    StemPlan,
    Stems,
    mix,
    render,
    starting_plan,
)
from mixrules.engine import load_engine
from mixrules.errors import ParameterError, PlanError
from mixrules.plan_fitting import fitted

RATE = 8_000
TONE = 0.1 * np.sin(np.arange(RATE) / 5.0)
NFC, NFD = "M\u00e4dchen", "Ma\u0308dchen"
NATIVE = load_engine("native")


def song(*names: str) -> Stems:
    return Stems.from_arrays(dict.fromkeys(names, TONE), RATE)


@pytest.mark.parametrize(("of_stems", "of_plan"), [(NFC, NFD), (NFD, NFC), (NFC, NFC)])
def test_names_composed_otherwise_are_the_same_stems(of_stems: str, of_plan: str) -> None:
    stated = Statement(kind="stem_integrated_lufs", stems=(of_plan,), unit="LUFS", stated=-20.0)
    decision = Decision(
        rule="level",
        sentence="s",
        source="x",
        stem=of_plan,
        parameters={"gain_db": -6.0},
        statements=(stated,),
    )
    plan = MixPlan(stems=(StemPlan(name="b"), StemPlan(name=of_plan, gain_db=-6.0)), decisions=(decision,))
    stems = song(of_stems, "b")
    plan, _ = fitted(plan, stems, NATIVE)
    assert plan.stem(of_stems).gain_db == -6.0
    assert plan.decisions[0].stem == of_stems
    assert plan.decisions[0].statements[0].stems == (of_stems,)
    assert mix(stems, mix_plan=plan).plan.decisions[0].statements[0].measured is not None


def test_another_sample_rate_is_noted_once() -> None:
    stems = song("a")
    plan = starting_plan(stems).replace(sample_rate=48_000)
    once = mix(stems, mix_plan=plan).plan
    again = mix(stems, mix_plan=once).plan
    (note,) = again.notes
    assert note.startswith("the plan was decided at 48000 Hz, the stems have 8000 Hz")
    assert mix(stems, mix_plan=plan.replace(sample_rate=None)).plan.notes == ()
    assert mix(stems, mix_plan=starting_plan(stems)).plan.notes == ()
    assert mixrules.plan(stems, start=plan).sample_rate == RATE


def with_plugin(plan: MixPlan) -> MixPlan:
    return plan.replace_stem("vocals", plugins=(PluginInsert(path="x.vst3"),))


def with_plugin_on_master(plan: MixPlan) -> MixPlan:
    return plan.replace(master=MasterPlan(plugins=(PluginInsert(path="x.vst3"),)))


def test_a_plug_in_that_the_engine_cannot_host_is_named_with_its_place() -> None:
    stems = song("vocals", "bass")
    plan = starting_plan(stems)
    message = "render it with the engine 'pedalboard', 'native' hosts none"
    with pytest.raises(PlanError, match=f"^p.json: stem 'vocals' uses the plug-in x.vst3: {message}"):
        fitted(with_plugin(plan), stems, NATIVE, source="p.json")
    for call in (
        lambda: render(stems, with_plugin_on_master(plan)),
        lambda: mix(stems, mix_plan=with_plugin_on_master(plan)),
        lambda: mixrules.plan(stems, start=with_plugin_on_master(plan)),
    ):
        with pytest.raises(PlanError, match=r"^the plan: the master uses the plug-in x\.vst3"):
            call()


def test_a_statement_on_what_is_not_there_says_so() -> None:
    stems = song("vocals", "bass")
    gone = (
        Statement(kind="stem_integrated_lufs", stems=("tuba",), unit="LUFS", stated=-20.0),
        Statement(kind="reverb_t60_s", bus="hall", unit="s", stated=1.0),
    )
    decision = Decision(rule="level", sentence="s", source="x", statements=gone)
    result = mix(stems, mix_plan=starting_plan(stems).replace(decisions=(decision,)))
    notes = [s.note for s in result.plan.decisions[0].statements]
    assert notes == ["there is no stem 'tuba'", "the plan has no reverb 'hall'"]


def test_what_is_no_plan_is_refused() -> None:
    stems = song("vocals")
    with pytest.raises(ParameterError, match=r"got str: MixPlan\.load reads one"):
        mix(stems, mix_plan="p.json")  # type: ignore[arg-type]
    with pytest.raises(ParameterError, match=r"got dict: MixPlan\.load reads one"):
        mix(stems, start={})  # type: ignore[arg-type]


def test_a_title_that_is_not_utf8_is_written_as_an_escape() -> None:
    stems = dataclasses.replace(song("vocals"), title="b\udce4ss\n", notes=("skipped b\udce4.txt",))
    plan = starting_plan(stems)
    assert (plan.title, plan.notes) == (r"b\udce4ss\n", (r"skipped b\udce4.txt",))
    assert MixPlan.from_json(plan.to_json()) == plan
    with pytest.raises(ParameterError, match=r"name must be a text, got 'b\\udce4ss', which is not UTF-8"):
        StemPlan(name="b\udce4ss")
