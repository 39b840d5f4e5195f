"""Every measure on a case whose answer is known, or that something else measures too."""

from __future__ import annotations

import math

import librosa
import numpy as np
import numpy.typing as npt
import pytest
from scipy.stats import wasserstein_distance
from synthetic import noise

from mixrules.errors import ParameterError
from mixrules.evaluation import DEFAULT_GROUPS, GROUPS, MEASURES, Rendition, evaluate
from mixrules.evaluation.measures.loudness_dynamics import wasserstein
from mixrules.evaluation.measures.mel import log_mel_db
from mixrules.evaluation.measures.reverberation import free_decay_s

RATE = 44_100
Audio = npt.NDArray[np.float32]


def stereo(seconds: float, *, seed: int = 0, gain: float = 1.0) -> Audio:
    sides = [noise(seconds, 30, 18_000, rate=RATE, seed=2 * seed + side) for side in (0, 1)]
    return (gain * np.stack(sides, axis=1)).astype(np.float32)


def band(seconds: float = 4.0, **gains_db: float) -> Rendition:
    stems = {
        "vocals": noise(seconds, 300, 4000, rate=RATE, seed=1),
        "bass": noise(seconds, 40, 150, rate=RATE, seed=2),
        "keys": noise(seconds, 200, 8000, rate=RATE, seed=3),
    }
    placed = {
        name: (stem * 10.0 ** (gains_db.get(name, 0.0) / 20.0)).astype(np.float32)[:, None]
        for name, stem in stems.items()
    }
    return Rendition(np.sum(list(placed.values()), axis=0), RATE, placed, ("vocals",))


def of(candidate: Rendition, reference: Rendition, group: str) -> dict[str, float]:
    return evaluate(candidate, reference, groups=[group])


def test_every_measure_is_declared_once_and_made_by_its_group() -> None:
    declared = [measure.name for group in GROUPS.values() for measure in group.measures]
    assert len(declared) == len(set(declared)) == len(MEASURES)
    one, other = band(), band(vocals=3.0)
    for name in DEFAULT_GROUPS:
        found = GROUPS[name].function(one, other)
        assert set(found) == {measure.name for measure in GROUPS[name].measures}


def test_a_mix_is_at_no_distance_from_itself_and_every_value_is_in_its_range() -> None:
    mix, other = band(), band(bass=-6.0, keys=4.0)
    for name, value in evaluate(mix, mix).items():
        if name.endswith(("_mape", "_loss")) or "error" in name or "distance" in name:
            assert value == pytest.approx(0.0, abs=1e-6) or math.isnan(value), name
    for name, value in evaluate(mix, other).items():
        assert math.isnan(value) or MEASURES[name].low <= value <= MEASURES[name].high, name


def test_balance_of_gains_that_are_known() -> None:
    found = of(band(vocals=3.0, bass=-3.0), band(), "balance")
    assert found["stem_balance_error_lu"] == pytest.approx(2.0, abs=0.01)
    raised = of(band(vocals=4.0), band(), "balance")
    assert raised["vocal_to_backing_error_lu"] == pytest.approx(4.0, abs=0.01)
    assert raised["vocal_to_backing_error_snippets_lu"] == pytest.approx(4.0, abs=0.01)
    lowered = of(band(vocals=-4.0), band(), "balance")
    assert lowered["vocal_to_backing_difference_lu"] == pytest.approx(-4.0, abs=0.01)


def test_without_stems_what_needs_them_is_not_defined() -> None:
    mix = band()
    found = evaluate(Rendition(mix.audio, RATE), mix)
    for name, measure in MEASURES.items():
        if measure.needs_stems and name in found:
            assert math.isnan(found[name]), name


def test_one_octave_raised_by_nine_decibels() -> None:
    octave = noise(4.0, 1000 / 2**0.5, 1000 * 2**0.5, rate=RATE, seed=5)
    rest = noise(4.0, 45, 20_000, rate=RATE, seed=6)
    spectrum = np.fft.rfft(rest)
    hz = np.fft.rfftfreq(len(rest), 1 / RATE)
    spectrum[(hz >= 1000 / 2**0.5) & (hz < 1000 * 2**0.5)] = 0.0
    rest = np.fft.irfft(spectrum, len(rest)).astype(np.float32)
    quiet, loud = (rest + octave * g for g in (0.2, 0.2 * 10 ** (9 / 20)))
    found = of(Rendition(loud, RATE), Rendition(quiet, RATE), "spectrum")
    # One band is 8 dB from the mean of the differences, eight are 1 dB from it.
    assert found["octave_spectrum_distance_db"] == pytest.approx(16 / 9, abs=0.02)
    assert found["octave_spectrum_distance_snippets_db"] == pytest.approx(16 / 9, abs=0.05)


def test_a_gain_is_no_distance_of_spectra_or_of_dynamics() -> None:
    audio = stereo(4.0)
    one, other = Rendition(audio, RATE), Rendition(audio * np.float32(0.25), RATE)
    found = of(one, other, "spectrum") | of(one, other, "dynamics") | of(one, other, "diff_mst")
    assert found.pop("integrated_loudness_error_lu") == pytest.approx(12.04, abs=0.01)
    assert all(value == pytest.approx(0.0, abs=1e-3) for value in found.values())


def test_log_mel_levels_are_those_of_librosa() -> None:
    audio = stereo(2.0)
    powers = librosa.feature.melspectrogram(
        y=audio.mean(axis=1), sr=RATE, n_fft=4096, hop_length=2048, n_mels=128, center=False, norm=None
    )
    # A sine of amplitude 1 has the power (sum of the window / 2)^2 in its bin.
    theirs = librosa.power_to_db(powers, ref=1024.0**2, amin=1e-10 * 1024.0**2, top_db=None)
    np.testing.assert_allclose(log_mel_db(audio, RATE), theirs.T, atol=2e-3)
    tone = np.sin(2 * np.pi * 1000 / RATE * np.arange(RATE)).astype(np.float32)[:, None]
    assert log_mel_db(tone, RATE).max() == pytest.approx(0.0, abs=2.0)
    assert log_mel_db(0.0 * tone, RATE).max() == -100.0


def test_width_of_known_sides() -> None:
    mid, side = (noise(2.0, 100, 8000, rate=RATE, seed=seed) for seed in (1, 2))
    mixes = [
        Rendition(np.stack([mid + g * side, mid - g * side], axis=1), RATE)
        for g in (0.5, 0.5 * 10 ** (-7 / 20))
    ]
    assert of(mixes[0], mixes[1], "width")["side_to_mid_error_db"] == pytest.approx(7.0, abs=0.01)
    mono = Rendition(mid, RATE)
    assert of(mono, mono, "width")["side_to_mid_error_db"] == 0.0


def test_dynamics_of_the_steps_of_ebu_tech_3342() -> None:
    tone = np.sin(2 * np.pi * 1000 / RATE * np.arange(20 * RATE))
    stepped = np.concatenate([0.1 * tone, 10 ** (-30 / 20) * tone]).astype(np.float32)
    steady = np.concatenate([0.1 * tone, 0.1 * tone]).astype(np.float32)
    found = of(Rendition(stepped, RATE), Rendition(steady, RATE), "dynamics")
    assert found["loudness_range_error_lu"] == pytest.approx(10.0, abs=0.1)


def test_the_distance_of_distributions_is_scipys() -> None:
    rng = np.random.default_rng(4)
    a, b = rng.normal(-20, 3, 50), rng.normal(-18, 5, 81)
    assert wasserstein(a, b) == pytest.approx(wasserstein_distance(a, b))
    assert wasserstein(a, a + 2.5) == pytest.approx(2.5)
    assert math.isnan(wasserstein(a, []))


@pytest.mark.parametrize("t60_s", [0.5, 1.2, 2.5])
def test_a_decay_that_is_known_is_heard(t60_s: float) -> None:
    rng = np.random.default_rng(1)
    bursts = []
    for _ in range(5):
        times = np.arange(round(2.5 * RATE)) / RATE
        bursts.append(rng.standard_normal(times.size) * 10 ** (-3 * times / t60_s))
    audio = (0.2 * np.concatenate(bursts)).astype(np.float32)[:, None]
    assert free_decay_s(audio, RATE) == pytest.approx(t60_s, rel=0.1)


def test_no_decay_is_heard_in_a_steady_sound() -> None:
    assert math.isnan(free_decay_s(stereo(3.0), RATE))
    assert math.isnan(free_decay_s(np.zeros((100, 2), np.float32), RATE))


def test_masking_of_stems_that_meet_and_that_do_not() -> None:
    def pair(low_hz: float) -> Rendition:
        stems = {
            "a": noise(3.0, 2000, 2400, rate=RATE, seed=1),
            "b": noise(3.0, low_hz, low_hz * 1.2, rate=RATE),
        }
        return Rendition(stems["a"] + stems["b"], RATE, stems)

    apart, together = pair(100.0), pair(2000.0)
    found = of(together, apart, "masking")
    assert abs(found["mean_smr_db"]) < 1.5
    assert found["mean_smr_error_db"] > 20.0
    assert of(apart, apart, "masking")["masked_share"] == pytest.approx(0.0, abs=1e-6)


def test_diff_mst_of_sides_that_are_known() -> None:
    tone = noise(3.0, 200, 4000, rate=RATE)
    centre = Rendition(np.stack([tone, tone], axis=1), RATE)
    right = Rendition(np.stack([0 * tone, tone], axis=1), RATE)
    found = of(right, centre, "diff_mst")
    assert found["diff_mst_imbalance"] == pytest.approx(1.0, abs=1e-6)
    assert found["diff_mst_width"] == pytest.approx(1.0, abs=1e-6)
    # One side carries the loudness of two: its RMS is root 2 times theirs, the other's is 0.
    rms = float(np.sqrt(np.mean((tone * 10 ** ((-16 - centre.integrated_lufs()) / 20)) ** 2)))
    assert found["diff_mst_rms"] == pytest.approx(0.1 * rms**2 * (1 + (2**0.5 - 1) ** 2) / 2, rel=1e-3)


def test_rate_and_length_follow_the_reference() -> None:
    reference = Rendition(stereo(3.0), RATE)
    longer = Rendition(stereo(5.0)[: 5 * RATE], RATE)
    assert longer.fitted_to(reference).samples == reference.samples
    other = Rendition(noise(3.0, 100, 8000, rate=22_050), 22_050)
    assert other.fitted_to(reference).sample_rate == RATE
    assert other.fitted_to(reference).audio.shape == reference.audio.shape


def test_stems_without_the_tail_of_their_mix_are_padded_to_it() -> None:
    whole = band()
    shorter = {name: stem[: 3 * RATE] for name, stem in (whole.stems or {}).items()}
    reference = Rendition(whole.audio, RATE, shorter, ("vocals",))
    assert {len(stem) for stem in (reference.stems or {}).values()} == {whole.samples}
    found = of(band(vocals=4.0), reference, "balance")
    assert found["vocal_to_backing_error_lu"] == pytest.approx(4.0, abs=0.05)
    assert found["vocal_to_backing_error_snippets_lu"] == pytest.approx(4.0, abs=0.05)


def test_zimtohrli_hears_no_difference_where_there_is_none() -> None:
    pytest.importorskip("zimtohrli", reason="zimtohrli is not installed")
    mix = band(2.0)
    assert of(mix, mix, "zimtohrli")["zimtohrli_mos"] == pytest.approx(5.0, abs=0.01)
    assert of(Rendition(stereo(2.0), RATE), mix, "zimtohrli")["zimtohrli_mos"] < 4.0


def test_an_unknown_group_is_one_line() -> None:
    with pytest.raises(ParameterError, match="there is no group of measures 'nonsense': there are balance"):
        evaluate(band(), band(), groups=["nonsense"])
