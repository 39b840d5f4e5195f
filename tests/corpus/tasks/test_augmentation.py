from __future__ import annotations

import random

import numpy as np
import pytest
from task_signals import noise_song, samples_of, signals_of

from mixrules.corpus.tasks.augmentation import AUGMENTATIONS, SEGMENT_SAMPLES, Augmentation
from mixrules.corpus.tasks.mel_blocks import mel_filters
from mixrules.corpus.tasks.settings import DatasetSettings
from mixrules.corpus.tasks.song_signals import SongSignals
from mixrules.loudness import integrated_loudness

SNIPPET = 65_536


def changed(names: tuple[str, ...], signals: SongSignals, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Return the whole vocal and backing after augmentation."""
    augmentation = Augmentation(names, (seed, "song", 1), signals.channels)
    vocals, backings = [], []
    for vocal, backing in augmentation.segments(signals):
        for stage in (*augmentation.vocal_stages, *augmentation.vocal_last):
            vocal = stage.process(vocal)
        for stage in (*augmentation.backing_stages, *augmentation.backing_last):
            backing = stage.process(backing)
        vocals.append(vocal)
        backings.append(backing)
    return np.concatenate(vocals), np.concatenate(backings)


def test_a_gain_moves_the_level_by_as_much(rng: np.random.Generator) -> None:
    signals = noise_song(rng, 9)
    vocal, backing = changed(("gain",), signals)
    plain = signals.read(0, signals.samples)
    gains_db = [20 * np.log10(np.std(a) / np.std(b)) for a, b in zip((vocal, backing), plain, strict=True)]
    assert all(abs(gain) <= 6.0 for gain in gains_db)
    for before, after in zip(plain, (vocal, backing), strict=True):
        # Through the border of segments, too.
        np.testing.assert_allclose(after, before * (np.std(after) / np.std(before)), rtol=1e-4, atol=1e-6)
    _, targets, found = samples_of(signals, task="level", augment=("gain",), copies=2)
    copies = np.array([row["copy"] for row in found.rows])
    blocks = [targets[copies == copy, 0] for copy in range(3)]
    for copy in (1, 2):
        moved = blocks[copy] - blocks[0]
        assert np.ptp(moved) < 1e-3
        assert abs(moved[0]) > 0.05


def test_loudness_is_measured_after_the_change_and_not_assumed(rng: np.random.Generator) -> None:
    signals = noise_song(rng, 4)
    augmentation = Augmentation(("eq", "distortion"), (0, "song", 1, "augmentation"), 1)
    vocal, backing = map(np.concatenate, zip(*augmentation.segments(signals), strict=True))
    expected = integrated_loudness(vocal, 44_100) - integrated_loudness(backing, 44_100)
    _, targets, found = samples_of(
        signals, task="level", target="song", augment=("eq", "distortion"), copies=1
    )
    copies = np.array([row["copy"] for row in found.rows])
    np.testing.assert_allclose(targets[copies == 1, 0], expected, atol=1e-3)


@pytest.mark.parametrize("name", AUGMENTATIONS)
def test_every_change_keeps_length_and_is_decided_by_the_seed_alone(
    name: str, rng: np.random.Generator
) -> None:
    signals = noise_song(rng, 1, channels=2)
    random.seed(5)
    np.random.seed(5)  # noqa: NPY002
    before = random.getstate(), str(np.random.get_state())  # noqa: NPY002
    vocal, backing = changed((name,), signals)
    after = random.getstate(), str(np.random.get_state())  # noqa: NPY002
    assert after == before
    random.seed(6)
    again = changed((name,), signals)
    np.testing.assert_array_equal(vocal, again[0])
    np.testing.assert_array_equal(backing, again[1])
    plain = signals.read(0, signals.samples)
    assert vocal.shape == plain[0].shape
    assert np.isfinite(vocal).all()
    others = [changed((name,), signals, seed) for seed in range(2, 8 if name == "polarity" else 3)]
    assert any(not np.array_equal(vocal, other[0]) for other in others)
    both = [(vocal, backing), *others]
    changes = [
        any(not np.array_equal(each[number], plain[number]) for each in both) for number in range(len(plain))
    ]
    assert changes == [True, name != "compression"]


def test_a_song_as_it_is_is_read_bit_for_bit(rng: np.random.Generator) -> None:
    signals = noise_song(rng, 9, channels=2)  # a segment is 8
    for names in ((), ("compression",)):
        augmentation = Augmentation(names, (0, "song", 1), 2)
        parts = zip(*augmentation.segments(signals), strict=True)
        for read, plain in zip(map(np.concatenate, parts), signals.read(0, signals.samples), strict=True):
            np.testing.assert_array_equal(read, plain)


def test_the_order_in_which_changes_are_named_does_not_matter(rng: np.random.Generator) -> None:
    signals = noise_song(rng, 1)
    names = ("noise", "distortion", "reverb", "eq", "gain", "compression")
    first, again = (
        samples_of(signals, task="level", augment=order, copies=1) for order in (names, names[::-1])
    )
    assert first[0].tobytes() == again[0].tobytes()
    np.testing.assert_array_equal(first[1], again[1])
    settings = DatasetSettings(task="level", augment=names, copies=1)
    assert settings == DatasetSettings(task="level", augment=names[::-1], copies=1)
    assert settings.augment == tuple(name for name in AUGMENTATIONS if name in names)


def test_noise_does_not_go_through_the_equaliser_whose_gains_are_to_be_found(
    rng: np.random.Generator,
) -> None:
    """Away from a sine there is nothing but the noise: were it equalised, it would show the gains."""
    seconds = np.arange(4 * SNIPPET) / 44_100
    sine = 0.3 * np.sin(2 * np.pi * 1000 * seconds)
    signals = signals_of(sine, 0.1 * rng.standard_normal(len(sine)))
    mels, _, found = samples_of(signals, task="eq", augment=("noise",), copies=1, seed=3)
    copied = mels[[row["copy"] == 1 for row in found.rows], 1, :, 1:].mean(axis=(0, 2), dtype=np.float64)
    noise_db = 10 * np.log10(copied / mel_filters().sum(axis=1))
    edges_hz = 700 * (10 ** (np.arange(130) * np.log10(1 + 22_050 / 700) / 129) - 1)
    away = (edges_hz[2:] < 700) | (edges_hz[:-2] > 1400)
    assert np.std(noise_db[away & (edges_hz[:-2] > 60)]) < 0.7


def test_pitch_is_shifted_alike_in_both_and_stays_in_time() -> None:
    seconds = np.arange(10 * SNIPPET) / 44_100
    gate = (seconds % 1.0 < 0.5).astype(np.float32)
    tone = (0.3 * np.sin(2 * np.pi * 440 * seconds) * gate).astype(np.float32)
    vocal, backing = changed(("pitch",), signals_of(tone, 0.5 * tone), seed=2)
    peaks = [np.argmax(np.abs(np.fft.rfft(audio[:, 0]))) * 44_100 / len(tone) for audio in (vocal, backing)]
    assert peaks[0] == pytest.approx(peaks[1], rel=1e-3)
    shift = 12 * np.log2(peaks[0] / 440)
    assert 0.1 < abs(shift) <= 2.0
    envelopes = [
        np.convolve(np.abs(audio), np.ones(441) / 441, "same")[::64] for audio in (tone, vocal[:, 0])
    ]
    lags = np.arange(-30, 31)
    likeness = [np.dot(envelopes[0][50:-50], np.roll(envelopes[1], lag)[50:-50]) for lag in lags]
    assert abs(lags[int(np.argmax(likeness))] * 64 / 44_100) < 0.02


def test_one_segment_fades_into_the_next_without_a_click() -> None:
    seconds = np.arange(10 * SNIPPET) / 44_100
    tone = (0.3 * np.sin(2 * np.pi * 200 * seconds)).astype(np.float32)
    vocal, _ = changed(("distortion", "eq"), signals_of(tone, tone))
    steps = np.abs(np.diff(vocal[:, 0], n=2))
    border = steps[SEGMENT_SAMPLES - 4096 : SEGMENT_SAMPLES + 4096].max()
    assert border <= 1.05 * steps[SNIPPET : 2 * SNIPPET].max()


def test_copies_hold_the_snippets_of_the_song_and_no_silent_ones(rng: np.random.Generator) -> None:
    signals = noise_song(rng, 3)
    vocal, backing = signals.read(0, signals.samples)
    vocal[SNIPPET : 2 * SNIPPET] = 0.0
    mels, _, found = samples_of(signals_of(vocal, backing), task="level", augment=("noise",), copies=1)
    assert [(row["copy"], row["block"]) for row in found.rows] == [(0, 0), (0, 2), (1, 0), (1, 2)]
    assert found.left_out["vocal silent"] == 2
    assert not np.array_equal(mels[0], mels[2])
