"""The masking EQ rule: make room for every stem in the bands that are essential to it.

Cut the masker rather than boost the masked, only in bands that the masker does not need itself,
three at the most (Hafezi & Reiss 2015, JAES 63(5) 312-323). What the cuts do is measured before
they are kept: the mean signal-to-masker ratio of the stems they are meant to help (the form of Vega
& Janer 2010) has to rise, or they are halved, or left out. The lead vocal is never cut, and more of its bands count as
essential, fewer of a masker's beside it, as in preset ``survey-2022``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from mixrules.analysis import (
    Bands,
    MaskingSums,
    active_from_levels,
    apply_eq_to_powers,
    bands_by_name,
    blocks_to_mask,
    erb_bands,
    weighting_db,
)
from mixrules.decision import Decision, Quantity
from mixrules.processors import EqBand, EqualizerParams, frequency_response
from mixrules.rules.level import KIT_ROLES
from mixrules.rules.words import listed, signed
from mixrules.session import Rows, Session

RULE = "eq"
_SOURCE = "Hafezi & Reiss 2015; signal-to-masker ratio: Vega & Janer 2010"
_UNHEARD = "left nothing to measure: a stem cancels out in mono."
_AS_LOUD_AS_IT_SOUNDS = 0.3
_BLOCKS_AT_ONCE = 1024
_BANDS_OF_PAPER = 10
_DECORATION = frozenset({"effects", "percussion", "hihat", "cymbals"})


@dataclass(frozen=True, slots=True)
class _Cut:
    """A band to cut in a masker, and whom that helps."""

    frequency_hz: float
    depth_db: float
    masking_db: float
    maskee: str


def between_stems(session: Session, settings: Mapping[str, Any]) -> list[Decision]:
    """Cut every stem but the vocal where it masks what is essential to another.

    Settings: those of the ``eq`` table of preset ``default``.
    """
    names = [stem.name for stem in session.sounding]
    if len(names) < 2:
        return []
    nyquist_hz = session.sample_rate / 2
    bands = bands_by_name(settings["bands"]).below(nyquist_hz)
    fine = erb_bands().below(nyquist_hz)

    def look(name: str) -> tuple[Any, Rows]:
        coarse, each = session.band_powers(name, bands, fine, block_s=settings["block_s"])
        return _spectrum(coarse, bands, settings), session.kept([each], *each.shape)

    looks = session.each(names, look)
    spectra = {name: spectrum for name, (spectrum, _) in looks.items()}
    scene = _Scene(session, fine, {name: each for name, (_, each) in looks.items()})
    decisions = []

    def level(name: str) -> float:
        """Return a stem's loudness, nearly: what an equaliser or a compressor would change does not matter here."""
        strip = session.plan.stem(name)
        return session.scan(name).integrated_lufs + strip.input_gain_db + strip.gain_db

    for masker in sorted((n for n in names if n not in session.vocals), key=level, reverse=True):
        others = [name for name in names if _needs_room(session, name, masker)]
        cuts = _cuts(session, masker, others, spectra, bands.centers_hz, settings)
        decisions.append(_try_cuts(scene, masker, cuts, settings))
    return decisions


def _needs_room(session: Session, name: str, masker: str) -> bool:
    """Return whether room should be made for a stem: not beside its own kit, nor for decoration."""
    role = session.role(name)
    same_kit = role in KIT_ROLES and session.role(masker) in KIT_ROLES
    return name != masker and not same_kit and role not in _DECORATION


def _spectrum(powers: Any, bands: Bands, settings: Mapping[str, Any]) -> Any:
    """Return a stem's weighted level per band in dB, over the blocks in which it is active."""
    levels_dbfs = _in_db(powers.sum(axis=1))
    active = active_from_levels(levels_dbfs, relative_lu=settings["gate_below_loudness_lu"], gate="relative")
    heard = powers[active] if active.any() else powers
    return _in_db(heard.mean(axis=0)) + weighting_db(bands.centers_hz, settings["weighting"])


def _in_db(powers: Any) -> Any:
    return 10.0 * np.log10(np.maximum(powers, 1e-20))


def _cuts(
    session: Session,
    masker: str,
    maskees: list[str],
    spectra: Mapping[str, Any],
    centers_hz: tuple[float, ...],
    settings: Mapping[str, Any],
) -> list[_Cut]:
    """Return the cuts that the paper's masking measure asks for, the deepest first."""
    found: dict[float, _Cut] = {}
    for maskee in maskees:
        vocal = maskee in session.vocals
        needs_maskee = _essential(
            spectra[maskee], "vocal_essential_bands" if vocal else "essential_bands", settings
        )
        needs_masker = _essential(
            spectra[masker], "beside_vocal_bands" if vocal else "essential_bands", settings
        )
        for band in sorted(needs_maskee - needs_masker):
            masking_db = float(spectra[masker][band] - spectra[maskee][band])
            depth_db = min(settings["strength"] * masking_db, settings["max_cut_db"])
            known = found.get(centers_hz[band])
            if depth_db >= settings["min_cut_db"] and (known is None or masking_db > known.masking_db):
                found[centers_hz[band]] = _Cut(centers_hz[band], depth_db, masking_db, maskee)
    return sorted(found.values(), key=lambda cut: -cut.masking_db)[: settings["max_bands"]]


def _essential(levels_db: Any, setting: str, settings: Mapping[str, Any]) -> set[int]:
    """Return the strongest bands, as many as a setting says of ten, and not far below the strongest."""
    count = max(1, round(settings[setting] * len(levels_db) / _BANDS_OF_PAPER))
    floor_db = float(np.max(levels_db)) - settings["essential_within_db"]
    strongest = np.argsort(-levels_db, kind="stable")[:count]
    return {int(band) for band in strongest if levels_db[band] >= floor_db}


class _Scene:
    """Band powers of all stems, with the cuts that were kept so far: where masking is re-measured.

    They are looked at some blocks at a time: of a long song they lie on the disk.
    """

    def __init__(self, session: Session, bands: Bands, powers: dict[str, Rows]) -> None:
        self._session = session
        self._bands = bands
        self._blocks = min(len(each) for each in powers.values())
        self._powers = powers
        self._active: dict[str, Any] = {}

    def keep(self, name: str, powers: Rows) -> None:
        """Let a stem have other powers from now on."""
        self._powers[name] = powers
        self._active.pop(name, None)

    def filtered(self, name: str, equalizer: EqualizerParams) -> Rows:
        """Return a stem's powers after an equaliser."""
        centers_hz = np.asarray(self._bands.centers_hz)
        response = frequency_response(equalizer, self._session.sample_rate, centers_hz)
        response_db = 20.0 * np.log10(np.abs(response))
        some = (
            apply_eq_to_powers(self._powers[name][start:stop], self._bands, response_db)
            for start, stop in self._places()
        )
        return self._session.kept(some, self._blocks, len(self._bands))

    def smr_db(self, maskees: list[str], changed: Mapping[str, Rows]) -> float:
        """Return the mean signal-to-masker ratio of some stems, with other powers of some of their maskers."""
        sums = {name: MaskingSums(self._bands, power_exponent=_AS_LOUD_AS_IT_SOUNDS) for name in maskees}
        for start, stop in self._places():
            some = {
                name: self._some(powers, (start, stop))
                for name, powers in {**self._powers, **changed}.items()
            }
            for maskee in maskees:
                others = np.zeros((stop - start, len(self._bands)))
                for name, powers in some.items():
                    if name != maskee:
                        others += powers
                used = self._is_active(maskee)[start:stop]
                sums[maskee].add(some[maskee][used], others[used])
        return float(np.mean([each.result().mean_smr_db for each in sums.values()]))

    def _is_active(self, name: str) -> Any:
        """Return in which blocks a stem can be masked."""
        if name not in self._active:
            powers = self._powers[name]
            sums = [self._some(powers, place).sum(axis=1) for place in self._places()]
            self._active[name] = blocks_to_mask(np.concatenate(sums))
        return self._active[name]

    def _places(self) -> list[tuple[int, int]]:
        starts = range(0, self._blocks, _BLOCKS_AT_ONCE)
        return [(start, min(start + _BLOCKS_AT_ONCE, self._blocks)) for start in starts]

    def _some(self, powers: Rows, place: tuple[int, int]) -> Any:
        return np.asarray(powers[place[0] : place[1]], np.float64)


def _try_cuts(scene: _Scene, masker: str, cuts: list[_Cut], settings: Mapping[str, Any]) -> Decision:
    """Keep the cuts, half of them or none, whichever the measurement supports."""
    if not cuts:
        return Decision(
            rule=RULE,
            stem=masker,
            source=_SOURCE,
            threshold=f"masking x {settings['strength']:g} of at least {settings['min_cut_db']:g} dB",
            sentence=f"{masker} is left as it is: in the bands that it could spare it masks no other stem.",
        )
    maskees = list(dict.fromkeys(cut.maskee for cut in cuts))
    before = scene.smr_db(maskees, {})
    threshold = f"signal-to-masker ratio up by {settings['min_improvement_db']:g} dB"
    masked = tuple(
        Quantity.of(f"masking of {cut.maskee} at {cut.frequency_hz:g} Hz", cut.masking_db, "dB")
        for cut in cuts
    )
    gained = 0.0
    for share in (1.0, 0.5):
        equalizer = EqualizerParams(
            bands=tuple(
                EqBand(
                    frequency_hz=cut.frequency_hz, gain_db=-round(share * cut.depth_db, 2), q=settings["q"]
                )
                for cut in cuts
            )
        )
        powers = scene.filtered(masker, equalizer)
        gained = scene.smr_db(maskees, {masker: powers}) - before
        # Not the other way round: a ratio that cannot be measured keeps no cut.
        if not gained >= settings["min_improvement_db"]:
            continue
        scene.keep(masker, powers)
        moves = [f"{signed(band.gain_db)} dB at {band.frequency_hz:g} Hz" for band in equalizer.bands]
        return Decision(
            rule=RULE,
            stem=masker,
            source=_SOURCE,
            measured=(
                *masked,
                Quantity.of("signal-to-masker ratio before", before, "dB"),
                Quantity.of("signal-to-masker ratio after", before + gained, "dB"),
            ),
            threshold=threshold,
            parameters={"equalizer": equalizer},
            sentence=(
                f"{masker}: {listed(moves)}, which makes room for {listed(maskees)}: "
                f"{'their' if len(maskees) > 1 else 'its'} mean signal-to-masker ratio rises by {gained:.1f} dB."
            ),
        )
    return Decision(
        rule=RULE,
        stem=masker,
        source=_SOURCE,
        measured=(*masked, Quantity.of("signal-to-masker ratio before", before, "dB")),
        threshold=threshold,
        sentence=(
            f"{masker} is left as it is: cuts for {listed(maskees)} were tried and "
            + (
                f"moved the signal-to-masker ratio by only {signed(gained, 2)} dB."
                if math.isfinite(gained)
                else _UNHEARD
            )
        ),
    )
