"""The masking EQ rule: make room for every stem in the bands that are essential to it.

Cut the masker rather than boost the masked, only in bands that the masker does not need itself,
three at the most (Hafezi & Reiss 2015, JAES 63(5) 312-323). Where both need a band, the one that has more of its power
elsewhere gives way, by less. What the cuts do is measured before they are kept: the mean signal-to-masker ratio of the
stems they are meant to help (the form of Vega & Janer 2010) has to rise, or they are halved, or left out. The lead vocal
is never cut, and more of its bands count as essential, fewer of a masker's beside it, as in preset ``survey-2022``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixrules._support.wording import listed, prints_as_zero, signed
from mixrules.analysis import (
    Bands,
    MaskingModel,
    Weighting,
    active_from_levels,
    bands_by_name,
    erb_bands,
    power_db,
    weighting_db,
)
from mixrules.decision import Decision, Quantity
from mixrules.processors import EqBand, EqualizerParams, db_to_gain
from mixrules.rules.support import is_support, leads_of
from mixrules.session import Session

RULE = "eq"
_SOURCE = "Hafezi & Reiss 2015; signal-to-masker ratio: Vega & Janer 2010"

Levels = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskingEqSettings:
    """The constants of ``eq:between_stems``; the presets say what each means."""

    weighting: Weighting
    bands: str
    block_s: float
    gate_below_loudness_lu: float
    essential_bands: int
    vocal_essential_bands: int
    beside_vocal_bands: int
    reference_bands: int
    essential_within_db: float
    kit_roles: tuple[str, ...]
    decoration_roles: tuple[str, ...]
    max_bands: int
    strength: float
    max_cut_db: float
    both_strength: float
    both_max_cut_db: float
    both_more_elsewhere: float
    pair_roles: tuple[str, ...]
    pair_below_hz: float
    min_cut_db: float
    q: float
    shares_tried: tuple[float, ...]
    loudness_exponent: float
    min_improvement_db: float


@dataclass(frozen=True, slots=True)
class _Cut:
    """A band to cut in a masker, whom that helps, and whether both need the band."""

    frequency_hz: float
    depth_db: float
    masking_db: float
    maskee: str
    both: bool


def between_stems(session: Session, settings: MaskingEqSettings) -> list[Decision]:
    """Cut every stem but the vocal where it masks what is essential to another, and needs the band itself less."""
    names = [stem.name for stem in session.active]
    if len(names) < 2:
        return []
    nyquist_hz = session.sample_rate / 2
    bands = bands_by_name(settings.bands).below(nyquist_hz)
    fine = erb_bands().below(nyquist_hz)
    powers = session.band_powers(names, bands, fine, block_s=settings.block_s)
    spectra_db = {name: _spectrum_db(powers[name][0][:], bands, settings) for name in names}
    model = session.masking_model(fine, {name: powers[name][1] for name in names})

    def loudness_lufs(name: str) -> float:
        """Return a stem's loudness, nearly: what its equaliser or compressor changes does not matter here."""
        strip = session.plan.stem(name)
        return session.scan(name).integrated_lufs + strip.input_gain_db + strip.gain_db

    decisions = []
    for masker in sorted((n for n in names if n not in session.vocals), key=loudness_lufs, reverse=True):
        maskees = [name for name in names if _needs_room(session, name, masker, settings)]
        cuts = _cuts(session, masker, maskees, spectra_db, bands.centers_hz, settings)
        before = session.plan.stem(masker).equalizer
        if cuts:
            decisions.append(_try_cuts(model, masker, cuts, before, settings))
        else:
            hides = _cuts(session, masker, maskees, spectra_db, bands.centers_hz, settings, needed_too=True)
            decisions.append(_nothing_to_cut(masker, bool(hides), settings))
    return decisions


def _needs_room(session: Session, name: str, masker: str, settings: MaskingEqSettings) -> bool:
    """Return whether room should be made for a stem: not in its own kit or support, nor for decoration."""
    if is_support(session, masker) and name in leads_of(session, masker):
        return False
    role = session.role(name)
    same_kit = role in settings.kit_roles and session.role(masker) in settings.kit_roles
    return name != masker and not same_kit and role not in settings.decoration_roles


def _spectrum_db(powers: npt.NDArray[np.floating], bands: Bands, settings: MaskingEqSettings) -> Levels:
    """Return a stem's weighted level per band, over the blocks in which it is active."""
    levels_dbfs = power_db(powers.sum(axis=1))
    active = active_from_levels(levels_dbfs, relative_lu=settings.gate_below_loudness_lu, gate="relative")
    while_active = powers[active] if active.any() else powers
    return power_db(while_active.mean(axis=0)) + weighting_db(bands.centers_hz, settings.weighting)


def _cuts(
    session: Session,
    masker: str,
    maskees: Sequence[str],
    spectra_db: Mapping[str, Levels],
    centers_hz: Sequence[float],
    settings: MaskingEqSettings,
    *,
    needed_too: bool = False,
) -> list[_Cut]:
    """Return the cuts that the paper's masking measure asks for, the deepest first.

    `needed_too`: in bands that the masker needs itself and does not give up as well.
    """
    cuts: dict[float, _Cut] = {}
    for maskee in maskees:
        if maskee in session.vocals:
            maskee_bands, masker_bands = settings.vocal_essential_bands, settings.beside_vocal_bands
        else:
            maskee_bands = masker_bands = settings.essential_bands
        needs_maskee = _essential(spectra_db[maskee], maskee_bands, settings)
        needs_masker = _essential(spectra_db[masker], masker_bands, settings)
        for band in sorted(needs_maskee):
            both = band in needs_masker
            if (
                both
                and not needed_too
                and not _gives_way(session, masker, maskee, band, spectra_db, centers_hz, settings)
            ):
                continue
            masking_db = float(spectra_db[masker][band] - spectra_db[maskee][band])
            if both:
                depth_db = min(settings.both_strength * masking_db, settings.both_max_cut_db)
            else:
                depth_db = min(settings.strength * masking_db, settings.max_cut_db)
            deepest = cuts.get(centers_hz[band])
            if depth_db >= settings.min_cut_db and (deepest is None or masking_db > deepest.masking_db):
                cuts[centers_hz[band]] = _Cut(centers_hz[band], depth_db, masking_db, maskee, both)
    return sorted(cuts.values(), key=lambda cut: -cut.masking_db)[: settings.max_bands]


def _gives_way(
    session: Session,
    masker: str,
    maskee: str,
    band: int,
    spectra_db: Mapping[str, Levels],
    centers_hz: Sequence[float],
    settings: MaskingEqSettings,
) -> bool:
    """Return whether a masker leaves a band that both need to the other: decoration does, else who has more elsewhere."""
    role = session.role(masker)
    if centers_hz[band] < settings.pair_below_hz and role in settings.pair_roles:
        return False
    if role in settings.decoration_roles:
        return True
    elsewhere = [_share_elsewhere(spectra_db[name], band) for name in (masker, maskee)]
    return elsewhere[0] - elsewhere[1] >= settings.both_more_elsewhere


def _share_elsewhere(levels_db: Levels, band: int) -> float:
    """Return the share of a stem's weighted power that lies in other bands than this."""
    powers = db_to_gain(levels_db) ** 2
    return float(1.0 - powers[band] / powers.sum())


def _essential(levels_db: Levels, essential_bands: int, settings: MaskingEqSettings) -> set[int]:
    """Return the strongest bands, so many of the paper's ten, and not far below the strongest."""
    count = max(1, round(essential_bands * len(levels_db) / settings.reference_bands))
    floor_db = float(np.max(levels_db)) - settings.essential_within_db
    strongest = np.argsort(-levels_db, kind="stable")[:count]
    return {int(band) for band in strongest if levels_db[band] >= floor_db}


def _try_cuts(
    model: MaskingModel,
    masker: str,
    cuts: Sequence[_Cut],
    before: EqualizerParams,
    settings: MaskingEqSettings,
) -> Decision:
    """Keep the cuts after the filters `before`, a share of them or none, whichever the measurement supports."""
    maskees = list(dict.fromkeys(cut.maskee for cut in cuts))
    before_db = model.mean_smr_db(maskees, power_exponent=settings.loudness_exponent)
    rise_db = 0.0
    for share in settings.shares_tried:
        equalizer = _equalizer(cuts, share, settings)
        powers = model.equalized(masker, equalizer)
        after_db = model.mean_smr_db(
            maskees, power_exponent=settings.loudness_exponent, changed={masker: powers}
        )
        rise_db = after_db - before_db
        # False for NaN: a ratio that cannot be measured keeps no cut.
        if rise_db >= settings.min_improvement_db:
            model.replace(masker, powers)
            return _cut_decision(masker, cuts, equalizer, before, before_db, rise_db, settings)
    return _uncut_decision(masker, cuts, before_db, rise_db, settings)


def _nothing_to_cut(masker: str, hides: bool, settings: MaskingEqSettings) -> Decision:
    """Leave a stem as it is: it hides no other, or only where it needs the band itself."""
    why = "as it hides no other stem"
    if hides:
        why = "as it needs the frequencies at which it hides another stem"
    elif not settings.strength * settings.max_cut_db:
        why = "as the rule is set to cut nothing"
    return Decision(
        rule=RULE,
        stem=masker,
        source=_SOURCE,
        threshold=f"masking x {settings.strength:g} of at least {settings.min_cut_db:g} dB",
        sentence=f"{masker}: no EQ, {why}.",
    )


def _equalizer(cuts: Sequence[_Cut], share: float, settings: MaskingEqSettings) -> EqualizerParams:
    return EqualizerParams(
        bands=tuple(
            EqBand(frequency_hz=cut.frequency_hz, gain_db=-round(share * cut.depth_db, 2), q=settings.q)
            for cut in cuts
        )
    )


def _masking(cuts: Sequence[_Cut]) -> list[Quantity]:
    return [
        Quantity.of(f"masking of {cut.maskee} at {cut.frequency_hz:g} Hz", cut.masking_db, "dB")
        for cut in cuts
    ]


def _cut_decision(
    masker: str,
    cuts: Sequence[_Cut],
    equalizer: EqualizerParams,
    before: EqualizerParams,
    before_db: float,
    rise_db: float,
    settings: MaskingEqSettings,
) -> Decision:
    maskees = list(dict.fromkeys(cut.maskee for cut in cuts))
    gains = [f"{signed(band.gain_db)} dB at {band.frequency_hz:g} Hz" for band in equalizer.bands]
    shared = [f"{cut.frequency_hz:g} Hz" for cut in cuts if cut.both]
    them = "them" if len(shared) > 1 else "it"
    why = f" {masker} needs {listed(shared)} itself, but can spare {them} more easily." if shared else ""
    return Decision(
        rule=RULE,
        stem=masker,
        source=_SOURCE,
        measured=(
            *_masking(cuts),
            Quantity.of("signal-to-masker ratio before", before_db, "dB"),
            Quantity.of("signal-to-masker ratio after", before_db + rise_db, "dB"),
        ),
        threshold=f"signal-to-masker ratio up by {settings.min_improvement_db:g} dB",
        parameters={"equalizer": EqualizerParams(bands=(*before.bands, *equalizer.bands))},
        sentence=(
            f"{masker}: {listed(gains)}, which makes room for {listed(maskees)}: "
            f"{'they stand' if len(maskees) > 1 else 'it stands'} out from the rest by {rise_db:.1f} dB more.{why}"
        ),
    )


def _uncut_decision(
    masker: str, cuts: Sequence[_Cut], before_db: float, rise_db: float, settings: MaskingEqSettings
) -> Decision:
    maskees = list(dict.fromkeys(cut.maskee for cut in cuts))
    return Decision(
        rule=RULE,
        stem=masker,
        source=_SOURCE,
        measured=(*_masking(cuts), Quantity.of("signal-to-masker ratio before", before_db, "dB")),
        threshold=f"signal-to-masker ratio up by {settings.min_improvement_db:g} dB",
        sentence=(
            f"{masker}: no EQ, as cuts to make room for {listed(maskees)} were tried {_too_little(rise_db)}."
        ),
    )


def _too_little(rise_db: float) -> str:
    """Say that cuts that were tried are not worth it."""
    if not math.isfinite(rise_db):
        return "to no measurable effect: a stem cancels out in mono"
    if prints_as_zero(max(rise_db, 0.0), digits=2):
        return "and did not help"
    return f"and helped by only {rise_db:.2f} dB"
