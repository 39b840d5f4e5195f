"""How near Ardour comes to a plan: sessions that `mixrules export` wrote, rendered by Ardour, against our own render.

    python benchmarks/ardour_residuals.py                  # one row a processor, on noise made in code
    python benchmarks/ardour_residuals.py SONG ...         # and folders of stems, by the default rules

Needs Ardour 7 or 8 with its session tools (``ardour7-export``), lsp-plugins-lv2 and x42-plugins, as Debian has them. The
residual is the power of the difference against that of our render; 0 dB would be another signal altogether.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mixrules import (
    MasterPlan,
    MixPlan,
    ReverbBus,
    Send,
    Stems,
    export_plan,
    load_stems,
    plan,
    render,
    starting_plan,
)
from mixrules.processors import (
    CompressorParams,
    EqBand,
    EqualizerParams,
    GainPoint,
    LimiterParams,
    PanParams,
    ReverbParams,
)

RATE = 44_100
SECONDS = 6.0
TRIES = 4
TOOLS = ("ardour8-export", "ardour7-export")
Samples = npt.NDArray[np.float64]


def tool() -> str:
    """Return Ardour's tool that renders a session, or stop."""
    found = next((path for path in map(shutil.which, TOOLS) if path), None)
    if found is None:
        raise SystemExit(f"none of {', '.join(TOOLS)} is installed")
    return found


def rendered_by_ardour(session: Path) -> Samples:
    """Return what Ardour makes of a session."""
    import soundfile

    target = session.parent / "rendered.wav"
    command = [tool(), "-b", "float", "-o", str(target), str(session.parent), session.stem]
    for _ in range(TRIES):  # Ardour 7.3 aborts now and then as it starts
        done = subprocess.run(command, check=False, capture_output=True, timeout=1800)
        if done.returncode == 0 and target.exists():
            break
    else:
        raise SystemExit(f"{command[0]} failed {TRIES} times: {done.stderr.decode(errors='replace')[-500:]}")
    audio, _ = soundfile.read(target, dtype="float64", always_2d=True)
    return np.asarray(audio)


def residual_db(ours: npt.NDArray[Any], theirs: Samples) -> float:
    """Return the power of the difference against that of our render, in dB."""
    length = max(len(ours), len(theirs))
    difference = np.zeros((length, 2))
    difference[: len(ours)] += ours
    difference[: len(theirs)] -= theirs
    return float(10 * np.log10(np.sum(difference**2) / np.sum(ours.astype(np.float64) ** 2) + 1e-30))


def compared(stems: Stems, mix_plan: MixPlan, **choices: Any) -> float:
    """Return the residual of a plan in Ardour."""
    with tempfile.TemporaryDirectory() as folder:
        report = export_plan(stems, mix_plan, Path(folder) / "song.ardour", **choices)
        return residual_db(render(stems, mix_plan), rendered_by_ardour(report.path))


def noise_song() -> Stems:
    """Three stems of noise with bursts: mono, stereo, mono."""
    rng = np.random.default_rng(0)
    samples = round(SECONDS * RATE)
    bursts = 0.15 + 0.85 * (np.arange(samples) // (RATE // 3) % 2)
    mono = 0.1 * rng.standard_normal((samples, 1)) * bursts[:, np.newaxis]
    wide = 0.1 * rng.standard_normal((samples, 2)) * bursts[:, np.newaxis]
    tone = 0.2 * np.sin(2 * np.pi * 220.0 * np.arange(samples) / RATE)[:, np.newaxis]
    return Stems.from_arrays({"voice": mono, "guitars": wide, "bass": tone}, RATE, title="noise")


def cases(stems: Stems) -> Iterator[tuple[str, MixPlan, dict[str, Any]]]:
    """Yield what is compared: a name, a plan, and how it is exported."""
    flat = starting_plan(stems)
    balanced = flat.replace_stem("voice", gain_db=-3.7, pan=PanParams(pan=-0.31))
    balanced = balanced.replace_stem(
        "guitars", gain_db=1.9, pan=PanParams(pan=0.42), invert_right_polarity=True
    )
    balanced = balanced.replace_stem("bass", gain_db=9.0, input_gain_db=-4.0, invert_polarity=True)
    yield "faders, pans, polarity, input gain", balanced, {}
    yield "mute", balanced.replace_stem("guitars", mute=True), {}
    points = ((0.5, 0.0), (2.0, -6.0), (2.2, 3.0), (5.0, -1.0))
    ride = tuple(GainPoint(time_s=time_s, gain_db=gain_db) for time_s, gain_db in points)
    yield "fader ride", balanced.replace_stem("voice", automation=ride), {}
    for kind, gain_db in (
        ("peaking", -4.0),
        ("low_shelf", 3.0),
        ("high_shelf", -5.0),
        ("high_pass", 0.0),
        ("low_pass", 0.0),
    ):
        band = EqBand(kind=kind, frequency_hz=1800.0, gain_db=gain_db, q=0.8)  # type: ignore[arg-type]
        equalizer = EqualizerParams(bands=(band,))
        yield f"equaliser: {kind}", flat.replace_stem("voice", equalizer=equalizer), {}
    for ratio, attack_ms, release_ms, knee_db in ((2.0, 20.0, 200.0, 6.0), (4.0, 5.0, 80.0, 0.0)):
        compressor = CompressorParams(
            threshold_db=-24.0, ratio=ratio, attack_ms=attack_ms, release_ms=release_ms, knee_db=knee_db
        )
        name = f"compressor {ratio:g}:1, {attack_ms:g} / {release_ms:g} ms, knee {knee_db:g} dB"
        yield name, flat.replace_stem("guitars", compressor=compressor), {}
    limited = flat.replace(master=MasterPlan(gain_db=6.0, limiter=LimiterParams(ceiling_dbtp=-3.0)))
    yield "limiter, 6 dB of gain into -3 dBTP", limited, {}
    room = ReverbBus(name="room", params=ReverbParams(t60_s=1.2))
    wet = balanced.replace(reverbs=(room,)).replace_stem("voice", sends=(Send(to="room", level_db=-6.0),))
    wet = wet.replace_stem("guitars", sends=(Send(to="room", level_db=-9.0),))
    yield "reverb as an impulse response", wet, {"reverb": "ir"}
    yield "reverb as a track", wet, {"reverb": "track"}


def main(songs: list[str]) -> None:
    """Print the table."""
    print("| what | residual, dB |\n|---|---:|")
    stems = noise_song()
    for name, mix_plan, choices in cases(stems):
        print(f"| {name} | {compared(stems, mix_plan, **choices):.1f} |", flush=True)
    for song in songs:
        stems = load_stems(song)
        mix_plan = plan(stems)
        title = Path(song).name
        for name, choices in (
            ("plug-ins", {}),
            ("effects rendered, reverb as a response", {"print_effects": "all"}),
        ):
            print(f"| {title}, {name} | {compared(stems, mix_plan, **choices):.1f} |", flush=True)
        unmastered = mix_plan.replace(master=MasterPlan())
        choices = {"print_effects": "all"}
        print(
            f"| {title}, the same without the master | {compared(stems, unmastered, **choices):.1f} |",
            flush=True,
        )


if __name__ == "__main__":
    main(sys.argv[1:])
