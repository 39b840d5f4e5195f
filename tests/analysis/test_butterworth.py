"""Butterworth filters are scipy's."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.signal

from mixrules.analysis._butterworth import butterworth_sections


@pytest.mark.parametrize("rate", [8000, 44_100, 192_000])
@pytest.mark.parametrize("order", [1, 2, 3, 4, 5])
@pytest.mark.parametrize(
    ("low_hz", "high_hz", "kind"),
    [
        (22.0, 44.0, "bandpass"),
        (710.0, 1420.0, "bandpass"),
        (100.0, 3990.0, "bandpass"),
        (500.0, math.inf, "highpass"),
        (0.0, 300.0, "lowpass"),
    ],
)
def test_sections_have_the_response_of_scipys(
    rate: int, order: int, low_hz: float, high_hz: float, kind: str
) -> None:
    sections = butterworth_sections(order, low_hz, high_hz, rate)
    of_kind: dict[str, float | tuple[float, float]]
    of_kind = {"bandpass": (low_hz, high_hz), "highpass": low_hz, "lowpass": high_hz}
    edges = of_kind[kind]
    expected = scipy.signal.butter(order, edges, kind, fs=rate, output="sos")
    with_a0 = np.insert(sections, 3, 1.0, axis=1)
    hz = np.concatenate([np.geomspace(5.0, 0.499 * rate, 500), np.atleast_1d(edges)])
    ours = scipy.signal.freqz_sos(with_a0, hz, fs=rate)[1]
    theirs = scipy.signal.freqz_sos(expected, hz, fs=rate)[1]
    np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-9)
    assert 20.0 * np.log10(np.abs(ours[-1])) == pytest.approx(-3.0103, abs=1e-3)
    assert len(sections) == (order if kind == "bandpass" else (order + 1) // 2)
