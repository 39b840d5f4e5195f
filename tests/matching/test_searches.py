import numpy as np
import numpy.typing as npt
import pytest

from mixrules.errors import ParameterError
from mixrules.matching.room_box import DIMENSIONS, point_of, room_at
from mixrules.matching.searches import SEARCHES, search
from mixrules.processors import ReverbParams

TARGET = np.array([0.2, 0.7, 0.4])
PACKAGES = {"cma-es": "cma", "genetic": "pygad"}


def bowl(point: npt.NDArray[np.float64]) -> float:
    return float(np.sum((point - TARGET) ** 2))


@pytest.mark.parametrize("kind", SEARCHES)
@pytest.mark.parametrize("start", [None, np.array([0.5, 0.5, 0.5])])
def test_each_search_finds_the_bottom_of_a_bowl(kind: str, start: npt.NDArray[np.float64] | None) -> None:
    pytest.importorskip(PACKAGES.get(kind, "scipy"))
    found = search(bowl, 3, kind, start=start, most_evaluations=600, seed=1)
    assert found.evaluations <= 600
    assert found.least == pytest.approx(bowl(found.best))
    np.testing.assert_allclose(found.best, TARGET, atol=0.05)


@pytest.mark.parametrize("kind", SEARCHES)
def test_the_same_seed_gives_the_same_and_nothing_worse_than_the_start(kind: str) -> None:
    pytest.importorskip(PACKAGES.get(kind, "scipy"))
    first, again = (search(bowl, 3, kind, start=TARGET + 0.01, most_evaluations=45, seed=7) for _ in range(2))
    np.testing.assert_array_equal(first.best, again.best)
    assert first.least <= bowl(TARGET + 0.01)
    assert first.evaluations <= 45


def test_an_unknown_search_is_refused() -> None:
    with pytest.raises(ParameterError, match="hill-climbing"):
        search(bowl, 3, "guess", start=None, most_evaluations=10, seed=0)


def test_a_room_and_its_point_in_the_box() -> None:
    room = ReverbParams(
        t60_s=1.3, high_shelf_db_per_s=-30.0, pre_delay_ms=12.0, fade_in_s=0.2, low_cut_hz=150.0
    )
    again = room_at(point_of(room), room, 24_000)
    assert again is not None
    for name in ("t60_s", "room_size_m", "high_shelf_db_per_s", "pre_delay_ms", "fade_in_s", "low_cut_hz"):
        assert getattr(again, name) == pytest.approx(getattr(room, name))
    assert again.high_cut_hz == 0.0


def test_a_point_whose_room_would_not_decay_is_none() -> None:
    point = np.full(DIMENSIONS, 0.5)
    point[[0, 4, 7]] = 1.0  # 30 s, and both shelves longer still
    assert room_at(point, ReverbParams(t60_s=1.0), 24_000) is None
