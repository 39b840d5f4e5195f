"""
Two loudness meters on signals whose loudness is known
======================================================

The EBU's test signals come with the reading that a meter must give, within 0.1 LU. Here they are made in code and
measured twice: by this package and by pyloudnorm, which many projects use.
"""

from collections.abc import Callable, Sequence

import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt
import pyloudnorm

from mixrules import integrated_loudness

plt.style.use("mixrules.report.figures")

# %%
# The signals
# -----------
# Tones of 1 kHz in steps of level, after EBU Tech 3341, cases 1 to 6. A sine at -23 dBFS in both channels is -23 LUFS;
# the quiet parts of cases 3 to 5 are there to be left out by the gate, and in case 6 the surround channels weigh more.

SAMPLE_RATE = 48_000
Steps = Sequence[tuple[float, float]]


def tones(
    steps: Steps, channels_db: Sequence[float] = (0.0, 0.0)
) -> npt.NDArray[np.float64]:
    """Return a sine of 1 kHz in steps of (level in dBFS, seconds), at a level of its own in each channel."""
    envelope = np.concatenate(
        [np.full(round(s * SAMPLE_RATE), 10 ** (level / 20)) for level, s in steps]
    )
    sine = envelope * np.sin(
        2 * np.pi * 1000 / SAMPLE_RATE * np.arange(len(envelope))
    )
    return np.outer(sine, 10 ** (np.array(channels_db) / 20))


SIGNALS = {
    "1: -23 dBFS": tones([(-23, 20)]),
    "2: 10 dB lower": tones([(-33, 20)]),
    "3: quiet at both ends": tones([(-36, 10), (-23, 60), (-36, 10)]),
    "4: and very quiet there": tones(
        [(-72, 10), (-36, 10), (-23, 60), (-36, 10), (-72, 10)]
    ),
    "5: louder in the middle": tones([(-26, 20), (-20, 20.1), (-26, 20)]),
    "6: 5.0 surround": tones([(0, 20)], (-28, -28, -24, -30, -30)),
}
wanted_lufs = np.array([-23.0, -33.0, -23.0, -23.0, -23.0, -23.0])

# %%
# Both meters pass
# ----------------
# The band is the tolerance of the EBU. What is left between the two comes from the K-weighting: pyloudnorm computes its
# filter from a formula that comes near the table of ITU-R BS.1770, mixrules takes the table itself.

METERS: dict[str, Callable[[npt.NDArray[np.float64]], float]] = {
    "mixrules": lambda audio: integrated_loudness(audio, SAMPLE_RATE),
    "pyloudnorm": pyloudnorm.Meter(SAMPLE_RATE).integrated_loudness,
}
LOOKS = {"mixrules": "oC0", "pyloudnorm": "DC1"}

figure, axis = plt.subplots(figsize=(5.4, 3.4))
axis.axvspan(-0.1, 0.1, color="C5", alpha=0.2, linewidth=0)
axis.axvline(0, color="0.6", linewidth=0.8)
for name, meter in METERS.items():
    deviations_lu = (
        np.array([meter(audio) for audio in SIGNALS.values()]) - wanted_lufs
    )
    print(f"{name:11}", *(f"{deviation:+.3f}" for deviation in deviations_lu), "LU")
    axis.plot(
        deviations_lu, range(len(SIGNALS)), LOOKS[name], label=name, markersize=7
    )
axis.set_yticks(range(len(SIGNALS)), list(SIGNALS))
axis.invert_yaxis()
axis.set(xlabel="deviation from the reading asked for (LU)", xlim=(-0.15, 0.15))
axis.grid(axis="x")
figure.legend(loc="outside upper center", ncols=2)
plt.show()

# %%
# Where they part: short sounds
# -----------------------------
# Loudness is read in blocks of 0.4 s, one every 0.1 s. What is left at the end of a sound fills no block, and a meter
# has to do something with it. mixrules drops it; pyloudnorm rounds the number of blocks, so that the last one may reach
# past the end into nothing. On a song none of this shows; with single words or notes it does.

seconds = np.arange(0.4, 1.21, 0.02)
figure, axis = plt.subplots(figsize=(5.4, 3.2))
for name, meter in METERS.items():
    readings = [meter(tones([(-23, length_s)])) for length_s in seconds]
    axis.plot(
        seconds,
        readings,
        LOOKS[name][1:] if name == "mixrules" else "--C1",
        label=name,
    )
axis.set(
    xlabel="length of a sine of -23 LUFS (s)",
    ylabel="reading (LUFS)",
    ylim=(-23.4, -22.8),
)
axis.grid(axis="y")
figure.legend(loc="outside upper center", ncols=2)
plt.show()

# %%
# All cases at four sample rates, and other meters: :doc:`/conformance`.
