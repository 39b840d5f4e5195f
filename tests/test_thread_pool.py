"""Stems are processed in parallel; the number of threads changes nothing in the result."""

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
from mixrules.engine import renderer
from mixrules.engine.thread_pool import StageFunction, ThreadPool


@pytest.fixture(scope="module")
def song() -> Song:
    return band(10.0) | {
        "vocals": terraces(10.0, (0.0, -16.0), each_s=2.5, seed=1),
        "piano": terraces(10.0, (0.0, -18.0), each_s=2.5, seed=5),
        "strings": noise(10.0, 200, 6000, seed=6),
    }


@pytest.fixture
def pools(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The number of threads of every pool that was opened."""
    opened: list[int] = []

    class Recorded(ThreadPool):
        def __init__(self, max_threads: int) -> None:
            opened.append(max_threads)
            super().__init__(max_threads)

    monkeypatch.setattr(renderer, "ThreadPool", Recorded)
    return opened


@pytest.mark.parametrize("preset", presets.names())
def test_one_thread_and_four_make_the_same_mix(
    preset: str, song: Song, pools: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    results: list[MixResult] = []
    for cores in (1, 4):
        monkeypatch.setattr("mixrules._support.cores.usable_cores", lambda cores=cores: cores)
        results.append(mix(song, sample_rate=RATE, rules=preset))
        again = render(song, results[-1].plan, sample_rate=RATE)
        np.testing.assert_array_equal(again, results[-1].audio)
        assert set(pools) == {cores}
        pools.clear()
    one, four = results
    assert one.plan == four.plan
    assert one.plan.to_json() == four.plan.to_json()
    np.testing.assert_array_equal(one.audio, four.audio)
    assert list(one.stems) == list(four.stems) == list(song)
    for name, audio in one.stems.items():
        np.testing.assert_array_equal(audio, four.stems[name])


def test_an_error_in_a_worker_thread_reaches_the_caller(song: Song, monkeypatch: pytest.MonkeyPatch) -> None:
    """Results come in the order of the names."""
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


def test_no_task_starts_after_the_first_error() -> None:
    started: list[int] = []

    def task(number: int) -> int:
        started.append(number)
        if number in (3, 4):
            raise ValueError(f"task {number}")
        return number

    with ThreadPool(2) as pool:
        assert pool.run([partial(task, number) for number in range(3)]) == [0, 1, 2]
        for _ in range(50):
            started.clear()
            with pytest.raises(ValueError, match="task 3"):
                pool.run([partial(task, number) for number in range(20)])
            assert len(started) <= 6


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_blocks_pass_through_the_stages_in_order(threads: int) -> None:
    calls: list[tuple[str, int, list[int]]] = []

    def stage(name: str, task_count: int) -> StageFunction[int]:
        def make_tasks(block: int, before: list[int]) -> list[Callable[[], int]]:
            calls.append((name, block, before))
            return [partial(int, 10 * block + number) for number in range(task_count)]

        return make_tasks

    for prefetch in (1, 3):
        calls.clear()
        with ThreadPool(threads) as pool:
            pool.run_pipeline(
                range(1, 9), [stage("a", 2), stage("b", 0), stage("c", 1), stage("d", 2)], prefetch=prefetch
            )
        blocks = range(1, 9)
        assert [each for each in calls if each[0] == "a"] == [("a", k, []) for k in blocks]
        assert [each for each in calls if each[0] == "b"] == [("b", k, [10 * k, 10 * k + 1]) for k in blocks]
        assert [each for each in calls if each[0] == "c"] == [("c", k, []) for k in blocks]
        assert [each for each in calls if each[0] == "d"] == [("d", k, [10 * k]) for k in blocks]
        for k in range(1, 9 - prefetch):  # stage b takes block k before stage a starts block k + prefetch
            assert calls.index(("b", k, [10 * k, 10 * k + 1])) < calls.index(("a", k + prefetch, []))
            assert calls.index(("d", k, [10 * k])) < calls.index(("c", k + 1, []))


@pytest.mark.parametrize("threads", [1, 2, 4])
@pytest.mark.parametrize("source", ["task", "stage"])
def test_a_pipeline_stops_at_an_error(threads: int, source: str) -> None:
    started: list[int] = []

    def work(block: int) -> None:
        started.append(block)
        if source == "task" and block == 5:
            raise ValueError("block 5")

    def second(block: int, before: list[int]) -> list[Callable[[], None]]:
        if source == "stage" and block == 5:
            raise ValueError("block 5")
        return [partial(work, block)]

    with ThreadPool(threads) as pool:
        for _ in range(20):
            started.clear()
            with pytest.raises(ValueError, match="block 5"):
                pool.run_pipeline(range(100), [lambda block, _: [partial(int, block)] * 3, second])
            assert max(started) <= 5
        assert pool.run([partial(int, number) for number in range(4)]) == [0, 1, 2, 3]


def test_idle_threads_join_the_tasks_of_a_task() -> None:
    """Nested tasks run in the thread that has none of its own left, each once."""
    both = threading.Barrier(2)
    done: list[int] = []

    def inner(number: int) -> None:
        both.wait(timeout=20)  # passes only if two threads run inner tasks at once
        done.append(number)

    def outer(number: int) -> int:
        if number == 0:
            pool.run([partial(inner, each) for each in range(6)])
        return number

    with ThreadPool(2) as pool:
        for _ in range(50):
            done.clear()
            assert pool.run([partial(outer, number) for number in range(2)]) == [0, 1]
            assert sorted(done) == list(range(6))


def test_an_error_in_a_nested_task_reaches_the_caller() -> None:
    def fails(number: int) -> None:
        raise ValueError(f"inner {number}")

    def outer(number: int) -> None:
        if number == 1:
            pool.run([partial(fails, each) for each in range(3)])

    with ThreadPool(3) as pool, pytest.raises(ValueError, match="inner 0"):
        pool.run([partial(outer, number) for number in range(4)])


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="this system sends itself no interrupt")
@pytest.mark.parametrize("threads", [1, 2, 3])
def test_an_interrupt_ends_the_work_of_all_threads(threads: int) -> None:
    ran: list[int] = []

    def step(number: int) -> None:
        ran.append(number)
        time.sleep(0.002)

    def outer(number: int) -> None:
        pool.run_pipeline(range(3000), [lambda block, _: [partial(step, block)] * 2] * 2)

    main = threading.main_thread().ident
    assert main is not None
    timer = threading.Timer(0.3, lambda: signal.pthread_kill(main, signal.SIGINT))
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    started = time.monotonic()
    try:
        timer.start()
        with pytest.raises(KeyboardInterrupt), ThreadPool(threads) as pool:
            pool.run([partial(outer, number) for number in range(4)])
    finally:
        timer.join()
        signal.signal(signal.SIGINT, before)
    assert len(ran) < 3000, time.monotonic() - started


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_of_several_errors_that_of_the_first_task_is_raised(threads: int) -> None:
    def fails(number: int) -> None:
        raise ValueError(f"task {number}")

    with ThreadPool(threads) as pool:
        for _ in range(30):
            with pytest.raises(ValueError, match="task 0"):
                pool.run_pipeline([1, 2], [lambda block, _: [partial(fails, number) for number in range(3)]])


def test_threads_start_on_demand() -> None:
    before = threading.active_count()
    with ThreadPool(64) as pool:
        assert threading.active_count() == before
        pool.run([partial(int, number) for number in range(3)])
        pool.run_pipeline([1, 2, 3], [lambda block, _: [partial(int, block)]] * 2, max_threads=2)
        assert threading.active_count() <= before + 2
        both = threading.Barrier(4)  # busy threads do not count as idle: two tasks need one more thread each
        pool.run([lambda: pool.run([lambda: both.wait(timeout=20)] * 2)] * 2)
    assert threading.active_count() == before
