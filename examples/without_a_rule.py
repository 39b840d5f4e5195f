"""Leave one rule out and measure what it did, stem by stem.

python examples/without_a_rule.py [RULE]    (level, eq, compression, pan, reverb or master)
"""

import sys
from pathlib import Path

from mixrules import Stems, integrated_loudness, loudness_range, mix, presets
from mixrules.analysis import side_to_mid_db
from mixrules.demo import demo_stems

OUT = Path(__file__).parent / "out"


def main() -> None:
    left_out = sys.argv[1] if len(sys.argv) > 1 else "compression"
    rules = presets.load("default")
    stems = Stems.from_arrays(demo_stems(), 44_100, title="demo")
    results = {
        "with": mix(stems, rules=rules),
        "without": mix(stems, rules=rules.without(left_out)),
    }

    OUT.mkdir(exist_ok=True)
    print(f"{left_out}: with -> without")
    for name in stems.names:
        cells = []
        for unit, measure_stem in (
            ("LUFS", lambda audio: integrated_loudness(audio, stems.sample_rate)),
            ("LU range", lambda audio: loudness_range(audio, stems.sample_rate)),
            ("dB side to mid", side_to_mid_db),
        ):
            before, after = (
                measure_stem(result.stems[name]) for result in results.values()
            )
            cells.append(f"{before:6.1f} -> {after:6.1f} {unit}")
        print(f"{name:12}" + "   ".join(cells))
    for which, result in results.items():
        result.save(OUT / f"{which}_{left_out}.wav")
        found = result.loudness
        print(
            f"mix {which:8}{found.integrated_lufs:6.1f} LUFS, loudness range {found.loudness_range_lu:.1f} LU"
        )


if __name__ == "__main__":
    main()
