"""Mix folders of stems and print a row for each: what was decided, what came out, how long it took.

    python benchmarks/mix_songs.py songs/* --demo [--preset default] [--json]

Loudness and true peak of the result are read by libebur128 (pyebur128), and by ffmpeg's ebur128
filter where ffmpeg is installed. "Before" is the plain sum of the stems, a mono stem in the centre at
equal power. Times are wall times: `mix_s` of the second call with the arrays in memory, `command_s` of
`python -m mixrules mix` in a fresh process, files read and written, numba's cache warm.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import math
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mixrules import MixPlan, MixResult, RuleSet, Stems, load_stems, loudness_range, mix, presets
from mixrules.demo import write_demo
from mixrules.report.song.decisions import failed_statements
from mixrules.session import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One song; None where there is nothing to say (no vocal, no reverb, not measured)."""

    song: str
    duration_s: float
    stems: int
    mix_s: float
    command_s: float | None
    vocal_to_backing_before_lu: float | None
    vocal_to_backing_after_lu: float | None
    vocal_to_backing_target_lu: float | None
    vocal_range_before_lu: float | None
    vocal_range_after_lu: float | None
    vocal_range_target_lu: float | None
    eq_moves: tuple[str, ...]
    tempo_bpm: float | None
    tempo_confidence: float | None
    t60_stated_s: float | None
    t60_measured_s: float | None
    integrated_lufs: float
    loudness_range_lu: float
    true_peak_dbtp: float
    limiting_db: float | None
    libebur128_lufs: float
    libebur128_dbtp: float
    ffmpeg_lufs: float | None
    ffmpeg_dbtp: float | None
    statements: int
    statements_hold: int
    failed: tuple[str, ...]


def measure_song(folder: Path, preset: str, *, command: bool) -> Row:
    """Mix one folder and return its row."""
    rules = presets.load(preset)
    stems = load_stems(folder)
    mix(stems, rules=rules)
    start = time.perf_counter()
    result = mix(stems, rules=rules)
    mix_s = time.perf_counter() - start
    command_s, file_reading = _command(folder, preset) if command else (None, (None, None))
    lufs, dbtp = libebur128(result.audio, result.sample_rate)
    checked = [s for d in result.plan.decisions if not d.superseded for s in d.statements]
    return Row(
        song=folder.name,
        duration_s=stems.duration_s,
        stems=len(stems),
        mix_s=mix_s,
        command_s=command_s,
        **_vocal(stems, result, rules),
        eq_moves=tuple(_eq_moves(result.plan)),
        **_reverb(result.plan),
        integrated_lufs=result.loudness.integrated_lufs,
        loudness_range_lu=result.loudness.loudness_range_lu,
        true_peak_dbtp=result.loudness.true_peak_dbtp,
        limiting_db=_measured(result.plan, "master", "limiting"),
        libebur128_lufs=lufs,
        libebur128_dbtp=dbtp,
        ffmpeg_lufs=file_reading[0],
        ffmpeg_dbtp=file_reading[1],
        statements=len(checked),
        statements_hold=sum(statement.holds is True for statement in checked),
        failed=tuple(failed_statements(result.plan)),
    )


def libebur128(audio: np.ndarray, sample_rate: int) -> tuple[float, float]:
    """Return integrated loudness and true peak as libebur128 reads them."""
    import pyebur128

    modes = pyebur128.MeasurementMode
    state = pyebur128.R128State(audio.shape[1], sample_rate, modes.MODE_I | modes.MODE_TRUE_PEAK)
    state.add_frames(np.ascontiguousarray(audio).ravel(), len(audio))
    peak = max(pyebur128.get_true_peak(state, channel) for channel in range(audio.shape[1]))
    return pyebur128.get_loudness_global(state), 20.0 * math.log10(peak) if peak else -math.inf


def ffmpeg_ebur128(path: Path) -> tuple[float | None, float | None]:
    """Return integrated loudness and true peak as ffmpeg prints them, to one digit; None without ffmpeg."""
    program = shutil.which("ffmpeg")
    if program is None:
        return None, None
    command = [program, "-hide_banner", "-nostats", "-i", str(path), "-af", "ebur128=peak=true"]
    text = subprocess.run([*command, "-f", "null", "-"], capture_output=True, text=True, check=True).stderr
    summary = text[text.rindex("Summary:") :]
    found = [re.search(key + r"\s+(-?[\d.]+|-inf|nan) ", summary) for key in ("I:", "Peak:")]
    lufs, dbtp = (float(match[1]) if match else None for match in found)
    return lufs, dbtp


def _command(folder: Path, preset: str) -> tuple[float, tuple[float | None, float | None]]:
    """Run the command line in a process of its own; return its wall time and ffmpeg's reading of the file."""
    with tempfile.TemporaryDirectory() as scratch:
        output = Path(scratch) / "mix.wav"
        command = [sys.executable, "-m", "mixrules", "mix", str(folder), "-o", str(output)]
        start = time.perf_counter()
        subprocess.run([*command, "--preset", preset, "--quiet"], check=True)
        return time.perf_counter() - start, ffmpeg_ebur128(output)


def _vocal(stems: Stems, result: MixResult, rules: RuleSet) -> dict[str, float | None]:
    """Return the vocal's level and range before, after and aimed at."""
    session = Session(stems)
    names = session.vocals
    settings = rules.section("compression") if "compression" in {s.rule for s in rules.chain} else {}
    target: Any = settings.get("vocal_target_lu", settings.get("target_lu"))
    statement = _statement(result.plan, "vocal_to_backing_lu")
    before = session.loudness(*names) - session.loudness(*session.backing) if names else None
    return {
        "vocal_to_backing_before_lu": before,
        "vocal_to_backing_after_lu": statement.measured if statement else None,
        "vocal_to_backing_target_lu": statement.stated if statement else None,
        "vocal_range_before_lu": loudness_range(session.sum(names), stems.sample_rate) if names else None,
        "vocal_range_after_lu": _range(result, names, stems.samples) if names else None,
        "vocal_range_target_lu": target if names else None,
    }


def _range(result: MixResult, names: Sequence[str], samples: int) -> float:
    """Return the loudness range of some stems in the mix, the reverb's tail past their end left out."""
    return loudness_range(sum(result.stems[name][:samples] for name in names), result.sample_rate)


def _eq_moves(plan: MixPlan) -> Iterator[str]:
    for stem in plan.stems:
        for band in stem.equalizer.bands:
            yield f"{stem.name} {band.gain_db:+.1f} dB {band.frequency_hz:g} Hz"


def _reverb(plan: MixPlan) -> dict[str, float | None]:
    statement = _statement(plan, "reverb_t60_s")
    return {
        "tempo_bpm": _measured(plan, "reverb", "tempo"),
        "tempo_confidence": _measured(plan, "reverb", "confidence of the tempo"),
        "t60_stated_s": statement.stated if statement else None,
        "t60_measured_s": statement.measured if statement else None,
    }


def _statement(plan: MixPlan, kind: str) -> Any:
    """Return the statement of one kind that still holds the word, or None."""
    found = [s for d in plan.decisions if not d.superseded for s in d.statements if s.kind == kind]
    return found[0] if found else None


def _measured(plan: MixPlan, rule: str, name: str) -> float | None:
    """Return what a rule measured under one name, or None."""
    decisions = [d for d in plan.decisions if d.rule == rule and not d.superseded]
    return next((q.value for d in decisions for q in d.measured if q.name == name), None)


def print_table(rows: Sequence[Row]) -> None:
    """Print the rows as two tables: what the mix is, and what was done to the sources."""
    print(
        f"{'song':20}{'s':>6}{'stems':>6}{'mix s':>7}{'cmd s':>7}{'vocal-backing: before after (target)':>40}"
        f"{'vocal LRA: before after (target)':>36}{'BPM':>7}{'T60 stated, measured s':>24}"
    )
    for r in rows:
        vocal = _triple(
            r.vocal_to_backing_before_lu, r.vocal_to_backing_after_lu, r.vocal_to_backing_target_lu
        )
        span = _triple(r.vocal_range_before_lu, r.vocal_range_after_lu, r.vocal_range_target_lu)
        print(
            f"{r.song:20}{r.duration_s:6.1f}{r.stems:6}{r.mix_s:7.2f}{_number(r.command_s):>7}{vocal:>40}"
            f"{span:>36}{_number(r.tempo_bpm, 1):>7}{_number(r.t60_stated_s):>14}{_number(r.t60_measured_s):>10}"
        )
    print(
        f"\n{'song':20}{'LUFS: ours libebur128 ffmpeg':>32}{'dBTP: ours libebur128 ffmpeg':>32}{'LRA':>6}"
        f"{'limiting':>9}{'hold':>7}  EQ moves"
    )
    for r in rows:
        lufs = f"{r.integrated_lufs:.2f} {r.libebur128_lufs:.2f} {_number(r.ffmpeg_lufs, 1)}"
        dbtp = f"{r.true_peak_dbtp:.2f} {r.libebur128_dbtp:.2f} {_number(r.ffmpeg_dbtp, 1)}"
        print(
            f"{r.song:20}{lufs:>32}{dbtp:>32}{r.loudness_range_lu:6.1f}{_number(r.limiting_db, 1):>9}"
            f"{f'{r.statements_hold}/{r.statements}':>7}  {'; '.join(r.eq_moves) or '-'}"
        )
    for r in rows:
        for line in r.failed:
            print(f"{r.song}: {line}")


def _number(value: float | None, digits: int = 2) -> str:
    return "-" if value is None or not math.isfinite(value) else f"{value:.{digits}f}"


def _triple(before: float | None, after: float | None, target: float | None) -> str:
    return f"{_number(before)} {_number(after)} ({_number(target)})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path, metavar="FOLDER", help="a folder of stems")
    parser.add_argument("--preset", default="default")
    parser.add_argument("--demo", action="store_true", help="the demo song as well")
    parser.add_argument("--no-command", action="store_true", help="leave the run of the command line out")
    parser.add_argument("--json", action="store_true", help="print JSON instead of the tables")
    options = parser.parse_args()
    if not options.folders and not options.demo:
        parser.error("nothing to mix: give a FOLDER of stems, or --demo")
    with tempfile.TemporaryDirectory() as scratch:
        folders = list(options.folders)
        if options.demo:
            folders.append(write_demo(Path(scratch) / "demo")[0].parent)
        rows = []
        for folder in folders:
            print(f"mixing {folder.name}", file=sys.stderr)
            rows.append(measure_song(folder, options.preset, command=not options.no_command))
    if options.json:
        print(json.dumps([dataclasses.asdict(row) for row in rows], indent=2))
    else:
        print_table(rows)


if __name__ == "__main__":
    main()
