"""The tone rule: a high-pass below a stem's sound, and a part of what lies far outside what its class sounds like.

A mean spectrum describes many songs and is no target for one: finished stems of one class differ by 4 to 10 dB an
octave. What a stem has beyond a stated number of those spreads is taken back in part, in broad filters, and what
lies within is left as it is. A high-pass is no blanket: it comes where something below the sound can be measured
(against the blanket: Pestana & Reiss 2014).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mixrules._support.wording import listed, signed
from mixrules.analysis import ClassSpectrum, Spectrum, octave_bands
from mixrules.decision import Decision, Quantity, Statement
from mixrules.errors import ParameterError
from mixrules.processors import EqBand, EqualizerParams
from mixrules.rules.high_pass import HighPass, HighPassSettings, high_pass
from mixrules.rules.read_aims import Aim
from mixrules.session import Session

RULE = "tone"
_SOURCE = "mean spectra of MUSDB18's sources by FxNorm-automix (Sony, MIT); spreads, thresholds and the high-pass: ours"

_SHORTEST_S = 0.1  # a block of a stem's spectrum


@dataclass(frozen=True, slots=True, kw_only=True)
class ToneSettings(HighPassSettings):
    """The constants of ``tone:by_class``; the presets say what each means."""

    vocals_roles: tuple[str, ...]
    drums_roles: tuple[str, ...]
    bass_roles: tuple[str, ...]
    other_roles: tuple[str, ...]
    vocals_mean_db: tuple[float, ...]
    drums_mean_db: tuple[float, ...]
    bass_mean_db: tuple[float, ...]
    other_mean_db: tuple[float, ...]
    vocals_spread_db: tuple[float, ...]
    drums_spread_db: tuple[float, ...]
    bass_spread_db: tuple[float, ...]
    other_spread_db: tuple[float, ...]
    vocals_beyond: float
    drums_beyond: float
    bass_beyond: float
    other_beyond: float
    least_beyond_db: float
    share: float
    max_gain_db: float
    min_gain_db: float
    max_bands: int
    q: float
    heard_within_db: float
    boost_within_db: float
    level_tolerance_db: float
    below_margin_db: float

    def __post_init__(self) -> None:
        octaves = len(octave_bands())
        for stem_class in self.classes:
            for name in (stem_class.mean_name, f"{stem_class.name}_spread_db"):
                if len(getattr(self, name)) != octaves:
                    raise ParameterError(
                        f"{name} must hold {octaves} levels, one an octave, got {len(getattr(self, name))}"
                    )

    @property
    def classes(self) -> tuple[StemClass, ...]:
        """The classes of stems that are compared with others of theirs."""
        return (
            StemClass("vocals", "vocals", self.vocals_roles, self.vocals_beyond),
            StemClass("drums", "drum kits", self.drums_roles, self.drums_beyond),
            StemClass("bass", "basses", self.bass_roles, self.bass_beyond),
            StemClass("other", "instruments", self.other_roles, self.other_beyond),
        )

    def class_of(self, role: str) -> StemClass | None:
        """Return the class of a role; None where it has none."""
        return next((each for each in self.classes if role in each.roles), None)

    def spectrum_of(self, stem_class: StemClass) -> ClassSpectrum:
        """Return what a class sounds like."""
        return ClassSpectrum(
            getattr(self, stem_class.mean_name), getattr(self, f"{stem_class.name}_spread_db")
        )


@dataclass(frozen=True, slots=True)
class StemClass:
    """Stems that are compared with one spectrum: what it is called, its stems in sentences, their roles.

    Beyond so many spreads from the mean an octave lies far outside.
    """

    name: str
    stems: str
    roles: tuple[str, ...]
    beyond: float

    @property
    def mean_name(self) -> str:
        """The setting that holds the mean spectrum."""
        return f"{self.name}_mean_db"


@dataclass(frozen=True, slots=True)
class _Correction:
    """A filter towards what a class sounds like, and how far the stem lies from that there."""

    band: EqBand
    far_db: float
    spread_db: float


def by_class(session: Session, settings: ToneSettings) -> list[Decision]:
    """Clean every stem below its sound, and correct in part what lies far outside its class."""
    names = [stem.name for stem in session.active]
    spectra = session.spectra(names)
    return [_decide(session, name, _as_heard(session, name, spectra[name]), settings) for name in names]


def aims(session: Session, settings: ToneSettings, decision: Decision) -> list[Aim]:
    """Return the spectrum that a stem was compared with."""
    compared = settings.class_of(session.stems[decision.stem].role)
    if compared is None:
        return []
    at_hz = [each.at_hz for each in decision.statements if each.kind == "stem_octave_level_db"]
    words = f"spectrum of {compared.stems}"
    return [Aim(f"{RULE}.{compared.mean_name}", words, at_hz=at_hz[0] if at_hz else None)]


def _as_heard(session: Session, name: str, given: Spectrum) -> Spectrum:
    """Return a stem's spectrum in the plan so far: as given, unless its channels no longer add up to the same."""
    if session.plan.stem(name).invert_right_polarity:
        return session.measurements.spectra.after_equalizer(session.plan, name)
    return given.filtered(session.plan.stem(name).equalizer, session.sample_rate)


def _decide(session: Session, name: str, spectrum: Spectrum, settings: ToneSettings) -> Decision:
    if not spectrum.powers.any():
        return _left(name, "it has no sound where its tone is measured")
    if session.stems[name].samples < _SHORTEST_S * session.sample_rate:
        return _left(name, "it is too short for its tone to be measured")
    passed = high_pass(spectrum, session.role(name), session.scan(name).dc_offset, settings)
    # A role that was guessed from the sound says nothing about how it should sound.
    compared = settings.class_of(session.stems[name].role)
    corrections = _corrections(spectrum, session.sample_rate, compared, settings)
    bands = (*([passed.band] if passed else []), *(each.band for each in corrections))
    if not bands:
        inside = (
            f" and no octave far louder or softer than {_others(session, compared)}"
            if compared and settings.share * settings.max_gain_db
            else ""
        )
        return _left(name, f"it has no rumble below its sound{inside}")
    before = session.plan.stem(name).equalizer
    return Decision(
        rule=RULE,
        stem=name,
        source=_SOURCE,
        measured=_measured(passed, corrections),
        threshold=(
            f"{settings.rumble_db:g} dB below the sound; more than {compared.beyond:g} spreads from the class's mean"
            if compared
            else f"{settings.rumble_db:g} dB below the sound"
        ),
        parameters={"equalizer": EqualizerParams(bands=(*before.bands, *bands))},
        sentence=f"{name}: {'; '.join(_sentences(session, passed, corrections, compared))}.",
        statements=_statements(
            name,
            spectrum.filtered(EqualizerParams(bands=bands), session.sample_rate),
            passed,
            corrections,
            settings,
        ),
    )


def _others(session: Session, compared: StemClass) -> str:
    """Return what a stem's octaves are compared with, in words."""
    read_from = session.read_from(f"{RULE}.{compared.mean_name}")
    return f"in the {compared.stems} of {read_from}" if read_from else f"in other {compared.stems}"


def _corrections(
    spectrum: Spectrum, sample_rate: int, compared: StemClass | None, settings: ToneSettings
) -> list[_Correction]:
    """Return the filters for what lies far outside a class, the strongest first, in no more bands than allowed."""
    if compared is None:
        return []
    bands = octave_bands().below(sample_rate / 2)
    usual = settings.spectrum_of(compared)
    spreads_db = np.asarray(usual.spread_db[: len(bands)])
    levels_db = spectrum.levels_db(bands)
    fars_db = usual.far_db(levels_db, bands, within_db=settings.heard_within_db)
    excess_db = np.abs(fars_db) - np.maximum(compared.beyond * spreads_db, settings.least_beyond_db)
    gains_db = -np.sign(fars_db) * np.clip(settings.share * excess_db, 0.0, settings.max_gain_db)
    # Where a stem has next to nothing, a boost would raise what is not its sound.
    gains_db[(gains_db > 0.0) & (levels_db < levels_db.max() - settings.boost_within_db)] = 0.0
    strongest = np.argsort(-np.abs(gains_db), kind="stable")[: settings.max_bands]
    return [
        _Correction(
            EqBand(frequency_hz=bands.centers_hz[i], gain_db=round(float(gains_db[i]), 2), q=settings.q),
            float(fars_db[i]),
            float(spreads_db[i]),
        )
        for i in strongest
        if abs(gains_db[i]) >= max(settings.min_gain_db, np.finfo(float).tiny)
    ]


def _left(name: str, why: str) -> Decision:
    return Decision(rule=RULE, stem=name, source=_SOURCE, sentence=f"{name}: no change of tone, as {why}.")


def _measured(passed: HighPass | None, corrections: Sequence[_Correction]) -> tuple[Quantity, ...]:
    lowest = (
        [
            Quantity.of("sound begins at", passed.begins_hz, "Hz"),
            Quantity.of(f"level below {passed.band.frequency_hz:g} Hz", passed.below_db, "dB"),
        ]
        if passed
        else []
    )
    return (
        *lowest,
        *(
            Quantity.of(f"distance from the class at {each.band.frequency_hz:g} Hz", each.far_db, "dB")
            for each in corrections
        ),
    )


def _sentences(
    session: Session,
    passed: HighPass | None,
    corrections: Sequence[_Correction],
    compared: StemClass | None,
) -> list[str]:
    sentences = []
    if passed:
        offset = f" and a DC offset of {100 * passed.offset:.1f} % of full scale" if passed.offset else ""
        sentences.append(
            f"high-pass at {passed.band.frequency_hz:.0f} Hz removes rumble ({passed.below_db:.0f} dB against the "
            f"whole stem){offset} below its sound, which begins at {passed.begins_hz:.0f} Hz"
        )
    if corrections and compared:
        gains = [f"{signed(each.band.gain_db)} dB at {each.band.frequency_hz:g} Hz" for each in corrections]
        first = corrections[0]
        side = "above" if first.far_db > 0.0 else "below"
        where = "there" if len(corrections) == 1 else f"at {first.band.frequency_hz:g} Hz"
        read_from = session.read_from(f"{RULE}.{compared.mean_name}")
        usual = (
            f"the {compared.stems} of {read_from}"
            if read_from
            else f"the average of {compared.stems} in finished songs, which differ there by {first.spread_db:.1f} dB"
        )
        sentences.append(
            f"{listed(gains)}, because {where} it lies {abs(first.far_db):.1f} dB {side} {usual}"
        )
    return sentences


def _statements(
    name: str,
    after: Spectrum,
    passed: HighPass | None,
    corrections: Sequence[_Correction],
    settings: ToneSettings,
) -> tuple[Statement, ...]:
    """State what is left below the corner, and the octave that was furthest outside."""
    stated = []
    if passed and not passed.offset:
        corner_hz = passed.band.frequency_hz
        stated.append(
            ("stem_level_below_db", corner_hz, after.share_db(0.0, corner_hz) + settings.below_margin_db)
        )
    if corrections:
        center_hz = corrections[0].band.frequency_hz
        octave = octave_bands()
        at = octave.centers_hz.index(center_hz)
        stated.append(
            ("stem_octave_level_db", center_hz, after.share_db(octave.low_hz[at], octave.high_hz[at]))
        )
    return tuple(
        Statement(
            kind=kind,
            stems=(name,),
            at_hz=at_hz,
            unit="dB",
            stated=round(level_db, 2),
            tolerance=settings.level_tolerance_db,
        )
        for kind, at_hz, level_db in stated
        if np.isfinite(level_db)
    )
