"""Pedalboard's processors against the native ones, and against what the plan's numbers mean."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from mixrules.analysis import decay_time
from mixrules.engine import load_engine
from mixrules.engine.pedalboard_engine import PedalboardEngine
from mixrules.errors import ParameterError
from mixrules.loudness import true_peak
from mixrules.processors import (
    CompressorParams,
    EqBand,
    EqualizerParams,
    LimiterParams,
    PanParams,
    ReverbParams,
    frequency_response,
    impulse_response,
    limit,
    pan,
    reverberate,
    static_curve_db,
)

from .offline import reverberated, through

Array = npt.NDArray[Any]

RATE = 44_100


@pytest.fixture
def engine() -> PedalboardEngine:
    return PedalboardEngine()


def noise(samples: int, channels: int, *, seed: int = 7, level: float = 0.1) -> Array:
    rng = np.random.default_rng(seed)
    return (level * rng.standard_normal((samples, channels))).astype(np.float32)


def sine(level_dbfs: float, *, seconds: float = 3.0, frequency_hz: float = 1000.0) -> Array:
    time_s = np.arange(round(seconds * RATE)) / RATE
    wave: Array = 10.0 ** (level_dbfs / 20.0) * np.sin(2.0 * np.pi * frequency_hz * time_s)
    return wave[:, np.newaxis].astype(np.float32)


def level_dbfs(audio: Array) -> float:
    return float(20.0 * np.log10(np.max(np.abs(audio))))


def test_the_engine_is_found_by_its_name() -> None:
    assert load_engine("pedalboard").name == "pedalboard"


BANDS = (
    EqBand(kind="peaking", frequency_hz=250.0, gain_db=-6.0, q=2.0),
    EqBand(kind="peaking", frequency_hz=15_000.0, gain_db=9.0, q=0.7),
    EqBand(kind="low_shelf", frequency_hz=120.0, gain_db=4.0, q=0.7),
    EqBand(kind="high_shelf", frequency_hz=9_000.0, gain_db=-8.0, q=0.6),
    EqBand(kind="high_pass", frequency_hz=80.0, q=0.7071),
    EqBand(kind="high_pass", frequency_hz=200.0, q=2.5),
    EqBand(kind="low_pass", frequency_hz=16_000.0, q=0.7071),
    EqBand(kind="low_pass", frequency_hz=1_000.0, q=0.3),
)


# pedalboard keeps its coefficients in float32, which tells at low frequencies, at high rates, and most where a
# filter lets little through.
@pytest.mark.parametrize(
    ("sample_rate", "passed_db", "stopped_db"),
    [(44_100, 0.1, 0.25), (48_000, 0.1, 0.25), (96_000, 0.25, 0.5)],
)
@pytest.mark.parametrize(
    "bands", [*((band,) for band in BANDS), BANDS[:4]], ids=lambda bands: "+".join(b.kind for b in bands)
)
def test_the_filters_are_those_of_the_native_equaliser(
    engine: PedalboardEngine, bands: tuple[EqBand, ...], sample_rate: int, passed_db: float, stopped_db: float
) -> None:
    params = EqualizerParams(bands=bands)
    impulse = np.zeros((1 << 17, 1), np.float32)
    impulse[0] = 1.0
    out = through(engine.equalizer, impulse, sample_rate, params)
    hz = np.fft.rfftfreq(len(out), 1.0 / sample_rate)
    heard = (hz >= 20.0) & (hz <= 20_000.0)
    wanted_db = 20.0 * np.log10(np.abs(frequency_response(params, sample_rate, hz[heard])))
    found_db = 20.0 * np.log10(np.abs(np.fft.rfft(out[:, 0].astype(np.float64)))[heard])
    passed, stopped = wanted_db > -12.0, (wanted_db <= -12.0) & (wanted_db > -60.0)
    np.testing.assert_allclose(found_db[passed], wanted_db[passed], atol=passed_db)
    np.testing.assert_allclose(found_db[stopped], wanted_db[stopped], atol=stopped_db)


def test_bands_that_change_nothing_return_the_audio(engine: PedalboardEngine) -> None:
    audio = noise(1000, 2)
    params = EqualizerParams(bands=(EqBand(frequency_hz=1000.0), EqBand(kind="low_shelf", frequency_hz=90.0)))
    out = through(engine.equalizer, audio, RATE, params)
    np.testing.assert_array_equal(out, audio)
    assert out is not audio


def test_a_band_above_half_the_sample_rate_is_refused(engine: PedalboardEngine) -> None:
    params = EqualizerParams(bands=(EqBand(frequency_hz=23_000.0, gain_db=3.0),))
    with pytest.raises(ParameterError, match="half the sample rate"):
        through(engine.equalizer, noise(100, 1), RATE, params)


@pytest.mark.parametrize("times_ms", [(10.0, 120.0), (46.0, 530.0), (5.0, 5.0), (1.0, 200.0)])
@pytest.mark.parametrize("in_dbfs", [-30.0, -12.0, -6.0])
def test_a_steady_sine_comes_out_as_the_static_curve_says(
    engine: PedalboardEngine, in_dbfs: float, times_ms: tuple[float, float]
) -> None:
    params = CompressorParams(
        threshold_db=-24.0,
        ratio=4.0,
        attack_ms=times_ms[0],
        release_ms=times_ms[1],
        knee_db=0.0,
        makeup_db=3.0,
    )
    audio = sine(in_dbfs)
    out = through(engine.compressor, audio, RATE, params)
    # Within the ripple of the shortest times, half a decibel.
    wanted = float(static_curve_db(in_dbfs, params)) + 3.0
    assert level_dbfs(out[-RATE // 2 :]) == pytest.approx(wanted, abs=0.5)


def test_the_compressor_is_at_63_percent_of_a_step_after_its_times(engine: PedalboardEngine) -> None:
    params = CompressorParams(threshold_db=-20.0, ratio=1000.0, attack_ms=20.0, release_ms=100.0, knee_db=0.0)
    # A constant has no ripple; its level steps from silence to full scale, and back under the threshold.
    audio = np.full((3 * RATE, 1), 1e-3, np.float32)
    audio[RATE : 2 * RATE] = 1.0
    gain = through(engine.compressor, audio, RATE, params)[:, 0] / audio[:, 0]
    gained = through(engine.compressor, np.full((2 * RATE, 1), 1.0, np.float32), RATE, params)[:, 0]
    threshold = 0.1 / gained[-1] * 0.1  # the threshold after its correction, read off the steady state
    envelope = threshold / gain  # ratio 1000: the gain is threshold over level
    assert envelope[RATE + round(0.020 * RATE)] == pytest.approx(envelope[2 * RATE - 1] * 0.632, rel=0.02)
    assert envelope[2 * RATE + round(0.100 * RATE)] == pytest.approx(envelope[2 * RATE - 1] * 0.368, rel=0.02)


def test_the_compressor_links_the_channels(engine: PedalboardEngine) -> None:
    audio = np.concatenate([sine(-3.0), sine(-40.0, frequency_hz=1500.0)], axis=1)
    out = through(engine.compressor, audio, RATE, CompressorParams(threshold_db=-30.0, ratio=8.0))
    heard = (np.abs(audio) > 1e-3).all(axis=1)
    heard[: RATE // 2] = False
    gain = out[heard] / audio[heard]
    assert gain.max() < 0.2
    np.testing.assert_allclose(gain[:, 0], gain[:, 1], rtol=1e-5)
    # A mono signal gets the gain that it gets as two equal channels.
    mono = sine(-3.0)
    twice = through(engine.compressor, np.repeat(mono, 2, axis=1), RATE, CompressorParams())
    np.testing.assert_array_equal(twice[:, :1], through(engine.compressor, mono, RATE, CompressorParams()))


def test_panning_is_the_native_engine_s(engine: PedalboardEngine) -> None:
    audio, params = noise(100, 1), PanParams(pan=0.3)
    np.testing.assert_array_equal(through(engine.pan, audio, RATE, params), pan(audio, RATE, params))


ROOM = ReverbParams(t60_s=0.9, pre_delay_ms=25.0, low_cut_hz=120.0, high_shelf_db_per_s=-20.0)


@pytest.mark.parametrize("channels", [1, 2])
def test_the_reverb_is_the_room_of_the_plan(engine: PedalboardEngine, channels: int) -> None:
    audio = noise(RATE, channels)
    wanted = reverberate(audio, RATE, ROOM)
    out = reverberated(engine, audio, RATE, ROOM)
    assert out.shape == wanted.shape
    # The rounding of float32 FFTs: 120 dB below the wet signal.
    assert np.abs(out - wanted).max() < 1e-6 * np.abs(wanted).max()


@pytest.mark.parametrize("t60_s", [0.3, 1.2, 2.4])
def test_the_reverb_decays_as_stated(engine: PedalboardEngine, t60_s: float) -> None:
    params = ReverbParams(t60_s=t60_s, pre_delay_ms=10.0)
    response = reverberated(engine, np.ones((1, 1), np.float32), RATE, params)
    assert len(response) == len(impulse_response(RATE, params))
    found = decay_time(response, RATE, method="T30", band_hz=1000.0, start_s=0.010)
    assert found == pytest.approx(t60_s, rel=0.08)


@pytest.mark.parametrize("sample_rate", [44_100, 96_000])
@pytest.mark.parametrize("ceiling_dbtp", [-1.0, -6.0, 0.0])
def test_the_limiter_holds_the_true_peak(
    engine: PedalboardEngine, sample_rate: int, ceiling_dbtp: float
) -> None:
    params = LimiterParams(ceiling_dbtp=ceiling_dbtp)
    audio = noise(sample_rate, 2, level=0.6)
    audio[5000, 0] = 3.0
    audio[sample_rate // 2 :: 2] = 1.0
    out = through(engine.limiter, audio, sample_rate, params)
    assert out.shape == audio.shape
    assert ceiling_dbtp - 0.2 < true_peak(out, sample_rate) <= ceiling_dbtp
    # It never boosts, and both channels get one gain.
    assert (np.abs(out) <= np.abs(audio) * (1.0 + 1e-6)).all()
    heard = (np.abs(audio) > 1e-2).all(axis=1)
    gain = out[heard] / audio[heard]
    np.testing.assert_allclose(gain[:, 0], gain[:, 1], rtol=1e-4)


def test_the_limiter_leaves_alone_what_is_under_the_ceiling(engine: PedalboardEngine) -> None:
    audio = noise(RATE, 2, level=0.05)
    out = through(engine.limiter, audio, RATE, LimiterParams())
    np.testing.assert_array_equal(out, audio)
    assert out is not audio


def test_the_limiter_delays_nothing(engine: PedalboardEngine) -> None:
    audio = noise(RATE, 1, level=0.02)
    audio[20_000] = 1.5
    out = through(engine.limiter, audio, RATE, LimiterParams(lookahead_ms=5.0))
    assert int(np.argmax(np.abs(out))) == 20_000
    # Before the look-ahead and long after the release nothing has changed.
    np.testing.assert_array_equal(out[:19_000], audio[:19_000])
    np.testing.assert_allclose(out[-1000:], audio[-1000:], rtol=1e-2)


def test_a_little_limiting_is_as_loud_as_the_native_limiter_s(engine: PedalboardEngine) -> None:
    audio, params = noise(3 * RATE, 2, level=0.15), LimiterParams()
    audio[:: RATE // 5] *= 8.0
    ours, theirs = limit(audio, RATE, params), through(engine.limiter, audio, RATE, params)
    assert not np.array_equal(ours, audio)
    difference_db = 10.0 * np.log10(np.mean(theirs.astype(float) ** 2) / np.mean(ours.astype(float) ** 2))
    assert abs(difference_db) < 0.5


def test_the_limiter_says_which_release_it_needs(
    engine: PedalboardEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pedalboard

    monkeypatch.delattr(pedalboard, "BrickwallLimiter")
    with pytest.raises(ParameterError, match=r"needs pedalboard 0\.9\.26"):
        through(engine.limiter, noise(100, 1), RATE, LimiterParams())


def run_all(engine: PedalboardEngine, audio: Array, sample_rate: int) -> dict[str, Array]:
    return {
        "equalize": through(
            engine.equalizer, audio, sample_rate, EqualizerParams(bands=(BANDS[0], BANDS[4]))
        ),
        "compress": through(
            engine.compressor, audio, sample_rate, CompressorParams(threshold_db=-40.0, makeup_db=2.0)
        ),
        "limit": through(engine.limiter, audio, sample_rate, LimiterParams(ceiling_dbtp=-12.0)),
        "reverberate": reverberated(engine, audio, sample_rate, ReverbParams(t60_s=0.3)),
    }


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("samples", [1, 2, 3, 4000])
@pytest.mark.parametrize("channels", [1, 2])
def test_shapes_and_types_stay_and_the_input_is_not_touched(
    engine: PedalboardEngine, channels: int, samples: int, dtype: type
) -> None:
    audio: Array = noise(samples, channels, level=0.5).astype(dtype)
    before = audio.copy()
    for what, out in run_all(engine, audio, RATE).items():
        assert out.dtype == dtype, what
        assert out.flags.c_contiguous, what
        assert np.isfinite(out).all(), what
        if what != "reverberate":
            assert out.shape == audio.shape, what
    np.testing.assert_array_equal(audio, before)


@pytest.mark.parametrize("sample_rate", [8_000, 192_000])
def test_silence_stays_silence(engine: PedalboardEngine, sample_rate: int) -> None:
    bands = EqualizerParams(bands=(EqBand(frequency_hz=1000.0, gain_db=3.0),))
    audio = np.zeros((1000, 2), np.float32)
    assert not through(engine.equalizer, audio, sample_rate, bands).any()
    assert not through(engine.compressor, audio, sample_rate, CompressorParams()).any()
    assert not through(engine.limiter, audio, sample_rate, LimiterParams()).any()
    assert not reverberated(engine, audio, sample_rate, ReverbParams(t60_s=0.3)).any()


def test_the_same_call_gives_the_same_samples() -> None:
    audio = noise(RATE, 2, level=0.5)
    first, engine = run_all(PedalboardEngine(), audio, RATE), PedalboardEngine()
    for _ in range(3):
        for what, out in run_all(engine, audio, RATE).items():
            np.testing.assert_array_equal(out, first[what], err_msg=what)


def test_pedalboard_is_imported_by_this_engine_alone_and_late() -> None:
    import subprocess
    from pathlib import Path

    import mixrules

    package = Path(mixrules.__file__).parent
    importing = {
        str(path.relative_to(package).as_posix())
        for path in package.rglob("*.py")
        if any(
            line.lstrip().startswith(("import pedalboard", "from pedalboard"))
            for line in path.read_text(encoding="utf-8").splitlines()
        )
    }
    assert importing == {"engine/pedalboard_engine.py"}
    check = (
        "import sys, mixrules.engine.pedalboard_engine as e; e.PedalboardEngine();"
        "print([m for m in sys.modules if m.startswith('pedalboard')])"
    )
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
