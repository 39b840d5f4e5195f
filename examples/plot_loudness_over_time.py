"""
Loudness over time, and the true peak
=====================================

A song has more than one loudness: that of each moment, that of each phrase, and that of the whole. Here is what each
of them shows, and why a peak meter that looks at samples alone can be 3 dB wrong.
"""

import matplotlib.pyplot as plt
import numpy as np

from mixrules import (
    integrated_loudness,
    loudness_range,
    measure,
    mix,
    momentary_loudness,
    short_term_loudness,
    true_peak,
)
from mixrules.demo import demo_stems

plt.style.use("mixrules.report.figures")

# %%
# Three windows on one song
# -------------------------
# Momentary loudness looks at 0.4 s, short-term loudness at 3 s, integrated loudness at everything but the pauses. The
# loudness range is the distance from the 10th to the 95th percentile of the short-term loudness; what is over 20 LU
# below its mean does not count (EBU Tech 3342).

result = mix(demo_stems(), sample_rate=44_100)
audio, sample_rate = result.audio, result.sample_rate
times_s, short_term = short_term_loudness(audio, sample_rate)
moments_s, momentary = momentary_loudness(audio, sample_rate)
integrated = integrated_loudness(audio, sample_rate)

each_second = short_term_loudness(audio, sample_rate, hop_s=1.0)[1]
mean = 10 * np.log10(np.mean(10 ** (each_second[each_second >= -70] / 10)))
low, high = np.percentile(
    each_second[each_second >= mean - 20], [10, 95], method="nearest"
)
print(
    f"by hand {high - low:.2f} LU, loudness_range {loudness_range(audio, sample_rate):.2f} LU"
)

figure, axis = plt.subplots(figsize=(5.4, 3.6))
axis.axhspan(low, high, color="C5", alpha=0.25, label="loudness range")
axis.plot(moments_s, momentary, color="0.65", linewidth=0.8, label="momentary")
axis.plot(times_s, short_term, color="C0", linewidth=2, label="short-term")
axis.axhline(integrated, color="C1", linestyle="--", label="integrated")
axis.set(
    xlabel="time (s)",
    ylabel="loudness (LUFS)",
    ylim=(integrated - 22, integrated + 6),
)
figure.legend(
    loc="outside upper center", ncols=4, columnspacing=1.2, handlelength=1.5
)
plt.show()

# %%
# All of these at once, in one pass: ``measure``.

print(measure(audio, sample_rate))

# %%
# Between the samples
# -------------------
# A sine at a quarter of the sample rate, sampled at 45°: the samples reach -3 dBFS, the sound itself full scale. A
# converter or a lossy codec plays the curve, not the dots, and may clip. The true peak finds it by oversampling
# (ITU-R BS.1770-5, Annex 2).

sine = np.hanning(4800) * np.sin(np.pi / 2 * np.arange(4800) + np.pi / 4)
peak_dbfs = 20 * np.log10(np.abs(sine).max())
peak_dbtp = true_peak(sine, 48_000)
print(f"sample peak {peak_dbfs:.2f} dBFS, true peak {peak_dbtp:.2f} dBTP")

samples, curve = np.arange(17), np.linspace(0, 16, 500)
figure, axis = plt.subplots(figsize=(5.4, 2.8))
axis.plot(
    curve,
    np.sin(np.pi / 2 * curve + np.pi / 4),
    color="C0",
    label=f"the sound: {peak_dbtp:.2f} dBTP",
)
axis.stem(
    samples,
    sine[2400:2417],
    linefmt="C1-",
    markerfmt="C1o",
    basefmt=" ",
    label=f"its samples: {peak_dbfs:.2f} dBFS",
)
axis.axhline(0, color="0.6", linewidth=0.8)
axis.set(xlabel="sample", ylabel="amplitude (full scale = 1)", ylim=(-1.15, 1.15))
figure.legend(loc="outside upper center", ncols=2)
plt.show()

# %%
# What is measured, and by which conventions: :doc:`/loudness`.
