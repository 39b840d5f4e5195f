"""Write conformance.md: what the meter reads on the standards' test signals and on real songs.

Run ``python docs/make_conformance.py`` from an environment with the test dependencies. The songs are looked
for as the tests do (``MIXRULES_AUDIO``); without them their tables are left out.
"""

from __future__ import annotations

import platform
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "tests")]

import ebu_signals  # noqa: E402
import real_songs  # noqa: E402
import reference_meters  # noqa: E402

from mixrules import loudness  # noqa: E402

INTRODUCTION = """\
# Conformance of the loudness meter

What `mixrules.loudness` reads on the signals of the standards and on real songs, beside other meters.
This page is written by a script, with the signals and tolerances that the tests in `tests/compliance`
and `tests/loudness` use:

    python docs/make_conformance.py

All signals are synthesised. The EBU's cases 7 and 8 of Tech 3341 (5 and 6 of Tech 3342) are recordings
that may not be passed on; they are not measured here.

"""

CONVENTIONS = """\
## Conventions where meters part

| question | here | elsewhere |
|---|---|---|
| short-term values for the loudness range | one a second, the first at 3 s, as libebur128 | Tech 3342 v4 \
asks for ten a second, as ffmpeg takes: `loudness_range(..., hop_s=0.1)` |
| silence appended before the range is read | none, as libebur128 and ffmpeg | pyloudnorm appends 1.5 s |
| percentile of n sorted values | index round((n - 1) p), as libebur128 | interpolation |
| incomplete last gating block | dropped | pyloudnorm rounds the number of blocks |
| signal shorter than 400 ms | one ungated block over all of it, `Loudness.gated` is False | -inf or an error |
| maximum momentary and short-term loudness | every 10 ms | every 100 ms, which fails case 13 |
| true peak | 4x at every rate; sinc under a Hann window, 49 points below 96 kHz as libebur128, 97 from there on; \
silence before and after | libebur128 2x from 96 kHz, 1x from 192 kHz: up to 1.2 and 3.0 dB under ours on ultrasonic \
content; ITU's 48 taps |
| sample rates that 100 does not divide | each 10 ms boundary rounded half up, no drift | libebur128 rounds \
the length of 100 ms, and drifts by up to 0.05 % |
| 6.1 and 7.1 | side pair 1.41, back loudspeakers 1, after the angles of BS.1770-5 | libebur128 counts \
the first six channels only |
| no value of at least -70 LUFS | range is NaN | libebur128 says 0 |
"""


def table(head: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines) + "\n"


def k_weighting() -> str:
    """Compare the K filter with the table of the standard and with itself at other rates."""
    rows = []
    for rate in (8_000, 11_025, 16_000, 22_050, 32_000, 44_100, 48_000, 88_200, 96_000, 192_000, 384_000):
        hz = np.geomspace(10, 0.4 * min(rate, 48_000), 2000)
        ours, at_48k = (
            loudness.k_weighting_response_db(hz, rate),
            loudness.k_weighting_response_db(hz, 48_000),
        )
        tolerance = "0.05" if rate >= 32_000 else "none given"
        rows.append([str(rate), f"{np.abs(ours - at_48k).max():.3f}", tolerance])
    return (
        "## K-weighting (ITU-R BS.1770-5, Annex 1)\n\n"
        "Largest difference of any coefficient from the table for 48 kHz: "
        f"{loudness.max_table_deviation(48_000):.1e} (tolerance 1e-12).\n\n"
        "Largest difference of the response from that at 48 kHz, from 10 Hz to 0.4 times the lower rate:\n\n"
        + table(["sample rate, Hz", "difference, dB", "tolerance, dB"], rows)
        + "Below 32 kHz the bilinear transform squeezes the top of the shelf; libebur128 does the same.\n\n"
    )


def cases(title: str, note: str, tests: tuple[ebu_signals.Case, ...]) -> str:
    """Read every case at every rate."""
    rows = []
    for case in tests:
        readings = [case.read(rate) for rate in ebu_signals.RATES]
        passed = all(case.passes(reading) for reading in readings)
        ladder = len(case.expected) > 1
        expected = "-38 ... -19" if ladder else f"{case.expected[0]:+.1f}"
        tolerance = f"±{case.above}" if case.above == case.below else f"+{case.above} / -{case.below}"
        cells = [span(reading, case.expected if ladder else (0.0,), ladder) for reading in readings]
        rows.append([case.name, case.signal, expected, tolerance, *cells, "yes" if passed else "**no**"])
    rates = [f"{rate / 1000:g} kHz" for rate in ebu_signals.RATES]
    return f"## {title}\n\n{note}\n\n" + table(
        ["case", "signal", "expected", "tolerance", *rates, "passes"], rows
    )


def span(reading: list[float], base: tuple[float, ...], ladder: bool) -> str:
    """Write one value, or the lowest and the highest of several; a ladder as deviations."""
    values = np.subtract(reading, base * (len(reading) // len(base)))
    low, high = (f"{value + 0.0:+.3f}" for value in (values.min(), values.max()))
    text = low if low == high else f"{low} to {high}"
    return f"dev. {text}" if ladder else text


def songs() -> str:
    """Read real mixes with every meter at hand."""
    paths = real_songs.references()
    if not paths:
        return "## Real songs\n\nNot at hand when this page was written.\n\n"
    import pyloudnorm
    import soundfile

    integrated, ranges, peaks = [], [], []
    for path in paths:
        audio, rate = soundfile.read(path, dtype="float32", always_2d=True)
        ours, libebur128 = loudness.measure(audio, rate), reference_meters.libebur128(audio, rate)
        ffmpeg = reference_meters.ffmpeg(path)
        dense = loudness.loudness_range(audio, rate, hop_s=0.1)
        exact = reference_meters.pyloudnorm_exact(rate)
        name = f"{path.stem}, {len(audio) / rate:.0f} s"
        printed = ["-"] * 3
        if ffmpeg:
            printed = [f"{value:.1f}" for value in (ffmpeg.integrated_lufs, ffmpeg.loudness_range_lu)]
            printed.append(f"{ffmpeg.true_peak_dbtp:.1f}")
        integrated.append(
            [
                name,
                f"{ours.integrated_lufs:.4f}",
                f"{libebur128.integrated_lufs:.4f}",
                printed[0],
                f"{exact.integrated_loudness(audio):.4f}",
                f"{pyloudnorm.Meter(rate).integrated_loudness(audio):.4f}",
            ]
        )
        ranges.append(
            [
                name,
                f"{ours.loudness_range_lu:.4f}",
                f"{libebur128.loudness_range_lu:.4f}",
                f"{dense:.4f}",
                printed[1],
                f"{dense - ours.loudness_range_lu:+.2f}",
                f"{exact.loudness_range(audio):.2f}",
            ]
        )
        peaks.append([name, f"{ours.true_peak_dbtp:.4f}", f"{libebur128.true_peak_dbtp:.4f}", printed[2]])
    return (
        "## Real songs\n\n"
        "Free multitrack songs, the mixes; 44.1 kHz, 16 bits. Tolerances: 0.02 LU and 0.1 dB to libebur128; "
        "ffmpeg prints one digit. "
        f"libebur128 {reference_meters.libebur128_version()}, pyloudnorm {version('pyloudnorm')}, "
        f"ffmpeg {reference_meters.ffmpeg_version() or 'not installed'}.\n\n"
        "Integrated loudness, LUFS:\n\n"
        + table(
            ["song", "mixrules", "libebur128", "ffmpeg", 'pyloudnorm "DeMan"', "pyloudnorm default"],
            integrated,
        )
        + "Loudness range, LU. What a value every second (`hop_s=1.0`, the default) and every 0.1 s make of "
        "such short signals:\n\n"
        + table(
            [
                "song",
                "mixrules",
                "libebur128",
                "mixrules, hop 0.1 s",
                "ffmpeg (hop 0.1 s)",
                "0.1 s less 1 s",
                "pyloudnorm (1.5 s of silence appended)",
            ],
            ranges,
        )
        + "True peak, dBTP:\n\n"
        + table(["song", "mixrules", "libebur128", "ffmpeg"], peaks)
    )


def main() -> None:
    """Write the page."""
    page = [
        INTRODUCTION,
        f"Written with Python {platform.python_version()}, numpy {version('numpy')}, "
        f"numba {version('numba')}.\n\n",
        k_weighting(),
        cases(
            "EBU Mode (EBU Tech 3341 v4, table 1)",
            "LUFS for cases 1 to 14, dBTP for 15 to 23. Where a case has several readings (three measures, a "
            "course over time, 20 files) the lowest and the highest are given; for 11 and 14 the deviations "
            "from -38 ... -19. From 192 kHz on, fs in cases 15 to 19 is 48 kHz; cases 20 to 23 are one signal "
            "built at 4 fs, fs 44.1 or 48 kHz, and decimated to each rate.",
            ebu_signals.TECH_3341,
        ),
        cases(
            "Loudness range (EBU Tech 3342 v4, table 1)",
            "LU, with short-term values every 1 s and every 0.1 s.",
            ebu_signals.TECH_3342,
        ),
        songs(),
        CONVENTIONS,
    ]
    (HERE / "conformance.md").write_text("".join(page), encoding="utf-8")


if __name__ == "__main__":
    main()
