"""Turn a model's predictions into plans, one for each song, so that it is compared on the same engine as the rules.

The model here is a stand-in of one line: put your network in its place.

python examples/plans_from_a_model.py [SONGS PLANS]
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from mixrules import MixPlan, Stems, integrated_loudness, load_stems, starting_plan
from mixrules.demo import demo_stems
from mixrules.processors import PanParams

OUT = Path(__file__).parent / "out" / "plans"


def predict(stems: Stems) -> npt.NDArray[np.float64]:
    """Return a row for each stem: gain in dB, and pan from -1 (left) to 1 (right)."""
    lufs = np.array(
        [integrated_loudness(stem.audio, stems.sample_rate) for stem in stems]
    )
    return np.stack([0.8 * (-24.0 - lufs), np.zeros(len(lufs))], axis=1)


def plan_of(stems: Stems) -> MixPlan:
    """Return the plan that a model's predictions make for a song."""
    plan = starting_plan(stems).replace(made_by="my model 1.0")
    for stem, (gain_db, pan) in zip(stems, predict(stems), strict=True):
        plan = plan.replace_stem(stem.name, gain_db=gain_db, pan=PanParams(pan=pan))
    return plan


def songs() -> Iterator[tuple[str, Stems]]:
    """Yield the songs of the folder on the command line; without one, the demo song."""
    if len(sys.argv) > 1:
        for folder in sorted(
            path for path in Path(sys.argv[1]).iterdir() if path.is_dir()
        ):
            yield folder.name, load_stems(folder)
    else:
        yield "demo", Stems.from_arrays(demo_stems(), 44_100)


def main() -> None:
    plans = Path(sys.argv[2]) if len(sys.argv) > 2 else OUT
    plans.mkdir(parents=True, exist_ok=True)
    for name, stems in songs():
        plan = plan_of(stems)
        plan.save(plans / f"{name}.json")
        print(
            f"{name}: {', '.join(f'{strip.name} {strip.gain_db:+.1f}' for strip in plan.stems)} dB"
        )


if __name__ == "__main__":
    main()
