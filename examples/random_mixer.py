"""Mix by chance: the random mixer that listeners rated as the low anchor.

A plan is plain data, so anything that can name its parameters can write one: rules, a model, a
person, or, as here, a seeded random generator. The engine renders them all.

python examples/random_mixer.py [SEED]
"""

import sys
from pathlib import Path

from mixrules import Stems, measure, render
from mixrules.demo import demo_stems
from mixrules.files import write_audio
from mixrules.systems import random_plan

OUT = Path(__file__).parent / "out"


def main() -> None:
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else 2022
    stems = Stems.from_arrays(demo_stems(), 44_100, title="demo")
    OUT.mkdir(exist_ok=True)
    for number in (seed, seed + 1):
        plan = random_plan(stems, seed=number)
        audio = render(stems, plan)
        write_audio(OUT / f"random_{number}.wav", audio, stems.sample_rate)
        plan.save(OUT / f"random_{number}.plan.json")
        found = measure(audio, stems.sample_rate)
        print(f"seed {number}: {plan.notes[-1]}")
        print(
            f"  {found.integrated_lufs:.2f} LUFS, {found.true_peak_dbtp:.2f} dBTP, {found.duration_s:.1f} s"
        )


if __name__ == "__main__":
    main()
