"""Draw the picture at the top of README.md: the demo song's stems as they were given and as the rules mix them.

    python docs/make_picture.py            write docs/images/first-mix.png, and print what it shows in words
    python docs/make_picture.py --check    compare the numbers in it with those of today, exit status 1 if they differ

The numbers that it shows are within the picture, as its description.
"""

from __future__ import annotations

import io
import json
import math
import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mixrules import MixResult, StemPlan, Stems, integrated_loudness, mix
from mixrules.demo import demo_stems
from mixrules.systems import sum_plan

PICTURE = Path(__file__).parent / "images" / "first-mix.png"
ALIKE = 0.051
"""LU and dB; numbers in the picture have one decimal."""
STEPS, DPI, COLOURS = 190, 200, 96
"""Points of a waveform; dots an inch; colours of the file."""
LIFTED = 0.65
"""A peak is drawn to this power of itself."""
WIDTH, HEADING, LANE, FOOT = 7.4, 0.62, 0.5, 0.12
BEFORE, AFTER, WAVE_WIDTH, WORDS = 1.04, 3.1, 1.9, 5.22
"""Inches, as all of these."""
INK, PALE, RULE, PAPER = "#1f2328", "#59636e", "#d1d9e0", "#ffffff"
VOICE, REST, SUM = "#D55E00", "#0072B2", "#3d444d"

Waveform = npt.NDArray[np.float64]


def both_mixes(stems: Stems) -> tuple[MixResult, MixResult]:
    """Return the plain sum of some stems and their mix by the rules."""
    return mix(stems, mix_plan=sum_plan(stems)), mix(stems)


def numbers(plain: MixResult, ruled: MixResult) -> dict[str, Any]:
    """Return the numbers that the picture shows; changes of level are those at equal loudness of both mixes."""
    louder_lu = ruled.loudness.integrated_lufs - plain.loudness.integrated_lufs
    changes_lu = {name: lufs(ruled, name) - lufs(plain, name) - louder_lu for name in plain.stems}
    return {
        "level_lu": {name: round(change, 1) for name, change in changes_lu.items()},
        "voice_to_band_lu": [round(voice_to_band_lu(result), 1) for result in (plain, ruled)],
        "also": {strip.name: also_done(strip) for strip in ruled.plan.stems},
        "mix": [round(ruled.loudness.integrated_lufs, 1), round(ruled.loudness.true_peak_dbtp, 1)],
    }


def lufs(result: MixResult, *names: str) -> float:
    """Return the loudness of some stems in a mix, before the master."""
    return integrated_loudness(np.sum([result.stems[name] for name in names], axis=0), result.sample_rate)


def voice_to_band_lu(result: MixResult) -> float:
    """Return how loud the voice is against everything else."""
    return lufs(result, "vocals") - lufs(result, *(name for name in result.stems if name != "vocals"))


def also_done(strip: StemPlan) -> str:
    """Return in a few words what a channel strip does beside its fader."""
    deepest = min(strip.equalizer.bands, key=lambda band: band.gain_db, default=None)
    done = [
        f"compressed {strip.compressor.ratio:.1f}:1" if strip.compressor else "",
        f"{deepest.gain_db:.1f} dB at {deepest.frequency_hz / 1000:g} kHz" if deepest else "",
        f"{abs(strip.pan.pan):.0%} {'left' if strip.pan.pan < 0 else 'right'}" if strip.pan.pan else "",
        "reverb" if strip.sends else "",
    ]
    return ", ".join(filter(None, done))


def waveforms(result: MixResult, gain_db: float, samples: int) -> dict[str, Waveform]:
    """Return the peaks of each stem and of the mix, step by step, at a gain."""
    steps = np.linspace(0, samples, STEPS, endpoint=False).astype(int)
    sounds = {**result.stems, "mix": result.audio}
    padded = {name: np.pad(audio, ((0, samples - len(audio)), (0, 0))) for name, audio in sounds.items()}
    return {
        name: 10 ** (gain_db / 20) * np.maximum.reduceat(np.abs(audio).max(axis=1), steps)
        for name, audio in padded.items()
    }


def in_words(shown: dict[str, Any]) -> str:
    """Return what the picture says, for those who do not see it."""
    before_lu, after_lu = shown["voice_to_band_lu"]
    return (
        f"Waveforms of {len(shown['level_lu'])} stems before and after: as given, the voice is {-before_lu:.1f} LU "
        f"below the band; mixed by rules, {-after_lu:.1f} LU. Beside each stem, what the rules did to it."
    )


def picture(plain: MixResult, ruled: MixResult) -> bytes:
    """Return the picture as PNG, on white and with clear corners, for pages light and dark."""
    import matplotlib.pyplot as plt
    from matplotlib.patches import FancyBboxPatch

    shown = numbers(plain, ruled)
    samples = max(map(len, (plain.audio, ruled.audio)))
    gain_db = ruled.loudness.integrated_lufs - plain.loudness.integrated_lufs
    columns = {BEFORE: waveforms(plain, gain_db, samples), AFTER: waveforms(ruled, 0.0, samples)}
    names = [*shown["level_lu"], "mix"]
    height = HEADING + LANE * len(names) + FOOT
    with plt.rc_context({"font.family": "DejaVu Sans", "font.size": 10}):
        figure = plt.figure(figsize=(WIDTH, height))
        axis = figure.add_axes((0, 0, 1, 1), xlim=(0, WIDTH), ylim=(height, 0))
        axis.set_axis_off()
        sheet = FancyBboxPatch((0.02, 0.02), WIDTH - 0.04, height - 0.04, facecolor=PAPER, edgecolor=RULE)
        sheet.set_boxstyle("round", pad=0.0, rounding_size=0.1)
        axis.add_patch(sheet)
        before_lu, after_lu = shown["voice_to_band_lu"]
        for x, heading, below in (
            (BEFORE, "as given", f"voice {-before_lu:.1f} LU below the band"),
            (AFTER, "mixed by rules", f"voice {-after_lu:.1f} LU below the band"),
            (WORDS, "what the rules did", "and the plan says why"),
        ):
            axis.text(x, 0.25, heading, weight="bold", color=INK)
            axis.text(x, 0.46, below, size=8.5, color=PALE)
        for lane, name in enumerate(names):
            middle = HEADING + LANE * (lane + 0.5)
            colour = {"vocals": VOICE, "mix": SUM}.get(name, REST)
            axis.text(0.16, middle, name, va="center", color=colour, weight="bold", size=9)
            for x, drawn in columns.items():
                draw_waveform(axis, x, middle, drawn[name], colour)
            if name == "mix":
                first, second = f"{shown['mix'][0]:.1f} LUFS", f"true peak {shown['mix'][1]:.1f} dBTP"
                axis.plot([0.14, WIDTH - 0.14], [middle - LANE / 2] * 2, color=RULE, linewidth=0.8)
            else:
                change_lu = shown["level_lu"][name]
                first = f"{abs(change_lu):.1f} LU {'louder' if change_lu > 0 else 'quieter'}"
                second = shown["also"][name]
            axis.text(WORDS, middle - (0.07 if second else 0), first, va="center", color=INK, size=9)
            axis.text(WORDS, middle + 0.12, second, va="center", color=PALE, size=8)
        pixels = io.BytesIO()
        figure.savefig(pixels, dpi=DPI, transparent=True)
        plt.close(figure)
    return png(pixels, Title=in_words(shown), Description=json.dumps(shown))


def png(pixels: io.BytesIO, **texts: str) -> bytes:
    """Return a drawing as PNG of few colours, which is a quarter as large, with texts in it."""
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    for name, text in texts.items():
        info.add_text(name, text)
    few = io.BytesIO()
    with Image.open(pixels) as image:
        image.quantize(COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(
            few, "PNG", optimize=True, pnginfo=info
        )
    return few.getvalue()


def draw_waveform(axis: Any, x: float, middle: float, wave: Waveform, colour: str) -> None:
    """Draw the peaks of a sound about the middle of its lane; full scale fills it, and quiet sounds can still be seen."""
    places = np.linspace(x, x + WAVE_WIDTH, len(wave))
    half = np.minimum(wave, 1.0) ** LIFTED * 0.46 * LANE
    axis.plot([x, x + WAVE_WIDTH], [middle, middle], color=colour, linewidth=0.5, alpha=0.5)
    axis.fill_between(places, middle - half, middle + half, color=colour, linewidth=0)


def numbers_in(png: Path) -> dict[str, Any]:
    """Return the numbers that a picture was drawn from."""
    from PIL import Image

    with Image.open(png) as image:
        shown: dict[str, Any] = json.loads(image.info["Description"])
    return shown


def alike(old: Any, new: Any) -> bool:
    """Whether two descriptions are the same but for the last place of their numbers."""
    if isinstance(old, dict) and isinstance(new, dict):
        return list(old) == list(new) and all(alike(old[key], new[key]) for key in old)
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(map(alike, old, new))
    if isinstance(old, int | float) and isinstance(new, int | float):
        return math.isclose(old, new, abs_tol=ALIKE)
    return bool(old == new)


def main() -> int:
    """Draw or check the picture."""
    plain, ruled = both_mixes(Stems.from_arrays(demo_stems(), 44_100, title="demo"))
    shown = numbers(plain, ruled)
    if "--check" in sys.argv[1:]:
        drawn = numbers_in(PICTURE)
        if not alike(drawn, shown):
            print(f"{PICTURE.name} is out of date\n  drawn: {drawn}\n  today: {shown}")
            return 1
        return 0
    PICTURE.parent.mkdir(exist_ok=True)
    PICTURE.write_bytes(picture(plain, ruled))
    print(in_words(shown))
    return 0


if __name__ == "__main__":
    sys.exit(main())
