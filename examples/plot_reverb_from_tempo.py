"""
A reverb that fits the tempo
============================

A slow song has room for a long decay; in a fast one the next note comes before the room is quiet. The reverb rule
reads the tempo, sets the decay from it, and the decay that comes out can be measured.
"""

import dataclasses

import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt
from scipy.signal import butter, sosfilt

from mixrules import plan
from mixrules.analysis import decay_time
from mixrules.demo import demo_stems
from mixrules.processors import ReverbParams, impulse_response, reverberate, t60_at
from mixrules.report import players

plt.style.use("mixrules.report.figures")
# sphinx_gallery_thumbnail_number = 2
SAMPLE_RATE = 44_100

# %%
# From the tempo to the decay
# ---------------------------
# The plan holds what was measured and what followed from it. The line is the rule's: 40/9 s less a 45th of the tempo, and
# no less than 0.4 and no more than 2.4 s; all four numbers are constants of the preset.

stems = demo_stems(SAMPLE_RATE)
decided = plan(stems, sample_rate=SAMPLE_RATE)
room = decided.reverb("room")
for decision in decided.decisions:
    if decision.rule == "reverb" and not decision.stem:
        print(decision.sentence)
        tempo_bpm = decision.measured[0].value

assert tempo_bpm is not None  # it would be for a song without a beat

bpm = np.arange(60, 181)
decay_s = np.clip(40 / 9 - bpm / 45, 0.4, 2.4)
figure, axis = plt.subplots(figsize=(5.4, 2.6))
axis.plot(bpm, decay_s, color="0.4")
axis.plot(tempo_bpm, room.t60_s, "o", color="C1", markersize=9)
axis.annotate(
    "this song", (tempo_bpm, room.t60_s), (10, 4), textcoords="offset points"
)
axis.set(
    xlabel="tempo (beats per minute)", ylabel="decay by 60 dB (s)", ylim=(0, None)
)
axis.grid(axis="both")
plt.show()

# %%
# How the room decays
# -------------------
# Schroeder's integral: the energy of the impulse response that is still to come, octave by octave. A straight line
# in dB is an even decay; high octaves fall faster, as they do in air.

response = impulse_response(SAMPLE_RATE, room)
times_s = np.arange(len(response)) / SAMPLE_RATE
figure, axis = plt.subplots(figsize=(5.4, 3.6))
for center_hz in (250, 1000, 4000, 8000):
    edges_hz = (center_hz / 2**0.5, center_hz * 2**0.5)
    octave = sosfilt(
        butter(3, edges_hz, "bandpass", fs=SAMPLE_RATE, output="sos"),
        response,
        axis=0,
    )
    to_come = np.cumsum((octave**2).sum(axis=1)[::-1])[::-1]
    axis.plot(times_s, 10 * np.log10(to_come / to_come[0]), label=f"{center_hz} Hz")
axis.axhline(-60, color="0.4", linestyle="--")
axis.set(
    xlabel="time (s)",
    ylabel="energy still to come (dB)",
    xlim=(0, 2.5),
    ylim=(-70, 3),
)
figure.legend(loc="outside upper center", ncols=4, columnspacing=1.2)
plt.show()

# %%
# Asked for and measured
# ----------------------
# ``t60_at`` says what the parameters ask for, ``decay_time`` measures the response as a room is measured
# (ISO 3382-1).

centers_hz = np.array([250, 500, 1000, 2000, 4000, 8000])
asked_s = t60_at(room, centers_hz, SAMPLE_RATE)
measured_s = [decay_time(response, SAMPLE_RATE, band_hz=hz) for hz in centers_hz]
figure, axis = plt.subplots(figsize=(5.4, 3))
axis.semilogx(centers_hz, asked_s, "--", color="0.4", label="asked for")
axis.semilogx(centers_hz, measured_s, "o", label="measured (T30)")
axis.set_xticks(centers_hz, [f"{hz:g}" for hz in centers_hz])
axis.minorticks_off()
axis.set(
    xlabel="octave (Hz)", ylabel="decay by 60 dB (s)", ylim=(0, 1.2 * max(asked_s))
)
axis.grid(axis="y")
figure.legend(loc="outside upper center", ncols=2)
plt.show()

# %%
# Hear it
# -------
# The voice dry, in the room of this song, and in that of a song at 180 beats per minute. The reverb is 8 dB louder here
# than the rule sets it, so that the decay is easy to follow.

dry = np.repeat(stems["vocals"], 2, axis=1)
send_db = decided.stem("vocals").sends[0].level_db + 8.0


def with_reverb(params: ReverbParams) -> npt.NDArray[np.float32]:
    wet = reverberate(dry, SAMPLE_RATE, params)[: len(dry)]
    return dry + np.float32(10 ** (send_db / 20)) * wet


short = dataclasses.replace(room, t60_s=float(decay_s[-1]))
players(
    {
        "dry": dry,
        f"decay of {room.t60_s:.1f} s, this song": with_reverb(room),
        f"decay of {short.t60_s:.1f} s, a fast song": with_reverb(short),
    },
    SAMPLE_RATE,
    start_s=14.0,
)

# %%
# The rule, its formula and its limits: :doc:`/rules/reverb`.
