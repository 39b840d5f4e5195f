import naive_analysis
import numpy as np
import pytest
from scipy.signal import butter, sosfilt

from analysis.synth import RATE, noise, sine
from mixrules.analysis import (
    BandMethod,
    Bands,
    block_band_powers,
    erb_bands,
    octave_bands,
    third_octave_bands,
)
from mixrules.errors import AudioError, ParameterError


@pytest.mark.parametrize("rate", [8000, 22050, 44100, 48000, 96000, 192000])
@pytest.mark.parametrize("method", ["fft", "butterworth"])
def test_a_sine_in_the_middle_of_an_octave_reads_its_mean_square(rate: int, method: BandMethod) -> None:
    bands = octave_bands().below(rate / 2)
    for band, hz in enumerate(bands.centers_hz):
        # The bilinear transform bends a band that ends this near to half the sample rate.
        if bands.high_hz[band] >= (0.9 if method == "butterworth" else 1.0) * rate / 2:
            continue
        powers = block_band_powers(sine(hz, 1.0, 0.5, rate), rate, bands, method=method)[1:-1, band]
        assert 10 * np.log10(powers.mean() / 0.125) == pytest.approx(0.0, abs=0.06)


@pytest.mark.parametrize("bands", [octave_bands(), third_octave_bands(), erb_bands()], ids=len)
def test_white_noise_reads_its_share_of_the_spectrum(bands: Bands) -> None:
    bands = bands.below(RATE / 2)
    wide = bands.bandwidths_hz * 60 > 3000  # narrower bands vary more than the bound by chance
    powers = block_band_powers(noise(60.0).astype(np.float32), RATE, bands).mean(axis=0)
    error_db = 10 * np.log10(powers / (0.01 * bands.bandwidths_hz / (RATE / 2)))
    assert np.abs(error_db[wide]).max() < 0.15
    assert np.abs(error_db).max() < 0.4


def test_butterworth_is_the_filter_it_says() -> None:
    audio = noise(3.0, channels=2)
    mono = audio.mean(axis=1)
    powers = block_band_powers(audio, RATE, octave_bands().below(RATE / 2), method="butterworth")
    assert powers.shape == (30, 9)
    for band, center in ((0, 63.0), (4, 1000.0), (7, 8000.0)):
        edges = (center / 2**0.5, center * 2**0.5)
        filtered = sosfilt(butter(2, edges, "bandpass", fs=RATE, output="sos"), mono)
        assert np.allclose(powers[:, band], np.mean(filtered.reshape(30, 4410) ** 2, axis=1), rtol=1e-9)


def test_butterworth_noise_bandwidth_is_that_of_the_filter() -> None:
    # The noise bandwidth of an order-2 Butterworth is (pi/4) / sin(pi/4) of its nominal one: +0.456 dB.
    powers = block_band_powers(noise(60.0), RATE, octave_bands().below(RATE / 2), method="butterworth")
    share = 0.01 * octave_bands().bandwidths_hz[2:6] / (RATE / 2)
    assert 10 * np.log10(powers.mean(axis=0)[2:6] / share) == pytest.approx(0.456, abs=0.1)


def test_butterworth_in_pieces_is_the_filter_of_the_whole() -> None:
    audio = noise(20.0)  # several batches of frames
    center = Bands((500.0,), (353.55,), (707.1,))
    filtered = sosfilt(butter(2, (353.55, 707.1), "bandpass", fs=RATE, output="sos"), audio[:, 0])
    expected = np.mean(filtered.reshape(200, 4410) ** 2, axis=1)
    assert np.allclose(block_band_powers(audio, RATE, center, method="butterworth")[:, 0], expected)


def test_fft_follows_ideal_filters_block_by_block() -> None:
    audio = noise(4.0, channels=2) * (0.2 + np.sin(np.arange(4 * RATE) / RATE * np.pi) ** 2)[:, None]
    bands = Bands((1000.0, 5000.0), (500.0, 2000.0), (2000.0, 12000.0))
    ours = block_band_powers(audio, RATE, bands)
    naive = naive_analysis.block_band_powers(audio, RATE, bands, 0.1)
    assert ours.shape == naive.shape
    error_db = 10 * np.log10(ours / naive)
    assert np.abs(error_db).max() < 1.5
    assert np.abs(10 * np.log10(ours.mean(axis=0) / naive.mean(axis=0))).max() < 0.05


def test_the_parts_of_a_full_cover_add_up_to_the_whole() -> None:
    audio = noise(5.0) + 0.3 + sine(60, 5.0, 0.2)
    cover = Bands((100.0, 1000.0, 9000.0), (0.0, 200.0, 3000.0), (200.0, 3000.0, RATE / 2))
    powers = block_band_powers(audio, RATE, cover).sum(axis=1)
    assert powers.mean() == pytest.approx(np.mean(audio**2), rel=5e-3)


@pytest.mark.parametrize("method", ["fft", "butterworth"])
@pytest.mark.parametrize("samples", [1, 10, 4409, 4410, 4411])
def test_short_signals_are_one_block(method: BandMethod, samples: int) -> None:
    powers = block_band_powers(noise()[:samples], RATE, octave_bands().below(RATE / 2), method=method)
    assert powers.shape == (1, 9)
    assert np.isfinite(powers).all()


@pytest.mark.parametrize("method", ["fft", "butterworth"])
def test_silence_opposite_channels_and_bands_above_nyquist_have_no_power(method: BandMethod) -> None:
    opposite = sine(1000, 1.0) * [1.0, -1.0]
    assert block_band_powers(opposite, RATE, octave_bands(), method=method).max() < 1e-20
    assert not block_band_powers(noise(1.0, rate=8000), 8000, octave_bands(), method=method)[:, -2:].any()


def test_the_edges_of_a_steady_signal_read_like_its_middle() -> None:
    powers = block_band_powers(noise(10.0), RATE, Bands((5000.0,), (1000.0,), (20000.0,)))[:, 0]
    assert np.abs(10 * np.log10(powers / powers.mean())).max() < 0.6


def test_the_input_stays_and_bad_input_is_refused() -> None:
    audio = noise(1.0).astype(np.float32)
    before = audio.copy()
    block_band_powers(audio, RATE, octave_bands())
    assert np.array_equal(audio, before)
    with pytest.raises(ParameterError, match="method"):
        block_band_powers(audio, RATE, octave_bands(), method="welch")  # type: ignore[arg-type]
    with pytest.raises(ParameterError, match="block_s"):
        block_band_powers(audio, RATE, octave_bands(), block_s=0.0)
    with pytest.raises(AudioError, match="nan"):
        block_band_powers(np.full(100, np.nan), RATE, octave_bands())
