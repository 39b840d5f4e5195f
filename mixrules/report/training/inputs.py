"""What a network's input stage leaves of an equaliser on the vocal: spectra before and after, and their difference."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from mixrules.corpus.tasks.mel_blocks import BANDS, SAMPLE_RATE, SIGNALS
from mixrules.learning.network.seen_change import SeenChange, seen_change
from mixrules.learning.training.settings import settings_for
from mixrules.report import figure_style as style
from mixrules.report.drawn_figure import DrawnFigure, finished
from mixrules.report.training import axes as axes_of

_VOCAL = SIGNALS.index("vocal")
_TICKS_HZ = {63: "63", 250: "250", 1000: "1k", 4000: "4k", 16_000: "16k"}
_BEFORE, _AFTER, _CHANGE = style.INK, "#8a5a00", "#cbb994"


def band_centers_hz() -> axes_of.Floats:
    """Return the centre of each mel band, HTK scale."""
    highest = 2595.0 * np.log10(1.0 + SAMPLE_RATE / 2 / 700.0)
    mels = np.linspace(0.0, highest, BANDS + 2)[1:-1]
    return np.asarray(700.0 * (10.0 ** (mels / 2595.0) - 1.0))


def input_figure(
    before: npt.ArrayLike,
    after: npt.ArrayLike,
    *,
    task: str = "eq",
    networks: Sequence[str] = ("faithful", "corrected"),
) -> DrawnFigure:
    """Draw a change of the vocal as mel spectra show it, and what is left of it where each network reads.

    Parameters
    ----------
    before, after : array_like, shape (blocks, 2, 128, 64)
        Power in mel bands, as task data holds it: of the same music, the vocal changed.
    task : str
        What the networks are for.
    networks : sequence of {"faithful", "corrected"}
        Which.

    Returns
    -------
    DrawnFigure
    """
    before, after = np.asarray(before, np.float64), np.asarray(after, np.float64)
    seen = {}
    for network in networks:
        settings = settings_for(task, network)
        seen[network] = seen_change(before, after, settings.switches, settings.levels)
    with style.figure_style():
        said = "; ".join(f"{name} {change.input_db:.2g} dB" for name, change in seen.items())
        mel_db = next(iter(seen.values())).mel_db
        return finished(
            _draw(before, after, seen),
            "Input",
            "seen_change",
            "What the input stage leaves of an equaliser",
            "Mel spectra of a vocal before and after an equaliser, mean over frames, and the change in each band. Its "
            f"mean size is {mel_db:.1f} dB in the mel spectrum, and where the networks read: {said}.",
        )


def _draw(before: axes_of.Floats, after: axes_of.Floats, seen: dict[str, SeenChange]) -> Any:
    figure, axes = style.panels(1 + len(seen), 3, width=axes_of.WIDTH, height=2.9, margin=0.4)
    centers = band_centers_hz()
    handles: dict[str, Any] = {}
    for name, mel, colour in (("before", before, _BEFORE), ("after the equaliser", after, _AFTER)):
        power = mel[:, _VOCAL].mean(axis=(0, 2))
        (handles[name],) = axes[0].plot(
            centers, 10.0 * np.log10(np.maximum(power, 1e-12)), color=colour, linewidth=1.5
        )
    axes[0].set_ylabel("power in mel bands (dB)", fontsize=style.SMALL)
    axes[0].set_title("Mel spectrum of the vocal\n", fontsize=10, y=1.0)
    reach = 1.15 * max(float(np.abs(change.mel_bands_db).max()) for change in seen.values()) or 1.0
    for axis, (network, change) in zip(axes[1:], seen.items(), strict=True):
        (handles["change in the mel spectrum"],) = axis.plot(
            centers, change.mel_bands_db, color=_CHANGE, linewidth=4.0
        )
        (handles[f"change where the {network} network reads"],) = axis.plot(
            centers, change.input_bands_db, color=axes_of.NETWORK_COLOURS[network], linewidth=1.5
        )
        axis.set_ylim(-reach, reach)
        axis.axhline(0.0, color=style.INK, linewidth=0.6, zorder=1)
        axis.set_ylabel("change (dB)", fontsize=style.SMALL)
        axis.set_title(f"What the {network} network reads\n", fontsize=10, y=1.0)
        said = f"mean size {change.mel_db:.1f} dB, read as {change.input_db:.2g} dB"
        axes_of.small(axis, 0.0, 1.03, said, valign="bottom")
    for axis in axes:
        axis.set_xscale("log")
        axis.set_xlim(float(centers[0]), 20_000.0)
        axis.set_xticks(list(_TICKS_HZ), list(_TICKS_HZ.values()))
        axis.minorticks_off()
        axis.tick_params(labelsize=style.TINY)
        axis.set_xlabel("frequency (Hz)", fontsize=style.SMALL)
        style.value_grid(axis, "both")
    style.legend_above(figure, list(handles.values()), list(handles), len(handles))
    return figure
