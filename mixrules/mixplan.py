"""MixPlan: every parameter of one mix, as plain data; versioned JSON in and out.

A plan names parameters and nothing else: no audio, no code. Whatever can name them (the rules, a
random mixer, a model, a person with an editor) makes a plan, and the engine renders it.
Every field carries its unit in its name. Reading is strict: an unknown field, a wrong type or an
impossible value is one line that names line, column and path in the file.
"""

from __future__ import annotations

import dataclasses
import os
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Self

from mixrules._support.arguments import as_path, known_names, shown_value
from mixrules._support.clock import Profile
from mixrules._support.field_types import require_field_types
from mixrules._support.strict_json import converted, decoded, refused_field
from mixrules._support.validation import require_between, require_sample_rate
from mixrules.decision import Decision
from mixrules.errors import ParameterError, PlanError, in_one_line
from mixrules.files import read_text, write_text_atomic
from mixrules.plan_checks import (
    PLAN_VERSION,
    require_fields,
    require_from_params,
    require_names_once,
    require_reverbs_of_sends,
    require_same_stems,
    unknown_version,
)
from mixrules.processors import (
    CompressorParams,
    DynamicEqBand,
    EqualizerParams,
    GainPoint,
    LimiterParams,
    PanParams,
    ReverbParams,
    WidthParams,
)
from mixrules.processors.automation import require_in_order
from mixrules.stems import Stems
from mixrules.stems.roles import require_role

_GAIN_RANGE_DB = (-144.0, 144.0)
_LEFT_OUT_WHERE_UNUSED = (
    "instrument",
    "invert_polarity",
    "invert_right_polarity",
    "dynamic_equalizer",
    "limiter",
    "automation",
    "width",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """How much of a stem goes to a reverb bus: the level of the return against the dry stem."""

    to: str
    level_db: float

    def __post_init__(self) -> None:
        require_field_types(self)
        require_between(self, level_db=_GAIN_RANGE_DB)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReverbBus:
    """A named reverb that stems send to."""

    name: str
    params: ReverbParams

    def __post_init__(self) -> None:
        require_field_types(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginInsert:
    """A VST3 or Audio Unit plug-in, for the engine that can host one.

    Parameters
    ----------
    path : str
        The plug-in's file or bundle.
    plugin_name : str
        Which plug-in of the file, where it holds several; else empty.
    replaces : {"", "equalizer", "compressor"}
        The processor whose place it takes; empty: it follows the compressor.
    parameters : mapping
        The plug-in's parameter names (as the host lists them) to values.
    from_params : mapping
        The plug-in's parameter names to fields of the processor it replaces, so that a rule drives
        it, e.g. ``{"threshold": "threshold_db"}``.
    """

    path: str
    plugin_name: str = ""
    replaces: Literal["", "equalizer", "compressor"] = ""
    parameters: Mapping[str, float | bool | str] = field(default_factory=dict)
    from_params: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        require_field_types(self)
        known = {f.name for f in dataclasses.fields(CompressorParams)}
        require_from_params(self.from_params, self.parameters, replaces=self.replaces, known=known)


RELATIONS = {
    "halves": "a left and a right",
    "pickups": "pick-ups of one source",
    "doubles": "a take and its double",
    "same signal": "the same signal in both",
}
"""What stems of one instrument are to one another, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InstrumentPart:
    """Which instrument a stem is one part of: stems with the same name here are one, with one level and one place.

    Parameters
    ----------
    name : str
        What the instrument is called: its first stem.
    relation : {"pickups", "halves", "doubles", "same signal"}
        What the stems are to one another: microphones and lines of one source, a left and a right, takes of one part,
        or one signal in all of them.
    """

    name: str
    relation: Literal["pickups", "halves", "doubles", "same signal"] = "pickups"

    def __post_init__(self) -> None:
        require_field_types(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class StemPlan:
    """The channel strip of one stem, in the order of its fields.

    Polarity and input gain, equaliser, dynamic equaliser, compressor (or plug-ins), limiter, automation, pan,
    width, reverb sends, fader. The fader comes last: it scales the stem together with its reverb, so that a level set
    there is the level in the mix. `automation` is a gain over time, breakpoints in order; the reverb follows it.
    `invert_polarity` turns the stem's samples upside down, `invert_right_polarity` those of a stereo stem's right
    channel alone. `instrument` changes no sound: it says which stems are one instrument. A plan's file holds these
    three, dynamic equaliser, limiter, automation and width only where they are used.
    """

    name: str
    role: str = "unknown"
    role_confidence: float = 0.0
    instrument: InstrumentPart | None = None
    invert_polarity: bool = False
    invert_right_polarity: bool = False
    input_gain_db: float = 0.0
    equalizer: EqualizerParams = field(default_factory=EqualizerParams)
    dynamic_equalizer: tuple[DynamicEqBand, ...] = ()
    compressor: CompressorParams | None = None
    plugins: tuple[PluginInsert, ...] = ()
    limiter: LimiterParams | None = None
    automation: tuple[GainPoint, ...] = ()
    pan: PanParams = field(default_factory=PanParams)
    width: WidthParams | None = None
    sends: tuple[Send, ...] = ()
    gain_db: float = 0.0
    mute: bool = False

    def __post_init__(self) -> None:
        require_field_types(self)
        require_between(
            self, input_gain_db=_GAIN_RANGE_DB, gain_db=_GAIN_RANGE_DB, role_confidence=(0.0, 1.0)
        )
        require_role(self.role, name=f"role of {self.name!r}:")
        require_in_order(self.automation)
        replaced = [p.replaces for p in self.plugins if p.replaces]
        if len(replaced) != len(set(replaced)):
            raise ParameterError(f"plugins of {self.name!r}: two of them replace the same processor")
        if len({s.to for s in self.sends}) != len(self.sends):
            raise ParameterError(f"sends of {self.name!r}: two of them go to the same reverb")


@dataclass(frozen=True, slots=True, kw_only=True)
class MasterPlan:
    """What happens to the sum: equaliser, compressor, plug-ins, gain, limiter, in that order."""

    equalizer: EqualizerParams = field(default_factory=EqualizerParams)
    compressor: CompressorParams | None = None
    plugins: tuple[PluginInsert, ...] = ()
    gain_db: float = 0.0
    limiter: LimiterParams | None = None

    def __post_init__(self) -> None:
        require_field_types(self)
        require_between(self, gain_db=_GAIN_RANGE_DB)


@dataclass(frozen=True, slots=True, kw_only=True)
class Footer:
    """What a run found: the loudness of the mix, and what the run cost if that was asked for."""

    integrated_lufs: float | None = None
    loudness_range_lu: float | None = None
    true_peak_dbtp: float | None = None
    duration_s: float | None = None
    profile: Profile | None = None

    def __post_init__(self) -> None:
        require_field_types(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class MixPlan:
    """Every parameter of one mix.

    Parameters
    ----------
    stems : tuple of StemPlan
        One channel strip for each stem, by name.
    reverbs : tuple of ReverbBus
        The reverbs that the stems' sends name.
    master : MasterPlan
        What happens to the sum.
    version : int
        The version of this format.
    made_by : str
        Who decided: a preset with the package's version, a model, a person.
    title : str
        The song.
    sample_rate : int or None
        The rate at which it was decided, in Hz; the plan renders at any rate.
    seed : int or None
        The seed, where chance decided.
    notes : tuple of str
        What was noticed and done on the way: resampling, padding, a mixture left out.
    decisions : tuple of Decision
        Why every parameter is what it is.
    result : Footer or None
        What the rendered mix measured, once it was rendered.
    """

    stems: tuple[StemPlan, ...]
    reverbs: tuple[ReverbBus, ...] = ()
    master: MasterPlan = field(default_factory=MasterPlan)
    version: int = PLAN_VERSION
    made_by: str = ""
    title: str = ""
    sample_rate: int | None = None
    seed: int | None = None
    notes: tuple[str, ...] = ()
    decisions: tuple[Decision, ...] = ()
    result: Footer | None = None

    def __post_init__(self) -> None:
        require_field_types(self)
        if self.sample_rate is not None:
            require_sample_rate(self.sample_rate)
        if problem := unknown_version(self.version, read=(PLAN_VERSION,)):
            raise ParameterError(problem)
        require_names_once([s.name for s in self.stems], what="stems")
        require_names_once([r.name for r in self.reverbs], what="reverbs")
        require_reverbs_of_sends(self.stems, self.reverbs)

    def stem(self, name: str) -> StemPlan:
        """Return one stem's channel strip."""
        for stem in self.stems:
            if isinstance(name, str) and stem.name == name:
                return stem
        names = known_names(name, (s.name for s in self.stems)).replace("there are", "it has")
        raise PlanError(f"the plan has no stem {shown_value(name)}: {names}")

    def reverb(self, name: str) -> ReverbParams:
        """Return the parameters of one reverb bus."""
        for bus in self.reverbs:
            if isinstance(name, str) and bus.name == name:
                return bus.params
        raise PlanError(f"the plan has no reverb {shown_value(name)}")

    def replace(self, **changes: Any) -> Self:
        """Return a copy with some fields replaced, checked like a new one."""
        require_fields(self, changes)
        return dataclasses.replace(self, **changes)

    def replace_stem(self, name: str, /, **changes: Any) -> Self:
        """Return a copy with some fields of one stem's channel strip replaced."""
        strip = self.stem(name)
        require_fields(strip, changes)
        changed = dataclasses.replace(strip, **changes)
        return self.replace(stems=tuple(changed if s.name == name else s for s in self.stems))

    def require_fits(self, names: typing.Iterable[str], *, source: str = "the plan") -> None:
        """Raise `PlanError`, naming `source`, unless the plan's stems are exactly those named, in NFC or NFD."""
        require_same_stems([stem.name for stem in self.stems], names, source=source)

    def to_json(self) -> str:
        """Return the plan as indented JSON, ending with a line break."""
        import msgspec

        # NumPy's numbers, which models hand out, become Python's.
        document = msgspec.to_builtins(self, enc_hook=lambda number: number.item())
        for strip in document["stems"]:
            for name in _LEFT_OUT_WHERE_UNUSED:
                if not strip[name]:
                    del strip[name]
        for decision in document["decisions"]:
            for statement in decision["statements"]:
                if statement["at_hz"] is None:
                    del statement["at_hz"]
        encoded = msgspec.json.encode(document)
        return msgspec.json.format(encoded, indent=2).decode() + "\n"

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the plan to a JSON file, whole or not at all.

        Raises
        ------
        AudioFileError
            If the file cannot be written.
        """
        write_text_atomic(as_path(path), self.to_json())

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read a plan from its JSON file, strictly; see `from_json`."""
        return cls.from_json(read_text(as_path(path)), source=str(path))

    @classmethod
    def from_json(cls, text: str | bytes, *, source: str = "plan") -> Self:
        """Read a plan from JSON, strictly.

        Parameters
        ----------
        text : str or bytes
            The JSON document.
        source : str
            What to call it in an error message, usually the file's name.

        Returns
        -------
        MixPlan
            The plan, every field checked.

        Raises
        ------
        PlanError
            One line with line, column and path in the document, e.g. ``$.stems[0].gain_db``.
        """
        document = decoded(text, source)
        if not isinstance(document, dict) or "stems" not in document:
            raise PlanError(f"{source} is not a plan: a JSON object with 'stems' is accepted")
        if problem := unknown_version(document.get("version", PLAN_VERSION)):
            # First of all: a later version may well have fields that are not known here.
            raise refused_field("version", problem, source=source, text=text)
        # An earlier version lacks fields that version has not: what is not there is not used.
        document["version"] = PLAN_VERSION
        return converted(document, cls, path="$", source=source, text=text)


def starting_plan(stems: Stems) -> MixPlan:
    """Return the plan that changes nothing: every fader at 0 dB, everything else off.

    Parameters
    ----------
    stems : Stems
        The song.

    Returns
    -------
    MixPlan
        A channel strip for each stem, with its role.

    Examples
    --------
    >>> import numpy as np
    >>> from mixrules import Stems
    >>> stems = Stems.from_arrays({"vocals": np.full(1000, 0.25)}, 44_100)
    >>> strip = starting_plan(stems).stem("vocals")
    >>> strip.role, strip.gain_db, strip.compressor
    ('vocal', 0.0, None)
    """
    if not isinstance(stems, Stems):
        raise ParameterError(f"stems must be Stems, got {shown_value(stems)}: load_stems reads them")
    return MixPlan(
        title=in_one_line(stems.title),
        sample_rate=stems.sample_rate,
        notes=tuple(map(in_one_line, stems.notes)),
        stems=tuple(
            StemPlan(name=stem.name, role=str(stem.role), role_confidence=stem.role_confidence)
            for stem in stems
        ),
    )
