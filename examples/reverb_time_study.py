"""Study whether tempo, timbre and rhythm of a song tell its reverb time.

Of a folder that `mixrules extract` wrote: rank correlations of eight descriptors with the
decay time, with 95 % intervals over songs and Holm's correction for eight tries, and their
scatter plots on one scale. Without a folder it rehearses on songs drawn by chance: in some the
reverb follows the tempo, which the study must find, in the others it follows nothing.

python examples/reverb_time_study.py [TRUTH] [-o OUT] [--target COLUMN] [--times CSV]
"""

import argparse
import csv
import math
from pathlib import Path

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure

from mixrules.corpus.extraction import COLUMNS, STEMS, read_truth
from mixrules.files import make_folder
from mixrules.report.figure_style import figure_style
from mixrules.statistics import (
    RankCorrelation,
    detectable_correlation,
    holm,
    rank_correlation,
)

OUT = Path(__file__).parent / "out" / "reverb_time_study"
ALPHA, POWER = 0.05, 0.8
# What each descriptor is called: its column in the tables, and of which signal.
# Downbeats are not among them. librosa tracks beats, not bars, and a fourth of the
# beats would be the beats again: ranks, and so the correlation, would be the same.
DESCRIPTORS = {
    "tempo": ("tempo_bpm", "mix"),
    "beats": ("beat_density_per_s", "mix"),
    "onsets": ("onset_density_per_s", "mix"),
    "vocal onsets": ("onset_density_per_s", "vocal"),
    "chord changes": ("chord_change_density_per_s", "mix"),
    "spectral flux": ("spectral_flux", "mix"),
    "centroid variance": ("spectral_centroid_variance_hz2", "mix"),
    "zero-crossing rate": ("zero_crossing_rate", "mix"),
}
Floats = npt.NDArray[np.float64]


def by_song(truth: Path, column: str, signal: str) -> dict[str, float]:
    """Return a column of the songs' table; of several stems, their mean."""
    import pyarrow.dataset as ds

    table = read_truth(truth).stems.to_table(
        columns=["song", column],
        filter=(ds.field("signal") == signal) & ds.field(column).is_valid(),
    )
    means = table.group_by("song").aggregate([(column, "mean")])
    names, values = means.column("song"), means.column(f"{column}_mean")
    return dict(zip(names.to_pylist(), values.to_pylist(), strict=True))


def from_csv(path: Path, column: str) -> dict[str, float]:
    """Return a column of a table with a column `song`."""
    found: dict[str, float] = {}
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            table = csv.DictReader(file)
            for name in ("song", column):
                if name not in (table.fieldnames or ()):
                    raise SystemExit(
                        f"{path} has no column {name}: it needs song,{column}"
                    )
            for row in table:
                found[row["song"]] = number_of(
                    row[column], f"{path}, line {table.line_num}"
                )
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise SystemExit(f"{path} cannot be read: {error}") from error
    return found


def number_of(cell: str | None, place: str) -> float:
    """Return the number in a cell."""
    try:
        value = float(cell or "")
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise SystemExit(f"{place}: {cell or 'an empty cell'} is not a number")
    return value


def target_of(truth: Path, column: str, times: Path | None) -> dict[str, float]:
    """Return what is to be told, song by song."""
    if times is not None:
        return from_csv(times, column)
    if column not in {each.name for each in COLUMNS[STEMS]}:
        raise SystemExit(
            f"there is no column {column}: docs/ground-truth.md lists them"
        )
    for signal in (
        ("stem", "mix", "vocal") if column == "decay_s" else ("mix", "vocal")
    ):
        found = by_song(truth, column, signal)
        if found:
            return found
    raise SystemExit(
        f"no song of {truth} has a {column}: name another with --target, or a table of "
        "times with --times"
    )


def drawn(tied: bool) -> tuple[dict[str, Floats], Floats]:
    """Return the descriptors and the reverb times of 60 songs drawn by chance."""
    rng = np.random.default_rng(16)
    descriptors = {name: rng.lognormal(size=60) for name in DESCRIPTORS}
    tempo = descriptors["tempo"] = rng.uniform(70.0, 160.0, 60)
    descriptors["beats"] = tempo / 60.0 + rng.normal(0.0, 0.1, 60)
    rule_s = 40.0 / 9.0 - tempo / 45.0 + rng.normal(0.0, 0.2, 60)
    return descriptors, rule_s if tied else rng.uniform(0.4, 2.4, 60)


def study(
    descriptors: dict[str, Floats], target: Floats, label: str, folder: Path
) -> None:
    """Correlate, draw, and say what was found."""
    found = {
        name: rank_correlation(values, target, resamples=2000)
        for name, values in descriptors.items()
    }
    adjusted = holm([each.p for each in found.values()])
    p_holm = dict(zip(found, adjusted.tolist(), strict=True))
    make_folder(folder)
    draw(descriptors, target, found, label, folder)
    write(found, p_holm, folder)
    print(
        f"{'':20}{'songs':>5}  {'rho':>6}  {'95 % interval':<16}{'p':>7}{'Holm':>7}"
    )
    for name, each in found.items():
        interval = f"{each.low:.2f} to {each.high:.2f}"
        print(
            f"{name:20}{each.count:>5}  {each.rho:>6.2f}  {interval:<16}"
            f"{each.p:>7.3f}{p_holm[name]:>7.3f}"
        )
    print(verdict(found, p_holm, label))


def verdict(
    found: dict[str, RankCorrelation], p_holm: dict[str, float], label: str
) -> str:
    """Return what the study says, and what it could not have seen."""
    tests = sum(not math.isnan(each.p) for each in found.values())
    if not tests:
        return "Nothing can be said: four songs with values that differ are needed."
    songs = max(each.count for each in found.values())
    least = detectable_correlation(songs, tests=tests, alpha=ALPHA, power=POWER)
    reach = (
        f"With {songs} songs and {tests} tries, a correlation of {least:.2f} is found "
        f"{POWER:.0%} of the time; a weaker one may be there unseen."
    )
    shown = [
        f"{name} (rho {each.rho:.2f}, p {p_holm[name]:.2g})"
        for name, each in found.items()
        if p_holm[name] < ALPHA
    ]
    if shown:
        return (
            f"Found: {', '.join(shown)} tell something of the {label}, after Holm's "
            f"correction for {tests} tries; descriptors that go along with one another are "
            f"found together. {reach}"
        )
    return f"Not found: none of {tests} descriptors was shown to tell the {label}. {reach}"


def draw(
    descriptors: dict[str, Floats],
    target: Floats,
    found: dict[str, RankCorrelation],
    label: str,
    folder: Path,
) -> None:
    """Draw every descriptor against the target: the same axes in each panel."""
    with figure_style():
        figure = Figure(figsize=(11.0, 5.6), layout="constrained")
        axes = figure.subplots(2, 4, sharex=True, sharey=True).ravel()
        for axis, (name, values) in zip(axes, descriptors.items(), strict=True):
            both = np.isfinite(values) & np.isfinite(target)
            # The share of songs below: ranks are what is correlated, and one scale
            # fits them all.
            order = np.argsort(np.argsort(values[both], kind="stable"))
            share = 100.0 * (order + 0.5) / max(both.sum(), 1)
            axis.plot(share, target[both], "o", markersize=4, alpha=0.7)
            axis.set_title(name)
            each = found[name]
            axis.text(
                0.98,
                0.97,
                f"ρ {each.rho:.2f}"
                if not math.isnan(each.rho)
                else "ρ not defined",
                transform=axis.transAxes,
                ha="right",
                va="top",
            )
            axis.set_xlim(0.0, 100.0)
            axis.grid(axis="both")
        figure.supxlabel("songs below, in the order of the descriptor (%)")
        figure.supylabel(label)
        for ending in ("svg", "png"):
            figure.savefig(folder / f"scatter.{ending}")


def write(
    found: dict[str, RankCorrelation], p_holm: dict[str, float], folder: Path
) -> None:
    """Write the correlations as a table."""
    with open(
        folder / "correlations.csv", "w", encoding="utf-8", newline=""
    ) as file:
        table = csv.writer(file)
        table.writerow(["descriptor", "songs", "rho", "low", "high", "p", "p_holm"])
        for name, each in found.items():
            numbers = (each.rho, each.low, each.high, each.p, p_holm[name])
            cells = [
                "" if math.isnan(value) else f"{value:.6g}" for value in numbers
            ]
            table.writerow([name, each.count, *cells])


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("truth", nargs="?", type=Path, help="from mixrules extract")
    parser.add_argument("-o", "--output", type=Path, default=OUT)
    parser.add_argument("--target", default="decay_s", metavar="COLUMN")
    parser.add_argument(
        "--times", type=Path, metavar="CSV", help="with song and the target"
    )
    given = parser.parse_args()
    if given.truth is None:
        for tied, name in ((True, "tied"), (False, "by chance")):
            print(f"Rehearsal, reverb times {name}{' to the tempo' * tied}:")
            study(*drawn(tied), "reverb time (s)", given.output / name.split()[0])
        return
    target = target_of(given.truth, given.target, given.times)
    songs = sorted(target)
    columns = {
        name: by_song(given.truth, column, signal)
        for name, (column, signal) in DESCRIPTORS.items()
    }
    descriptors = {
        name: np.array([values.get(song, math.nan) for song in songs])
        for name, values in columns.items()
    }
    label = "reverb time (s)" if given.target == "decay_s" else given.target
    values = np.array([target[song] for song in songs])
    study(descriptors, values, label, given.output)
    print(f"wrote {given.output}")


if __name__ == "__main__":
    main()
