"""Session: a song, the plan so far, and what the song measures under it; what a rule sees while it decides.

A session applies decisions to the plan and records them in it. Its questions are those of
`mixrules.measurements`, asked of the plan so far.
"""

from __future__ import annotations

import dataclasses
import functools
import math
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from mixrules._support.arguments import require_instance, shown_value
from mixrules._support.deprecation import deprecated
from mixrules._support.strict_json import converted
from mixrules._support.validation import Audio, SlicedAudio
from mixrules.analysis import (
    Bands,
    Character,
    LevelScan,
    MaskingModel,
    Peak,
    PeakTrace,
    PowerTable,
    ShortTermRatio,
    Sibilance,
    Spectrum,
    StemScan,
    Tempo,
    Tone,
)
from mixrules.decision import Decision, as_decisions
from mixrules.engine import Engine, Renderer, load_engine
from mixrules.errors import ParameterError, PlanError
from mixrules.loudness import BlockEnergies, Loudness, integrated_from_energies
from mixrules.measurements import Measurements, PredictedBalance
from mixrules.mixplan import MasterPlan, MixPlan, ReverbBus, starting_plan
from mixrules.processors import DynamicEqBand, EqualizerParams, GainPoint
from mixrules.read_targets import ReadTargets
from mixrules.stems import Stem, Stems

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_T = TypeVar("_T")

VOCAL = "vocal"
SUPPORT = "support"
UNKNOWN = "unknown"


class Session:
    """A song, a plan in the making, and what the song measures under it.

    Parameters
    ----------
    stems : Stems
        The song.
    plan : MixPlan, optional
        The plan to go on from; by default one that changes nothing.
    engine : Engine, optional
        What the song is rendered with to be measured; by default the native engine.
    measurements : Measurements, optional
        Of this song, where there are some already; they have an engine of their own.
    read : ReadTargets, optional
        Which constants of the rules were read from references, for what is said of them.

    Attributes
    ----------
    stems, measurements, read
        As given.
    plan : MixPlan
        The plan so far; `apply` replaces it.
    """

    def __init__(
        self,
        stems: Stems,
        plan: MixPlan | None = None,
        *,
        engine: Engine | None = None,
        measurements: Measurements | None = None,
        read: ReadTargets | None = None,
    ) -> None:
        require_instance(stems, Stems, name="stems", hint="load_stems reads them")
        require_instance(plan, (MixPlan, type(None)), name="plan")
        require_instance(measurements, (Measurements, type(None)), name="measurements")
        require_instance(read, (ReadTargets, type(None)), name="read")
        if isinstance(engine, str) or not (engine is None or hasattr(engine, "parallel")):
            raise ParameterError(
                f"engine must be an Engine, got {shown_value(engine)}: load_engine returns one"
            )
        self.stems = stems
        self.plan = starting_plan(stems) if plan is None else plan
        engine = load_engine("native") if engine is None else engine
        self.measurements = measurements or Measurements(Renderer(stems, engine))
        self.read = read

    @property
    def sample_rate(self) -> int:
        """The song's sample rate in Hz."""
        return self.stems.sample_rate

    # Which stems there are.

    @property
    def active(self) -> tuple[Stem, ...]:
        """The stems that have a loudness; rules leave those alone that are silent or muted."""
        return tuple(stem for stem in self.stems if self._is_active(stem))

    @property
    @deprecated(instead="Session.active", since="0.2", removed_in="0.4")
    def sounding(self) -> tuple[Stem, ...]:
        """The same as `active`.

        .. deprecated:: 0.2
            Removed in 0.4: use `active`.
        """
        return self.active

    @property
    def vocals(self) -> tuple[str, ...]:
        """The names of the active lead vocals."""
        return tuple(stem.name for stem in self.active if stem.role == VOCAL)

    @property
    def backing(self) -> tuple[str, ...]:
        """The names of all other active stems."""
        return tuple(stem.name for stem in self.active if stem.role != VOCAL)

    def role(self, name: str) -> str:
        """Return a stem's role; where its name told none, the one it sounds like."""
        stem = self.stems[name]
        if stem.role != UNKNOWN or not self._is_active(stem):
            return stem.role
        unknown = [each.name for each in self.active if each.role == UNKNOWN]
        return self.measurements.given.characters(unknown)[name].sounds_like

    def role_in_words(self, name: str) -> str:
        """Return a stem's role for a sentence, saying so where it is a guess from its sound."""
        role = self.role(name).replace("_", " ")
        return role if self.stems[name].role != UNKNOWN else f"{role}, guessed from its sound"

    def read_from(self, constant: str) -> str:
        """Return from which references a constant of the rules was read; empty where the preset's own holds."""
        return self.read.name if self.read and constant in self.read.targets else ""

    # What the song measures under the plan so far.

    def loudness(self, *names: str) -> float:
        """Return the integrated loudness of the sum of some stems in LUFS, faders included."""
        return self.measurements.levels.loudness(self.plan, names)

    def loudness_at(self, gains_db: Mapping[str, float]) -> float:
        """Return the integrated loudness of the sum of some stems in LUFS, with other faders."""
        return integrated_from_energies(self.measurements.levels.energies(self.plan, gains_db))

    def energies(self, *names: str) -> BlockEnergies:
        """Return the K-weighted energies of the sum of some stems in hops of 100 ms, faders included."""
        return self.measurements.levels.energies(
            self.plan, {name: self.plan.stem(name).gain_db for name in names}
        )

    def vocal_to_backing(self, vocal: str) -> ShortTermRatio:
        """Return the course of a lead vocal's short-term level against all stems that are no lead vocal."""
        return self.measurements.levels.vocal_to_backing(self.plan, vocal)

    def predicted_balance(self, vocal: str) -> PredictedBalance | None:
        """Return how a lead vocal should stand against its backing, without a pass; None where too little is known."""
        return self.measurements.predicted_balance(self.plan, vocal)

    def energies_with(self, name: str, **changes: Any) -> BlockEnergies:
        """Return the energies of one stem, dry and before the pan, with other settings in its strip: for trials."""
        return self.measurements.levels.strip_energies(self.plan.replace_stem(name, **changes), name)

    def automation_range_db(self, name: str, points: Sequence[GainPoint]) -> float:
        """Return from the lowest to the highest gain of an automation while a stem sounds, its ends apart; in dB."""
        plan = self.plan.replace_stem(name, automation=tuple(points))
        return self.measurements.automation_range_db(plan, name)

    def level_scan(self, name: str, *, before: str) -> LevelScan:
        """Return levels, envelope and crest factor of one stem as it comes to a stage of its strip."""
        return self.measurements.levels.level_scan(self.plan, name, before=before)

    def peak_trace(self, name: str, *, through: str) -> PeakTrace:
        """Return peaks and energies of one stem every 10 ms after a stage of its strip, before its fader."""
        return self.measurements.levels.peak_trace(self.plan, name, through=through)

    def peak_trace_with(self, name: str, *, through: str, **changes: Any) -> PeakTrace:
        """Return the same with other settings in the stem's strip: for trials."""
        return self.measurements.levels.peak_trace(
            self.plan.replace_stem(name, **changes), name, through=through
        )

    def side_to_mid_db(self, name: str, **changes: Any) -> float:
        """Return the side to mid of one stem before its sends, with other settings in its strip: for trials."""
        return self.measurements.levels.side_to_mid_db(self.plan.replace_stem(name, **changes), name)

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
        at_unity_lu : float
            What the difference is at a send of 0 dB.
        level_db : float
            The send that is wanted. Both NaN where stem or reverb are too short or too quiet to be measured.
        """
        return self.send_levels({name: to_dry_lu}, bus)[name]

    def send_levels(self, to_dry_lu: Mapping[str, float], bus: ReverbBus) -> dict[str, tuple[float, float]]:
        """Find the sends of several stems to one reverb in one pass; see `send_level`."""
        return self.measurements.levels.send_levels(self.plan, to_dry_lu, bus)

    def gain_by_polarity_lu(self, names: Sequence[str], *, turned: bool) -> float:
        """Return how much louder some stems as given are together with one polarity of the last than with the other.

        Parameters
        ----------
        names : sequence of str
            The stems, at the polarity that the plan gives them.
        turned : bool
            Whether the last one is to be measured the other way than in the plan.

        Returns
        -------
        float
            LU; inf where they cancel out the other way, NaN where they have no loudness.
        """
        strip = self.plan.stem(names[-1])
        plan = self.plan.replace_stem(names[-1], invert_polarity=strip.invert_polarity != turned)
        return self.measurements.levels.gain_by_polarity_lu(plan, names)

    def channel_correlation(self, name: str) -> float:
        """Return the correlation of a stem's left and right as given, at the polarity of the plan."""
        return self.measurements.levels.channel_correlation(self.plan, name)

    def band_powers(
        self, names: Sequence[str], coarse: Bands, fine: Bands, *, block_s: float
    ) -> dict[str, list[PowerTable]]:
        """Return the powers of several stems in each block and band, faders included, for two sets of bands.

        Parameters
        ----------
        names : sequence of str
            The stems; all cores work on them.
        coarse, fine : Bands
            Some bands and many; one transform serves both.
        block_s : float
            Block length in seconds.

        Returns
        -------
        dict of str to list of PowerTable, shape (blocks, bands)
            Mean squares in the coarse and the fine bands, by stem.
        """
        return self.measurements.spectra.band_powers(self.plan, names, coarse, fine, block_s=block_s)

    def low_powers(
        self, names: Sequence[str], equalizers: Mapping[str, EqualizerParams] | None = None
    ) -> npt.NDArray[np.float64]:
        """Return the powers of some stems together in blocks of 100 ms and `low_bands`, faders included.

        Parameters
        ----------
        names : sequence of str
            The stems.
        equalizers : mapping of str to EqualizerParams, optional
            Stems that have another equaliser than in the plan: for trials.

        Returns
        -------
        ndarray, shape (blocks, bands)
            Mean squares.
        """
        plan = self.plan
        for name, equalizer in (equalizers or {}).items():
            plan = plan.replace_stem(name, equalizer=equalizer)
        return self.measurements.spectra.low_powers(plan, names)

    @property
    def low_bands(self) -> Bands:
        """The bands of `low_powers`: third octaves from 20 to 126 Hz."""
        return self.measurements.spectra.low_bands()

    def sibilance_with(self, name: str, *, dynamic_equalizer: Sequence[DynamicEqBand]) -> Sibilance:
        """Return the sibilance of one stem after its equalisers, with another dynamic one: for trials."""
        plan = self.plan.replace_stem(name, dynamic_equalizer=tuple(dynamic_equalizer))
        return self.measurements.spectra.sibilance(plan, name)

    def lasting_peaks_with(self, name: str, *, equalizer: EqualizerParams) -> list[Peak]:
        """Return what stands out in one stem whatever it plays, after another equaliser: for trials."""
        plan = self.plan.replace_stem(name, equalizer=equalizer)
        return self.measurements.spectra.lasting_peaks(plan, name)

    def masking_model(self, bands: Bands, powers: Mapping[str, PowerTable]) -> MaskingModel:
        """Return the model of the masking between stems whose powers in some bands are given."""
        return self.measurements.spectra.masking_model(bands, powers)

    def mix_loudness(self) -> Loudness:
        """Return what the sum of all stems measures, before the master's gain."""
        return self.measurements.mix_loudness(self.plan)

    def mix_energies(self) -> BlockEnergies:
        """Return the K-weighted energies of the sum of all stems, before the master's gain."""
        return self.measurements.mix_energies(self.plan)

    def mix_spectrum(self) -> Spectrum:
        """Return the long-term spectrum of the sum of all stems, before the master."""
        return self.measurements.mix_spectrum(self.plan)

    def mastered_loudness(self, master: MasterPlan) -> Loudness:
        """Return what the mix measures after a master."""
        return self.measurements.mastered_loudness(self.plan, master)

    def audio(self, name: str, *, through: str = "fader") -> Audio:
        """Return one stem after a stage of the chain."""
        return self.measurements.audio(self.plan, name, through=through)

    def sum(self, names: Iterable[str]) -> Audio:
        """Return the sum of some stems."""
        return self.sum_in_slices(tuple(names))[:]

    def sum_in_slices(self, names: Sequence[str]) -> SlicedAudio:
        """Return the sum of some stems, rendered as it is read in slices; it is never held whole."""
        return self.measurements.sum_audio(self.plan, names)

    # What the stems measure as they were given.

    def scan(self, name: str) -> StemScan:
        """Return the loudness, width and offset of a stem as it was given."""
        return self.measurements.given.scan(name)

    def given_loudness(self, *names: str) -> float:
        """Return the integrated loudness in LUFS of the sum of some stems as they were given, at the plan's polarity."""
        return self.measurements.given.loudness(self.plan, names)

    def tone(self, name: str) -> Tone:
        """Return where in the spectrum a stem as it was given lies."""
        return self.measurements.given.tone(name)

    def tones(self, names: Sequence[str]) -> dict[str, Tone]:
        """Return where in the spectrum several stems as they were given lie."""
        return self.measurements.given.tones(names)

    def spectra(self, names: Sequence[str]) -> dict[str, Spectrum]:
        """Return the long-term spectra of several stems as they were given."""
        return self.measurements.spectra.of_given(names)

    def character(self, name: str) -> Character:
        """Return what a stem as it was given sounds like, in all the numbers of `describe`."""
        return self.measurements.given.character(name)

    def tempo(self, names: Sequence[str], low_bpm: float, high_bpm: float) -> Tempo:
        """Return the tempo of the sum of some stems as they were given."""
        return self.measurements.given.tempo(names, low_bpm, high_bpm)

    def each(self, names: Sequence[str], work: Callable[[str], _T]) -> dict[str, _T]:
        """Do the same work for several stems, on as many cores as there are; results in order."""
        return self.measurements.renderer.each(names, work)

    # What the rules decide.

    def apply(self, decisions: Iterable[Decision]) -> None:
        """Carry decisions out on the plan and record them in it.

        Raises
        ------
        PlanError
            If a decision names an unknown stem or field, or an impossible value.
        """
        decisions = as_decisions(decisions)
        self._supersede({(decision.rule, decision.stem) for decision in decisions})
        for decision in decisions:
            target = self.plan.stem(decision.stem) if decision.stem else self.plan
            changes = _typed(decision, type(target))
            if decision.stem:
                self.plan = self.plan.replace_stem(decision.stem, **changes)
            elif changes:
                self.plan = self.plan.replace(**changes)
            # A rule of the user's own may leave out what has a default; what is recorded is what the plan then holds.
            decision = dataclasses.replace(decision, parameters=changes)
            self.plan = self.plan.replace(decisions=(*self.plan.decisions, decision))

    def _is_active(self, stem: Stem) -> bool:
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
