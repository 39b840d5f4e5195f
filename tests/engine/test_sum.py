"""A mix is made with one reverb a bus and measured stem by stem: both have to come to the same."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from reference_meters import pyloudnorm_exact
from synthetic import RATE, Song, band

from mixrules import MixPlan, Stems, plan
from mixrules.engine import Mixdown, Renderer, load_engine
from mixrules.loudness import integrated_from_energies
from mixrules.measurements import Measurements
from mixrules.mixplan import ReverbBus, Send
from mixrules.processors import ReverbParams


@pytest.fixture(scope="module")
def song() -> Song:
    made = band(9.0)
    made["guitar"] = made["guitar"][: 5 * RATE]  # its reverb rings on while the others play
    return made


@pytest.fixture(scope="module", params=["native", "pedalboard"])
def renderer(song: Song, request: pytest.FixtureRequest) -> Renderer:
    return Renderer(Stems.from_arrays(song, RATE), load_engine(request.param))


@pytest.fixture(scope="module")
def decided(song: Song) -> MixPlan:
    made = plan(song, sample_rate=RATE)
    hall = ReverbBus(name="hall", params=ReverbParams(t60_s=1.7))
    made = made.replace(reverbs=(*made.reverbs, hall))
    for name, level_db in (("guitar", -3.0), ("vocals", -8.0)):
        strip = made.stem(name)
        made = made.replace_stem(name, sends=(*strip.sends, Send(to="hall", level_db=level_db)))
    return made.replace_stem("bass", mute=True)


def test_stems_rendered_one_by_one_add_up_to_the_sum(renderer: Renderer, decided: MixPlan) -> None:
    total = Mixdown(renderer, decided).total
    summed = total.read(0, total.samples).astype(np.float64)
    alone = np.zeros_like(summed)
    for name in renderer.stems.names:
        stem = renderer.stem(decided, name)
        alone[: len(stem)] += stem
    assert np.abs(summed).max() > 0.01
    np.testing.assert_allclose(summed, alone, rtol=0, atol=1e-6)


@pytest.mark.parametrize("names", [("vocals",), ("guitar",), ("drums", "guitar", "vocals")])
def test_stems_in_a_mix_have_the_loudness_of_what_is_rendered(
    renderer: Renderer, decided: MixPlan, names: tuple[str, ...]
) -> None:
    energies = Measurements(renderer).levels.energies(
        decided, {name: decided.stem(name).gain_db for name in names}
    )
    only = [dataclasses.replace(strip, mute=strip.name not in names) for strip in decided.stems]
    total = Mixdown(renderer, decided.replace(stems=tuple(only))).total
    audio = total.read(0, total.samples).astype(np.float64)
    expected = pyloudnorm_exact(RATE).integrated_loudness(audio)
    assert integrated_from_energies(energies) == pytest.approx(expected, abs=0.01)
