"""Stems are worked on side by side; how many at a time changes nothing in the result."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import numpy as np
import pytest
from synthetic import RATE, Song, band, noise, terraces

from mixrules import MixResult, mix, presets, render
from mixrules.engine import strip


@pytest.fixture(scope="module")
def song() -> Song:
    return band(10.0) | {
        "vocals": terraces(10.0, (0.0, -16.0), each_s=2.5, seed=1),
        "piano": terraces(10.0, (0.0, -18.0), each_s=2.5, seed=5),
        "strings": noise(10.0, 200, 6000, seed=6),
    }


@pytest.fixture
def pools(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many workers every pool had."""
    seen: list[int] = []

    def counted(max_workers: int, **more: Any) -> ThreadPoolExecutor:
        seen.append(max_workers + 1)  # the thread that asks works, too
        return ThreadPoolExecutor(max_workers, **more)

    monkeypatch.setattr(strip, "ThreadPoolExecutor", counted)
    return seen


@pytest.mark.parametrize("preset", presets.names())
def test_one_worker_and_four_make_the_same_mix(
    preset: str, song: Song, pools: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[MixResult] = []
    for cores in (1, 4):
        monkeypatch.setattr("mixrules.cores.usable_cores", lambda cores=cores: cores)
        made.append(mix(song, sample_rate=RATE, rules=preset))
        again = render(song, made[-1].plan, sample_rate=RATE)
        np.testing.assert_array_equal(again, made[-1].audio)
        assert max(pools, default=1) == cores
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

    monkeypatch.setattr("mixrules.cores.usable_cores", lambda: 4)
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

    with ThreadPoolExecutor(1) as pool:
        workers = strip.Workers(pool, 2)
        assert workers.run([partial(job, number) for number in range(3)]) == [0, 1, 2]
        for _ in range(50):
            begun.clear()
            with pytest.raises(ValueError, match="job 3"):
                workers.run([partial(job, number) for number in range(20)])
            assert len(begun) <= 6


def test_blocks_go_through_stages_in_order() -> None:
    seen: list[tuple[str, int, list[int]]] = []

    def stage(name: str, count: int) -> strip.Stage[int]:
        def jobs(block: int, before: list[int]) -> list[Callable[[], int]]:
            seen.append((name, block, before))
            return [partial(int, 10 * block + number) for number in range(count)]

        return jobs

    with ThreadPoolExecutor(1) as pool:
        strip.Workers(pool, 2).run_stages([1, 2, 3], [stage("a", 2), stage("b", 0), stage("c", 1)])
    assert [each for each in seen if each[0] == "a"] == [("a", 1, []), ("a", 2, []), ("a", 3, [])]
    assert [each for each in seen if each[0] == "b"] == [("b", k, [10 * k, 10 * k + 1]) for k in (1, 2, 3)]
    assert [each for each in seen if each[0] == "c"] == [("c", 1, []), ("c", 2, []), ("c", 3, [])]
    assert seen.index(("b", 1, [10, 11])) < seen.index(("a", 2, []))
