"""One stem before and after: what it measures as given and in the mix, and what its processors do on the way."""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from mixrules.analysis import Bands
from mixrules.analysis.level_scan import ENVELOPE_HOP_S, EnvelopeStream
from mixrules.decision import Decision, Statement, plain
from mixrules.engine import Renderer, StemInMix, Tap
from mixrules.engine.source import StemSource
from mixrules.loudness import EnergyStream, loudness_range_from_energies, resolve_weights
from mixrules.mixplan import MasterPlan, MixPlan, StemPlan
from mixrules.processors import (
    EqBand,
    EqualizerParams,
    automation_gain_db,
    db_to_gain,
    frequency_response,
    static_curve_db,
)
from mixrules.report.song.pictures import (
    CompressorPicture,
    DecidedBand,
    EqPicture,
    LevelTarget,
    LimiterPicture,
    SendPicture,
    StemPicture,
    Trace,
)
from mixrules.report.song.sound_meter import COLUMNS, Sound, levels_db, measured_sound, reduction_between
from mixrules.stems import Stem

_MONO_POWER = 0.5
"""What the pan law leaves of a mono stem's power on each side, in the centre."""
_CURVE_POINTS = 240
_LOWEST_HZ, _HIGHEST_HZ = 20.0, 20_000.0
_STATIC_DBFS = np.arange(-72.0, 6.5, 0.5)
_HISTOGRAM_DBFS = np.arange(-72.0, 7.0, 2.0)
_TARGETS = ("stem_integrated_lufs", "group_integrated_lufs", "vocal_to_backing_lu")
_MAKES_ROOM = re.compile(r"masking of (?P<stem>.+) at (?P<hz>[0-9.e+]+) Hz")

_INTO_COMPRESSOR, _COMPRESSED, _LIMITED = "dynamic_equalizer", "compressor", "limiter"


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class MeasuredStem:
    """A stem's two sounds, and what its dynamics processors do."""

    given: Sound
    after: Sound
    compressor: CompressorPicture | None
    limiter: LimiterPicture | None


def measure_stem(
    renderer: Renderer,
    plan: MixPlan,
    name: str,
    sets: Sequence[Bands],
    edges: npt.NDArray[np.int64],
) -> MeasuredStem:
    """Measure one stem, in one pass over it as given and one over it in the mix."""
    stem, rate, strip = renderer.stems[name], renderer.stems.sample_rate, plan.stem(name)
    level = _MONO_POWER if stem.channels == 1 else 1.0
    given = measured_sound(lambda: StemSource(stem), rate, sets, edges, level=level)
    points = _Points(stem, rate)

    def in_mix() -> StemInMix:
        points.clear()
        return StemInMix(renderer, plan, name, taps=points.taps(strip))

    after = measured_sound(in_mix, rate, sets, edges)
    return MeasuredStem(given, after, points.compressor(strip), points.limiter(strip))


class _Points:
    """Peaks and energies of a stem at points of its strip."""

    def __init__(self, stem: Stem, sample_rate: int) -> None:
        self._channels, self._rate = stem.channels, sample_rate
        self._peaks: dict[str, EnvelopeStream] = {}
        self._energies: dict[str, EnergyStream] = {}

    def clear(self) -> None:
        """Begin anew."""
        weights = resolve_weights(None, self._channels)
        for point in (_INTO_COMPRESSOR, _COMPRESSED, _LIMITED):
            self._peaks[point] = EnvelopeStream(self._rate, ENVELOPE_HOP_S)
            self._energies[point] = EnergyStream(self._rate, weights)

    def taps(self, strip: StemPlan) -> list[Tap]:
        """Return what is to be shown the signal where."""
        taps = []
        if _runs_compressor(strip):
            taps += [
                Tap(point, (self._peaks[point].update, self._energies[point].update))
                for point in (_INTO_COMPRESSOR, _COMPRESSED)
            ]
        elif strip.limiter is not None:
            taps.append(Tap(_COMPRESSED, (self._peaks[_COMPRESSED].update,)))
        if strip.limiter is not None:
            taps.append(Tap(_LIMITED, (self._peaks[_LIMITED].update,)))
        return taps

    def compressor(self, strip: StemPlan) -> CompressorPicture | None:
        """Return what the compressor did, where the strip has one."""
        before, after = (self._peaks[point].result() for point in (_INTO_COMPRESSOR, _COMPRESSED))
        params = strip.compressor
        if params is None or not _runs_compressor(strip) or not len(before):
            return None
        return CompressorPicture(
            params=params,
            level_dbfs=_STATIC_DBFS,
            output_dbfs=static_curve_db(_STATIC_DBFS, params),
            histogram_edges_dbfs=_HISTOGRAM_DBFS,
            histogram_share=_histogram(before),
            reduction=reduction_between(before, after, ENVELOPE_HOP_S, makeup_db=params.makeup_db),
            range_before_lu=self._range_lu(_INTO_COMPRESSOR),
            range_after_lu=self._range_lu(_COMPRESSED),
        )

    def limiter(self, strip: StemPlan) -> LimiterPicture | None:
        """Return what the limiter did, where the strip has one."""
        before, after = (self._peaks[point].result() for point in (_COMPRESSED, _LIMITED))
        if strip.limiter is None or not len(before):
            return None
        return LimiterPicture(
            params=strip.limiter, reduction=reduction_between(before, after, ENVELOPE_HOP_S)
        )

    def _range_lu(self, point: str) -> float:
        return loudness_range_from_energies(self._energies[point].block_energies())


def _runs_compressor(strip: StemPlan) -> bool:
    return strip.compressor is not None and not any(each.replaces == "compressor" for each in strip.plugins)


def _histogram(peaks: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """Return which share of the audible time has its peaks in each bin."""
    lowest, highest = (db_to_gain(float(_HISTOGRAM_DBFS[end])) for end in (0, -1))
    levels = 20.0 * np.log10(np.clip(peaks[peaks > lowest], lowest, highest))
    counts, _ = np.histogram(levels, _HISTOGRAM_DBFS)
    return np.asarray(counts / max(counts.sum(), 1), np.float64)


def stem_picture(
    stem: Stem,
    plan: MixPlan,
    measured: MeasuredStem,
    others: tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]],
    sample_rate: int,
) -> StemPicture:
    """Return the picture of one stem; `others` are the powers of all other stems, as given and in the mix."""
    strip = plan.stem(stem.name)
    return StemPicture(
        name=stem.name,
        role=strip.role,
        role_reason=stem.role_reason,
        role_confidence=strip.role_confidence,
        instrument=strip.instrument.name if strip.instrument else "",
        silent=stem.silent,
        muted=strip.mute,
        given=measured.given.picture,
        after=measured.after.picture,
        others_given_db=levels_db(others[0]),
        others_after_db=levels_db(others[1]),
        target=_target(plan, stem.name),
        input_gain_db=strip.input_gain_db,
        gain_db=strip.gain_db,
        eq=eq_picture(strip, plan.decisions, stem.name, sample_rate),
        compressor=measured.compressor,
        limiter=measured.limiter,
        automation=_automation(strip, stem.samples / sample_rate),
        pan=strip.pan,
        width=strip.width,
        sends=tuple(
            SendPicture(bus=send.to, level_db=send.level_db, to_dry_lu=_to_dry_lu(plan, stem.name, send.to))
            for send in strip.sends
        ),
    )


def eq_picture(
    strip: StemPlan | MasterPlan, decisions: tuple[Decision, ...], name: str, sample_rate: int
) -> EqPicture | None:
    """Return the equaliser of a strip or of the master (`name` empty); None where it changes nothing."""
    bands = strip.equalizer.bands
    dynamic = strip.dynamic_equalizer if isinstance(strip, StemPlan) else ()
    if any(each.replaces == "equalizer" for each in strip.plugins):
        bands = ()
    if not bands and not dynamic:
        return None
    highest_hz = min(_HIGHEST_HZ, 0.499 * sample_rate)
    frequency_hz = np.geomspace(_LOWEST_HZ, highest_hz, _CURVE_POINTS)
    response = frequency_response(EqualizerParams(bands=bands), sample_rate, frequency_hz)
    with np.errstate(divide="ignore"):
        gain_db = 20.0 * np.log10(np.abs(response))
    return EqPicture(
        frequency_hz=frequency_hz,
        gain_db=gain_db,
        bands=tuple(_decided(band, place, decisions, name) for place, band in enumerate(bands)),
        dynamic_bands=dynamic,
    )


def _decided(band: EqBand, place: int, decisions: tuple[Decision, ...], name: str) -> DecidedBand:
    """Return a band with the first decision that has it at its place."""
    written = plain(band)
    for decision in decisions:
        if decision.stem != name or decision.superseded:
            continue
        parameters = decision.parameters if name else decision.parameters.get("master", {})
        listed = parameters.get("equalizer", {}).get("bands", [])
        if place < len(listed) and listed[place] == written:
            rooms = [_MAKES_ROOM.fullmatch(quantity.name) for quantity in decision.measured]
            stems = [
                found["stem"] for found in rooms if found and float(found["hz"]) == written["frequency_hz"]
            ]
            return DecidedBand(band=band, rule=decision.rule, makes_room_for=tuple(dict.fromkeys(stems)))
    return DecidedBand(band=band, rule="")


def statements(plan: MixPlan) -> list[Statement]:
    """Return what the decisions that hold state."""
    return [
        statement
        for decision in plan.decisions
        if not decision.superseded
        for statement in decision.statements
    ]


def _target(plan: MixPlan, name: str) -> LevelTarget | None:
    for statement in statements(plan):
        if statement.kind in _TARGETS and name in statement.stems:
            return LevelTarget(
                kind=statement.kind,
                stems=statement.stems,
                stated=statement.stated,
                measured=math.nan if statement.measured is None else statement.measured,
            )
    return None


def _to_dry_lu(plan: MixPlan, name: str, bus: str) -> float:
    """Return what was measured of a stem's reverb, in the check of the plan."""
    for statement in statements(plan):
        about = statement.kind, statement.stems, statement.bus
        if about == ("reverb_to_dry_lu", (name,), bus) and statement.measured is not None:
            return statement.measured
    return math.nan


def _automation(strip: StemPlan, length_s: float) -> Trace | None:
    """Return the gain over time, at its points and between them."""
    if not strip.automation:
        return None
    points_s = [point.time_s for point in strip.automation if point.time_s <= length_s]
    times_s = np.unique(np.concatenate([np.linspace(0.0, length_s, COLUMNS // 2), points_s]))
    return Trace(times_s, automation_gain_db(times_s, strip.automation))
