"""Levels of stems and of their sums under a plan, from passes over the song.

A pass finds the K-weighted products of all active stems and of their reverbs; the loudness of any of them
together follows from it at any faders, so that moving a fader costs no audio.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from mixrules.analysis import (
    LevelScan,
    LevelScanStream,
    PeakTrace,
    ShortTermRatio,
    StereoPowers,
    short_term_ratio,
)
from mixrules.analysis.level_scan import ENVELOPE_HOP_S, EnvelopeStream
from mixrules.engine import MixPart, Renderer, Stages, StemSignal, Tap, parts_in_mix, run_pass
from mixrules.files import Scratch
from mixrules.loudness import (
    BlockEnergies,
    CrossEnergies,
    EnergyStream,
    integrated_from_energies,
    loudness_range_from_energies,
    resolve_weights,
)
from mixrules.mixplan import MixPlan, ReverbBus, starting_plan
from mixrules.processors import db_to_gain, gain_to_db
from mixrules.stems import Stems

_LEAD_VOCAL = "vocal"
_DRY_LUFS = -23.0
_SEND_ROUNDS = 3
_TRACED, _WIDENED = "limiter", "width"


class Levels:
    """Measures levels of a song under plans; see `Measurements`.

    Parameters
    ----------
    renderer : Renderer
        The song, the engine and the chain.
    """

    def __init__(self, renderer: Renderer) -> None:
        self._renderer = renderer
        self._stems = renderer.stems
        self._latest_pass: tuple[dict[StemSignal, Any], CrossEnergies] | None = None
        self._traces: dict[str, deque[tuple[Any, PeakTrace]]] = {}
        self._powers: dict[str, tuple[Any, StereoPowers]] = {}

    def in_mix(self, plan: MixPlan) -> tuple[str, ...]:
        """Return the names of the stems that add to the mix, however quiet: neither silent nor muted."""
        return tuple(stem.name for stem in self._stems if not (stem.silent or plan.stem(stem.name).mute))

    def energies(self, plan: MixPlan, gains_db: Mapping[str, float]) -> BlockEnergies:
        """Return the K-weighted energies of the sum of some stems with their reverbs, in hops of 100 ms.

        Parameters
        ----------
        plan : MixPlan
            The settings.
        gains_db : mapping of str to float
            The stems, and their faders in place of the plan's. Silent and muted ones have no energy.
        """
        gains: dict[StemSignal, float] = {}
        for name in self.in_mix(plan):
            if name in gains_db:
                for part in parts_in_mix(plan.stem(name), fader_db=gains_db[name]):
                    gains[_signal(name, part)] = db_to_gain(part.gain_db)
        if not gains:
            return BlockEnergies(
                energies=np.zeros(0),
                boundaries=np.zeros(1, np.int64),
                sample_rate=self._stems.sample_rate,
                hops_per_100_ms=1,
            )
        return self._products(plan, gains).of(gains)

    def loudness(self, plan: MixPlan, names: Iterable[str]) -> float:
        """Return the integrated loudness in LUFS of the sum of some stems under the plan's faders."""
        return integrated_from_energies(
            self.energies(plan, {name: plan.stem(name).gain_db for name in names})
        )

    def backing_of(self, plan: MixPlan, vocal: str) -> tuple[str, ...]:
        """Return the names of the stems in the mix that a lead vocal is heard against: all but lead vocals."""
        return tuple(
            name for name in self.in_mix(plan) if name != vocal and self._stems[name].role != _LEAD_VOCAL
        )

    def vocal_to_backing(self, plan: MixPlan, vocal: str) -> ShortTermRatio:
        """Return the course of a lead vocal's short-term level against its backing, with reverbs, under the faders."""
        part, backing = (
            self.energies(plan, {name: plan.stem(name).gain_db for name in names})
            for names in ([vocal], self.backing_of(plan, vocal))
        )
        return short_term_ratio(part, backing)

    def products_as_given(self, plan: MixPlan) -> CrossEnergies | None:
        """Return the products of the stems as given, turned as in a plan, where the latest pass measured them."""
        given = given_plan(self._stems, plan)
        if self._latest_pass is None:
            return None
        keys, products = self._latest_pass
        dry = {signal: self._key(given, signal) for signal in map(_dry, self.in_mix(plan))}
        return products if all(keys.get(signal) == key for signal, key in dry.items()) else None

    def loudness_range(self, plan: MixPlan, name: str, *, dry: bool = False) -> float:
        """Return a stem's loudness range in LU, in the mix or as it leaves its compressor; tails do not count."""
        if dry:
            strip = plan.stem(name)
            if strip.limiter is None and not strip.automation:
                return loudness_range_from_energies(self.dry_energies(plan, name))
            trace = self.peak_trace(plan, name, through="compressor")
            return loudness_range_from_energies(trace.energies.scaled(db_to_gain(strip.gain_db)))
        energies = self.energies(plan, {name: plan.stem(name).gain_db})
        return loudness_range_from_energies(energies.until(self._stems.samples))

    def dry_energies(self, plan: MixPlan, name: str) -> BlockEnergies:
        """Return the K-weighted energies of one stem in the mix without its reverbs, its fader included."""
        return self._part_energies(plan, name, MixPart("", plan.stem(name).gain_db))

    def reverb_to_dry_lu(self, plan: MixPlan, name: str, bus: str) -> float:
        """Return the loudness of what a stem's reverb returns minus that of the stem without it, in the mix, in LU.

        NaN where the stem is muted or not sent there, or where neither has a loudness.
        """
        parts = {part.bus: part for part in parts_in_mix(plan.stem(name))}
        if bus not in parts:
            return math.nan
        wet, dry = (self._part_energies(plan, name, parts[each]) for each in (bus, ""))
        return _wet_to_dry_lu(wet, dry)

    def send_levels(
        self, plan: MixPlan, to_dry_lu: Mapping[str, float], bus: ReverbBus
    ) -> dict[str, tuple[float, float]]:
        """Find the sends at which the reverb of each stem has a loudness against the dry stem, in one pass for all.

        Parameters
        ----------
        plan : MixPlan
            The settings.
        to_dry_lu : mapping of str to float
            The stems, and the loudness of the reverb minus that of the dry stem in LU.
        bus : ReverbBus
            The reverb; it need not be in the plan yet.

        Returns
        -------
        dict of str to (float, float)
            What the difference is at a send of 0 dB, in LU, and the send level in dB. Both NaN where
            stem or reverb are too short or too quiet to be measured.
        """
        if not to_dry_lu:
            return {}
        others = tuple(each for each in plan.reverbs if each.name != bus.name)
        plan = plan.replace(reverbs=(*others, bus))
        returns = {name: StemSignal("return", name, bus.name) for name in to_dry_lu}
        products = self._products(plan, [*(StemSignal("dry", name) for name in returns), *returns.values()])
        return {
            name: _send_level(
                products.of({returned: 1.0}), products.of({StemSignal("dry", name): 1.0}), to_dry_lu[name]
            )
            for name, returned in returns.items()
        }

    def gain_by_polarity_lu(self, plan: MixPlan, names: Sequence[str]) -> float:
        """Return how much louder some stems together are than with the last one's polarity the other way.

        Of the stems as they were given, with the polarity that the plan gives them and nothing else of it. In LU;
        inf where they cancel out the other way, NaN where they have no loudness.
        """
        given = given_plan(self._stems, plan)
        gains = {StemSignal("dry", name): 1.0 for name in names}
        products = self._products(given, gains)
        other_way = gains | {StemSignal("dry", names[-1]): -1.0}
        together_lufs, other_lufs = (
            integrated_from_energies(products.of(each)) for each in (gains, other_way)
        )
        return together_lufs - other_lufs if math.isfinite(together_lufs) else math.nan

    def channel_correlation(self, plan: MixPlan, name: str) -> float:
        """Return the correlation of a stem's left and right after the polarity that the plan gives them."""
        powers = StereoPowers(self._stems[name].channels)
        self._renderer.scan(plan, name, self._renderer.chain.strip_through("input"), [powers.update])
        return powers.correlation()

    def side_to_mid_db(self, plan: MixPlan, name: str) -> float:
        """Return the power of side over mid of one stem, dry, after its pan and width."""
        powers = self._kept_powers(plan, name)
        if powers is None:
            powers = StereoPowers(2)
            self._renderer.scan(plan, name, self._renderer.chain.strip_through(_WIDENED), [powers.update])
        return powers.side_to_mid_db()

    def strip_energies(self, plan: MixPlan, name: str) -> BlockEnergies:
        """Return the energies of one stem, dry and before the pan, its fader included; for trials, not cached."""
        energies, _ = self._strip_scan(plan, name, self._renderer.chain.strip_before_pan())
        return energies.scaled(db_to_gain(plan.stem(name).gain_db))

    def level_scan(self, plan: MixPlan, name: str, *, before: str) -> LevelScan:
        """Return levels, envelope and crest factor of one stem before a stage, its energies as the fader leaves them."""
        scan = LevelScanStream(self._stems.sample_rate, self._stems[name].channels)
        stages = self._renderer.chain.strip_before(before)
        self._renderer.scan(plan, name, stages, scan.updates)
        given = scan.result()
        self._keep_trace(plan, name, stages, PeakTrace.of(given.envelope, given.energies))
        return scan.result(fader=db_to_gain(plan.stem(name).gain_db))

    def peak_trace(self, plan: MixPlan, name: str, *, through: str) -> PeakTrace:
        """Return peaks and energies of one stem after a stage, before its fader.

        Those of one of the stem's latest two scans or trials, where it had the same settings up to its end.
        """
        kept = self.kept_trace(plan, name, through=through)
        if kept is not None:
            return kept
        return self._strip_scan(plan, name, self._renderer.chain.strip_through(through))[1]

    def kept_trace(self, plan: MixPlan, name: str, *, through: str) -> PeakTrace | None:
        """Return what `peak_trace` returns where it is known."""
        wanted = self._trace_key(plan, name, self._renderer.chain.strip_through(through))
        return next((trace for key, trace in self._traces.get(name, ()) if key == wanted), None)

    def crest_db(self, plan: MixPlan, name: str) -> float:
        """Return how far the loud peaks of one stem after its compressor lie above its loudness; NaN for silence."""
        return self.peak_trace(plan, name, through="compressor").crest_db

    def peak_to_loudness_db(self, plan: MixPlan, name: str) -> float:
        """Return the highest peak of one stem after its limiter above its integrated loudness there; NaN for silence."""
        trace = self.peak_trace(plan, name, through="limiter")
        ratio_db = gain_to_db(trace.highest) - trace.integrated_lufs
        return ratio_db if math.isfinite(ratio_db) else math.nan

    def _strip_scan(self, plan: MixPlan, name: str, stages: Stages) -> tuple[BlockEnergies, PeakTrace]:
        """Run one stem through some stages; its trace is kept."""
        stream = _TraceStream(self._stems, name)
        self._renderer.scan(plan, name, stages, stream.updates)
        energies, trace = stream.result()
        self._keep_trace(plan, name, stages, trace)
        return energies, trace

    def _keep_trace(self, plan: MixPlan, name: str, stages: Stages, trace: PeakTrace) -> None:
        # Two of each stem: as it leaves its compressor, and its limiter.
        traces = self._traces.setdefault(name, deque(maxlen=2))
        traces.append((self._trace_key(plan, name, stages), trace))

    def _trace_key(self, plan: MixPlan, name: str, stages: Stages) -> Any:
        return self._renderer.chain.active_key(
            stages, self._renderer.engine, plan.stem(name), self._stems[name].channels
        )

    def _part_energies(self, plan: MixPlan, name: str, part: MixPart) -> BlockEnergies:
        signal = _signal(name, part)
        return self._products(plan, [signal]).of({signal: db_to_gain(part.gain_db)})

    def _products(self, plan: MixPlan, signals: Iterable[StemSignal]) -> CrossEnergies:
        """Return the K-weighted products of some signals: those of the latest pass if it has them as the plan wants.

        Else a new pass measures them together with all active stems and their reverbs, since a question about one
        stem is followed by the same question about the others, and the stems are read once for all.
        """
        wanted = {signal: self._key(plan, signal) for signal in signals}
        if self._latest_pass is not None:
            keys, products = self._latest_pass
            if all(keys.get(signal) == key for signal, key in wanted.items()):
                return products
        active = [_signal(name, part) for name in self.in_mix(plan) for part in parts_in_mix(plan.stem(name))]
        keys = {signal: self._key(plan, signal) for signal in [*active, *wanted]}
        self._latest_pass = None  # frees its memory before the next pass takes as much
        make_table = None if self._stems.in_memory else _table_on_disk
        names = list(dict.fromkeys(signal.stem for signal in keys))
        traces = {name: _TraceStream(self._stems, name) for name in names if self._wants_trace(plan, name)}
        powers = {name: StereoPowers(2) for name in names if self._wants_powers(plan, name)}
        taps = {
            name: [
                *([Tap(_TRACED, traces[name].updates)] if name in traces else []),
                *([Tap(_WIDENED, (powers[name].update,))] if name in powers else []),
            ]
            for name in names
        }
        products = run_pass(self._renderer, plan, keys, make_table=make_table, taps=taps)
        for name, trace in traces.items():
            self._keep_trace(plan, name, self._renderer.chain.strip_through(_TRACED), trace.result()[1])
        for name, measured in powers.items():
            self._powers[name] = (self._widened_key(plan, name), measured)
        self._latest_pass = (keys, products)
        return products

    # What is stated of a limiter and of a width is measured again in the end: it comes with a pass that is made anyway.

    def _wants_trace(self, plan: MixPlan, name: str) -> bool:
        return plan.stem(name).limiter is not None and self.kept_trace(plan, name, through=_TRACED) is None

    def _wants_powers(self, plan: MixPlan, name: str) -> bool:
        return plan.stem(name).width is not None and self._kept_powers(plan, name) is None

    def _kept_powers(self, plan: MixPlan, name: str) -> StereoPowers | None:
        key, powers = self._powers.get(name, (None, None))
        return powers if key == self._widened_key(plan, name) else None

    def _widened_key(self, plan: MixPlan, name: str) -> Any:
        return self._trace_key(plan, name, self._renderer.chain.strip_through(_WIDENED))

    def _key(self, plan: MixPlan, signal: StemSignal) -> Any:
        """Return the settings that a signal follows from."""
        chain, strip = self._renderer.chain, plan.stem(signal.stem)
        return chain.return_key(plan, strip, signal.bus) if signal.bus else chain.pre_send_key(strip)


class _TraceStream:
    """Peaks and energies of one stem before its pan, from its blocks."""

    def __init__(self, stems: Stems, name: str) -> None:
        self._energies = EnergyStream(stems.sample_rate, resolve_weights(None, stems[name].channels))
        self._envelope = EnvelopeStream(stems.sample_rate, ENVELOPE_HOP_S)
        self.updates = (self._energies.update, self._envelope.update)

    def result(self) -> tuple[BlockEnergies, PeakTrace]:
        energies = self._energies.block_energies()
        return energies, PeakTrace.of(self._envelope.result(), energies)


def given_plan(stems: Stems, plan: MixPlan) -> MixPlan:
    """Return the plan that changes nothing but the polarity of stems, to that of another plan."""
    given = starting_plan(stems)
    for strip in plan.stems:
        turned = {
            "invert_polarity": strip.invert_polarity,
            "invert_right_polarity": strip.invert_right_polarity,
        }
        if any(turned.values()):
            given = given.replace_stem(strip.name, **turned)
    return given


def _signal(name: str, part: MixPart) -> StemSignal:
    return StemSignal("return", name, part.bus) if part.bus else _dry(name)


def _dry(name: str) -> StemSignal:
    return StemSignal("dry", name)


def _table_on_disk(rows: int, columns: int) -> Scratch:
    return Scratch(rows, columns, window_samples=1, dtype=np.float64)


def _send_level(wet: BlockEnergies, dry: BlockEnergies, to_dry_lu: float) -> tuple[float, float]:
    """Return how loud a reverb is against the dry stem at a send of 0 dB, and the send for a wanted difference."""
    at_unity_lu = _wet_to_dry_lu(wet, dry)
    level_db = to_dry_lu - at_unity_lu
    if not math.isfinite(level_db):
        return math.nan, math.nan
    # A tail fades through the absolute gate: at another level its loudness is that of another segment.
    for _ in range(_SEND_ROUNDS):
        error_lu = to_dry_lu - _wet_to_dry_lu(wet.scaled(db_to_gain(level_db)), dry)
        if not math.isfinite(error_lu):
            break
        level_db += error_lu
    return at_unity_lu, level_db


def _wet_to_dry_lu(wet: BlockEnergies, dry: BlockEnergies) -> float:
    """Return the loudness of a stem's reverb minus that of the dry stem; NaN where neither has one.

    Both are measured with the dry stem brought to -23 LUFS, so that the answer does not depend on the
    level the stem happens to have: the absolute gate of BS.1770 would cut a quiet one's reverb off.
    """
    dry_lufs = integrated_from_energies(dry)
    if not math.isfinite(dry_lufs):
        return math.nan
    wet_lufs = integrated_from_energies(wet.scaled(db_to_gain(_DRY_LUFS - dry_lufs)))
    return wet_lufs - _DRY_LUFS if math.isfinite(wet_lufs) else math.nan
