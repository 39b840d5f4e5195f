"""Draw the pictures of docs/deep-model.md.

    python docs/make_deep_pictures.py                               what of an equaliser is to be seen
    python docs/make_deep_pictures.py --toys build/deep-pictures    and what becomes of a training on it

The first is of noise from a fixed seed. The second trains both networks on task toy-eq, with songs of
benchmarks/toy_songs.py; that takes PyTorch and some minutes, and is kept in the folder with what it was made with. Both
print their figures: those that the page names are the first and the last line of each network, and its loss.
"""

from __future__ import annotations

import argparse
import io
import sys
from pathlib import Path
from typing import Any

from mixrules.learning.network.seen_change import equalized_noise
from mixrules.learning.training.history import History
from mixrules.learning.training.history_file import read_history
from mixrules.learning.training.settings import settings_for
from mixrules.report import figure_style as style
from mixrules.report.training.answers import median_spread_percent
from mixrules.report.training.axes import NETWORK_COLOURS
from mixrules.report.training.inputs import input_figure

IMAGES = Path(__file__).parent / "images"
BENCHMARKS = Path(__file__).parent.parent / "benchmarks"
GAINS_DB = (0.0, 11.0, 0.0, -11.0, 0.0, 11.0, 0.0, -11.0, 0.0)
DPI, COLOURS = 130, 64

SONGS, SONG_S, COPIES, EPOCHS = 24, 7.5, 15, 20
THREADS = 2  # whatever the machine has: results depend on it
LEARNT: dict[str, dict[str, Any]] = {
    "faithful": {},
    "corrected": {"batch": 16, "learning_rate": 4e-3, "schedule": "cosine", "dropout": 0.0, "patience": 0},
}


def collapse(histories: dict[str, History]) -> Any:
    """Return the figure of errors and of the spread of answers, epoch by epoch."""
    figure, (errors, spreads) = style.panels(2, 2, width=4.2, height=2.8)
    for network, history in histories.items():
        numbers = [epoch.number for epoch in history.epochs]
        constant = history.constants_by_snippet["mean"].rmse
        ratios = [100.0 * epoch.by_snippet.rmse / constant for epoch in history.epochs]
        percent = [median_spread_percent(epoch, history.truth) for epoch in history.epochs]
        for axis, values in ((errors, ratios), (spreads, percent)):
            axis.plot(numbers, values, color=NETWORK_COLOURS[network], label=network, marker=".")
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
    from made_folder import own_folder
    from toy_songs import write_songs

    from mixrules.corpus.catalogue import open_catalogue
    from mixrules.corpus.extraction import Extraction
    from mixrules.corpus.tasks import DatasetSettings, make_dataset
    from mixrules.corpus.work.run import run_songs
    from mixrules.learning.training.loop import train
    from mixrules.learning.training.training_files import HISTORY, training_folder

    own_folder(folder, "make_deep_pictures.py", {"songs": SONGS, "seconds": SONG_S, "copies": COPIES})
    data = folder / "toy-eq"
    if not (data / "dataset.json").exists():
        songs = open_catalogue(write_songs(folder / "songs", SONGS, SONG_S))
        run_songs(Extraction(root=songs.root), songs, folder / "truth")
        settings = DatasetSettings(task="toy-eq", seed=1, shares=(0.6, 0.2, 0.2), copies=COPIES)
        make_dataset(folder / "truth", data, settings)
    histories = {}
    for network, changes in LEARNT.items():
        training = settings_for(
            "toy-eq", network, seed=1, device="cpu", threads=THREADS, epochs=EPOCHS, **changes
        )
        model = folder / f"{network}.onnx"
        train(data, training, model, reuse=True)
        histories[network] = read_history(training_folder(model) / HISTORY)
    return histories


def save(png: bytes, name: str) -> None:
    """Write a picture into the folder of pictures, in few colours, which is a third of the bytes."""
    from PIL import Image

    with Image.open(io.BytesIO(png)) as picture:
        few = picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    few.save(IMAGES / f"{name}.png", optimize=True)


def png_of(figure: Any) -> bytes:
    """Return a figure as PNG."""
    pixels = io.BytesIO()
    figure.savefig(pixels, dpi=DPI, metadata={"Software": None})
    return pixels.getvalue()


def figures_of(network: str, history: History) -> str:
    """Return what docs/deep-model.md says of a training: loss, error and spread, after the first and the last epoch."""
    constant = history.constants_by_snippet["mean"].rmse
    epochs = history.epochs[0], history.epochs[-1]
    said = [
        f"{network}, epoch {epoch.number}: training loss {epoch.train_loss:.2g}, RMSE {epoch.by_snippet.rmse:.3g} dB, "
        f"{epoch.by_snippet.rmse / constant:.2f} times the constant's {constant:.3g} dB, answers spread by "
        f"{median_spread_percent(epoch, history.truth):.0f} % of the truth"
        for epoch in epochs
    ]
    return "\n".join(said)


def main() -> None:
    """Draw the pictures that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--toys", type=Path, metavar="FOLDER", help="where to make what is learnt")
    options = parser.parse_args()
    with style.figure_style():
        seen = input_figure(*equalized_noise(seed=0, gains_db=GAINS_DB))
        save(seen.png, "deep-normalization")
        print(f"deep-normalization.png: {seen.caption}")
        if options.toys:
            histories = toy_histories(options.toys)
            save(png_of(collapse(histories)), "deep-collapse")
            print("deep-collapse.png:", *(figures_of(*each) for each in histories.items()), sep="\n")


if __name__ == "__main__":
    main()
