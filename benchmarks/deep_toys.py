"""Proof that the machinery of `mixrules train` works: what can be learnt is learnt, and why the network of 2022 failed.

    .venv-deep/bin/python benchmarks/deep_toys.py [--only toy-eq] [--folder build/deep-toys] [--json FILE]

Makes songs (`toy_songs.py`), measures them (`mixrules extract`), makes task data of them (`mixrules dataset`) and trains
(`mixrules train`), by the package's own functions. Both toys have an answer that can be read off the mel block: the gain
that a vocal was moved by, and the octave of noise that was changed. The corrected network has to beat the better constant
on songs that it has not seen, in mean absolute error by snippet, by at least five times; where it does not, the exit
status is 1. Two threads train, whatever the machine has: how sums are rounded depends on it.

The equaliser's toy is learnt by two other networks as well: the faithful one, and one that differs from the corrected one
in its input alone, which is as it was in 2022. What that input leaves of an equaliser is measured.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from harness import note
from made_folder import own_folder
from toy_songs import write_songs

from mixrules._support.cores import usable_cores
from mixrules.corpus.catalogue import open_catalogue
from mixrules.corpus.extraction import Extraction
from mixrules.corpus.tasks import DatasetSettings, make_dataset
from mixrules.corpus.work.local_pool import LocalPool
from mixrules.corpus.work.run import run_songs
from mixrules.learning.network.seen_change import equalized_noise, seen_change
from mixrules.learning.network.switches import switches_of
from mixrules.learning.training.history import History
from mixrules.learning.training.settings import TrainingSettings, settings_for

_Made = TypeVar("_Made")

REQUIRED_TIMES = 5.0
INPUT_OF_2022 = "corrected, input of 2022"
TOYS = ("toy-level", "toy-eq")
_SEED = 1
_THREADS = 2  # whatever the machine has: results depend on it
_DRAWS = 20  # of an equaliser
_COPIES = 9  # further draws of each training song
_LEARNT = {"learning_rate": 3e-3, "schedule": "cosine", "dropout": 0.0, "patience": 0}
_CHANGES: dict[str, dict[str, Any]] = {
    # Batch normalisation takes out the mean level of a batch, the less of it the larger the batch.
    "toy-level": {**_LEARNT, "epochs": 25, "batch": 32},
    # Of nine gains eight are 0, so that 0 is a good answer to begin with: it takes many steps to leave it.
    "toy-eq": {**_LEARNT, "epochs": 36, "batch": 8, "levels": "hidden"},
}
_INPUT_OF_2022 = ("power_input", "time_normalization")


def main() -> None:
    """Make, train, print; fail where a network does not beat its constant."""
    options = _options()
    made_with = {"songs": options.songs, "seconds": options.seconds, "seed": _SEED, "copies": _COPIES}
    folder = own_folder(options.folder, "deep_toys.py", made_with, anew=not options.keep)
    songs_s, truth = _timed(
        "songs and extract", lambda: _measured_songs(folder, options.songs, options.seconds)
    )
    rows = [_trained(truth, folder, task, "corrected") for task in options.only]
    if "toy-eq" in options.only:
        rows += [_trained(truth, folder, "toy-eq", network) for network in ("faithful", INPUT_OF_2022)]
    found: dict[str, Any] = {
        "machine": f"{os.cpu_count()} cores",
        "load": os.getloadavg()[0],
        "songs": options.songs,
        "seconds_each": options.seconds,
        "songs_s": songs_s,
        "networks": rows,
        "seen": [_seen(network) for network in ("faithful", "corrected")],
    }
    print(_markdown(found))
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    short = [row for row in rows if row["network"] == "corrected" and row["times"] < REQUIRED_TIMES]
    for row in short:
        note(
            f"{row['task']}: {row['times']:.1f} times better than the constant, {REQUIRED_TIMES:g} were needed"
        )
    sys.exit(1 if short else 0)


def _measured_songs(folder: Path, songs: int, seconds: float) -> Path:
    """Write songs and measure them; return the ground truth's folder."""
    catalogue = open_catalogue(write_songs(folder / "songs", songs, seconds))
    run_songs(Extraction(root=catalogue.root), catalogue, folder / "truth", workers=_workers())
    return folder / "truth"


def _trained(truth: Path, folder: Path, task: str, network: str) -> dict[str, Any]:
    """Make task data, train a network, and return what it scores on songs that it has not seen."""
    from mixrules.learning.training.loop import train

    data, model = folder / task, folder / f"{task}, {network}.onnx"
    made = DatasetSettings(task=task, seed=_SEED, shares=(0.6, 0.2, 0.2), copies=_COPIES)
    data_s, _ = _timed(f"{task}: dataset", lambda: make_dataset(truth, data, made, workers=_workers()))
    cpu_s = time.process_time()
    training_s, results = _timed(
        model.stem,
        lambda: train(data, _settings(task, network), model, progress=_told(model.stem)),
    )
    errors = {name: results.of("test", "snippet", name) for name in ("network", "mean", "median")}
    constant = min(("mean", "median"), key=lambda name: errors[name].mae.mean)
    return {
        "task": task,
        "network": network,
        "epochs": results.epochs,
        "data_s": data_s,
        "training_s": training_s,
        "training_cpu_s": time.process_time() - cpu_s,
        "songs": results.songs,
        "blocks": results.blocks,
        "unit": results.error_unit,
        "constant": constant,
        "times": errors[constant].mae.mean / errors["network"].mae.mean,
        "mae": {name: [each.mae.mean, each.mae.low, each.mae.high] for name, each in errors.items()},
        "rmse": {name: each.rmse.mean for name, each in errors.items()},
        "verdict": results.verdict(),
    }


def _settings(task: str, network: str) -> TrainingSettings:
    usual: dict[str, Any] = {"seed": _SEED, "device": "cpu", "threads": _THREADS}
    if network == "faithful":  # as many epochs as the corrected one, of the 200 that were published
        return settings_for(task, network, epochs=_CHANGES[task]["epochs"], **usual)
    on = () if network == "corrected" else _INPUT_OF_2022
    return settings_for(task, on=on, **_CHANGES[task], **usual)


def _seen(network: str) -> dict[str, Any]:
    """Return what a network's input stage leaves of an equaliser on noise, in dB, mean over draws."""
    draws = [seen_change(*equalized_noise(seed), switches_of(network, "eq")) for seed in range(_DRAWS)]
    mel, inputs = (float(np.mean([getattr(seen, name) for seen in draws])) for name in ("mel_db", "input_db"))
    return {"network": network, "mel_db": mel, "input_db": inputs}


def _told(title: str) -> Callable[[History], None]:
    def tell(history: History) -> None:
        epoch = history.epochs[-1]
        constant = min(each.mae for each in history.constants_by_snippet.values())
        note(
            f"{title}: epoch {epoch.number}, MAE {epoch.by_snippet.mae:.3f}, the constant's {constant:.3f}, "
            f"{epoch.seconds:.0f} s"
        )

    return tell


def _workers() -> LocalPool:
    return LocalPool(usable_cores())


def _timed(what: str, work: Callable[[], _Made]) -> tuple[float, _Made]:
    """Do something; return how long it took, in seconds, and what it made."""
    began = time.perf_counter()
    made = work()
    seconds = time.perf_counter() - began
    note(f"{what}: {seconds:.0f} s")
    return seconds, made


def _markdown(found: dict[str, Any]) -> str:
    lines = [
        "| toy | network | MAE on unseen songs | MAE of the constant | times better | RMSE, network / constant "
        "| data and training |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in found["networks"]:
        mae, low, high = row["mae"]["network"]
        unit, constant = row["unit"], row["constant"]
        lines.append(
            f"| `{row['task']}` | {row['network']} | {mae:.3f} {unit} ({low:.3f} to {high:.3f}) "
            f"| {row['mae'][constant][0]:.3f} {unit} ({constant}) | {row['times']:.1f} "
            f"| {row['rmse']['network']:.3f} / {row['rmse']['mean']:.3f} {unit} "
            f"| {row['data_s']:.0f} + {row['training_s']:.0f} s |"
        )
    lines += [
        "",
        "| an equaliser on noise | in the mel spectrum | at the first convolution |",
        "|---|---|---|",
    ]
    lines += [
        f"| {seen['network']} | {seen['mel_db']:.1f} dB | {seen['input_db']:.2g} dB |"
        for seen in found["seen"]
    ]
    first = found["networks"][0]
    counts = {
        split: f"{first['blocks'][split]:,} blocks of {first['songs'][split]}" for split in ("train", "test")
    }
    lines += [
        "",
        f"{found['songs']} songs of {found['seconds_each']:g} s, made and measured in {found['songs_s']:.0f} s: learnt "
        f"from {counts['train']}, tested on {counts['test']}. MAE and RMSE by snippet, with 95 % intervals over songs. "
        f"{found['machine']}, load {found['load']:.1f}.",
    ]
    return "\n".join(lines)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--folder",
        type=Path,
        default=Path("build/deep-toys"),
        help="where everything is made; what an earlier run made there is removed",
    )
    parser.add_argument(
        "--keep", action="store_true", help="go on with what is in the folder, made with the same options"
    )
    parser.add_argument("--songs", type=int, default=90, help="how many; 6 in 10 are learnt from")
    parser.add_argument("--seconds", type=float, default=7.5, help="length of each")
    parser.add_argument("--only", nargs="+", choices=TOYS, default=list(TOYS))
    parser.add_argument("--json", type=Path, help="write the figures there")
    return parser.parse_args()


if __name__ == "__main__":
    main()
