"""Decide, change what you would do differently, render both plans and measure the difference.

python examples/edit_a_plan.py
"""

import dataclasses
from pathlib import Path

from mixrules import MixPlan, Stems, measure, plan, render
from mixrules.demo import demo_stems
from mixrules.files import write_audio

OUT = Path(__file__).parent / "out"


def main() -> None:
    stems = Stems.from_arrays(demo_stems(), 44_100, title="demo")
    decided = plan(stems)

    vocals = decided.stem("vocals")
    edited = decided.replace_stem(
        "vocals",
        gain_db=vocals.gain_db + 2.0,
        sends=tuple(
            dataclasses.replace(send, level_db=send.level_db + 4.0)
            for send in vocals.sends
        ),
    )
    edited = edited.replace_stem("tambourine", mute=True)
    edited = edited.replace(made_by="by hand", decisions=())

    OUT.mkdir(exist_ok=True)
    for name, mix_plan in (("decided", decided), ("edited", edited)):
        audio = render(stems, mix_plan)
        write_audio(OUT / f"{name}.wav", audio, stems.sample_rate)
        (OUT / f"{name}.plan.json").write_text(mix_plan.to_json())
        found = measure(audio, stems.sample_rate)
        print(
            f"{name:8} {found.integrated_lufs:7.2f} LUFS  range {found.loudness_range_lu:5.2f} LU  "
            f"true peak {found.true_peak_dbtp:6.2f} dBTP"
        )

    # A plan is its JSON: read back, it is the same plan and gives the same samples.
    again = MixPlan.from_json((OUT / "edited.plan.json").read_bytes())
    same = (render(stems, again) == render(stems, edited)).all()
    print(
        f"read back from JSON: equal plan {again == edited}, equal samples {same}"
    )


if __name__ == "__main__":
    main()
