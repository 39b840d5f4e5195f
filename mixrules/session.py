"""Session: the song as the rules see it while they decide.

It holds the stems, the plan so far and the audio under that plan, and applies decisions to it. A
rule asks for measurements; each is made once for the settings it was made with.
"""

from __future__ import annotations

import dataclasses
import functools
import math
import threading
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from mixrules._support.strict_json import converted
from mixrules._support.validation import Audio, SlicedAudio
from mixrules.analysis import (
    Bands,
    Character,
    LevelScan,
    LevelScanStream,
    MaskingModel,
    PowerTable,
    StemScan,
    Tempo,
    Tone,
    describe,
    estimate_tempo,
    powers_in_sets,
    scan_stem,
    tone_bands,
    tone_of,
)
from mixrules.decision import Decision
from mixrules.engine import (
    ArrayStore,
    Engine,
    MakeStore,
    Mixdown,
    Passes,
    Signal,
    StripRenderer,
    SumAudio,
    load_engine,
)
from mixrules.errors import PlanError
from mixrules.files import scratch_of
from mixrules.loudness import (
    BlockEnergies,
    EnergyStream,
    Loudness,
    integrated_from_energies,
    resolve_weights,
)
from mixrules.mixplan import MasterPlan, MixPlan, ReverbBus, StemPlan
from mixrules.processors import db_to_gain
from mixrules.stems import Stem, Stems

_T = TypeVar("_T")

VOCAL = "vocal"
UNKNOWN = "unknown"
_DRY_LUFS = -23.0
_SEND_ROUNDS = 3
_TONE_BLOCK_S = 0.1  # the blocks of `describe`: an incomplete last one is dropped


class Session:
    """A song, a plan in the making, and what can be measured under it.

    Attributes
    ----------
    stems : Stems
        The song.
    plan : MixPlan
        The plan so far; `apply` replaces it.
    renderer : StripRenderer
        Renders stems under a plan.
    passes : Passes
        What was measured of stems under plans.
    """

    def __init__(
        self,
        stems: Stems,
        plan: MixPlan | None = None,
        *,
        engine: Engine | None = None,
        renderer: StripRenderer | None = None,
        make_store: MakeStore = ArrayStore,
    ) -> None:
        self._make_store = make_store
        self.stems = stems
        self.renderer = renderer or StripRenderer(stems, engine or load_engine("native"))
        self.plan = plan or starting_plan(stems)
        self.passes = Passes(self.renderer)
        self._mixdown: tuple[Any, Mixdown] | None = None
        self._scans: dict[str, StemScan] = {}
        self._scanning = threading.Lock()
        self._characters: dict[str, Character] = {}
        self._tones: dict[str, Tone] = {}
        self._tempo: dict[tuple[str, ...], Tempo] = {}

    @property
    def sample_rate(self) -> int:
        """The song's sample rate in Hz."""
        return self.stems.sample_rate

    @property
    def sounding(self) -> tuple[Stem, ...]:
        """The stems that have a loudness; those that are silent or muted are left alone."""
        return tuple(stem for stem in self.stems if self._sounds(stem))

    @property
    def vocals(self) -> tuple[str, ...]:
        """The names of the lead vocals that sound."""
        return tuple(stem.name for stem in self.sounding if stem.role == VOCAL)

    @property
    def backing(self) -> tuple[str, ...]:
        """The names of all other stems that sound."""
        return tuple(stem.name for stem in self.sounding if stem.role != VOCAL)

    def role(self, name: str) -> str:
        """Return a stem's role; where its name told none, the one it sounds like."""
        stem = self.stems[name]
        return self.character(name).sounds_like if stem.role == UNKNOWN and self._sounds(stem) else stem.role

    def role_in_words(self, name: str) -> str:
        """Return a stem's role for a sentence, saying so where it is a guess by ear."""
        role = self.role(name).replace("_", " ")
        return role if self.stems[name].role != UNKNOWN else f"unknown role, sounds like {role}"

    def audio(self, name: str, *, through: str = "fader") -> Audio:
        """Return one stem under the plan so far, after a stage of the strip."""
        return self.renderer.stem(self.plan, name, through=through)

    def sum(self, names: Iterable[str]) -> Audio:
        """Return the sum of some stems under the plan so far."""
        return self.sliced(tuple(names))[:]

    def sliced(self, names: Sequence[str]) -> SlicedAudio:
        """Return the sum of some stems under the plan so far, to be read in slices; it is never held whole."""
        return SumAudio(self.renderer, self.plan, names)

    def energies(self, *names: str) -> BlockEnergies:
        """Return the K-weighted energies of the sum of some stems in hops of 100 ms, faders included."""
        return self.passes.energies(self.plan, {name: self.plan.stem(name).gain_db for name in names})

    def loudness(self, *names: str) -> float:
        """Return the integrated loudness of the sum of some stems in LUFS, faders included."""
        return integrated_from_energies(self.energies(*names))

    def energies_with(self, name: str, **changes: Any) -> BlockEnergies:
        """Return the energies of one stem, dry and before the pan, with other settings in its strip.

        What is tried out is not kept: the stem streams through its strip and is gone.
        """
        plan = self.plan.replace_stem(name, **changes)
        energies = EnergyStream(self.sample_rate, resolve_weights(None, self.stems[name].channels))
        self.renderer.measure(plan, name, "compressor", [energies.update])
        return energies.block_energies().scaled(db_to_gain(plan.stem(name).gain_db))

    def level_scan(self, name: str, *, through: str) -> LevelScan:
        """Return what the level of one stem is after a dry stage, its energies as the fader leaves them."""
        fader = db_to_gain(self.plan.stem(name).gain_db)
        scan = LevelScanStream(self.sample_rate, self.stems[name].channels)
        self.renderer.measure(self.plan, name, through, scan.updates)
        return scan.result(fader=fader)

    def loudness_at(self, gains_db: Mapping[str, float]) -> float:
        """Return the integrated loudness of the sum of some stems in LUFS, with other faders."""
        return integrated_from_energies(self.passes.energies(self.plan, gains_db))

    def mixdown(self) -> Mixdown:
        """Return all stems under the plan so far, summed and measured."""
        sounds = (self.plan.stems, self.plan.reverbs)
        if self._mixdown is None or self._mixdown[0] != sounds:
            self._mixdown = None  # its audio goes before the next is made
            self._mixdown = (sounds, Mixdown(self.renderer, self.plan, make_store=self._make_store))
        return self._mixdown[1]

    def mix_loudness(self) -> Loudness:
        """Return what the sum of all stems under the plan so far measures, before the master."""
        return self.mixdown().loudness

    def mix_energies(self) -> BlockEnergies:
        """Return the block energies of the sum of all stems under the plan so far, before the master."""
        return self.mixdown().energies

    def mastered_loudness(self, master: MasterPlan) -> Loudness:
        """Return what the mix under the plan so far measures after a master."""
        return self.mixdown().measured(master)

    def band_powers(
        self, names: Sequence[str], coarse: Bands, fine: Bands, *, block_s: float
    ) -> dict[str, list[PowerTable]]:
        """Return the powers of some stems in each block and band, for two sets of bands with one transform.

        Parameters
        ----------
        names : sequence of str
            The stems, under the plan so far, their faders included. All cores work on them.
        coarse : Bands
            Some bands; their table has double precision.
        fine : Bands
            Many bands; their table has single precision.
        block_s : float
            Block length in seconds.

        Returns
        -------
        dict of str to list of array or SlicedAudio, shape (blocks, bands)
            Mean squares, for each stem and set; on the disk where the song is.
        """

        def tables(name: str) -> list[PowerTable]:
            powers, fine_powers = self._band_powers(name, [coarse, fine], block_s)
            table = self._table([powers], *powers.shape, dtype=np.float64)
            return [table, self.kept([fine_powers], *fine_powers.shape)]

        return self.each(names, tables)

    def masking_model(self, bands: Bands, powers: Mapping[str, PowerTable]) -> MaskingModel:
        """Return the model of the masking between stems whose powers in some bands are given."""
        return MaskingModel(bands, powers, sample_rate=self.sample_rate, store=self.kept)

    def _band_powers(self, name: str, sets: Sequence[Bands], block_s: float) -> list[npt.NDArray[np.float64]]:
        """Return one stem's powers in each block and band, for several sets of bands with one transform."""
        # Its tone will be asked for and comes along, where this is the stem as it was given but for its level.
        shaped = self._is_shaped(name)
        wanted = name not in self._tones and block_s == _TONE_BLOCK_S and not shaped
        asked = [*sets, tone_bands(self.sample_rate)] if wanted else sets
        strip, stem = self.plan.stem(name), self.stems[name]
        if strip.mute or stem.channels == 1 or shaped:
            found = powers_in_sets(self.sliced([name]), self.sample_rate, asked, block_s=block_s)
        else:  # its level is all that differs from the stem as given
            gain = db_to_gain(strip.input_gain_db + strip.gain_db) ** 2
            given = powers_in_sets(stem.audio, self.sample_rate, asked, block_s=block_s)
            found = [powers * gain for powers in given]
        if wanted and (fine := found.pop()).any():
            self._tones[name] = tone_of(fine.sum(axis=0), self.sample_rate)
        return found

    def kept(self, parts: Iterable[npt.NDArray[np.float64]], rows: int, columns: int) -> PowerTable:
        """Return a table that comes in parts, in single precision, to be read in slices.

        Like the song it lies in memory or on the disk: tables of all stems are as long as the song.
        """
        return self._table(parts, rows, columns, dtype=np.float32)

    def _table(
        self,
        parts: Iterable[npt.NDArray[np.float64]],
        rows: int,
        columns: int,
        *,
        dtype: type[np.float32 | np.float64],
    ) -> PowerTable:
        if self.stems.in_memory:
            return np.concatenate([part.astype(dtype, copy=False) for part in parts])
        return scratch_of(parts, rows, columns, window_samples=1, dtype=dtype)

    def each(self, names: Sequence[str], work: Callable[[str], _T]) -> dict[str, _T]:
        """Do the same work for several stems, on as many cores as there are; results in order."""
        return self.renderer.each(names, work)

    def send_level(self, name: str, bus: ReverbBus, to_dry_lu: float) -> tuple[float, float]:
        """Find the send at which a stem's reverb has a loudness against the dry stem.

        Parameters
        ----------
        name : str
            The stem.
        bus : ReverbBus
            The reverb; it need not be in the plan yet.
        to_dry_lu : float
            Loudness of the reverb minus that of the dry stem.

        Returns
        -------
        at_unity_lu, level_db : float
            What the difference is at a send of 0 dB, and the send that is wanted. Both NaN where stem
            or reverb are too short or too quiet to be measured.
        """
        plan = self._with_bus(bus)
        signals = [Signal("dry", name), Signal("wet", name, bus.name)]
        cross = self.passes.cross(plan, signals)
        dry, wet = (cross.of({signal: 1.0}) for signal in signals)
        at_unity_lu = wet_to_dry_lu(wet, dry)
        level_db = to_dry_lu - at_unity_lu
        if not math.isfinite(level_db):
            return math.nan, math.nan
        # A tail fades through the absolute gate: at another level its loudness is that of another stretch.
        for _ in range(_SEND_ROUNDS):
            error_lu = to_dry_lu - wet_to_dry_lu(wet.scaled(db_to_gain(level_db)), dry)
            if not math.isfinite(error_lu):
                break
            level_db += error_lu
        return at_unity_lu, level_db

    def send_levels(self, to_dry_lu: Mapping[str, float], bus: ReverbBus) -> dict[str, tuple[float, float]]:
        """Find the sends at which several stems' reverbs have a loudness against the dry stems.

        Parameters
        ----------
        to_dry_lu : mapping of str to float
            The stems, and for each the loudness of the reverb minus that of the dry stem.
        bus : ReverbBus
            The reverb; it need not be in the plan yet. One pass over the song serves all stems.

        Returns
        -------
        dict of str to (at_unity_lu, level_db)
            For each stem what `send_level` returns.
        """
        self.passes.measure(self._with_bus(bus), [Signal("wet", name, bus.name) for name in to_dry_lu])
        return {name: self.send_level(name, bus, wanted_lu) for name, wanted_lu in to_dry_lu.items()}

    def scan(self, name: str) -> StemScan:
        """Return the loudness, width and offset of a stem as it was given."""
        with self._scanning:  # a rule may ask from several threads
            return self._scan_all()[name]

    def _scan_all(self) -> dict[str, StemScan]:
        if not self._scans:
            # The level rule will ask for the same pass: its first question is about the stems as they were given.
            given = starting_plan(self.stems)
            signals = {heard: Signal("dry", heard) for heard in self.passes.heard(given)}
            cross = self.passes.cross(given, signals.values()) if signals else None

            def look(each: str) -> StemScan:
                known = -math.inf
                if cross is not None and each in signals:
                    known = integrated_from_energies(cross.of({signals[each]: 1.0}))
                return scan_stem(self.stems[each].audio, self.sample_rate, integrated_lufs=known)

            self._scans = self.each(self.stems.names, look)
        return self._scans

    def tone(self, name: str) -> Tone:
        """Return where in the spectrum a stem, as it was given, lies."""
        if name not in self._tones:
            character = self.character(name)
            self._tones[name] = Tone(
                character.spectral_centroid_hz, character.low_share, character.dominant_band_hz
            )
        return self._tones[name]

    def character(self, name: str) -> Character:
        """Return what a stem, as it was given, sounds like, in all the numbers of `describe`."""
        if name not in self._characters:
            alike = [
                stem.name
                for stem in self.stems
                if stem.name not in self._characters and (name == stem.name or stem.role == UNKNOWN)
            ]
            self._characters |= self.each(
                alike, lambda each: describe(self.stems[each].audio, self.sample_rate)
            )
        return self._characters[name]

    def tempo(self, names: Sequence[str], low_bpm: float, high_bpm: float) -> Tempo:
        """Return the tempo of the sum of some stems, as they were given."""
        key = (*names, str(low_bpm), str(high_bpm))
        if key not in self._tempo:
            total = _MonoSum([self.stems[name] for name in names])
            # Files are read from the start on; only what lies in memory is looked at in several places at once.
            threads = self.renderer.threads if self.stems.in_memory else 1
            self._tempo[key] = estimate_tempo(
                total, self.sample_rate, low_bpm=low_bpm, high_bpm=high_bpm, threads=threads
            )
        return self._tempo[key]

    def apply(self, decisions: Iterable[Decision]) -> None:
        """Carry decisions out on the plan and record them in it.

        Raises
        ------
        PlanError
            If a decision names an unknown stem or field, or an impossible value.
        """
        decisions = tuple(decisions)
        self._supersede({(decision.rule, decision.stem) for decision in decisions})
        for decision in decisions:
            target = self.plan.stem(decision.stem) if decision.stem else self.plan
            changes = _typed(decision, type(target))
            if decision.stem:
                self.plan = self.plan.replace_stem(decision.stem, **changes)
            elif changes:
                self.plan = self.plan.replace(**changes)
            self.plan = self.plan.replace(decisions=(*self.plan.decisions, decision))

    def _is_shaped(self, name: str) -> bool:
        """Return whether more than the level of a stem's mono sum differs from that of the stem as given."""
        strip, stem = self.plan.stem(name), self.stems[name]
        moved = strip.pan.pan != 0.0 and stem.channels > 1
        acts = strip.equalizer.bands or strip.compressor or strip.plugins or strip.sends
        return moved or bool(acts) or self.scan(name).in_opposite_phase

    def _sounds(self, stem: Stem) -> bool:
        if stem.silent or self.plan.stem(stem.name).mute:
            return False
        return math.isfinite(self.scan(stem.name).integrated_lufs)

    def _supersede(self, newer: set[tuple[str, str]]) -> None:
        """Mark what a rule decided in an earlier step for a stem: the later word holds."""
        self.plan = self.plan.replace(
            decisions=tuple(
                dataclasses.replace(d, superseded=True) if (d.rule, d.stem) in newer else d
                for d in self.plan.decisions
            )
        )

    def _with_bus(self, bus: ReverbBus) -> MixPlan:
        """Return the plan with one reverb more, or another of that name."""
        others = tuple(each for each in self.plan.reverbs if each.name != bus.name)
        return self.plan.replace(reverbs=(*others, bus))


class _MonoSum(SlicedAudio):
    """The mono sum of stems as they were given, read in slices."""

    def __init__(self, stems: Sequence[Stem]) -> None:
        super().__init__(stems[0].samples, 1)
        self._stems = stems

    def __getitem__(self, place: slice) -> Audio:
        start, stop, _ = place.indices(len(self))
        total = np.zeros((stop - start, 1), np.float32)
        for channels in {stem.channels for stem in self._stems}:
            alike = [stem.read(start, stop) for stem in self._stems if stem.channels == channels]
            added = functools.reduce(np.add, alike)
            for channel in range(channels):
                total[:, 0] += added[:, channel] * np.float32(1.0 / channels)
        return total


def wet_to_dry_lu(wet: BlockEnergies, dry: BlockEnergies) -> float:
    """Return the loudness of a stem's reverb minus that of the dry stem; NaN where neither has one.

    Both are measured with the dry stem brought to -23 LUFS, so that the answer does not depend on the
    level the stem happens to have: the absolute gate of BS.1770 would cut a quiet one's reverb off.
    """
    dry_lufs = integrated_from_energies(dry)
    if not math.isfinite(dry_lufs):
        return math.nan
    wet_lufs = integrated_from_energies(wet.scaled(db_to_gain(_DRY_LUFS - dry_lufs)))
    return wet_lufs - _DRY_LUFS if math.isfinite(wet_lufs) else math.nan


def starting_plan(stems: Stems) -> MixPlan:
    """Return the plan that changes nothing: every fader at 0 dB, everything else off."""
    return MixPlan(
        title=stems.title,
        sample_rate=stems.sample_rate,
        notes=stems.notes,
        stems=tuple(
            StemPlan(name=stem.name, role=str(stem.role), role_confidence=stem.role_confidence)
            for stem in stems
        ),
    )


def _typed(decision: Decision, target: type) -> dict[str, Any]:
    """Turn a decision's plain parameters into the types of the plan's fields, strictly."""
    hints = _field_types(target)
    source = f"rule {decision.rule}, {decision.stem or 'mix'}"
    for name in decision.parameters:
        if name not in hints:
            raise PlanError(f"{source}: {name!r} cannot be set by a rule: known are {', '.join(hints)}")
    return {
        name: converted(value, hints[name], path=name, source=source)
        for name, value in decision.parameters.items()
    }


@functools.lru_cache(maxsize=4)
def _field_types(target: type) -> dict[str, Any]:
    """Return the fields that a decision may set, with their types."""
    hints = typing.get_type_hints(target)
    if target is MixPlan:
        return {name: hints[name] for name in ("reverbs", "master")}
    return {name: hint for name, hint in hints.items() if name not in ("name", "role", "role_confidence")}
