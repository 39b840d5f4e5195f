"""
Who masks whom, and the cut that helps
======================================

Two instruments in the same part of the spectrum hide one another. The EQ rule measures by how much, and cuts the
stem that hides another one, in bands that it can spare itself.
"""

import matplotlib.pyplot as plt
import numpy as np

from mixrules import Stems, mix, presets
from mixrules.analysis import (
    block_band_powers,
    erb_bands,
    masking,
    power_db,
    third_octave_bands,
)
from mixrules.demo import demo_stems
from mixrules.processors import frequency_response
from mixrules.report import players

plt.style.use("mixrules.report.figures")
SAMPLE_RATE = 44_100

# %%
# Two mixes by the same rules, one of them without the EQ.

stems = Stems.from_arrays(demo_stems(SAMPLE_RATE), SAMPLE_RATE, title="demo")
rules = presets.load("default")
without_eq, with_eq = mix(stems, rules=rules.without("eq")), mix(stems, rules=rules)

# %%
# Who masks whom
# --------------
# A stem is masked wherever another one, spread over neighbouring frequencies as the ear spreads it, is more than 6 dB
# stronger. Each cell is the share of the row that the column masks, over all bands and blocks; in the last column all
# others mask it together.

bands = erb_bands().below(SAMPLE_RATE / 2)
powers = {
    name: block_band_powers(audio, SAMPLE_RATE, bands)
    for name, audio in without_eq.stems.items()
}
names = list(powers)
everything = sum(powers.values())
maskers = [*powers.items(), ("all others", None)]
shares = np.zeros((len(names), len(maskers)))
for row, target in enumerate(names):
    for column, (masker, power) in enumerate(maskers):
        if target != masker:
            power = everything - powers[target] if power is None else power
            found = masking(powers[target], power, bands, power_exponent=0.3)
            shares[row, column] = 100 * found.share_masked

figure, axis = plt.subplots(figsize=(5.4, 4))
axis.imshow(shares, cmap="Oranges", vmin=0, vmax=80)
axis.set_xticks(
    range(len(maskers)), [name for name, _ in maskers], rotation=30, ha="right"
)
axis.set_yticks(range(len(names)), names)
axis.set(xlabel="masker", title="Share of each stem that is masked (%)")
axis.axvline(len(names) - 0.5, color="w", linewidth=4)
for (row, column), share in np.ndenumerate(shares):
    if row != column:
        axis.text(
            column,
            row,
            f"{share:.0f}",
            ha="center",
            va="center",
            color="w" if share > 50 else "k",
        )
plt.show()

# %%
# What the rule decided
# ---------------------
# It tries each cut on the measured band powers first, and asks how far the masked stem comes out: by the mean ratio of
# its power to that of its maskers. A cut that changes little is not made, and the report says so.

for decision in with_eq.plan.decisions:
    if decision.rule == "eq":
        print(decision.sentence)

# %%
# The cut
# -------
# Average spectra in third octaves of the voice and of the stem that was cut, and the equaliser's curve.

cut = [strip for strip in with_eq.plan.stems if strip.equalizer.bands] or [
    with_eq.plan.stem("guitar")
]
octaves = third_octave_bands().below(SAMPLE_RATE / 2)
hz = np.geomspace(100, 12_000, 400)
curve_db = 20 * np.log10(
    np.abs(frequency_response(cut[0].equalizer, SAMPLE_RATE, hz))
)

figure, (upper, lower) = plt.subplots(
    2, figsize=(5.4, 5), sharex=True, height_ratios=(2, 1)
)
for name, result, look in (
    ("vocals", without_eq, "C1-"),
    (cut[0].name, without_eq, "C0--"),
    (cut[0].name, with_eq, "C0-"),
):
    mean = block_band_powers(result.stems[name], SAMPLE_RATE, octaves).mean(axis=0)
    label = (
        name
        if name == "vocals"
        else f"{name} {'before' if result is without_eq else 'after'}"
    )
    upper.plot(octaves.centers_hz, power_db(mean), look, label=label)
upper.set(ylabel="level (dBFS in a third octave)", ylim=(-75, -25))
upper.legend(loc="lower left")
lower.semilogx(hz, curve_db, color="C0")
lower.set(
    xlabel="frequency (Hz)",
    ylabel=f"EQ of {cut[0].name} (dB)",
    xlim=(hz[0], hz[-1]),
    ylim=(-4, 1),
)
lower.set_xticks(
    [125, 250, 500, 1000, 2000, 4000, 8000],
    ["125", "250", "500", "1k", "2k", "4k", "8k"],
)
lower.minorticks_off()
for axis in (upper, lower):
    axis.grid(axis="both")
plt.show()

# %%
# Hear it
# -------
# The voice and the stem that was cut, before and after. It is a small change: the rule cuts by half of what it measured
# and never by much, since deep cuts make a stem thin.

pair = ("vocals", cut[0].name)
players(
    {
        "without EQ": sum(without_eq.stems[name] for name in pair),
        "with EQ": sum(with_eq.stems[name] for name in pair),
    },
    SAMPLE_RATE,
    start_s=14.0,
)

# %%
# The rule, its formula and its limits: :doc:`/rules/eq`.
