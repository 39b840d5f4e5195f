"""
The statistics of a listening test
==================================

How sure can one be that listeners prefer one mix to another? Here the listeners are simulated and their taste is
known, so the analysis can be checked: it should find what is there, and nothing else.
"""

import matplotlib.pyplot as plt
import numpy as np

from mixrules.ratings import RatingTable, Reading, Row, analyse
from mixrules.ratings.power import PlannedTest, power_at
from mixrules.ratings.sentences import omnibus_sentence, verdict_sentence

plt.style.use("mixrules.report.figures")

# %%
# Eighteen listeners
# ------------------
# Each rates four mixes of six songs from 1 to 5. ``default`` and ``human`` are equally liked by design, ``survey-2022``
# lies 0.6 points lower, ``random`` 1.5. Some listeners are kinder than others, and no rating is quite repeatable.

TASTE = {"human": 3.8, "default": 3.8, "survey-2022": 3.2, "random": 2.3}
rng = np.random.default_rng(15)
rows = []
for listener in range(18):
    kindness = rng.normal(0, 0.4)
    for song in ("song 1", "song 2", "song 3", "song 4", "song 5", "song 6"):
        for condition, liking in TASTE.items():
            rating = float(
                np.clip(np.rint(liking + kindness + rng.normal(0, 0.8)), 1, 5)
            )
            rows.append(
                Row(
                    f"listener {listener}",
                    "all",
                    song,
                    condition,
                    "overall",
                    rating,
                    song,
                    0,
                )
            )

# %%
# From files, ``read_ratings(["ratings/"])`` makes a ``Reading``.

reading = Reading(table=RatingTable.from_rows(rows), format="simulated", sources=())

# %%
# What they said
# --------------
# Every listener counts once: the songs are averaged first. Pairs of mixes are compared within listeners, with Holm's
# correction. A difference that was not shown is not equality yet: that two mixes are liked alike has a test of its own.

analysis = analyse(reading)
print(omnibus_sentence(analysis.omnibus[0], analysis.settings))
for comparison in analysis.comparisons:
    print("-", verdict_sentence(comparison, analysis.settings))

# %%
# Means and their intervals, over listeners; the crosses are the truth that the ratings were drawn from.

scale = analysis.table.scale
figure, axis = plt.subplots(figsize=(5.4, 3.4))
for column, found in enumerate(
    sorted(analysis.descriptions, key=lambda found: -found.mean)
):
    low, high = (
        scale.low + scale.span * end for end in (found.ci_low, found.ci_high)
    )
    axis.errorbar(
        column,
        found.mean,
        [[found.mean - low], [high - found.mean]],
        fmt="o",
        color="C0",
        capsize=4,
        markersize=7,
    )
    axis.plot(
        column + 0.12,
        TASTE[found.condition],
        "x",
        color="C1",
        markersize=8,
        markeredgewidth=2,
    )
    axis.annotate(found.condition, (column, 1.1), ha="center")
axis.set(ylabel="overall rating", xlim=(-0.6, 3.6), ylim=(1, 5), xticks=[])
axis.set_yticks(range(1, 6))
axis.grid(axis="y")
plt.show()

# %%
# How many listeners, next time?
# ------------------------------
# Before the test: the share of simulated panels that find a mix which is better by so many points.

listeners = [8, 12, 16, 20, 26, 32]
figure, axis = plt.subplots(figsize=(5.4, 3.2))
for effect, marker in ((0.6, "o"), (0.4, "s"), (0.25, "^")):
    planned = PlannedTest(
        conditions=4, effect=effect, sd=0.8, songs=6, simulations=400
    )
    power = [100 * power_at(planned, count).power for count in listeners]
    axis.plot(listeners, power, marker=marker, label=f"{effect:g} points")
axis.axhline(80, color="0.4", linestyle="--")
axis.set(xlabel="listeners", ylabel="panels that find it (%)", ylim=(0, 104))
figure.legend(loc="outside upper center", ncols=3, title="true difference")
plt.show()

# %%
# On files of ratings, ``mixrules ratings`` does all of this, with tables, figures and a page; ``mixrules
# plan-listeners`` gives the last figure in numbers: :doc:`/ratings`.
