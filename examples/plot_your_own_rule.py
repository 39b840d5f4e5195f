"""
A rule of your own
==================

A rule is a function: it measures, decides, and says why. This one gives dull voices some air, by a shelf whose gain
follows from a measurement.
"""

import math
from collections.abc import Mapping
from typing import Any

import matplotlib.pyplot as plt
import numpy as np

from mixrules import Constant, Decision, Quantity, Session, Stems, mix, presets
from mixrules.analysis import block_band_powers, power_db, third_octave_bands
from mixrules.demo import demo_stems
from mixrules.processors import EqBand, EqualizerParams
from mixrules.report import players

plt.style.use("mixrules.report.figures")
SAMPLE_RATE = 44_100

# %%
# The rule
# --------
# A rule asks the session for measurements and reads its constants from ``settings``. It returns decisions and changes
# nothing itself; a decision's ``parameters`` are fields of the stem's channel strip.


def air(session: Session, settings: Mapping[str, Any]) -> list[Decision]:
    """Lift the highs of each voice towards a share of its power."""
    bands = third_octave_bands().below(session.sample_rate / 2)
    high = np.asarray(bands.centers_hz) >= settings["above_hz"]
    decisions = []
    for name in session.vocals:
        powers = block_band_powers(
            session.audio(name, through="compressor"), session.sample_rate, bands
        ).sum(axis=0)
        air_db = 10 * math.log10(powers[high].sum() / powers[~high].sum())
        gain_db = min(
            max(settings["air_db"] - air_db, 0.0), settings["max_boost_db"]
        )
        shelf = EqBand(
            kind="high_shelf",
            frequency_hz=settings["above_hz"],
            gain_db=round(gain_db, 1),
            q=0.7,
        )
        before = session.plan.stem(name).equalizer.bands
        decisions.append(
            Decision(
                rule="air",
                stem=name,
                source="ours",
                measured=(Quantity.of("highs against the rest", air_db, "dB"),),
                threshold=f"highs at {settings['air_db']:g} dB against the rest",
                parameters={"equalizer": EqualizerParams(bands=(*before, shelf))},
                sentence=(
                    f"{name}: the highs lie {air_db:.1f} dB against the rest, "
                    f"a shelf lifts them by {gain_db:.1f} dB."
                ),
            )
        )
    return decisions


# %%
# Its constants, and its place in the chain
# -----------------------------------------
# A constant has a unit, a meaning and a source, as in the presets; ``with_values`` changes it as any other.

constants = {
    "above_hz": Constant(
        value=4000.0, unit="Hz", about="corner of the shelf", source="ours"
    ),
    "air_db": Constant(
        value=-17.0,
        unit="dB",
        about="highs against the rest, wanted",
        source="ours",
    ),
    "max_boost_db": Constant(
        value=9.0, unit="dB", about="most that the shelf may lift", source="ours"
    ),
}
rules = presets.load("default")
with_air = rules.with_rule("air", air, after="compression", constants=constants)
print("chain:", ", ".join(str(step) for step in with_air.chain))

# %%
# What it did
# -----------
# Its sentence stands in the report beside the others. The level rule comes later and measures the voice with its shelf,
# so the voice gets brighter, not louder.

stems = Stems.from_arrays(demo_stems(SAMPLE_RATE), SAMPLE_RATE, title="demo")
without, result = mix(stems, rules=rules), mix(stems, rules=with_air)
for decision in result.plan.decisions:
    if decision.rule == "air":
        print(decision.sentence)

octaves = third_octave_bands().below(SAMPLE_RATE / 2)
figure, axis = plt.subplots(figsize=(5.4, 3.4))
for mixed, look, label in (
    (without, "C0--", "without the rule"),
    (result, "C0-", "with the rule"),
):
    mean = block_band_powers(mixed.stems["vocals"], SAMPLE_RATE, octaves).mean(
        axis=0
    )
    axis.semilogx(octaves.centers_hz, power_db(mean), look, label=label)
axis.axvspan(4000, 16_000, color="C1", alpha=0.12, linewidth=0)
axis.set(
    xlabel="frequency (Hz)",
    ylabel="voice in the mix (dBFS)",
    xlim=(150, 16_000),
    ylim=(-75, -25),
)
axis.set_xticks(
    [250, 500, 1000, 2000, 4000, 8000], ["250", "500", "1k", "2k", "4k", "8k"]
)
axis.minorticks_off()
axis.grid(axis="both")
figure.legend(loc="outside upper center", ncols=2)
plt.show()

# %%
# Hear it
# -------

players(
    {"without the rule": without.audio, "with the rule": result.audio},
    SAMPLE_RATE,
    start_s=14.0,
)

# %%
# What a session can measure, and what a decision holds: :doc:`/write-your-own-rule`.
