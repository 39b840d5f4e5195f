"""
The space of mixes: random plans and a reference
================================================

A plan is plain data, and anything can write one, even chance. Eight random mixes of the same stems show how wide
the space of mixes is, and where the rules stand in it.
"""

import matplotlib.pyplot as plt

from mixrules import MixPlan, Stems, mix, plan
from mixrules.demo import demo_stems
from mixrules.evaluation import Rendition, evaluate
from mixrules.report import players
from mixrules.systems import equal_plan, random_plan, sum_plan

plt.style.use("mixrules.report.figures")
SAMPLE_RATE = 44_100

# %%
# One engine renders every plan
# -----------------------------
# So whatever differs between two mixes was decided.

excerpt = {
    name: audio[15 * SAMPLE_RATE : 23 * SAMPLE_RATE]
    for name, audio in demo_stems(SAMPLE_RATE).items()
}
stems = Stems.from_arrays(excerpt, SAMPLE_RATE, title="demo")


def rendition(mix_plan: MixPlan) -> Rendition:
    result = mix(stems, mix_plan=mix_plan)
    return Rendition(result.audio, SAMPLE_RATE, result.stems, vocals=("vocals",))


# %%
# Plans from four sources
# -----------------------
# The random mixer draws the equaliser, compressor, reverb and level of the voice from the ranges of a survey of 2022,
# and records its seed.

mixes = {
    f"seed {seed}": rendition(random_plan(stems, seed=seed)) for seed in range(8)
}
mixes |= {
    "plain sum": rendition(sum_plan(stems)),
    "equal loudness": rendition(equal_plan(stems)),
}
mixes |= {
    preset: rendition(plan(stems, rules=preset))
    for preset in ("survey-2022", "default")
}

# %%
# How far from the reference
# --------------------------
# A distance needs a reference mix, usually an engineer's. The demo song has none, so the mix of preset ``default``
# takes its place here.

reference = mixes["default"]
distances = {
    name: evaluate(
        candidate.fitted_to(reference), reference, groups=("balance", "spectrum")
    )
    for name, candidate in mixes.items()
}

# %%
# Where they stand
# ----------------
# To the right the voice is louder than in the reference, upward the spectrum of the mix is farther from its own.

seeds = [name for name in mixes if name.startswith("seed")]
seeds.sort(key=lambda name: distances[name]["octave_spectrum_distance_db"])

figure, axis = plt.subplots(figsize=(5.4, 4))
for name, found in distances.items():
    x, y = (
        found["vocal_to_backing_difference_lu"],
        found["octave_spectrum_distance_db"],
    )
    axis.plot(x, y, "oC5" if name in seeds else "DC1")
    if name not in seeds[1:-1]:
        axis.annotate(name, (x, y), (7, -12), textcoords="offset points")
axis.axvline(0, color="0.7", linewidth=0.8)
axis.set(
    xlabel="vocal to backing, against the reference (LU)",
    ylabel="distance of octave spectra (dB)",
    title="Eight random mixes (dots) and four others",
    ylim=(-0.4, None),
)
plt.show()

# %%
# Hear them
# ---------
# The reference, and the random mixes that come nearest to its spectrum and farthest from it.

players(
    {
        "default": reference.audio,
        f"nearest: {seeds[0]}": mixes[seeds[0]].audio,
        f"farthest: {seeds[-1]}": mixes[seeds[-1]].audio,
    },
    SAMPLE_RATE,
)

# %%
# For a whole data set, with an engineer's mixes as the reference, intervals and tests, there is ``mixrules compare``:
# :doc:`/evaluation`.
