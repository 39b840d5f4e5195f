"""Mix the same stems with two presets and compare what comes out.

python examples/compare_presets.py
"""

from pathlib import Path

from mixrules import MixResult, loudness_range, mix
from mixrules.demo import demo_stems

OUT = Path(__file__).parent / "out"


def row(name: str, result: MixResult) -> str:
    """Return one line of the table."""
    # The level rule stated the vocal's level, and it was measured again on the rendered stems.
    measured = {
        s.kind: s.measured
        for decision in result.plan.decisions
        for s in decision.statements
    }
    vocals_lu = loudness_range(result.stems["vocals"], result.sample_rate)
    found = result.loudness
    return (
        f"{name:12} {found.integrated_lufs:8.2f} {found.loudness_range_lu:8.2f} {found.true_peak_dbtp:8.2f} "
        f"{measured['vocal_to_backing_lu']:16.2f} {vocals_lu:14.2f}"
    )


def main() -> None:
    stems = demo_stems()
    OUT.mkdir(exist_ok=True)
    print(
        "preset           LUFS  LRA, LU     dBTP  vocal to backing  vocal's LRA, LU"
    )
    for preset in ("survey-2022", "default"):
        result = mix(stems, sample_rate=44_100, rules=preset)
        result.save(OUT / f"{preset}.wav")
        print(row(preset, result))


if __name__ == "__main__":
    main()
