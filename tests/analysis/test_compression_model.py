from collections.abc import Callable
from typing import Any

import naive_analysis
import numpy as np
import numpy.typing as npt
import pytest

from analysis.synth import RATE, noise, read, sine, speech_like, voiced
from mixrules.analysis import level_envelope, predict_compression
from mixrules.errors import ParameterError
from mixrules.loudness import block_energies, integrated_from_energies, loudness_range_from_energies
from mixrules.processors import CompressorParams, compress

Array = npt.NDArray[Any]

SETTINGS = [
    CompressorParams(threshold_db=-20, ratio=3, attack_ms=30, release_ms=150, knee_db=0),
    CompressorParams(threshold_db=-30, ratio=4, attack_ms=30, release_ms=150, knee_db=6, makeup_db=5),
    CompressorParams(threshold_db=-40, ratio=6, attack_ms=30, release_ms=150, knee_db=6),
    CompressorParams(threshold_db=-25, ratio=4, attack_ms=10, release_ms=100, knee_db=6),
    CompressorParams(threshold_db=-25, ratio=4, attack_ms=10, release_ms=300, knee_db=10),
]


def predicted_and_real(audio: Array, rate: int, params: CompressorParams) -> list[tuple[float, float]]:
    """Loudness range and integrated loudness, predicted and from the compressed audio."""
    found = predict_compression(level_envelope(audio, rate), block_energies(audio, rate), params)
    real = block_energies(compress(audio, rate, params), rate)
    return [(loudness_range_from_energies(e), integrated_from_energies(e)) for e in (found, real)]


@pytest.mark.parametrize("params", SETTINGS, ids=range(len(SETTINGS)))
@pytest.mark.parametrize("make", [speech_like, voiced])
@pytest.mark.parametrize("rate", [22050, 48000])
def test_prediction_meets_reality_on_synthetic_voices(
    params: CompressorParams, make: Callable[..., Array], rate: int
) -> None:
    found, real = predicted_and_real(make(rate=rate), rate, params)
    assert found[0] == pytest.approx(real[0], abs=0.2)
    assert found[1] == pytest.approx(real[1], abs=0.2)


@pytest.mark.parametrize("params", SETTINGS[:3], ids=range(3))
@pytest.mark.parametrize(
    "song", ["sek_caesium", "sek_hydrogen", "sek_potassium_multi", "sek_sodium", "sek_rubidium"]
)
def test_prediction_meets_reality_on_real_vocals(song: str, params: CompressorParams) -> None:
    audio, rate = read(song, "vocals.flac")
    audio = audio * (10 ** (-1 / 20) / np.abs(audio).max())
    found, real = predicted_and_real(audio, rate, params)
    assert found[0] == pytest.approx(real[0], abs=0.2)
    assert found[1] == pytest.approx(real[1], abs=0.2)


def test_prediction_follows_the_gain_in_time() -> None:
    audio = np.concatenate((0.05 * sine(500, 1.0), 0.8 * sine(500, 1.0), 0.05 * sine(500, 1.0)))
    params = SETTINGS[0]
    before = block_energies(audio, RATE)
    after = predict_compression(level_envelope(audio, RATE), before, params)
    naive = naive_analysis.compressor_gain_db(audio, RATE, -20, 3, 30, 150)
    real_db = naive.reshape(300, -1).mean(axis=1)
    real = (before.energies * 10 ** (real_db / 10)).reshape(30, 10).mean(axis=1)
    assert np.abs(10 * np.log10(after.energies / real)).max() < 0.5
    assert after.energies[-2:] == pytest.approx(real[-2:], rel=0.02)


def test_below_the_threshold_only_the_makeup_is_heard() -> None:
    audio = noise(2.0, 0.001)
    before = block_energies(audio, RATE)
    after = predict_compression(
        level_envelope(audio, RATE), before, CompressorParams(threshold_db=-20, makeup_db=3)
    )
    in_100_ms = block_energies(audio, RATE, hop_s=0.1)
    assert after.energies == pytest.approx(in_100_ms.energies * 10**0.3)
    assert np.array_equal(after.boundaries, in_100_ms.boundaries)


@pytest.mark.parametrize("samples", [1, 50, 441, 442, 4410])
def test_short_and_silent_signals(samples: int) -> None:
    for audio in (noise(1.0)[:samples], np.zeros((samples, 2), np.float32)):
        energies = block_energies(audio, RATE)
        after = predict_compression(level_envelope(audio, RATE), energies, SETTINGS[0])
        assert np.isfinite(after.energies).all()
        in_100_ms = block_energies(audio, RATE, hop_s=0.1)
        assert np.array_equal(after.boundaries, in_100_ms.boundaries)
        assert (after.energies <= in_100_ms.energies * (1 + 1e-6)).all()


def test_instant_times_and_an_envelope_that_does_not_fit() -> None:
    audio = noise(1.0)
    energies, envelope = block_energies(audio, RATE), level_envelope(audio, RATE)
    instant = CompressorParams(threshold_db=-30, ratio=4, attack_ms=0, release_ms=0, knee_db=0)
    assert np.isfinite(predict_compression(envelope, energies, instant).energies).all()
    with pytest.raises(ParameterError, match="envelope must hold"):
        predict_compression(envelope[:-5], energies, instant)
