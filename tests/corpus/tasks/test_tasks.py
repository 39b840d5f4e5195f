from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
import scipy.signal
from task_signals import noise_song, samples_of, signals_of

from mixrules.corpus.tasks.eq import CENTERS_HZ, octave_equalizer
from mixrules.corpus.tasks.mel_blocks import mel_filters
from mixrules.corpus.tasks.reverb import RANGES, added_reverb
from mixrules.corpus.tasks.settings import DatasetSettings, make_task

SNIPPET = 65_536
Floats = npt.NDArray[np.float64]


def band_change_db(before: npt.NDArray[np.float32], after: npt.NDArray[np.float32]) -> Floats:
    """Return by how much the vocal's mel bands differ, over all blocks."""
    powers = [mels[:, 1].sum(axis=(0, 2), dtype=np.float64) for mels in (before, after)]
    return np.asarray(10 * np.log10(powers[1] / powers[0]))


def peaking_power(gains_db: Floats) -> Floats:
    """The cookbook's peaking filters one octave wide, from their formulas: power at the bins of the FFT."""
    power = np.ones(1025)
    for center, gain_db in zip(63.0 * 2.0 ** np.arange(9) * 1000 / 1008, gains_db, strict=True):
        nominal = [63, 125, 250, 500, 1000, 2000, 4000, 8000, 16_000][round(np.log2(center / 62.5))]
        omega, amplitude = 2 * np.pi * nominal / 44_100, 10 ** (gain_db / 40)
        alpha = np.sin(omega) / (2 * np.sqrt(2))
        b = [1 + alpha * amplitude, -2 * np.cos(omega), 1 - alpha * amplitude]
        a = [1 + alpha / amplitude, -2 * np.cos(omega), 1 - alpha / amplitude]
        _, response = scipy.signal.freqz(b, a, worN=np.arange(1025) * np.pi / 1024)
        power *= np.abs(response) ** 2
    return power


def test_eq_changes_the_vocal_by_the_gains_it_asks_for(rng: np.random.Generator) -> None:
    signals = noise_song(rng, 8)
    plain, _, _ = samples_of(signals, task="level")
    mels, targets, _ = samples_of(signals, task="eq", seed=3)
    assert (targets == targets[0]).all()
    assert np.count_nonzero(targets[0]) == 4
    assert np.all(np.abs(targets) <= 15.0)
    np.testing.assert_array_equal(mels[:, 0], plain[:, 0])
    power = plain[:, 1].sum(axis=(0, 2))
    expected = 10 * np.log10(mel_filters() @ peaking_power(targets[0]) / mel_filters().sum(axis=1))
    # Where a narrow band of noise is measured, chance is left.
    loud = power > 1e-3 * power.max()
    np.testing.assert_allclose(band_change_db(plain, mels)[loud], expected[loud], atol=0.7)


@pytest.mark.parametrize(("octave", "raised_db"), [(4, 9.6), (7, 9.0), (8, 6.5)])
def test_a_gain_of_12_db_raises_the_power_of_its_octave_by_less_at_the_top(
    octave: int, raised_db: float
) -> None:
    impulse = np.zeros((1 << 16, 1), np.float32)
    impulse[0] = 1.0
    gains_db = [12.0 * (number == octave) for number in range(9)]
    response = octave_equalizer(gains_db, 1).process(impulse)[:, 0].astype(np.float64)
    power = np.abs(np.fft.rfft(response)) ** 2
    frequency_hz = np.fft.rfftfreq(len(response), 1 / 44_100)
    center_hz = CENTERS_HZ[octave]
    inside = (frequency_hz > center_hz / np.sqrt(2)) & (frequency_hz < center_hz * np.sqrt(2))
    assert 10 * np.log10(power[np.argmin(np.abs(frequency_hz - center_hz))]) == pytest.approx(12.0, abs=0.01)
    # docs/task-data.md says these
    assert 10 * np.log10(power[inside].mean()) == pytest.approx(raised_db, abs=0.06)


def test_reverb_draws_within_its_ranges() -> None:
    task = make_task(DatasetSettings(task="reverb"))
    names = [output.name for output in task.outputs]
    drawn = [task.draw(np.random.default_rng(seed), 1).target for seed in range(3)]
    for target in drawn:
        assert target is not None
        assert all(
            RANGES[name][0] <= value <= RANGES[name][1] for name, value in zip(names, target, strict=True)
        )


@pytest.mark.parametrize("channels", [1, 2])
def test_the_added_reverb_has_the_energy_and_the_decay_that_it_says(channels: int) -> None:
    impulse = np.zeros((1 << 19, channels), np.float32)
    impulse[0] = 1.0
    values = {"t60_s": 1.5, "pre_delay_ms": 50.0, "wet_db": -6.0}
    # A mel block is of the mean of the channels.
    wet = added_reverb(values).process(impulse).mean(axis=1, dtype=np.float64)
    assert wet[0] == pytest.approx(1.0, abs=1e-3)
    assert np.max(np.abs(wet[1:2200])) < 1e-6
    assert 10 * np.log10(np.sum(wet[1:] ** 2)) == pytest.approx(-6.0, abs=0.2)
    decay_db = 10 * np.log10(np.cumsum(wet[:0:-1] ** 2)[::-1] + 1e-30)
    decay_db -= decay_db[0]
    five, thirty_five = (int(np.argmax(decay_db < level)) for level in (-5.0, -35.0))
    assert 2 * (thirty_five - five) / 44_100 == pytest.approx(1.5, rel=0.05)


def test_the_vocal_of_toy_level_lies_by_its_target_from_the_backing(rng: np.random.Generator) -> None:
    noise = 0.1 * rng.standard_normal(4 * SNIPPET)
    # The same noise twice: the difference of the levels is that of the mel blocks, in every band.
    mels, targets, found = samples_of(signals_of(0.03 * noise, noise), task="toy-level", seed=2)
    assert len(set(targets[:, 0])) == 4
    assert np.all(np.abs(targets) <= 10.0)
    for mel, target, row in zip(mels, targets[:, 0], found.rows, strict=True):
        np.testing.assert_allclose(10 * np.log10(mel[1] / mel[0]), target, atol=0.01)
        assert row["vocal_lufs"] - row["backing_lufs"] == pytest.approx(target, abs=0.01)


def test_the_answer_to_toy_level_is_in_the_block_of_any_vocal(rng: np.random.Generator) -> None:
    signals = noise_song(rng, 3)
    vocal, backing = signals.read(0, signals.samples)
    mels, targets, _ = samples_of(
        signals_of(vocal * (rng.random(vocal.shape) < 0.2), backing), task="toy-level"
    )
    powers = mels.sum(axis=(2, 3), dtype=np.float64)
    np.testing.assert_allclose(10 * np.log10(powers[:, 1] / powers[:, 0]), targets[:, 0], atol=1e-4)


def test_toy_eq_changes_one_octave_of_noise_in_place_of_the_vocal(rng: np.random.Generator) -> None:
    signals = noise_song(rng, 4)
    silent = signals_of(np.zeros(4 * SNIPPET), signals.read(0, signals.samples)[1])
    mels, targets, _ = samples_of(silent, task="toy-eq", seed=1)
    assert mels.shape[0] == 4
    assert (np.count_nonzero(targets, axis=1) == 1).all()
    for mel, target in zip(mels, targets, strict=True):
        measured = 10 * np.log10(mel[1].sum(axis=1) / mel_filters().sum(axis=1))
        expected = 10 * np.log10(mel_filters() @ peaking_power(target) / mel_filters().sum(axis=1))
        away = measured - expected
        assert np.std(away) < 0.6


@pytest.mark.parametrize(("task", "better_than"), [("toy-level", 0.35), ("toy-eq", 0.35)])
def test_the_toys_can_be_learned_by_a_ridge_regression(
    rng: np.random.Generator, task: str, better_than: float
) -> None:
    features, targets = [], []
    for song, (slope, snippets) in {"a": (0.5, 32), "b": (0.9, 32), "test": (0.7, 12)}.items():
        backing, vocal = rng.standard_normal((2, snippets * SNIPPET))
        backing = scipy.signal.lfilter([1.0], [1.0, -slope], backing)
        vocal = scipy.signal.lfilter([1.0], [1.0, slope - 0.3], vocal)
        mels, own, _ = samples_of(signals_of(0.05 * vocal, 0.05 * backing), song=song, task=task)
        features.append(10 * np.log10(mels.mean(axis=3)).reshape(len(mels), -1))
        targets.append(own)
    known, answers = np.concatenate(features[:2]), np.concatenate(targets[:2])
    center, mean = known.mean(axis=0), answers.mean(axis=0)
    inner = (known - center) @ (known - center).T
    weights = np.linalg.solve(inner + 10.0 * np.eye(len(inner)), answers - mean)
    predicted = (features[2] - center) @ (known - center).T @ weights + mean
    error = np.sqrt(np.mean((predicted - targets[2]) ** 2))
    constant = np.sqrt(np.mean((mean - targets[2]) ** 2))
    assert error < better_than * constant
