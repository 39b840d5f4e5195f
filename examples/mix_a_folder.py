"""Mix a folder of stems with the default rules, and print what was decided and why.

python examples/mix_a_folder.py [FOLDER]    (without a folder: the built-in demo song)
"""

import sys
import tempfile
from pathlib import Path

from mixrules import load_stems, mix
from mixrules.demo import write_demo

OUT = Path(__file__).parent / "out"


def main() -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(temporary)
        if len(sys.argv) < 2:
            write_demo(folder)
        stems = load_stems(folder)

    for stem in stems:
        print(
            f"{stem.name:12} {stem.role:14} {stem.role_confidence:.2f}  {stem.role_reason}"
        )

    result = mix(stems)
    print()
    for decision in result.plan.decisions:
        if not decision.superseded:
            print(f"{decision.rule:12} {decision.sentence}")

    OUT.mkdir(exist_ok=True)
    result.save(OUT / "mix.wav")
    loudness = result.loudness
    print(
        f"\n{loudness.integrated_lufs:.1f} LUFS, {loudness.true_peak_dbtp:.1f} dBTP: out/mix.wav, out/mix.plan.json"
    )


if __name__ == "__main__":
    main()
