import math

import numpy as np
import pytest

from mixrules.analysis import (
    Bands,
    bands_by_name,
    bark_bands,
    bark_number,
    erb_bands,
    erb_number,
    log_bands,
    octave_bands,
    third_octave_bands,
)
from mixrules.errors import ParameterError


def test_octaves_have_nominal_centres_and_edges_half_an_octave_away() -> None:
    bands = octave_bands()
    assert bands.centers_hz == (63.0, 125.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0, 16000.0)
    assert np.allclose(np.array(bands.high_hz) / bands.low_hz, 2.0)
    assert bands.low_hz[4] == pytest.approx(707.107, abs=1e-3)


def test_third_octaves_are_contiguous_and_hold_the_iec_frequencies() -> None:
    bands = third_octave_bands()
    assert len(bands) == 31
    assert np.allclose(bands.high_hz[:-1], bands.low_hz[1:])
    for exact in (19.953, 50.119, 1000.0, 3981.07, 19952.6):  # IEC 61260-1, table of base-ten frequencies
        assert min(abs(c / exact - 1) for c in bands.centers_hz) < 1e-4


def test_bark_edges_are_where_the_bark_scale_says() -> None:
    bands = bark_bands()
    assert len(bands) == 24
    assert np.abs(bark_number(bands.high_hz) - np.arange(1, 25)).max() < 0.25
    assert bark_number(1000.0) == pytest.approx(8.51, abs=0.01)


def test_erb_bands_are_one_erb_wide() -> None:
    bands = erb_bands()
    assert len(bands) == 41
    assert np.allclose(np.diff(erb_number(bands.centers_hz)), 0.997, atol=2e-3)
    erb_hz = 24.7 * (4.37e-3 * np.array(bands.centers_hz) + 1)
    assert np.abs(bands.bandwidths_hz / erb_hz - 1).max() < 0.01
    assert bands.low_hz[0] == pytest.approx(20)
    assert bands.high_hz[-1] == pytest.approx(20000)


@pytest.mark.parametrize("count", [1, 9, 100])
def test_log_bands_have_equal_ratios(count: int) -> None:
    bands = log_bands(count)
    assert len(bands) == count
    assert np.allclose(np.array(bands.high_hz) / bands.low_hz, 1000.0 ** (1 / count))


@pytest.mark.parametrize(
    ("name", "count"),
    [("octave", 9), ("third_octave", 31), ("bark", 24), ("log-40", 40), ("log-100", 100), ("erb", 41)],
)
def test_bands_by_name(name: str, count: int) -> None:
    assert len(bands_by_name(name)) == count


@pytest.mark.parametrize("name", ["", "octaves", "log-", "log-0", "log-101", "log--3", "log-1.5"])
def test_unknown_band_names_say_what_is_accepted(name: str) -> None:
    with pytest.raises(ParameterError, match="must be"):
        bands_by_name(name)


def test_below_keeps_centres_under_nyquist_and_clips_the_last_edge() -> None:
    assert octave_bands().below(22050).high_hz[-1] == 22050
    assert octave_bands().below(8000).centers_hz[-1] == 4000
    assert octave_bands().below(96000) == octave_bands()
    with pytest.raises(ParameterError, match="no band lies below"):
        octave_bands().below(30)


@pytest.mark.parametrize(
    ("centers", "low", "high"),
    [
        ((), (), ()),
        ((100.0,), (50.0, 60.0), (200.0,)),
        ((100.0,), (150.0,), (200.0,)),
        ((100.0, 100.0), (50.0, 50.0), (200.0, 200.0)),
        ((100.0,), (50.0,), (math.inf,)),
        ((math.nan,), (50.0,), (200.0,)),
        ((100.0,), (100.0,), (100.0,)),
    ],
)
def test_bands_that_make_no_sense_are_refused(
    centers: tuple[float, ...], low: tuple[float, ...], high: tuple[float, ...]
) -> None:
    with pytest.raises(ParameterError):
        Bands(centers, low, high)


def test_log_bands_refuse_an_empty_range() -> None:
    with pytest.raises(ParameterError, match="low_hz"):
        log_bands(4, 200, 100)
