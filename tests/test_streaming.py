"""Block-wise is whole: processors, meters and mixes that stream give what the whole signal gives."""

from __future__ import annotations

import dataclasses
import gc
import itertools
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import scipy.signal
import soundfile

import mixrules.engine.mixdown
from mixrules import loudness
from mixrules.analysis import crest_factor_squared_smoothed, level_envelope
from mixrules.analysis.level_scan import CrestStream, EnvelopeStream
from mixrules.engine import Mixdown, Renderer, StemInMix, SumAudio, load_engine
from mixrules.errors import AudioError, AudioFileError, ParameterError
from mixrules.evaluation.fingerprint import stems_hash
from mixrules.files import FileAudio, Scratch
from mixrules.listening.making.excerpt_choice import choose_excerpt
from mixrules.loudness import CrossEnergies, CrossEnergyStream, EnergyStream, MakeTable
from mixrules.loudness.peaks import PeakStream
from mixrules.mixer import mix, render
from mixrules.mixplan import MasterPlan, MixPlan, ReverbBus, Send, starting_plan
from mixrules.processors import (
    CompressorParams,
    EqBand,
    EqualizerParams,
    LimiterParams,
    LimiterSegments,
    ReverbParams,
    ReverbStream,
    compress,
    db_to_gain,
    equalize,
    limit,
    reverberate,
)
from mixrules.processors.compressor import CompressorStream
from mixrules.processors.equalizer import EqualizerStream
from mixrules.processors.limiter import _run
from mixrules.processors.reverb import REVERB_BLOCK_SAMPLES
from mixrules.session import Session
from mixrules.stems import Stems, load_stems

Samples = npt.NDArray[np.float32]

RATES = [11_025, 22_050, 48_000, 96_000]
BUSES = (
    ReverbBus(name="room", params=ReverbParams(t60_s=0.4)),
    ReverbBus(name="hall", params=ReverbParams(t60_s=1.2, pre_delay_ms=20.0)),
)
BANDS = EqualizerParams(
    bands=(
        EqBand(kind="high_pass", frequency_hz=40.0, q=0.7),
        EqBand(frequency_hz=900.0, gain_db=-7.0, q=2.0),
        EqBand(kind="high_shelf", frequency_hz=3000.0, gain_db=4.0, q=0.7),
    )
)
PUMPING = CompressorParams(threshold_db=-30.0, ratio=6.0, attack_ms=5.0, release_ms=150.0, makeup_db=4.0)


def noise(rng: np.random.Generator, samples: int, channels: int = 2) -> Samples:
    """Noise with a pause in it, so that gains have somewhere to go."""
    audio = 0.1 * rng.standard_normal((samples, channels))
    audio[samples // 3 : samples // 2] *= 1e-3
    return audio.astype(np.float32)


def blocks_of(audio: Samples, splits: list[int]) -> list[Samples]:
    return np.split(audio, [split for split in splits if split < len(audio)])


SPLITS = [1, 2, 7, 4095, 4096, 4609, 50_000, 50_001, 65_537]


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("sample_rate", RATES)
def test_an_equalizer_and_a_compressor_in_blocks_are_those_of_the_whole(
    rng: np.random.Generator, sample_rate: int, channels: int
) -> None:
    audio = noise(rng, 70_001, channels)
    filters = EqualizerStream(sample_rate, channels, BANDS)
    got = np.concatenate([filters.process(block) for block in blocks_of(audio, SPLITS)])
    np.testing.assert_allclose(got, equalize(audio, sample_rate, BANDS), rtol=0, atol=1e-6)
    compressor = CompressorStream(sample_rate, PUMPING)
    got = np.concatenate([compressor.process(block) for block in blocks_of(audio, SPLITS)])
    np.testing.assert_allclose(got, compress(audio, sample_rate, PUMPING), rtol=0, atol=1e-6)


@pytest.mark.parametrize("t60_s", [0.2, 4.0], ids=["shorter than a block", "longer than a block"])
@pytest.mark.parametrize("samples", [1, 5000, REVERB_BLOCK_SAMPLES, 2 * REVERB_BLOCK_SAMPLES + 1])
def test_a_reverb_in_blocks_is_a_plain_convolution(
    rng: np.random.Generator, samples: int, t60_s: float
) -> None:
    from scipy.signal import fftconvolve

    params = ReverbParams(t60_s=t60_s)
    audio = noise(rng, samples)
    click = np.ones((1, 1))
    response = reverberate(click, 44_100, params)
    expected = fftconvolve(audio.mean(axis=1, dtype=np.float64)[:, np.newaxis], response, axes=0)
    got = reverberate(audio, 44_100, params)
    assert got.shape == expected.shape
    np.testing.assert_allclose(got, expected, rtol=0, atol=1e-6)
    stream = ReverbStream(44_100, params)
    whole = np.concatenate([audio, np.zeros((stream.tail_samples, 2), np.float32)])
    blocks = [
        stream.process(whole[k : k + REVERB_BLOCK_SAMPLES])
        for k in range(0, len(whole), REVERB_BLOCK_SAMPLES)
    ]
    np.testing.assert_array_equal(np.concatenate(blocks), got)


def test_a_reverb_after_silence_starts_afresh(rng: np.random.Generator) -> None:
    """Silent segments are not transformed: older spectra in the delay line must not contribute again."""
    params = ReverbParams(t60_s=4.0)
    audio = np.zeros((6 * REVERB_BLOCK_SAMPLES, 1), np.float32)
    audio[:1000] = noise(rng, 1000, 1)
    audio[5 * REVERB_BLOCK_SAMPLES + 3] = 0.5
    response = reverberate(np.ones((1, 1)), 44_100, params)
    late = reverberate(audio, 44_100, params)[5 * REVERB_BLOCK_SAMPLES :]
    assert len(response) < 4 * REVERB_BLOCK_SAMPLES
    np.testing.assert_allclose(late[3 : 3 + len(response)], 0.5 * response, rtol=0, atol=1e-6)
    assert np.abs(late[:3]).max() < 1e-6


@pytest.fixture
def short_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a limiter cut seconds of audio as it cuts minutes."""
    monkeypatch.setattr("mixrules.processors.limiter.SEGMENT_SAMPLES", 1 << 14)


@pytest.mark.usefixtures("short_segments")
@pytest.mark.parametrize("over", [-1, 0, 1, 77])
@pytest.mark.parametrize("place", [0, -2000, 50], ids=["across", "released over", "foreseen before"])
def test_limiter_segments_joined_are_the_whole(rng: np.random.Generator, place: int, over: int) -> None:
    params = LimiterParams(ceiling_dbtp=-3.0, release_ms=20.0)
    segments = LimiterSegments(48_000, params)
    core, around = segments._segment, segments._overlap
    audio = noise(rng, 2 * core + over)
    audio[::1000] = 0.9
    for edge in (core, 2 * core, len(audio)):  # peaks by every join, and at the end
        audio[max(edge + place - 3, 0) : edge + place + 3] = 1.5
    plan = segments.plan(len(audio))
    assert plan[0][1] == 0
    assert plan[-1][2] == len(audio)
    assert all(before[2] == after[1] for before, after in itertools.pairwise(plan))
    assert all(first % 128 == 0 and start - first in (0, around) for first, start, _, _ in plan)
    joined = limit(audio, 48_000, params)
    assert joined.shape == audio.shape
    np.testing.assert_allclose(joined, _run(audio, 48_000, params)[0], rtol=0, atol=1e-6)
    assert loudness.true_peak(joined, 48_000) <= -3.0 + 1e-4


def followed(
    signals: dict[str, Samples],
    sample_rate: int,
    block_samples: int,
    *,
    single: bool = False,
    make_table: MakeTable | None = None,
) -> CrossEnergies:
    samples = max(len(audio) for audio in signals.values())
    stream = CrossEnergyStream(sample_rate, list(signals), samples, block_samples, make_table=make_table)
    if single:
        stream._products = stream._products.astype(np.float32)
    for start in range(0, samples, block_samples):
        count = min(block_samples, samples - start)
        for name, audio in signals.items():
            stream.add(name, audio[start : start + count], count)
        stream.next_block()
        stream.accumulate(count)
    return stream.result({name: len(audio) for name, audio in signals.items()})


@pytest.mark.parametrize("block_samples", [1000, 4096, 33_333])
@pytest.mark.parametrize("sample_rate", RATES)
def test_cross_energies_are_those_of_the_actual_sum(
    rng: np.random.Generator, sample_rate: int, block_samples: int
) -> None:
    samples = round(2.345 * sample_rate)
    signals = {"a": noise(rng, samples), "b": noise(rng, samples), "short": noise(rng, samples // 2)}
    cross = followed(signals, sample_rate, block_samples)
    gains = {"a": 0.5, "b": -1.7, "short": 2.0}
    total = np.zeros((samples, 2))
    for name, gain in gains.items():
        total[: len(signals[name])] += gain * signals[name].astype(np.float64)
    expected = loudness.block_energies(total, sample_rate, hop_s=0.1)
    got = cross.of(gains)
    np.testing.assert_array_equal(got.boundaries, expected.boundaries)
    np.testing.assert_allclose(got.energies, expected.energies, rtol=1e-5, atol=1e-12)
    alone = cross.of({"short": 1.0})
    expected = loudness.block_energies(signals["short"], sample_rate, hop_s=0.1)
    np.testing.assert_array_equal(alone.boundaries, expected.boundaries)
    np.testing.assert_allclose(alone.energies[:-1], expected.energies[:-1], rtol=1e-5, atol=1e-12)


@pytest.mark.parametrize("block_samples", [1000, 4096, 33_333])
@pytest.mark.parametrize("sample_rate", [8000, 11_025, 44_100])
def test_products_on_the_disk_are_those_in_memory(
    rng: np.random.Generator, sample_rate: int, block_samples: int
) -> None:
    samples = 120 * sample_rate + 77  # more hops than are read at once
    signals = {"a": noise(rng, samples), "b": noise(rng, samples), "short": noise(rng, samples // 2)}
    gains = {"a": 0.5, "b": -1.7, "short": 2.0}
    held, kept = (
        followed(signals, sample_rate, block_samples, make_table=make_table)
        for make_table in (
            None,
            lambda rows, columns: Scratch(rows, columns, window_samples=1, dtype=np.float64),
        )
    )
    expected, got = held.of(gains), kept.of(gains)
    np.testing.assert_array_equal(got.boundaries, expected.boundaries)
    np.testing.assert_array_equal(got.energies, expected.energies)


@pytest.mark.parametrize("single", [False, True])
@pytest.mark.parametrize("below_db", [20.0, 40.0, 50.0])
def test_what_is_left_of_a_difference_is_measured(
    rng: np.random.Generator, below_db: float, single: bool
) -> None:
    """The report tells a reverb from the stem with it and without it."""
    rate = 48_000
    dry, wet = noise(rng, 3 * rate), noise(rng, 3 * rate)
    wet *= np.float32(10.0 ** (-below_db / 20.0))
    cross = followed({"mix": dry + wet, "dry": dry}, rate, 4096, single=single)
    got = loudness.integrated_from_energies(cross.of({"mix": 1.0, "dry": -1.0}))
    assert got == pytest.approx(loudness.integrated_loudness(wet, rate), abs=0.1)


def test_a_signal_less_itself_is_silence(rng: np.random.Generator) -> None:
    audio = noise(rng, 48_000)
    cross = followed({"a": audio, "again": audio.copy()}, 48_000, 4096)
    assert not cross.of({"a": 1.0, "again": -1.0}).energies.any()


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("sample_rate", RATES)
def test_envelope_and_crest_do_not_depend_on_the_blocks(
    rng: np.random.Generator, sample_rate: int, channels: int
) -> None:
    audio = noise(rng, 70_001, channels)
    envelope, crest = EnvelopeStream(sample_rate, 0.002), CrestStream(sample_rate)
    for block in blocks_of(audio, SPLITS):
        envelope.update(block)
        crest.update(block)
    np.testing.assert_array_equal(envelope.result(), level_envelope(audio, sample_rate))
    assert crest.result() == pytest.approx(crest_factor_squared_smoothed(audio, sample_rate), rel=1e-12)


def write_song(
    folder: Path, rng: np.random.Generator, *, suffix: str = ".wav", other_rate: int = 44_100
) -> Path:
    """A mono vocal, a shorter stereo piano, and a bass of maybe another rate."""
    folder.mkdir()
    subtype = "VORBIS" if suffix == ".ogg" else "PCM_24"
    for name, channels, seconds, rate in (
        ("vocals", 1, 6.0, 44_100),
        ("piano", 2, 4.3, 44_100),
        ("bass", 2, 5.1, other_rate),
    ):
        audio = noise(rng, round(seconds * rate), channels)
        soundfile.write(folder / f"{name}{suffix}", audio, rate, subtype=subtype)
    return folder


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(
    ("suffix", "other_rate"),
    [(".wav", 44_100), (".flac", 44_100), (".ogg", 44_100), (".wav", 48_000), (".wav", 22_050)],
)
def test_a_song_on_the_disk_gives_the_mix_of_one_in_memory(
    tmp_path: Path, rng: np.random.Generator, suffix: str, other_rate: int
) -> None:
    folder = write_song(tmp_path / "song", rng, suffix=suffix, other_rate=other_rate)
    held, on_disk = load_stems(folder), load_stems(folder, hold_mib=0.0)
    assert held.in_memory
    assert not on_disk.in_memory
    assert on_disk.samples == held.samples
    for stem in held:
        there = np.asarray(on_disk[stem.name].audio)
        np.testing.assert_allclose(there, stem.audio, rtol=0, atol=1e-6)
    expected, got = mix(held), mix(on_disk)
    np.testing.assert_allclose(np.asarray(got.audio), expected.audio, rtol=0, atol=2e-6)
    assert got.loudness.integrated_lufs == pytest.approx(expected.loudness.integrated_lufs, abs=1e-3)
    if other_rate == 44_100:  # nothing is resampled: the stems are the same to the last bit
        assert got.plan.to_json() == expected.plan.to_json()
        np.testing.assert_array_equal(np.asarray(got.audio), expected.audio)
    report = got.save(tmp_path / "mix.wav", subtype="FLOAT")
    assert report.clipped_samples == 0
    written, _ = soundfile.read(tmp_path / "mix.wav", dtype="float32")
    np.testing.assert_array_equal(written, np.asarray(got.audio))


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_the_pedalboard_engine_renders_a_song_on_the_disk(tmp_path: Path, rng: np.random.Generator) -> None:
    pytest.importorskip("pedalboard")
    folder = write_song(tmp_path / "song", rng)
    held, on_disk = load_stems(folder), load_stems(folder, hold_mib=0.0)
    plan = starting_plan(held).replace_stem("piano", equalizer=BANDS)
    got = np.asarray(render(on_disk, plan, engine="pedalboard"))
    np.testing.assert_allclose(got, render(held, plan, engine="pedalboard"), rtol=0, atol=1e-6)


def test_temporary_audio_is_closed_without_a_warning(tmp_path: Path, rng: np.random.Generator) -> None:
    folder = write_song(tmp_path / "song", rng, suffix=".ogg")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        stems = load_stems(folder, hold_mib=0.0)
        del stems
        gc.collect()
    assert not [str(each.message) for each in caught if each.category is ResourceWarning]


def song(rng: np.random.Generator, seconds: float = 2.0, rate: int = 44_100) -> Stems:
    samples = round(seconds * rate)
    return Stems.from_arrays(
        {"vocals": noise(rng, samples, 1), "bass": noise(rng, samples), "piano": noise(rng, samples // 2)},
        rate,
    )


def with_sends(stems: Stems, *names: str, mute: bool = False) -> MixPlan:
    plan = starting_plan(stems).replace(reverbs=BUSES)
    for name in names:
        sends = (Send(to="room", level_db=-8.0), Send(to="hall", level_db=-14.0))
        plan = plan.replace_stem(name, sends=sends, mute=mute, gain_db=-2.0)
    return plan


def test_a_muted_stem_with_two_sends_leaves_no_tail(rng: np.random.Generator) -> None:
    stems = song(rng)
    plan = with_sends(stems, "bass", mute=True)
    plain = starting_plan(stems).replace_stem("bass", mute=True)
    np.testing.assert_array_equal(render(stems, plan), render(stems, plain))


@pytest.mark.parametrize("samples", [1, 2, 441, REVERB_BLOCK_SAMPLES, REVERB_BLOCK_SAMPLES + 1])
def test_stems_sum_to_the_mix_at_any_length_and_number_of_threads(
    rng: np.random.Generator, samples: int
) -> None:
    stems = Stems.from_arrays({"vocals": noise(rng, samples, 1), "bass": noise(rng, samples)}, 44_100)
    plan = with_sends(stems, "vocals")
    result = mix(stems, mix_plan=plan, threads=1)
    total = np.sum([result.stems[name] for name in stems.names], axis=0)
    np.testing.assert_allclose(result.audio, total, rtol=0, atol=1e-6)
    np.testing.assert_array_equal(result.audio, render(stems, plan, threads=4))


@pytest.mark.parametrize("step", [1000, 44_100, 200_001])
def test_a_sum_read_in_slices_that_overlap_and_go_back_is_the_sum(
    rng: np.random.Generator, step: int
) -> None:
    stems = song(rng, 8.0)
    plan = with_sends(stems, "vocals", "piano")
    renderer = Renderer(stems, load_engine("native"))
    sliced = SumAudio(renderer, plan, stems.names)
    whole = np.zeros((len(sliced), 2))
    for name in stems.names:
        audio = np.concatenate(list(StemInMix(renderer, plan, name)))
        whole[: len(audio)] += audio
    views = [(start, sliced[start : start + step + 500]) for start in range(0, len(sliced), step)]
    views += [(start, sliced[start : start + 10]) for start in (5, len(sliced) - 3, 0)]
    for start, view in views:  # compared only now: an earlier slice must not have been written over
        np.testing.assert_allclose(view, whole[start : start + len(view)], rtol=0, atol=1e-6)


@pytest.mark.parametrize("rate", [11_025, 44_100])
def test_a_session_foretells_the_loudness_of_the_rendered_sum(rng: np.random.Generator, rate: int) -> None:
    stems = song(rng, 4.0, rate)
    session = Session(stems, with_sends(stems, "vocals", "piano"))
    foretold = session.loudness(*stems.names)
    rendered = loudness.integrated_loudness(session.sum(stems.names), rate)
    assert foretold == pytest.approx(rendered, abs=0.01)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("window_samples", [1, 100, 5000])
def test_slices_in_any_order_equal_the_array(
    rng: np.random.Generator, window_samples: int, dtype: type[np.floating[Any]]
) -> None:
    rows = rng.standard_normal((3000, 7)).astype(dtype)
    scratch = Scratch(3000, 7, window_samples=window_samples, dtype=dtype)
    for start in (0, 1000, 2000):
        scratch.write(start, rows[start : start + 1000])
    for start, count in zip(rng.integers(0, 3000, 200), rng.integers(0, 400, 200), strict=True):
        np.testing.assert_array_equal(scratch[start : start + count], rows[start : start + count])
    scratch.write(500, rows[:10])
    np.testing.assert_array_equal(scratch[495:515], np.vstack([rows[495:500], rows[:10], rows[510:515]]))
    np.testing.assert_array_equal(np.asarray(scratch)[2000:], rows[2000:])


def test_a_window_is_read_by_several_threads_at_once(tmp_path: Path, rng: np.random.Generator) -> None:
    audio = noise(rng, 400_000)
    soundfile.write(tmp_path / "a.flac", audio, 44_100, subtype="PCM_24")
    file = FileAudio(tmp_path / "a.flac", 2, len(audio), len(audio) + 999, 1.0)
    scratch = Scratch(len(audio) + 999)
    scratch.write(0, audio)
    expected = np.pad(soundfile.read(tmp_path / "a.flac", dtype="float32")[0], ((0, 999), (0, 0)))
    starts = [int(start) for start in rng.integers(0, len(audio), 200)]
    with ThreadPoolExecutor(8) as pool:
        from_file = list(pool.map(lambda start: file[start : start + 30_000], starts))
        from_scratch = list(pool.map(lambda start: scratch[start : start + 30_000], starts))
    for start, one, other in zip(starts, from_file, from_scratch, strict=True):
        np.testing.assert_array_equal(one, expected[start : start + 30_000])
        np.testing.assert_allclose(other, expected[start : start + 30_000], rtol=0, atol=2**-23)
    scratch._temporary.close()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("threads", [1, 4])
def test_a_file_cut_short_meanwhile_is_named_from_a_worker(
    tmp_path: Path, rng: np.random.Generator, threads: int
) -> None:
    folder = write_song(tmp_path / "song", rng)
    stems = load_stems(folder, hold_mib=0.0)
    soundfile.write(folder / "piano.wav", noise(rng, 1000), 44_100, subtype="PCM_24")
    with pytest.raises(AudioFileError, match=r"piano\.wav"):
        mix(stems, threads=threads)


@pytest.mark.parametrize("measure", [True, False])
def test_what_the_sum_measures_is_the_same_then_and_later(rng: np.random.Generator, measure: bool) -> None:
    mixdown = Mixdown(
        Renderer(song(rng, 12.0), load_engine("native")), starting_plan(song(rng, 12.0)), measure=measure
    )
    found = loudness.measure(mixdown.total.read(0, mixdown.samples), 44_100)
    assert dataclasses.astuple(mixdown.loudness) == pytest.approx(dataclasses.astuple(found), rel=1e-12)
    assert mixdown.energies.energies.size


@pytest.fixture(scope="module")
def segmented_song() -> Stems:
    """Ten seconds: more short segments than a limiter has at work at once."""
    return song(np.random.default_rng(8), 10.0)


LIMITER = LimiterParams(ceiling_dbtp=-1.0, release_ms=10.0)  # a short release is heard for a short time


@pytest.mark.usefixtures("short_segments")
@pytest.mark.parametrize("threads", [1, 2, 3])
def test_a_mix_takes_the_place_of_the_sum_and_the_sum_comes_back(segmented_song: Stems, threads: int) -> None:
    renderer = Renderer(segmented_song, load_engine("native"), threads=threads)
    mixdown = Mixdown(renderer, starting_plan(segmented_song))
    total = mixdown.total.read(0, mixdown.samples).copy()
    peak_dbtp = mixdown.loudness.true_peak_dbtp
    limited = MasterPlan(gain_db=6.0 - peak_dbtp, limiter=LIMITER)
    assert len(LimiterSegments(44_100, LIMITER).plan(mixdown.samples)) >= 5
    before = mixdown.measured(limited)
    np.testing.assert_array_equal(mixdown.total.read(0, mixdown.samples), total)
    mixed = mixdown.finish(limited).read(0, mixdown.samples).copy()
    np.testing.assert_array_equal(
        mixed, limit(total * np.float32(db_to_gain(limited.gain_db)), 44_100, LIMITER)
    )
    found = loudness.measure(mixed, 44_100)
    assert mixdown.measured(limited) == before
    assert dataclasses.astuple(before) == pytest.approx(dataclasses.astuple(found), rel=1e-12)
    np.testing.assert_array_equal(mixdown.total.read(0, mixdown.samples), total)
    quieter = mixdown.finish(MasterPlan(gain_db=-6.0)).read(0, mixdown.samples)
    np.testing.assert_array_equal(quieter, total * np.float32(db_to_gain(-6.0)))


def test_what_was_finished_unmeasured_is_measured_where_it_is(rng: np.random.Generator) -> None:
    stems = song(rng, 12.0)
    mixdown = Mixdown(Renderer(stems, load_engine("native")), starting_plan(stems), measure=False)
    mixed = mixdown.finish(MasterPlan(gain_db=-3.0), measure=False).read(0, mixdown.samples)
    before = mixed.copy()
    found = loudness.measure(before, 44_100)
    measured = mixdown.measured(MasterPlan(gain_db=-3.0))
    assert dataclasses.astuple(measured) == pytest.approx(dataclasses.astuple(found), rel=1e-12)
    np.testing.assert_array_equal(mixed, before)


@pytest.mark.usefixtures("short_segments")
@pytest.mark.parametrize("threads", [1, 2])
def test_a_limiter_that_fails_midway_loses_nothing(segmented_song: Stems, threads: int) -> None:
    renderer = Renderer(segmented_song, load_engine("native"), threads=threads)
    mixdown = Mixdown(renderer, starting_plan(segmented_song))
    limited = MasterPlan(gain_db=12.0, limiter=LIMITER)
    before = mixdown.finish(limited).read(0, mixdown.samples).copy()
    mixdown = Mixdown(renderer, starting_plan(segmented_song))
    real, calls = LimiterSegments.process, itertools.count()

    def failing(self: LimiterSegments, audio: Samples, start: int, stop: int) -> Samples:
        if next(calls) == 4:
            raise MemoryError
        return real(self, audio, start, stop)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(LimiterSegments, "process", failing)
        with pytest.raises(MemoryError):
            mixdown.finish(limited)
    np.testing.assert_array_equal(mixdown.finish(limited).read(0, mixdown.samples), before)


def test_a_master_that_fails_loses_nothing(rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mixrules.engine.mixdown, "_MASTER_SAMPLES", 1 << 16)
    stems = song(rng, 12.0)
    mixdown = Mixdown(Renderer(stems, load_engine("native")), starting_plan(stems))
    before = mixdown.finish(MasterPlan()).read(0, mixdown.samples).copy()
    real, calls = loudness.LoudnessMeter.update, itertools.count()

    def failing(self: loudness.LoudnessMeter, audio: Samples) -> None:
        if next(calls) == 2:
            raise MemoryError
        real(self, audio)

    monkeypatch.setattr(loudness.LoudnessMeter, "update", failing)
    with pytest.raises(MemoryError):
        mixdown.finish(MasterPlan(gain_db=-20.0))
    monkeypatch.undo()
    np.testing.assert_array_equal(mixdown.finish(MasterPlan()).read(0, mixdown.samples), before)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("work", [stems_hash, choose_excerpt], ids=["compare", "stimuli"])
def test_who_compares_or_cuts_takes_a_song_on_the_disk(
    tmp_path: Path, rng: np.random.Generator, work: Callable[..., object]
) -> None:
    folder = tmp_path / "song"
    folder.mkdir()
    for name, channels in (("vocals", 1), ("bass", 2)):
        soundfile.write(folder / f"{name}.wav", noise(rng, 25 * 44_100, channels), 44_100, subtype="PCM_24")
    assert work(load_stems(folder, hold_mib=0.0)) == work(load_stems(folder))


@pytest.mark.parametrize("taps", [3000, 40_000])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("block_segments", [(1, 1, 1, 1), (3, 1), (4,)])
def test_the_blocks_of_a_convolver_change_nothing(
    taps: int, dtype: type[np.floating[Any]], block_segments: tuple[int, ...]
) -> None:
    from mixrules.processors.convolver import PARTITION_SAMPLES, Convolver, Response

    rng = np.random.default_rng(3)
    response = Response(rng.standard_normal((taps, 2)) / np.sqrt(taps), dtype)
    signal = rng.standard_normal(3 * PARTITION_SAMPLES + 777).astype(dtype)
    convolver, start, parts = Convolver(response), 0, [Convolver(response).process(signal[:0, np.newaxis])]
    for count in block_segments:
        parts.append(convolver.process(signal[start : start + count * PARTITION_SAMPLES, np.newaxis]))
        start += count * PARTITION_SAMPLES
    with pytest.raises(ParameterError, match="must be the last"):
        convolver.process(signal[:10, np.newaxis])
    wet = np.concatenate(parts)
    rng = np.random.default_rng(3)
    exact = scipy.signal.fftconvolve(
        signal[:, np.newaxis], rng.standard_normal((taps, 2)) / np.sqrt(taps), axes=0
    )
    np.testing.assert_allclose(wet, exact[: len(signal)], atol=2e-5 if dtype is np.float32 else 1e-11)


@pytest.mark.parametrize("rate", [8000, 44_100, 192_000])
def test_a_room_and_filters_are_one_response(rng: np.random.Generator, rate: int) -> None:
    room = ReverbParams(t60_s=0.6)
    audio = noise(rng, 2 * rate)
    weighted = ReverbStream(rate, room, after=loudness.k_weighting(rate).sections)
    expected = reverberate(audio, rate, room).astype(np.float64)
    for b0, b1, b2, a1, a2 in loudness.k_weighting(rate).sections:
        expected = scipy.signal.lfilter([b0, b1, b2], [1.0, a1, a2], expected, axis=0)
    padded = np.concatenate([audio, np.zeros((weighted.tail_samples, audio.shape[1]), audio.dtype)])
    blocks = [
        weighted.process(padded[start : start + REVERB_BLOCK_SAMPLES])
        for start in range(0, len(padded), REVERB_BLOCK_SAMPLES)
    ]
    np.testing.assert_allclose(np.concatenate(blocks), expected, atol=2e-6 * np.abs(expected).max())


def test_streams_take_blocks_of_any_layout(rng: np.random.Generator) -> None:
    audio = noise(rng, 40_000)
    params = CompressorParams(threshold_db=-30.0)
    limits = LimiterParams(ceiling_dbtp=-12.0)
    room = ReverbParams(t60_s=0.3)
    equalizer = EqualizerParams(bands=(EqBand(frequency_hz=1000.0, gain_db=3.0),))

    def energies_of(each: Samples) -> Samples:
        stream = EnergyStream(44_100, np.ones(2))
        stream.update(each)
        return stream.block_energies().energies.astype(np.float32)

    streams: tuple[Callable[[Samples], Samples], ...] = (
        lambda each: CompressorStream(44_100, params).process(each, each[:, :1]),
        lambda each: ReverbStream(44_100, room).process(each),
        lambda each: LimiterSegments(44_100, limits).process(each, 100, 39_000),
        lambda each: EqualizerStream(44_100, 2, equalizer).process(each),
        lambda each: energies_of(each),
    )
    for block in (np.asfortranarray(audio), np.repeat(audio, 2, axis=0)[::2], np.tile(audio, 2)[:, :2]):
        assert not block.flags.c_contiguous
        for made in streams:
            np.testing.assert_array_equal(made(block), made(audio))
        cross = [CrossEnergyStream(44_100, ["a"], 40_000, 40_000) for _ in range(2)]
        for stream, each in zip(cross, (block, audio), strict=True):
            stream.add("a", each, 40_000)
            stream.next_block()
            stream.accumulate(40_000)
        one, other = (stream.result({"a": 40_000}).of({"a": 1.0}) for stream in cross)
        np.testing.assert_array_equal(one.energies, other.energies)


@pytest.mark.parametrize("wrong", ["one channel too many", "one dimension", "integers"])
def test_streams_refuse_blocks_of_another_shape_or_type(rng: np.random.Generator, wrong: str) -> None:
    audio = noise(rng, 5000)
    block: Any = {
        "one channel too many": np.tile(audio, 2)[:, :3],
        "one dimension": audio[:, 0],
        "integers": np.zeros((5000, 2), np.int32),
    }[wrong]
    equalizer = EqualizerParams(bands=(EqBand(frequency_hz=1000.0, gain_db=3.0),))
    compressor = CompressorStream(44_100, CompressorParams())
    for take in (
        EqualizerStream(44_100, 2, equalizer).process,
        EnergyStream(44_100, np.ones(2)).update,
        PeakStream(44_100, 2).update,
        lambda each: compressor.process(audio, each[:10]),
    ):
        with pytest.raises(AudioError, match="block"):
            take(block)
