"""Draw the pictures of docs/deep-model.md.

    python docs/make_deep_pictures.py
        what either network is given to see of an equaliser on noise; prints the figures
    python docs/make_deep_pictures.py --trainings faithful.training corrected.training
        also the answers of two trainings on the same data, epoch by epoch, and the curves of the second

The gains of the equaliser are fixed and the noise is seeded, so that the first picture is the same on every run.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np

from mixrules.corpus.tasks.mel_blocks import BANDS, SAMPLE_RATE
from mixrules.learning.seen_change import SeenChange, equalized_noise, seen_change
from mixrules.learning.switches import NETWORKS, switches_of
from mixrules.report import figure_style as style

IMAGES = Path(__file__).parent / "images"
GAINS_DB = (0.0, 11.0, 0.0, -11.0, 0.0, 11.0, 0.0, -11.0, 0.0)
TICKS_HZ = (63, 125, 250, 500, 1000, 2000, 4000, 8000, 16000)
DPI = 130


def changes_seen() -> dict[str, SeenChange]:
    """Return what each network is given to see of the same equaliser."""
    before, after = equalized_noise(seed=0, gains_db=GAINS_DB)
    return {network: seen_change(before, after, switches_of(network, "eq")) for network in NETWORKS}


def band_centers_hz() -> Any:
    """Return the centres of the mel bands, HTK's scale."""
    top = 2595.0 * np.log10(1.0 + SAMPLE_RATE / 2.0 / 700.0)
    mels = np.linspace(0.0, top, BANDS + 2)[1:-1]
    return 700.0 * (10.0 ** (mels / 2595.0) - 1.0)


def normalization(seen: dict[str, SeenChange]) -> Any:
    """Return the figure of the change in the mel spectrum and at the inputs, band by band."""
    figure, axes = style.panels(3, 3, width=3.0, height=2.6)
    shown = [
        (f"mel spectrum: {seen['faithful'].mel_db:.1f} dB", seen["faithful"].mel_bands_db, style.INK),
        *(
            (f"{network}: {seen[network].input_db:.2g} dB", seen[network].input_bands_db, colour)
            for network, colour in (("faithful", style.VERMILION), ("corrected", style.BLUE))
        ),
    ]
    for axis, (title, change_db, colour) in zip(axes, shown, strict=True):
        axis.axhline(0.0, color=style.GRID)
        axis.semilogx(band_centers_hz(), change_db, color=colour)
        axis.set(title=title, xlabel="Hz", xlim=(40.0, 22_050.0), ylim=(-13.0, 13.0))
        axis.set_xticks(TICKS_HZ[1::3], [f"{hz}" for hz in TICKS_HZ[1::3]], minor=False)
        axis.minorticks_off()
    axes[0].set_ylabel("change of the vocal, dB")
    return figure


def save(figure: Any, name: str) -> None:
    """Write a figure as PNG into the folder of pictures."""
    figure.savefig(IMAGES / f"{name}.png", dpi=DPI, metadata={"Software": None})
    print(f"{name}.png")


def main() -> None:
    """Draw the pictures that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--trainings", nargs=2, type=Path, metavar=("FAITHFUL", "CORRECTED"))
    options = parser.parse_args()
    with style.figure_style():
        seen = changes_seen()
        for network, found in seen.items():
            print(
                f"{network}: {found.mel_db:.3g} dB in the mel spectrum, {found.input_db:.2g} dB at its input"
            )
        save(normalization(seen), "deep-normalization")
        if options.trainings:
            from mixrules.learning.history_file import read_history
            from mixrules.learning.results import read_results
            from mixrules.report.training_answers import answers_over_epochs
            from mixrules.report.training_curves import learning_curves

            for network, folder in zip(("faithful", "corrected"), options.trainings, strict=True):
                history = read_history(folder / "history.jsonl")
                kept = read_results(folder / "results.json").kept_epoch
                save(answers_over_epochs(history, kept), f"deep-answers-{network}")
            save(learning_curves(history, kept), "deep-curves")


if __name__ == "__main__":
    main()
