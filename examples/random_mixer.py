"""Write plans by chance: the random mixer that listeners rated as the low anchor.

A plan is plain data, so anything that can name its parameters can write one: rules, a model, a
person, or, as here, a seeded random generator. The engine renders them all.

python examples/random_mixer.py [SEED]
"""

import math
import sys
from pathlib import Path

import numpy as np

from mixrules import MasterPlan, MixPlan, ReverbBus, Send, Stems, measure, render
from mixrules.demo import demo_stems
from mixrules.errors import ParameterError
from mixrules.files import write_audio
from mixrules.processors import CompressorParams, EqBand, EqualizerParams, ReverbParams
from mixrules.session import Session, starting_plan

OUT = Path(__file__).parent / "out"
OCTAVES_HZ = (63, 125, 250, 500, 1000, 2000, 4000, 8000, 16000)
LISTENING_LUFS = -28.0


def random_reverb(rng: np.random.Generator) -> ReverbParams:
    """Draw a reverb; where the shelves would make a band ring for over a minute, draw again."""
    while True:
        try:
            return ReverbParams(
                room_size_m=rng.uniform(1, 30),
                t60_s=rng.uniform(0.1, 9),
                low_shelf_hz=rng.uniform(20, 20_000),
                high_shelf_hz=rng.uniform(20, 20_000),
                low_shelf_q=rng.uniform(0.01, 0.9),
                high_shelf_q=rng.uniform(0.01, 0.9),
                low_shelf_db_per_s=rng.uniform(-80, 6),
                high_shelf_db_per_s=rng.uniform(-80, 4),
                fade_in_s=rng.uniform(0, 9),
            )
        except ParameterError:
            continue


def random_plan(stems: Stems, vocal: str, seed: int) -> MixPlan:
    """Draw every parameter of the vocal's channel strip uniformly; the backing stays as it is."""
    rng = np.random.default_rng(seed)
    octaves = rng.choice(OCTAVES_HZ, size=4, replace=False)
    wet_share = rng.uniform(0, 1)
    plan = starting_plan(stems).replace(
        made_by="random_mixer",
        seed=seed,
        reverbs=(ReverbBus(name="random", params=random_reverb(rng)),),
    )
    plan = plan.replace_stem(
        vocal,
        equalizer=EqualizerParams(
            bands=tuple(
                EqBand(frequency_hz=float(hz), gain_db=rng.uniform(-15, 15), q=1.0) for hz in sorted(octaves)
            )
        ),
        compressor=CompressorParams(
            threshold_db=rng.uniform(-50, 0), ratio=rng.uniform(1, 16), attack_ms=30, release_ms=150
        ),
        sends=(Send(to="random", level_db=20 * math.log10(wet_share / (1 - wet_share))),),
    )
    # The level that was drawn is relative, so it takes a measurement: a session makes it.
    session = Session(stems, plan)
    backing = [name for name in stems.names if name != vocal]
    to_backing_lu = rng.uniform(-8, 8)
    gain_db = session.loudness(*backing) + to_backing_lu - session.loudness(vocal)
    plan = plan.replace_stem(vocal, gain_db=gain_db)
    session.plan = plan
    mix_lufs = session.loudness(*stems.names)
    master = plan.replace(master=MasterPlan(gain_db=LISTENING_LUFS - mix_lufs))
    print(f"seed {seed}: vocal {to_backing_lu:+.1f} LU to the backing, wet share {wet_share:.2f}")
    return master


def main() -> None:
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else 2022
    stems = Stems.from_arrays(demo_stems(), 44_100, title="demo")
    OUT.mkdir(exist_ok=True)
    for number in (seed, seed + 1):
        plan = random_plan(stems, "vocals", number)
        audio = render(stems, plan)
        write_audio(OUT / f"random_{number}.wav", audio, stems.sample_rate)
        (OUT / f"random_{number}.plan.json").write_text(plan.to_json())
        found = measure(audio, stems.sample_rate)
        print(
            f"  {found.integrated_lufs:.2f} LUFS, {found.true_peak_dbtp:.2f} dBTP, {found.duration_s:.1f} s"
        )


if __name__ == "__main__":
    main()
