"""How well impulse responses are extracted, and how near our reverb comes to them: tables of docs/impulse-responses.md.

    python benchmarks/impulse_responses.py responses/ > tables.md
    python benchmarks/impulse_responses.py responses/ --dry vocals.wav --evaluations 200 --into docs/impulse-responses.md

responses/ holds WAV files of measured rooms. Each is put on a dry sound (the voice of the demo song, or --dry),
extracted again from the two and compared with the original. Then the room of our reverb is fitted to each, and to
the shortest one by every search, from the direct fit and from scratch.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile
import soxr
from scipy.signal import oaconvolve

from mixrules.demo import demo_stems
from mixrules.matching import extract_response, fit_reverb, response_difference
from mixrules.matching.searches import SEARCHES
from mixrules.processors import ReverbParams, impulse_response

Floats = npt.NDArray[np.float64]

OWN = {
    "ours, T60 1.5 s": ReverbParams(
        t60_s=1.5,
        pre_delay_ms=30,
        high_shelf_hz=4000,
        high_shelf_db_per_s=-20,
        low_cut_hz=200,
        high_cut_hz=8000,
    ),
    "ours, T60 0.4 s": ReverbParams(t60_s=0.4, room_size_m=5.0, pre_delay_ms=10),
}
CONDITIONS = {"as it is": None, "noise -40 dB": -40.0}
RATE = 44_100
SECONDS = 12  # of the demo song
SEARCHED = 1  # the shortest response, since each search makes many


def responses(folder: Path | None, sample_rate: int) -> Iterator[tuple[str, Floats]]:
    """Return each response by name: two channels at most, those of our own network first."""
    for name, params in OWN.items():
        yield name, np.asarray(impulse_response(sample_rate, params), np.float64)
    for path in sorted(folder.glob("*.wav")) if folder else []:
        audio, rate = soundfile.read(path, always_2d=True)
        name = path.stem.split("__")[-1].replace("_", " ")
        yield name, np.asarray(soxr.resample(audio[:, :2], rate, sample_rate))


def dry_sound(path: Path | None) -> tuple[Floats, int]:
    if path is None:
        return np.asarray(demo_stems(RATE)["vocals"][: SECONDS * RATE, 0], np.float64), RATE
    audio, rate = soundfile.read(path, always_2d=True)
    return np.asarray(audio.mean(axis=1)), rate


def extraction_rows(dry: Floats, sample_rate: int, folder: Path | None) -> list[str]:
    rows = [
        "| response | wet | residual, dB | log-spectral distance, dB | decay curves apart, dB | T60 off, % | octaves |",
        "|---|---|---:|---:|---:|---:|---:|",
    ]
    rng = np.random.default_rng(0)
    for name, true in responses(folder, sample_rate):
        wet = np.array([oaconvolve(dry, channel)[: len(dry)] for channel in true.T]).T
        for condition, noise_db in CONDITIONS.items():
            noise = rng.standard_normal(wet.shape) * np.sqrt(np.mean(wet**2))
            heard = wet if noise_db is None else wet + 10.0 ** (noise_db / 20.0) * noise
            found = extract_response(dry, heard, sample_rate)
            off = response_difference(found.response, true, sample_rate)
            times = np.abs(100.0 * np.array(off.t60_ratio) - 100.0)
            known = np.isfinite(times)
            rows.append(
                f"| {name} | {condition} | {found.residual_db:.1f} | {off.log_spectral_distance_db:.2f} | "
                f"{np.nanmedian(off.decay_rms_db):.2f} | {np.nanmax(times):.1f} | {known.sum()} |"
            )
            print(rows[-1], flush=True)
    return rows


def fit_rows(sample_rate: int, folder: Path | None) -> list[str]:
    rows = [
        "| response | T60 within 10 %, octaves | T60 off, 250 Hz to 4 kHz, % | "
        "decay curves apart, dB | Bark cost, dB | seconds |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for name, response in responses(folder, sample_rate):
        fit = fit_reverb(response, sample_rate)
        off = 100.0 * np.abs(np.array(fit.fitted.t60_s) / np.array(fit.measured.t60_s) - 1.0)
        octaves = np.array(fit.measured.frequencies_hz)
        middle = off[(octaves >= 250) & (octaves <= 4000)]
        rows.append(
            f"| {name} | {np.sum(off <= 10.0)} of {np.isfinite(off).sum()} | {np.nanmax(middle):.1f} | "
            f"{np.nanmedian(fit.decay_rms_db):.2f} | {fit.cost_db:.2f} | {fit.seconds:.1f} |"
        )
        print(rows[-1], flush=True)
    return rows


def search_rows(sample_rate: int, folder: Path | None, evaluations: int) -> list[str]:
    rows = [
        "| response | search | begins at | evaluations | seconds | "
        "Bark cost, dB | T60 off, median, % | decay curves apart, dB |",
        "|---|---|---|---:|---:|---:|---:|---:|",
    ]
    measured = [each for each in responses(folder, sample_rate) if each[0] not in OWN]
    for name, response in sorted(measured or responses(None, sample_rate), key=lambda each: len(each[1]))[
        :SEARCHED
    ]:
        for kind, scratch in [
            ("direct", False),
            *((kind, scratch) for scratch in (False, True) for kind in SEARCHES),
        ]:
            fit = fit_reverb(
                response, sample_rate, search=kind, evaluations=evaluations, from_scratch=scratch
            )
            off = 100.0 * np.abs(np.array(fit.fitted.t60_s) / np.array(fit.measured.t60_s) - 1.0)
            begins = "-" if kind == "direct" else "chance" if scratch else "the direct fit"
            rows.append(
                f"| {name} | {kind} | {begins} | {fit.evaluations or '-'} | {fit.seconds:.1f} | {fit.cost_db:.2f} | "
                f"{np.nanmedian(off):.1f} | {np.nanmedian(fit.decay_rms_db):.2f} |"
            )
            print(rows[-1], flush=True)
    return rows


def put_into(page: Path, tables: dict[str, list[str]]) -> None:
    """Replace what stands between the marks of each table in a page."""
    text = page.read_text(encoding="utf-8")
    for name, rows in tables.items():
        before, rest = text.split(f"<!-- {name} -->\n")
        after = rest.split(f"<!-- end of {name} -->")[1]
        table = "\n".join(rows)
        text = f"{before}<!-- {name} -->\n{table}\n<!-- end of {name} -->{after}"
    page.write_text(text, encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", nargs="?", type=Path, help="WAV files of measured responses")
    parser.add_argument("--dry", type=Path, help="a dry recording [default: the voice of the demo song]")
    parser.add_argument("--evaluations", type=int, default=200, help="of each search")
    parser.add_argument("--only", choices=("extraction", "fit", "search"), help="one of the tables")
    parser.add_argument("--into", type=Path, help="a page whose tables are replaced")
    options = parser.parse_args()
    dry, sample_rate = dry_sound(options.dry)
    tables = {}
    if options.only in (None, "extraction"):
        tables["extraction"] = extraction_rows(dry, sample_rate, options.folder)
    if options.only in (None, "fit"):
        tables["fit"] = fit_rows(sample_rate, options.folder)
    if options.only in (None, "search"):
        tables["search"] = search_rows(sample_rate, options.folder, options.evaluations)
    if options.into is not None:
        put_into(options.into, tables)


if __name__ == "__main__":
    main()
