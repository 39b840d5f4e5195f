"""One table, every processor: what holds for all of them."""

import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from subprocess import run
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from mixrules.errors import AudioError, ParameterError
from mixrules.processors import (
    CompressorParams,
    DynamicEqBand,
    EqBand,
    EqualizerParams,
    GainPoint,
    LimiterParams,
    PanParams,
    ReverbParams,
    WidthParams,
    apply_gain,
    automate,
    compress,
    equalize,
    equalize_dynamically,
    limit,
    pan,
    reverberate,
    set_width,
)

Array = npt.NDArray[Any]

PROCESSORS: dict[str, tuple[Callable[..., Array], Any]] = {
    "equalize": (
        equalize,
        EqualizerParams(
            bands=(
                EqBand(frequency_hz=1000, gain_db=6),
                EqBand(kind="low_shelf", frequency_hz=200, gain_db=-4),
                EqBand(kind="high_pass", frequency_hz=40),
            )
        ),
    ),
    "compress": (compress, CompressorParams(threshold_db=-30, makeup_db=2)),
    "limit": (limit, LimiterParams(ceiling_dbtp=-10)),
    "pan": (pan, PanParams(pan=0.4)),
    "reverberate": (reverberate, ReverbParams(t60_s=0.3, room_size_m=3)),
    "equalize_dynamically": (
        equalize_dynamically,
        (DynamicEqBand(frequency_hz=1000, threshold_db=-40), DynamicEqBand(frequency_hz=3000, q=3)),
    ),
    "automate": (automate, (GainPoint(time_s=0.0, gain_db=-6.0), GainPoint(time_s=0.01, gain_db=3.0))),
    "set_width": (set_width, WidthParams(side_gain_db=-6.0)),
    "gain": (lambda audio, sample_rate, params: apply_gain(audio, params), -3.0),
}
NEUTRAL: dict[str, list[Any]] = {
    "equalize": [
        EqualizerParams(),
        EqualizerParams(bands=(EqBand(frequency_hz=1000), EqBand(kind="low_shelf", frequency_hz=90))),
    ],
    "compress": [CompressorParams(ratio=1), CompressorParams(threshold_db=0, knee_db=0)],
    "limit": [LimiterParams(ceiling_dbtp=0)],
    "pan": [PanParams()],
    "equalize_dynamically": [(), (DynamicEqBand(frequency_hz=1000, ratio=1),)],
    "automate": [(), (GainPoint(time_s=1.0, gain_db=0.0),)],
    "set_width": [WidthParams()],
    "gain": [0.0],
}
SAME_CHANNELS = ["equalize", "equalize_dynamically", "compress", "limit", "automate", "gain"]
LINEAR = ["equalize", "pan", "automate", "set_width", "reverberate", "gain"]
every = pytest.mark.parametrize("name", PROCESSORS)


def call(name: str, audio: Array, sample_rate: int = 48_000) -> Array:
    process, params = PROCESSORS[name]
    return process(audio, sample_rate, params)


@pytest.fixture
def audio(rng: np.random.Generator) -> Array:
    return 0.25 * rng.standard_normal((20_000, 2))


@every
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("sample_rate", [8000, 44_100, 192_000])
@pytest.mark.parametrize("samples", [1, 2, 7, 1000])
def test_shape_dtype_finite_and_input_untouched(
    name: str, dtype: type[np.floating[Any]], sample_rate: int, samples: int, rng: np.random.Generator
) -> None:
    for shape in [(samples,), (samples, 1), (samples, 2)]:
        audio = rng.standard_normal(shape).astype(dtype)
        before = audio.copy()
        out = call(name, audio, sample_rate)
        np.testing.assert_array_equal(audio, before)
        assert out.dtype == dtype
        assert out.ndim == 2
        assert not np.shares_memory(out, audio)
        assert np.isfinite(out).all()
        assert out.flags.c_contiguous
        if name != "reverberate":
            assert len(out) == samples
        channels = audio.reshape(samples, -1).shape[1]
        assert out.shape[1] == (channels if name in SAME_CHANNELS else 2)


@every
def test_read_only_and_strided_input(name: str, audio: Array) -> None:
    expected = call(name, audio)
    audio.flags.writeable = False
    np.testing.assert_array_equal(call(name, audio), expected)
    np.testing.assert_array_equal(call(name, np.asfortranarray(audio)), expected)


@every
@pytest.mark.parametrize("channels", [1, 2])
def test_silence_stays_silence(name: str, channels: int) -> None:
    out = call(name, np.zeros((5000, channels), dtype=np.float32))
    assert not out.any()


@pytest.mark.parametrize(("name", "params"), [(name, params) for name in NEUTRAL for params in NEUTRAL[name]])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_neutral_settings_are_the_identity(
    name: str, params: Any, dtype: type[np.floating[Any]], audio: Array
) -> None:
    quiet = (audio * 0.2).astype(dtype)
    np.testing.assert_array_equal(PROCESSORS[name][0](quiet, 48_000, params), quiet)


@pytest.mark.parametrize("name", SAME_CHANNELS)
def test_swapped_channels_come_out_swapped(name: str, audio: Array) -> None:
    np.testing.assert_array_equal(call(name, audio[:, ::-1]), call(name, audio)[:, ::-1])


def test_swapped_channels_and_a_mirrored_pan_come_out_swapped(audio: Array) -> None:
    mirrored = pan(audio[:, ::-1], 48_000, PanParams(pan=-0.4))
    np.testing.assert_allclose(mirrored, call("pan", audio)[:, ::-1], rtol=1e-12)


@pytest.mark.parametrize("name", SAME_CHANNELS)
def test_a_doubled_mono_is_the_mono_twice(name: str, audio: Array) -> None:
    mono = audio[:, :1]
    np.testing.assert_array_equal(
        call(name, np.repeat(mono, 2, axis=1)), np.repeat(call(name, mono), 2, axis=1)
    )


@pytest.mark.parametrize("name", ["equalize", "compress", "limit", "pan", "gain"])
def test_no_latency(name: str, rng: np.random.Generator) -> None:
    audio = np.zeros((4000, 1))
    audio[1000:] = 0.5 * rng.standard_normal((3000, 1))
    out = call(name, audio)
    assert not out[:1000].any()
    assert out[1000].any()
    lags = np.correlate(out[:, 0], audio[:, 0], "full")
    assert np.argmax(np.abs(lags)) == len(audio) - 1


@every
def test_the_past_does_not_depend_on_the_future_but_for_the_lookahead(name: str, audio: Array) -> None:
    changed = audio.copy()
    changed[10_000:] *= -0.3
    ahead = 200 if name == "limit" else 0
    # in the reverb's blocks a transform's rounding spreads over the block
    tolerance = 1e-12 if name == "reverberate" else 0
    np.testing.assert_allclose(
        call(name, changed)[: 10_000 - ahead], call(name, audio)[: 10_000 - ahead], rtol=0, atol=tolerance
    )


@pytest.mark.parametrize("name", LINEAR)
def test_linear_ones_scale_and_add(name: str, audio: Array, rng: np.random.Generator) -> None:
    other = rng.standard_normal(audio.shape)
    both = call(name, 3 * audio - 0.5 * other)
    np.testing.assert_allclose(both, 3 * call(name, audio) - 0.5 * call(name, other), atol=1e-9)


@every
def test_single_precision_is_the_double_rounded(name: str, audio: Array) -> None:
    single = call(name, audio.astype(np.float32))
    np.testing.assert_allclose(single, call(name, audio.astype(np.float32).astype(np.float64)), atol=1e-5)


@every
def test_ten_threads_get_the_same(name: str, audio: Array) -> None:
    expected = call(name, audio)
    with ThreadPoolExecutor(10) as pool:
        for out in pool.map(lambda _: call(name, audio), range(10)):
            np.testing.assert_array_equal(out, expected)


@every
def test_unusable_audio_and_rates_are_refused(name: str) -> None:
    with pytest.raises(AudioError, match="nan at sample 3"):
        call(name, np.array([0.0, 0, 0, np.nan]))
    with pytest.raises(AudioError, match="int16"):
        call(name, np.zeros(4, dtype=np.int16))
    if name != "gain":
        with pytest.raises(ParameterError, match="sample_rate"):
            call(name, np.zeros(4), 100)


def test_importing_loads_nothing_heavy() -> None:
    code = (
        "import sys, mixrules.processors\n"
        "heavy = {'numba', 'scipy', 'librosa', 'pedalboard', 'soundfile'} & set(sys.modules)\n"
        "sys.exit(','.join(heavy) or 0)"
    )
    run([sys.executable, "-c", code], check=True)
