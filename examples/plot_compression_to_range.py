"""
Compression to a loudness range
===============================

How much should a voice be compressed? The rule has a goal that can be heard and measured: it looks for the threshold
and the ratio that bring the loudness range of the voice to 10 LU.
"""

import dataclasses

import matplotlib.pyplot as plt
import numpy as np

from mixrules import integrated_loudness, loudness_range, plan, short_term_loudness
from mixrules.demo import demo_stems
from mixrules.processors import compress
from mixrules.report import players

plt.style.use("mixrules.report.figures")
SAMPLE_RATE = 44_100

# %%
# What the rule decides
# ---------------------
# Attack and release come from the voice too, from how its crest factor moves (Giannoulis, Massberg and Reiss, 2013).

voice = demo_stems(SAMPLE_RATE)["vocals"]
decided = plan({"vocals": voice}, sample_rate=SAMPLE_RATE)
for decision in decided.decisions:
    if decision.rule == "compression":
        print(decision.sentence)

# %%
# What that does
# --------------
# Short-term loudness of the voice as given and compressed, against the integrated loudness of each. The dotted lines
# are the ends of the loudness range, the 10th and 95th percentile.

params = decided.stem("vocals").compressor
assert params is not None  # it would be for a voice that is even already
compressed = compress(voice, SAMPLE_RATE, params)

figure, axis = plt.subplots(figsize=(5.4, 3.4))
for label, audio, colour in (
    ("as given", voice, "0.55"),
    ("compressed", compressed, "C0"),
):
    times_s, lufs = short_term_loudness(audio, SAMPLE_RATE)
    relative_lu = lufs - integrated_loudness(audio, SAMPLE_RATE)
    heard = relative_lu[relative_lu >= -20]
    range_lu = loudness_range(audio, SAMPLE_RATE)
    axis.plot(
        times_s,
        relative_lu,
        color=colour,
        linewidth=2,
        label=f"{label}, range {range_lu:.1f} LU",
    )
    for end in np.percentile(heard, [10, 95]):
        axis.axhline(end, color=colour, linestyle=":", linewidth=1.2)
axis.set(
    xlabel="time (s)", ylabel="against integrated loudness (LU)", ylim=(-22, 6)
)
figure.legend(loc="outside upper center", ncols=2)
plt.show()

# %%
# Hear it
# -------
# A quiet line, then a loud one. Both players have the same loudness; only the distance from soft to loud is shorter.

players(
    {"as given": voice, "compressed": compressed},
    SAMPLE_RATE,
    start_s=8.0,
    length_s=12.0,
)

# %%
# Many settings reach the goal
# ----------------------------
# The loudness range that each threshold leaves, at three ratios. The rule follows such curves to the goal, with far
# fewer trials than this figure, and takes a higher ratio only where a lower one does not reach it.

thresholds_db = np.arange(-50.0, -9.0, 5.0)
figure, axis = plt.subplots(figsize=(5.4, 3.4))
for ratio, marker in ((2.0, "o"), (params.ratio, "s"), (8.0, "^")):
    ranges_lu = [
        loudness_range(
            compress(
                voice,
                SAMPLE_RATE,
                dataclasses.replace(params, threshold_db=threshold_db, ratio=ratio),
            ),
            SAMPLE_RATE,
        )
        for threshold_db in thresholds_db
    ]
    axis.plot(thresholds_db, ranges_lu, marker=marker, label=f"ratio {ratio:g}:1")
axis.axhline(10, color="0.4", linestyle="--")
axis.annotate("goal", (-10, 10), (0, -12), textcoords="offset points", ha="right")
axis.plot(
    params.threshold_db,
    loudness_range(compressed, SAMPLE_RATE),
    "k*",
    markersize=14,
    label="the rule's choice",
)
axis.set(xlabel="threshold (dBFS)", ylabel="loudness range (LU)")
figure.legend(
    loc="outside upper center", ncols=4, columnspacing=1, handlelength=1.5
)
plt.show()

# %%
# The rule, its formula and its limits: :doc:`/rules/compression`.
