"""
A first mix, before and after
=============================

Six stems that do not fit together: the singer is far too quiet, bass and keys are far too loud. What do the rules do
about it, and how does it sound?
"""

import matplotlib.pyplot as plt

from mixrules import Stems, integrated_loudness, mix
from mixrules.demo import demo_stems
from mixrules.report import players
from mixrules.systems import sum_plan

plt.style.use("mixrules.report.figures")

# %%
# ``mix`` takes a folder of stems, or arrays by name. Here both mixes come from the same stems and the same engine:
# one by a plan that leaves every fader at unity, one by the rules of preset ``default``.

stems = Stems.from_arrays(demo_stems(), 44_100, title="demo")
plain = mix(stems, mix_plan=sum_plan(stems))
ruled = mix(stems)

# %%
# Hear it
# -------
# Both are played at the same loudness. Otherwise the louder one would seem better, whatever else was done to it.

players(
    {"plain sum": plain.audio, "mix by rules": ruled.audio}, 44_100, start_s=14.0
)

# %%
# What happened to the levels
# ---------------------------
# How loud each stem is in both mixes, measured on the rendered stems. The arrow is what the rules did.

order = sorted(
    stems.names, key=lambda name: integrated_loudness(plain.stems[name], 44_100)
)
before = [integrated_loudness(plain.stems[name], 44_100) for name in order]
after = [integrated_loudness(ruled.stems[name], 44_100) for name in order]

figure, axis = plt.subplots(figsize=(5.4, 3.4))
for row, (start, end) in enumerate(zip(before, after, strict=True)):
    axis.annotate(
        "",
        (end, row),
        (start, row),
        arrowprops={"arrowstyle": "->", "color": "0.4", "shrinkB": 5},
    )
    axis.annotate(
        f"{end - start:+.1f} LU",
        ((start + end) / 2, row),
        (0, 5),
        textcoords="offset points",
        ha="center",
    )
axis.plot(before, range(len(order)), "o", color="0.6", label="plain sum")
axis.plot(after, range(len(order)), "D", label="mix by rules")
axis.set(
    xlabel="integrated loudness in the mix (LUFS)",
    yticks=range(len(order)),
    yticklabels=order,
)
axis.set_ylim(-0.6, len(order) - 0.2)
axis.grid(axis="x")
figure.legend(loc="outside upper center", ncols=2)
plt.show()

# %%
# Why
# ---
# Every decision has a reason, and what it promises is measured again on the rendered mix. These are about the voice:

for decision in ruled.plan.decisions:
    if decision.stem == "vocals" and not decision.superseded:
        print(f"{decision.rule}: {decision.sentence}")
        for statement in decision.statements:
            promised = f"promised {statement.stated:.1f} {statement.unit}"
            print(f"    {promised}, measured {statement.measured:.1f}")

# %%
# ``ruled.save("mix.wav")`` writes the mix, and beside it ``mix.plan.json`` with every parameter and every reason. How
# rules, plan and engine play together: :doc:`/concept`.
