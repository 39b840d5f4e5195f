"""Strips, sends and room solved for together, bands found again at once, and the doors beside them."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytest

from mixrules import Stems, render, starting_plan
from mixrules._support.one_thread import one_thread
from mixrules.matching import match
from mixrules.matching.alignment import Alignment
from mixrules.matching.chosen_alignment import covered_by
from mixrules.matching.equalizer_fit import fewest_bands
from mixrules.matching.excerpts import read_excerpt
from mixrules.matching.joint_fit import fit_together
from mixrules.matching.linear_strips import LinearStrip
from mixrules.matching.matched_plan import Found, plan_of
from mixrules.matching.room_fit import FoundRoom
from mixrules.matching.strip import Strip
from mixrules.matching.strip_columns import strip_columns, thinned
from mixrules.processors import EqBand, EqualizerParams, ReverbParams, frequency_response

RATE = 16_000
SECONDS = 6


@pytest.fixture(scope="module")
def stems() -> Stems:
    rng = np.random.default_rng(5)
    beats = np.arange(SECONDS * RATE) / RATE % 0.5
    audio = {
        name: 0.1 * rng.standard_normal((SECONDS * RATE, 1)) * 10.0 ** (-3.0 * beats)[:, None]
        for name in ("guitar", "keys")
    }
    return Stems.from_arrays(audio, RATE)


def found_of(gains: tuple[float, float], sends_db: tuple[float, float], t60_s: float, eq_db: float) -> Found:
    bell = EqBand(frequency_hz=900.0, gain_db=eq_db, q=1.0)
    strips = tuple(
        Strip(linear=LinearStrip(channels=1, left=gain, right=gain, bands=(bell,))) for gain in gains
    )
    room = FoundRoom(ReverbParams(t60_s=t60_s), np.array(sends_db), True, 1.0)
    return Found(strips=strips, room=room)


@pytest.mark.parametrize("threads", [1, 3])
def test_wrong_numbers_are_led_back_to_the_right_ones(stems: Stems, threads: int) -> None:
    truth = found_of((0.6, 0.4), (-8.0, -14.0), 1.0, 4.0)
    mix = render(stems, plan_of(stems, truth, made_by="a test"))[: stems.samples]
    excerpts = [
        read_excerpt(stems, mix, slice(start * RATE, (start + 2) * RATE), (True, True)) for start in (0, 2, 4)
    ]

    def left_by(found: Found) -> float:
        off = mix - render(stems, plan_of(stems, found, made_by="a test"))[: stems.samples]
        return float(np.vdot(off, off))

    start = found_of((0.55, 0.43), (-10.0, -12.0), 1.2, 3.0)
    before = left_by(start)
    found, left = fit_together(excerpts, start, RATE, least=before, left_by=left_by, threads=threads)
    assert left == left_by(found) < 1e-3 * before
    assert found.room is not None
    assert found.room.params.t60_s == pytest.approx(1.0, rel=0.02)
    assert found.room.sends_db == pytest.approx([-8.0, -14.0], abs=0.2)
    assert [strip.linear.left for strip in found.strips] == pytest.approx([0.6, 0.4], rel=0.01)


def test_threads_change_nothing(stems: Stems) -> None:
    plan = starting_plan(stems).replace_stem("guitar", gain_db=-4.0)
    mix = render(stems, plan)
    one, two = (match(stems, mix, threads=threads).plan for threads in (1, 2))
    assert one == two


@pytest.mark.parametrize(
    "used",
    [
        (EqBand(kind="high_shelf", frequency_hz=3000.0, gain_db=5.0, q=0.7),),
        (EqBand(frequency_hz=86.0, gain_db=3.8, q=1.8),),
        (EqBand(frequency_hz=300.0, gain_db=-4.0, q=1.0), EqBand(frequency_hz=4000.0, gain_db=6.0, q=2.0)),
    ],
)
def test_bands_that_do_nothing_are_left_out(used: tuple[EqBand, ...]) -> None:
    hz = np.geomspace(30.0, 20_000.0, 200)
    idle = tuple(EqBand(frequency_hz=at, gain_db=0.0, q=1.0) for at in (200.0, 6000.0))
    strip = LinearStrip(channels=1, left=1.0, right=1.0, bands=(*used, *idle))
    wanted = frequency_response(EqualizerParams(bands=used), 48_000, hz)
    found = fewest_bands(strip, hz, 48_000, np.ones(len(hz), complex), np.ones(len(hz)), worth=1e-3)
    assert len(found.bands) == len(used)
    response = found.left * frequency_response(EqualizerParams(bands=found.bands), 48_000, hz)
    assert np.max(np.abs(20.0 * np.log10(np.abs(response / wanted)))) < 0.1


@pytest.mark.parametrize(("left", "right"), [(1.0, 0.0), (0.0, 0.7), (0.5, 0.5)])
def test_a_narrowed_stem_crosses_sides_also_where_it_is_on_one(left: float, right: float) -> None:
    audio = np.random.default_rng(1).standard_normal((100, 2)).astype(np.float32)
    linear = LinearStrip(channels=2, left=left, right=right, side_gain=0.3)
    assert Strip(linear=linear).placed(audio) == pytest.approx(audio @ linear.placement().T, abs=1e-6)


def test_many_numbers_are_solved_for_on_some_of_the_samples() -> None:
    assert (thinned(10), thinned(1000)) == (1, 7)
    strip = Strip(linear=LinearStrip(channels=1, left=1.0, right=1.0))
    audio = np.ones((10, 1), np.float32)
    columns = np.zeros((2, 2, 4), np.float32)
    row, part = strip_columns(strip, audio, 0, RATE, columns, 0, every=3)
    assert row == 2
    assert columns[:, 0] == pytest.approx(np.array([[1.0] * 4, [0.0] * 4]), abs=1e-3)
    assert part == pytest.approx(np.ones((2, 10)))


def test_the_samples_that_a_mix_covers() -> None:
    assert covered_by(100, Alignment(), 100) == slice(0, 100)
    assert covered_by(50, Alignment(), 100) == slice(0, 50)
    assert covered_by(100, replace(Alignment(), offset_samples=-10.0), 100) == slice(10, 100)
    assert covered_by(10, replace(Alignment(), offset_samples=50.0), 100) == slice(0, 0)


def test_one_thread_holds_until_the_last_block_ends() -> None:
    threadpoolctl = pytest.importorskip("threadpoolctl")

    def threads() -> set[int]:
        return {each["num_threads"] for each in threadpoolctl.threadpool_info() if each["user_api"] == "blas"}

    before, entered, leave = threads(), threading.Event(), threading.Event()

    def other() -> None:
        with one_thread():
            entered.set()
            leave.wait()

    thread = threading.Thread(target=other)
    with one_thread():
        with one_thread():
            assert threads() <= {1}
        assert threads() <= {1}
        thread.start()
        entered.wait()
        leave.set()
        thread.join()
        assert threads() <= {1}
    assert threads() == before
