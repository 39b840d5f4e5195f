"""What a plan does to one stem, in a musician's words, made of the parameters of its channel strip."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from mixrules._support.wording import hertz, place, side, signed
from mixrules.decision import Decision
from mixrules.mixplan import StemPlan
from mixrules.plan_fitting import STARTED
from mixrules.processors import (
    CompressorParams,
    DynamicEqBand,
    EqBand,
    EqualizerParams,
    GainPoint,
    WidthParams,
)

INSPECTION = "stems"
"""The rule that says of stems which are left alone, and why; it decides nothing."""

_NAMED_BANDS = 2
_HARD = 0.995
_VOICE_HZ = 3000.0  # what a dynamic equaliser turns down above this are sibilants
_PEAKS = "limiting of the highest peak"
_REVERB = "reverb_to_dry_lu"
_ALONG = {"ride": "level ridden", "duck": "dips under the vocal", "fades": "short fades"}


@dataclass(frozen=True, slots=True)
class Treatment:
    """One thing that was done to a stem, in words: at length first, then shorter, to a word or two."""

    forms: tuple[str, ...]


def fader_in_words(strip: StemPlan) -> str:
    """Return where the fader stands, e.g. ``+1.5 dB``."""
    return "muted" if strip.mute else f"{signed(strip.gain_db)} dB"


def place_in_words(strip: StemPlan) -> str:
    """Return where a stem stands between the loudspeakers."""
    pan = strip.pan.pan
    return f"hard {side(pan)}" if abs(pan) >= _HARD else place(pan)


def is_left_alone(strip: StemPlan, decisions: Sequence[Decision]) -> bool:
    """Return whether no rule touched a stem because it is silent, muted or nearly so."""
    own = [decision.rule for decision in decisions if decision.stem == strip.name]
    return bool(own) and set(own) - {STARTED} == {INSPECTION}


def treatments(strip: StemPlan, decisions: Sequence[Decision]) -> list[Treatment]:
    """Return what is done to a stem besides its fader and its place, what matters most first.

    Parameters
    ----------
    strip : StemPlan
        The channel strip.
    decisions : sequence of Decision
        Those of the plan, which know what a parameter alone does not tell: by how much a limiter brings peaks down,
        and which rule moves the level over time.

    Returns
    -------
    list of Treatment
        Empty where nothing is done.
    """
    own = [d for d in decisions if d.stem == strip.name and not d.superseded]
    done = []
    if strip.invert_polarity:
        done.append(Treatment(("polarity reversed",)))
    if strip.invert_right_polarity:
        done.append(Treatment(("polarity of the right channel reversed", "polarity reversed")))
    if _shows(strip.input_gain_db):
        done.append(Treatment((f"input gain {signed(strip.input_gain_db)} dB", "input gain")))
    done += _equalized(strip.equalizer)
    done += [_dynamic_band(band) for band in strip.dynamic_equalizer]
    if strip.compressor is not None and strip.compressor.ratio > 1.0:
        done.append(Treatment((f"compressed {ratio_in_words(strip.compressor)}", "compressed")))
    for plugin in strip.plugins:
        name = plugin.plugin_name or PurePath(plugin.path).stem
        done.append(Treatment((f"plug-in {name}", "plug-in")))
    if strip.limiter is not None:
        by_db = _quantity(own, _PEAKS)
        done.append(Treatment(("peaks limited" if by_db is None else f"peaks {signed(-by_db)} dB", "peaks")))
    if strip.automation:
        done.append(_over_time(strip.automation, own))
    if strip.width is not None and (text := _width(strip.width)):
        done.append(Treatment((text,)))
    if strip.sends:
        # A send's own level says little of how loud the reverb is: that depends on the room.
        levels = [each.stated for d in own for each in d.statements if each.kind == _REVERB]
        told = f"reverb {signed(levels[-1], 0)} LU" if levels and len(strip.sends) == 1 else "reverb"
        done.append(Treatment((told, "reverb")))
    return done


def _equalized(equalizer: EqualizerParams) -> list[Treatment]:
    text = equalizer_in_words(equalizer)
    if not text:
        return []
    bands = [band for band in equalizer.bands if _passes(band) or _shows(band.gain_db)]
    if len(bands) == 1:
        return [Treatment((text if _passes(bands[0]) else f"EQ {text}", "EQ"))]
    centres = " and ".join(hertz(band.frequency_hz) for band in bands)
    shorter = (f"EQ at {centres}",) if len(bands) == _NAMED_BANDS else ()
    return [Treatment((f"EQ {text}", *shorter, "EQ"))]


def equalizer_in_words(equalizer: EqualizerParams) -> str:
    """Return what an equaliser does, its largest moves by name; empty where it does nothing."""
    passes = [f"{_PASSES[band.kind]} {hertz(band.frequency_hz)}" for band in equalizer.bands if _passes(band)]
    moves = sorted(
        (band for band in equalizer.bands if not _passes(band) and _shows(band.gain_db)),
        key=lambda band: -abs(band.gain_db),
    )
    named = [
        f"{signed(band.gain_db)} dB {_WHERE[band.kind]} {hertz(band.frequency_hz)}"
        for band in moves[:_NAMED_BANDS]
    ]
    if len(moves) > _NAMED_BANDS:
        named.append(f"{len(moves) - _NAMED_BANDS} more")
    return ", ".join([*named, *passes])


def ratio_in_words(compressor: CompressorParams) -> str:
    """Return a compressor's ratio, e.g. ``3:1`` or ``3.8:1``."""
    return f"{round(compressor.ratio, 1):g}:1"


def amount(strip: StemPlan, decisions: Sequence[Decision]) -> float:
    """Return how much was done to a stem, to show those first that changed most.

    The fader's move in dB, 6 dB for a place at the side, 3 dB for each thing that was done.
    """
    return abs(strip.gain_db) + 6.0 * abs(strip.pan.pan) + 3.0 * len(treatments(strip, decisions))


_PASSES = {"high_pass": "high-pass", "low_pass": "low-pass"}
_WHERE = {"peaking": "at", "low_shelf": "below", "high_shelf": "above"}


def _passes(band: EqBand) -> bool:
    return band.kind in _PASSES


def _shows(value: float) -> bool:
    return abs(value) >= 0.05


def _quantity(decisions: Sequence[Decision], name: str) -> float | None:
    """Return what a decision measured under a name; None where none did."""
    found = [each.value for decision in decisions for each in decision.measured if each.name == name]
    return found[-1] if found else None


def _dynamic_band(band: DynamicEqBand) -> Treatment:
    if band.frequency_hz >= _VOICE_HZ:
        return Treatment((f"de-essed at {hertz(band.frequency_hz)}", "de-essed"))
    return Treatment((f"turned down at {hertz(band.frequency_hz)} while loud there", "dynamic EQ"))


def _over_time(points: Sequence[GainPoint], decisions: Sequence[Decision]) -> Treatment:
    """Say how the level moves: by the rules that wrote it, or by its range where none did."""
    rules = dict.fromkeys(decision.rule for decision in decisions if "automation" in decision.parameters)
    what = [_ALONG[rule] for rule in rules if rule in _ALONG]
    text = " and ".join(what) or "level moves"
    gains_db = [point.gain_db for point in points]
    ends_db = [db for db in dict.fromkeys((min(gains_db), max(gains_db))) if _shows(db)]
    # A fade goes down to nothing, which says little of how far the level moves besides.
    if ends_db and "fades" not in rules:
        text += f" by {' to '.join(map(signed, ends_db))} dB"
    return Treatment((text, what[0] if what else "level moves"))


def _width(width: WidthParams) -> str:
    if width.spread > 0.0:
        return "spread a little" if width.side_gain_db >= 0.0 else "spread"
    if _shows(width.side_gain_db):
        if width.side_gain_db <= -60.0:
            return "made mono"
        return f"{'wider' if width.side_gain_db > 0.0 else 'narrower'} by {abs(width.side_gain_db):.1f} dB"
    return ""
