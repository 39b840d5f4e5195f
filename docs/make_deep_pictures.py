"""Draw the pictures of docs/deep-model.md.

    python docs/make_deep_pictures.py                               what of an equaliser is to be seen
    python docs/make_deep_pictures.py --toys build/deep-pictures    and what becomes of a training on it

The first is of noise from a fixed seed. The second trains both networks on task toy-eq, with songs of
benchmarks/toy_songs.py; that takes PyTorch and some minutes, and is kept in the folder. Both print their figures.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np

from mixrules.corpus.tasks.mel_blocks import BANDS, SAMPLE_RATE
from mixrules.learning.history import History
from mixrules.learning.history_file import read_history
from mixrules.learning.seen_change import SeenChange, equalized_noise, seen_change
from mixrules.learning.settings import settings_for
from mixrules.learning.switches import NETWORKS, switches_of
from mixrules.report import figure_style as style
from mixrules.report.training_answers import median_spread_percent

IMAGES = Path(__file__).parent / "images"
BENCHMARKS = Path(__file__).parent.parent / "benchmarks"
GAINS_DB = (0.0, 11.0, 0.0, -11.0, 0.0, 11.0, 0.0, -11.0, 0.0)
TICKS_HZ = (63, 125, 250, 500, 1000, 2000, 4000, 8000, 16000)
DPI = 130

SONGS, SONG_S, COPIES, EPOCHS = 24, 7.5, 15, 20
LEARNT: dict[str, dict[str, Any]] = {
    "faithful": {},
    "corrected": {"batch": 16, "learning_rate": 4e-3, "schedule": "cosine", "dropout": 0.0, "patience": 0},
}


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


def collapse(histories: dict[str, History]) -> Any:
    """Return the figure of errors and of the spread of answers, epoch by epoch."""
    figure, (errors, spreads) = style.panels(2, 2, width=4.2, height=2.8)
    for (network, history), colour in zip(histories.items(), (style.VERMILION, style.BLUE), strict=True):
        numbers = [epoch.number for epoch in history.epochs]
        constant = history.constants_by_snippet["mean"].rmse
        ratios = [100.0 * epoch.by_snippet.rmse / constant for epoch in history.epochs]
        percent = [median_spread_percent(epoch, history.truth) for epoch in history.epochs]
        for axis, values in ((errors, ratios), (spreads, percent)):
            axis.plot(numbers, values, color=colour, label=network, marker=".")
    for axis, title in (
        (errors, "error, % of the constant's"),
        (spreads, "spread of answers, % of the truth's"),
    ):
        axis.axhline(100.0, color=style.INK, linewidth=0.8, linestyle=":")
        axis.set(title=title, xlabel="epoch")
        axis.set_ylim(bottom=0.0)
        axis.set_xticks(range(0, EPOCHS + 1, 5))
    errors.legend()
    return figure


def toy_histories(folder: Path) -> dict[str, History]:
    """Return how both networks learn the equaliser's toy, each over the same epochs."""
    sys.path.append(str(BENCHMARKS))
    from toy_songs import write_songs

    from mixrules.corpus.catalogue import open_catalogue
    from mixrules.corpus.extraction import Extraction
    from mixrules.corpus.tasks import DatasetSettings, make_dataset
    from mixrules.corpus.work.run import run_songs
    from mixrules.learning.training import train

    data = folder / "toy-eq"
    if not (data / "dataset.json").exists():
        songs = open_catalogue(write_songs(folder / "songs", SONGS, SONG_S))
        run_songs(Extraction(root=songs.root), songs, folder / "truth")
        settings = DatasetSettings(task="toy-eq", seed=1, shares=(0.6, 0.2, 0.2), copies=COPIES)
        make_dataset(folder / "truth", data, settings)
    for network, changes in LEARNT.items():
        history = folder / f"{network}.training" / "history.jsonl"
        if not history.with_name("results.json").exists():
            training = settings_for("toy-eq", network, seed=1, device="cpu", epochs=EPOCHS, **changes)
            train(data, training, folder / f"{network}.onnx")
    return {network: read_history(folder / f"{network}.training" / "history.jsonl") for network in LEARNT}


def save(figure: Any, name: str) -> None:
    """Write a figure as PNG into the folder of pictures."""
    figure.savefig(IMAGES / f"{name}.png", dpi=DPI, metadata={"Software": None})
    print(f"{name}.png")


def main() -> None:
    """Draw the pictures that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--toys", type=Path, metavar="FOLDER", help="where to make what is learnt")
    options = parser.parse_args()
    with style.figure_style():
        seen = changes_seen()
        for network, found in seen.items():
            print(
                f"{network}: {found.mel_db:.3g} dB in the mel spectrum, {found.input_db:.2g} dB at its input"
            )
        save(normalization(seen), "deep-normalization")
        if options.toys:
            histories = toy_histories(options.toys)
            for network, history in histories.items():
                last = history.epochs[-1]
                print(
                    f"{network}, epoch {last.number}: RMSE {last.by_snippet.rmse:.3g} "
                    f"against {history.constants_by_snippet['mean'].rmse:.3g} dB of the constant, "
                    f"answers spread by {median_spread_percent(last, history.truth):.0f} % of the truth"
                )
            save(collapse(histories), "deep-collapse")


if __name__ == "__main__":
    main()
