"""
From the output of a model to a mix
===================================

A network that predicts mixing parameters often gives numbers from 0 to 1. A few lines turn them into a plan; then the
same engine renders it, and it can be compared with the rules decision by decision.
"""

import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt

from mixrules import (
    MasterPlan,
    MixPlan,
    MixResult,
    MixrulesError,
    ReverbBus,
    Send,
    Stems,
    integrated_loudness,
    mix,
    render,
    starting_plan,
)
from mixrules.demo import demo_stems
from mixrules.processors import (
    EqBand,
    EqualizerParams,
    LimiterParams,
    PanParams,
    ReverbParams,
)
from mixrules.report import players

plt.style.use("mixrules.report.figures")

# %%
# What a network puts out
# -----------------------
# A row for each stem; columns for fader, pan, low cut and reverb. These numbers stand in for ``network(stems)``.

stems = Stems.from_arrays(demo_stems(), 44_100, title="demo")
output = np.array(
    [  # fader, pan, low cut, reverb
        [0.70, 0.50, 0.55, 0.62],  # vocals
        [0.66, 0.50, 0.05, 0.20],  # drums
        [0.42, 0.47, 0.10, 0.00],  # bass
        [0.47, 0.22, 0.60, 0.45],  # guitar
        [0.30, 0.50, 0.65, 0.30],  # keys
        [0.44, 0.80, 0.90, 0.35],  # tambourine
    ]
)

# %%
# The plan
# --------
# Each column gets its range and its unit; each row becomes the channel strip of one stem.


def plan_of(stems: Stems, output: npt.NDArray[np.float64]) -> MixPlan:
    room = ReverbBus(name="room", params=ReverbParams(t60_s=1.4, low_cut_hz=200.0))
    plan = starting_plan(stems).replace(
        made_by="my network, epoch 12", reverbs=(room,)
    )
    for name, (fader, pan, low_cut, reverb) in zip(
        stems.names, output, strict=True
    ):
        low_cut_hz = 20.0 * 20.0**low_cut  # 20 to 400 Hz, even in octaves
        plan = plan.replace_stem(
            name,
            gain_db=48.0 * fader - 24.0,
            pan=PanParams(pan=2.0 * pan - 1.0),
            equalizer=EqualizerParams(
                bands=(EqBand(kind="high_pass", frequency_hz=low_cut_hz, q=0.71),)
            ),
            sends=(Send(to="room", level_db=40.0 * reverb - 40.0),)
            if reverb > 0
            else (),
        )
    loudness_lufs = integrated_loudness(render(stems, plan), stems.sample_rate)
    return plan.replace(
        master=MasterPlan(gain_db=-16.0 - loudness_lufs, limiter=LimiterParams())
    )


plan = plan_of(stems, output)
by_model, by_rules = mix(stems, mix_plan=plan), mix(stems)
print(
    f"{plan.made_by}: {by_model.loudness.integrated_lufs:.1f} LUFS, {by_model.loudness.true_peak_dbtp:.1f} dBTP"
)

# %%
# ``plan.save("song.plan.json")`` makes it a file, and a folder of such files is a system that ``mixrules compare`` and
# ``mixrules stimuli`` take. What cannot be a mix is refused at once:

try:
    plan.replace_stem("vocals", gain_db=float("nan"))
except MixrulesError as error:
    print(error)

# %%
# Model and rules, decision by decision
# -------------------------------------
# Both are plans, so they can be laid side by side.


def columns(result: MixResult) -> dict[str, list[float]]:
    strips = result.plan.stems
    return {
        "loudness (LUFS)": [
            integrated_loudness(result.stems[s.name], result.sample_rate)
            for s in strips
        ],
        "pan (left to right)": [strip.pan.pan for strip in strips],
        "reverb send (dB)": [
            strip.sends[0].level_db if strip.sends else np.nan for strip in strips
        ],
    }


figure, axes = plt.subplots(1, 3, figsize=(5.4, 3.4), sharey=True)
for result, look, label in ((by_rules, "oC0", "rules"), (by_model, "DC1", "model")):
    for axis, (title, values) in zip(axes, columns(result).items(), strict=True):
        axis.plot(
            values, range(len(values)), look, label=label, markersize=7, alpha=0.8
        )
        axis.set(xlabel=title)
        axis.grid(axis="both")
axes[0].set_yticks(range(len(stems)), stems.names)
axes[0].invert_yaxis()
axes[1].set_xlim(-1.1, 1.1)
figure.legend(
    *axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=2
)
plt.show()

# %%
# Hear both
# ---------

players(
    {"by the model": by_model.audio, "by rules": by_rules.audio},
    44_100,
    start_s=14.0,
)

# %%
# What a plan holds: :doc:`/concept`. How far a model's mixes are from an engineer's: :doc:`/evaluation`.
