"""Stems kept between passes: what comes back is what was read, and only for the same settings."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from synthetic import RATE, noise

from mixrules import MixPlan, StemPlan, Stems
from mixrules.engine import Renderer, StemSignal, load_engine
from mixrules.engine.base import Processor
from mixrules.engine.kept_signals import KeepingSource, KeptSignals, KeptSource, kept_channels
from mixrules.engine.mixdown import Mixdown
from mixrules.engine.song_pass import run_pass
from mixrules.engine.source import ArraySource
from mixrules.processors import GainPoint, LimiterParams

Audio = npt.NDArray[np.float32]
LONG = 300_000  # more than two chunks


@pytest.fixture(autouse=True)
def _short_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mixrules.engine.kept_signals._CHUNK_SAMPLES", 1 << 17)


def in_blocks(source: KeepingSource | KeptSource, count: int) -> Audio:
    blocks = []
    while len(block := source.next(count)):
        blocks.append(block)
    return np.concatenate(blocks)


def stereo(rng: np.random.Generator, samples: int = LONG) -> Audio:
    return rng.standard_normal((samples, 2)).astype(np.float32)


@pytest.mark.parametrize("count", [16_384, 131_072, 199_983])
@pytest.mark.parametrize(("channels", "kept_channels"), [(1, 1), (2, 2), (2, 1)])
def test_what_was_read_comes_back(
    rng: np.random.Generator, channels: int, kept_channels: int, count: int
) -> None:
    audio = np.repeat(stereo(rng)[:, :kept_channels], channels // kept_channels, axis=1)
    kept = KeptSignals({"stem": kept_channels})
    source = KeepingSource(kept, "stem", "key", ArraySource(audio))
    assert kept.chunks("stem", "key", last=False) is None
    np.testing.assert_array_equal(in_blocks(source, count), audio)
    for last in (False, True):
        chunks = kept.chunks("stem", "key", last=last)
        assert chunks is not None
        assert sum(chunk.nbytes for chunk in chunks) == 4 * LONG * kept_channels
        np.testing.assert_array_equal(in_blocks(KeptSource(chunks, *audio.shape), 50_021), audio)
        assert not chunks
    assert kept.chunks("stem", "key", last=False) is None


def test_a_second_channel_that_turns_out_another_is_not_lost(rng: np.random.Generator) -> None:
    audio = stereo(rng)
    audio[: LONG // 2] = audio[: LONG // 2, :1]
    kept = KeptSignals({"stem": 1})
    np.testing.assert_array_equal(
        in_blocks(KeepingSource(kept, "stem", "key", ArraySource(audio)), 131_072), audio
    )
    assert kept.chunks("stem", "key", last=False) is None


def test_the_smallest_are_kept_first(rng: np.random.Generator) -> None:
    one, two = stereo(rng, RATE)[:, :1], stereo(rng, RATE)
    negative = np.zeros((RATE, 2), np.float32)
    negative[3, 1] = -0.0  # a zero of the other sign is another sample
    stems = Stems.from_arrays(
        {"pad": two, "kick": one, "bass": np.repeat(one, 2, axis=1), "zeros": negative}, RATE
    )
    channel_mib = 4 * RATE / (1 << 20)
    assert kept_channels(stems) == {"pad": 2, "kick": 1, "bass": 1, "zeros": 2}
    assert kept_channels(stems, 4.5 * channel_mib) == {"kick": 1, "bass": 1, "pad": 2}
    assert kept_channels(stems, 1.5 * channel_mib) == {"kick": 1}
    assert kept_channels(stems, 0.0) == {}


def test_other_settings_and_a_reading_that_ended_early_find_nothing(rng: np.random.Generator) -> None:
    audio = stereo(rng, 5000)
    kept = KeptSignals({"stem": 2})
    in_blocks(KeepingSource(kept, "stem", "key", ArraySource(audio)), 1000)
    assert kept.chunks("stem", "another key", last=True) is None
    KeepingSource(kept, "stem", "another key", ArraySource(audio)).next(1000)
    for key in ("key", "another key"):
        assert kept.chunks("stem", key, last=False) is None


@pytest.fixture(scope="module")
def song() -> Stems:
    left = noise(8.0, 100, 4000, seed=1)
    return Stems.from_arrays(
        {
            "drums": np.stack([left, noise(8.0, 100, 4000, seed=2)], axis=1),
            "bass": noise(8.0, 40, 300, seed=3),
        },
        RATE,
    )


@pytest.fixture
def plan() -> MixPlan:
    limiter = LimiterParams(ceiling_dbtp=-12.0)
    fade = (GainPoint(time_s=0.0, gain_db=-60.0), GainPoint(time_s=0.5, gain_db=0.0))
    return MixPlan(
        stems=(
            StemPlan(name="drums", limiter=limiter, automation=fade, gain_db=-3.0),
            StemPlan(name="bass", limiter=limiter, input_gain_db=2.0),
        )
    )


def summed(renderer: Renderer, plan: MixPlan) -> Audio:
    total = Mixdown(renderer, plan).total
    return total.read(0, total.samples).copy()


def passed(renderer: Renderer, plan: MixPlan) -> npt.NDArray[np.float64]:
    signals = [StemSignal("dry", name) for name in renderer.stems.names]
    return run_pass(renderer, plan, signals, make_table=None).of(dict.fromkeys(signals, 1.0)).energies


def test_a_mix_after_a_pass_has_the_same_samples(song: Stems, plan: MixPlan) -> None:
    plain = Renderer(song, load_engine("native"))
    vars(plain)["kept"] = None
    renderer = Renderer(song, load_engine("native"))
    assert renderer.kept is not None
    expected_energies, expected = passed(plain, plan), summed(plain, plan)
    for _ in range(2):  # the second reads what the first has kept
        np.testing.assert_array_equal(passed(renderer, plan), expected_energies)
    np.testing.assert_array_equal(summed(renderer, plan), expected)
    np.testing.assert_array_equal(summed(renderer, plan), expected)  # nothing is kept any more
    louder = plan.replace_stem("bass", input_gain_db=4.0)
    passed(renderer, plan)
    np.testing.assert_array_equal(summed(renderer, louder), summed(plain, louder))


def test_limiters_work_once_for_a_pass_and_the_mix(
    song: Stems, plan: MixPlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = load_engine("native")
    opened: list[str] = []
    limiter = engine.limiter

    def counted(*arguments: Any, **options: Any) -> Processor:
        opened.append("limiter")
        return limiter(*arguments, **options)

    monkeypatch.setattr(engine, "limiter", counted)
    renderer = Renderer(song, engine)
    passed(renderer, plan)
    summed(renderer, plan)
    assert len(opened) == len(song)
