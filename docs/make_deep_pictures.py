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

from mixrules.learning.network.seen_change import equalized_noise
from mixrules.learning.training.history import History
from mixrules.learning.training.history_file import read_history
from mixrules.learning.training.settings import settings_for
from mixrules.report import figure_style as style
from mixrules.report.training_answers import median_spread_percent
from mixrules.report.training_inputs import input_figure

IMAGES = Path(__file__).parent / "images"
BENCHMARKS = Path(__file__).parent.parent / "benchmarks"
GAINS_DB = (0.0, 11.0, 0.0, -11.0, 0.0, 11.0, 0.0, -11.0, 0.0)
DPI = 130

SONGS, SONG_S, COPIES, EPOCHS = 24, 7.5, 15, 20
LEARNT: dict[str, dict[str, Any]] = {
    "faithful": {},
    "corrected": {"batch": 16, "learning_rate": 4e-3, "schedule": "cosine", "dropout": 0.0, "patience": 0},
}


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
    from mixrules.learning.training.loop import train

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
        seen = input_figure(*equalized_noise(seed=0, gains_db=GAINS_DB))
        (IMAGES / "deep-normalization.png").write_bytes(seen.png)
        print(f"deep-normalization.png: {seen.caption}")
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
