"""Stems are worked on side by side; how many at a time changes nothing in the result."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
from synthetic import RATE, Song, band, noise, terraces

from mixrules import MixResult, mix, presets, render
from mixrules.engine import strip
from mixrules.engine.thread_pool import Stage, Workers


@pytest.fixture(scope="module")
def song() -> Song:
    return band(10.0) | {
        "vocals": terraces(10.0, (0.0, -16.0), each_s=2.5, seed=1),
        "piano": terraces(10.0, (0.0, -18.0), each_s=2.5, seed=5),
        "strings": noise(10.0, 200, 6000, seed=6),
    }


@pytest.fixture
def pools(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many workers there were, each time that some were asked for."""
    seen: list[int] = []

    class Counted(Workers):
        def __init__(self, count: int) -> None:
            seen.append(count)
            super().__init__(count)

    monkeypatch.setattr(strip, "Workers", Counted)
    return seen


@pytest.mark.parametrize("preset", presets.names())
def test_one_worker_and_four_make_the_same_mix(
    preset: str, song: Song, pools: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[MixResult] = []
    for cores in (1, 4):
        monkeypatch.setattr("mixrules._support.cores.usable_cores", lambda cores=cores: cores)
        made.append(mix(song, sample_rate=RATE, rules=preset))
        again = render(song, made[-1].plan, sample_rate=RATE)
        np.testing.assert_array_equal(again, made[-1].audio)
        assert set(pools) == {cores}
        pools.clear()
    alone, together = made
    assert alone.plan == together.plan
    assert alone.plan.to_json() == together.plan.to_json()
    np.testing.assert_array_equal(alone.audio, together.audio)
    assert list(alone.stems) == list(together.stems) == list(song)
    for name, audio in alone.stems.items():
        np.testing.assert_array_equal(audio, together.stems[name])


def test_what_one_worker_cannot_do_is_told(song: Song, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error in a worker reaches the caller; results come in the order of the names."""
    from mixrules import Stems
    from mixrules.session import Session

    monkeypatch.setattr("mixrules._support.cores.usable_cores", lambda: 4)
    session = Session(Stems.from_arrays(song, RATE))
    names = sorted(song, reverse=True)
    assert list(session.each(names, str.upper).items()) == [(name, name.upper()) for name in names]

    def fails(name: str) -> None:
        if name == "bass":
            raise ValueError("no bass")

    with pytest.raises(ValueError, match="no bass"):
        session.each(names, fails)


def test_workers_stop_at_the_first_error_and_name_it() -> None:
    begun: list[int] = []

    def job(number: int) -> int:
        begun.append(number)
        if number in (3, 4):
            raise ValueError(f"job {number}")
        return number

    with Workers(2) as workers:
        assert workers.run([partial(job, number) for number in range(3)]) == [0, 1, 2]
        for _ in range(50):
            begun.clear()
            with pytest.raises(ValueError, match="job 3"):
                workers.run([partial(job, number) for number in range(20)])
            assert len(begun) <= 6


@pytest.mark.parametrize("count", [1, 2, 5])
def test_blocks_go_through_stages_in_order(count: int) -> None:
    seen: list[tuple[str, int, list[int]]] = []

    def stage(name: str, jobs_in_all: int) -> Stage[int]:
        def jobs(block: int, before: list[int]) -> list[Callable[[], int]]:
            seen.append((name, block, before))
            return [partial(int, 10 * block + number) for number in range(jobs_in_all)]

        return jobs

    for ahead in (1, 3):
        seen.clear()
        with Workers(count) as workers:
            workers.run_stages(
                range(1, 9), [stage("a", 2), stage("b", 0), stage("c", 1), stage("d", 2)], ahead=ahead
            )
        blocks = range(1, 9)
        assert [each for each in seen if each[0] == "a"] == [("a", k, []) for k in blocks]
        assert [each for each in seen if each[0] == "b"] == [("b", k, [10 * k, 10 * k + 1]) for k in blocks]
        assert [each for each in seen if each[0] == "c"] == [("c", k, []) for k in blocks]
        assert [each for each in seen if each[0] == "d"] == [("d", k, [10 * k]) for k in blocks]
        for k in range(1, 9 - ahead):  # a block leaves a stage before the next but `ahead` ones come
            assert seen.index(("b", k, [10 * k, 10 * k + 1])) < seen.index(("a", k + ahead, []))
            assert seen.index(("d", k, [10 * k])) < seen.index(("c", k + 1, []))


@pytest.mark.parametrize("count", [1, 2, 4])
@pytest.mark.parametrize("place", ["job", "stage"])
def test_stages_stop_at_an_error(count: int, place: str) -> None:
    begun: list[int] = []

    def work(block: int) -> None:
        begun.append(block)
        if place == "job" and block == 5:
            raise ValueError("block 5")

    def second(block: int, before: list[int]) -> list[Callable[[], None]]:
        if place == "stage" and block == 5:
            raise ValueError("block 5")
        return [partial(work, block)]

    with Workers(count) as workers:
        for _ in range(20):
            begun.clear()
            with pytest.raises(ValueError, match="block 5"):
                workers.run_stages(range(100), [lambda block, _: [partial(int, block)] * 3, second])
            assert max(begun) <= 5
        assert workers.run([partial(int, number) for number in range(4)]) == [0, 1, 2, 3]


def test_who_has_nothing_left_to_do_helps() -> None:
    """Jobs that a job asks for are done by the thread that has run out of its own, and by nobody twice."""
    both = threading.Barrier(2)
    done: list[int] = []

    def inner(number: int) -> None:
        both.wait(timeout=20)  # passes only if two threads are at it
        done.append(number)

    def outer(number: int) -> int:
        if number == 0:
            workers.run([partial(inner, each) for each in range(6)])
        return number

    with Workers(2) as workers:
        for _ in range(50):
            done.clear()
            assert workers.run([partial(outer, number) for number in range(2)]) == [0, 1]
            assert sorted(done) == list(range(6))


def test_an_error_within_a_job_reaches_who_asked() -> None:
    def fails(number: int) -> None:
        raise ValueError(f"inner {number}")

    def outer(number: int) -> None:
        if number == 1:
            workers.run([partial(fails, each) for each in range(3)])

    with Workers(3) as workers, pytest.raises(ValueError, match="inner 0"):
        workers.run([partial(outer, number) for number in range(4)])


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="this system sends itself no interrupt")
@pytest.mark.parametrize("count", [1, 2, 3])
def test_an_interrupt_ends_what_all_threads_do(count: int) -> None:
    begun: list[int] = []

    def step(number: int) -> None:
        begun.append(number)
        time.sleep(0.002)

    def outer(number: int) -> None:
        workers.run_stages(range(3000), [lambda block, _: [partial(step, block)] * 2] * 2)

    timer = threading.Timer(0.3, lambda: signal.pthread_kill(threading.main_thread().ident, signal.SIGINT))
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    started = time.monotonic()
    try:
        timer.start()
        with pytest.raises(KeyboardInterrupt), Workers(count) as workers:
            workers.run([partial(outer, number) for number in range(4)])
    finally:
        timer.join()
        signal.signal(signal.SIGINT, before)
    assert len(begun) < 3000, time.monotonic() - started


@pytest.mark.parametrize("count", [1, 2, 4])
def test_of_several_errors_the_first_jobs_is_raised(count: int) -> None:
    def fails(number: int) -> None:
        raise ValueError(f"job {number}")

    with Workers(count) as workers:
        for _ in range(30):
            with pytest.raises(ValueError, match="job 0"):
                workers.run_stages([1, 2], [lambda block, _: [partial(fails, number) for number in range(3)]])


def test_threads_begin_when_there_is_something_for_them() -> None:
    before = threading.active_count()
    with Workers(64) as workers:
        assert threading.active_count() == before
        workers.run([partial(int, number) for number in range(3)])
        workers.run_stages([1, 2, 3], [lambda block, _: [partial(int, block)]] * 2, most=2)
        assert threading.active_count() <= before + 2
        both = threading.Barrier(4)  # a busy thread does not count: two jobs ask for one helper each
        workers.run([lambda: workers.run([lambda: both.wait(timeout=20)] * 2)] * 2)
    assert threading.active_count() == before
