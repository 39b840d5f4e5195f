"""Energies of a sum from those of its parts after gains over time, against the audio itself."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mixrules.loudness import CrossEnergies, CrossEnergyStream, block_energies

RATE = 44_100
SECONDS = 3


def products_of(
    signals: dict[str, Any], make_table: Callable[[int, int], Any] | None = None
) -> CrossEnergies:
    samples = SECONDS * RATE
    stream = CrossEnergyStream(RATE, list(signals), samples, samples, make_table=make_table)
    for name, audio in signals.items():
        stream.add(name, audio.astype(np.float32), samples)
    stream.next_block()
    stream.accumulate(samples)
    return stream.result(dict.fromkeys(signals, samples))


@pytest.fixture
def signals(rng: np.random.Generator) -> dict[str, Any]:
    shared, own = rng.standard_normal((2, SECONDS * RATE, 2))
    return {
        "left out": own + shared,
        "guitar": 0.1 * (shared + own),
        "double": 0.1 * (shared - 0.3 * own),
    }


def test_a_gain_that_changes_by_hops_is_that_of_the_audio(signals: dict[str, Any]) -> None:
    products = products_of(signals)
    gains = np.linspace(0.2, 1.5, 10 * SECONDS)
    energies = {"guitar": products.of({"guitar": 1.0}).scaled(gains), "double": products.of({"double": 0.5})}
    over_time = np.repeat(gains, RATE // 10)[:, np.newaxis]
    expected = block_energies(over_time * signals["guitar"] + 0.5 * signals["double"], RATE)
    found = products.with_energies(energies)
    np.testing.assert_allclose(found.energies, expected.in_hops_of_100_ms().energies, rtol=0.02)
    alone = sum(each.energies for each in energies.values())
    assert (found.energies > 1.2 * alone).all()  # the two have something in common


def test_with_the_same_energies_it_is_the_sum(signals: dict[str, Any]) -> None:
    products = products_of(signals)
    gains = {"guitar": 1.0, "double": 0.25}
    energies = {name: products.of({name: gain}) for name, gain in gains.items()}
    np.testing.assert_allclose(products.with_energies(energies).energies, products.of(gains).energies)


def test_silence_where_a_signal_was_or_was_not_silent(signals: dict[str, Any]) -> None:
    signals["guitar"][:RATE] = 0.0
    products = products_of(signals)
    energies = {name: products.of({name: 1.0}) for name in ("guitar", "double")}
    # Noise that a process has added, where there was nothing.
    energies["guitar"] = dataclasses.replace(
        energies["guitar"], energies=np.maximum(energies["guitar"].energies, 1e-3)
    )
    energies["double"] = energies["double"].until(2 * RATE)
    found = products.with_energies(energies).energies
    np.testing.assert_allclose(found[0], 1e-3 + energies["double"].energies[0], rtol=1e-6)
    np.testing.assert_allclose(found[2 * 10 + 1 :], energies["guitar"].energies[2 * 10 + 1 :])


@pytest.mark.parametrize("rate", [8_000, 11_025, 44_100, 192_000])
def test_hops_of_100_ms_hold_what_those_of_10_ms_hold(rng: np.random.Generator, rate: int) -> None:
    fine = block_energies(0.1 * rng.standard_normal((round(1.234 * rate), 1)), rate)
    coarse = fine.in_hops_of_100_ms()
    assert coarse.hops_per_100_ms == 1
    assert coarse.boundaries[-1] == fine.boundaries[-1]
    assert coarse.boundaries[1] == round(0.1 * rate + 1e-9)
    whole = [(each.energies * np.diff(each.boundaries)).sum() for each in (fine, coarse)]
    assert whole[0] == pytest.approx(whole[1])
    assert fine.until(0).in_hops_of_100_ms().energies.size == 0
