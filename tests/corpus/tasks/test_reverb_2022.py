from __future__ import annotations

import numpy as np
import pytest
import scipy.signal
from task_signals import noise_song, samples_of

from mixrules import presets
from mixrules.corpus.tasks.mel_blocks import SAMPLE_RATE
from mixrules.corpus.tasks.settings import DatasetSettings, make_task
from mixrules.corpus.tasks.task import Drawn
from mixrules.processors import ReverbParams
from mixrules.processors.reverb import impulse_response
from mixrules.processors.room import MAX_T60_S, t60_at
from mixrules.systems.random_reverb import drawn_reverb

# As published.
RANGES = {
    "room_size_m": (1, 30),
    "t60_s": (0.1, 9),
    "low_shelf_hz": (20, 20_000),
    "low_shelf_q": (0.01, 0.9),
    "low_shelf_db_per_s": (-80, 6),
    "high_shelf_hz": (20, 20_000),
    "high_shelf_q": (0.01, 0.9),
    "high_shelf_db_per_s": (-80, 4),
    "fade_in_s": (0, 9),
    "wet_share": (0.01, 0.99),
}
TASK = make_task(DatasetSettings(task="reverb-2022"))


def drawn(seed: int, channels: int = 1) -> tuple[Drawn, ReverbParams, float]:
    """Return what the task draws, and the room and share that it says."""
    found = TASK.draw(np.random.default_rng(seed), channels)
    assert found.target is not None
    values = dict(zip(RANGES, found.target, strict=True))
    share = values.pop("wet_share")
    return found, ReverbParams(**values), share  # type: ignore[arg-type]


def test_its_ten_numbers_are_constants_of_the_published_rule() -> None:
    names = [output.name for output in TASK.outputs]
    assert names == list(RANGES)
    constants = set(presets.load("survey-2022").section("reverb")) | {"t60_s"}
    assert set(names) <= constants


def test_it_draws_within_the_published_ranges_and_no_band_rings_for_over_a_minute() -> None:
    rooms = [drawn_reverb(np.random.default_rng(seed), SAMPLE_RATE) for seed in range(30)]
    for name, (low, high) in RANGES.items():
        if name != "wet_share":
            values = np.array([getattr(room, name) for room in rooms])
            assert low <= values.min() < values.max() <= high
            # 0.29 for a uniform distribution; shelves that are drawn again bend it.
            assert 0.2 < values.std() / (high - low) < 0.4
    for room in rooms:
        assert t60_at(room, np.geomspace(20, 20_000, 50), SAMPLE_RATE).max() <= MAX_T60_S


def test_it_draws_as_the_random_mixer_does() -> None:
    _, room, share = drawn(3)
    assert room == drawn_reverb(np.random.default_rng(3), SAMPLE_RATE)
    assert 0.01 <= share <= 0.99


@pytest.mark.parametrize("channels", [1, 2])
def test_the_vocal_is_dry_and_wet_by_the_share_it_says(rng: np.random.Generator, channels: int) -> None:
    found, room, share = drawn(3, channels)
    (stage,) = found.stages
    dry = rng.standard_normal((1 << 17, channels)).astype(np.float32)
    heard = np.concatenate([stage.process(part) for part in np.split(dry, 2)]).mean(axis=1)
    mono = dry.mean(axis=1, dtype=np.float64)
    response = impulse_response(SAMPLE_RATE, room).mean(axis=1, dtype=np.float64)
    response /= np.linalg.norm(response)
    wet = scipy.signal.fftconvolve(mono, response)[: len(mono)]
    np.testing.assert_allclose(heard, (1 - share) * mono + share * wet, atol=2e-5)


def test_all_blocks_of_a_song_share_what_was_drawn_for_it(rng: np.random.Generator) -> None:
    signals = noise_song(rng, 2)
    plain, _, _ = samples_of(signals, task="level")
    mels, targets, _ = samples_of(signals, task="reverb-2022", seed=2)
    assert targets.shape == (2, 10)
    assert (targets[0] == targets[1]).all()
    np.testing.assert_array_equal(mels[:, 0], plain[:, 0])
    assert not np.allclose(mels[:, 1], plain[:, 1], rtol=0.01)
    _, other, _ = samples_of(signals, task="reverb-2022", seed=3)
    _, again, _ = samples_of(signals, task="reverb-2022", seed=2)
    assert (other != targets).all()
    assert (again == targets).all()
