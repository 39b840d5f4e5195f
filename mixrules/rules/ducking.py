"""The duck rule: a stem that alone covers the lead vocal is turned down by a little while the vocal sings.

Where the vocal's short-term level against the backing dips below a floor, and one stem holds most of the backing's
energy there, that stem yields: down before the dip, held through it, back up after it, at the pace of phrases.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixrules.analysis import ShortTermRatio
from mixrules.decision import Decision, Quantity, Statement
from mixrules.loudness import BlockEnergies
from mixrules.processors import GainPoint, add_automations, db_to_gain, gain_to_db, simplify_automation
from mixrules.rules.automation_wording import moves_in_words
from mixrules.rules.phrases import phrases_of
from mixrules.session import Session

RULE = "duck"
_SOURCE = "ours; short-term loudness: EBU Tech 3341"

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class DuckSettings:
    """The constants of ``duck:under_vocal``; the presets say what each means."""

    floor_lu: float
    masker_share: float
    max_cut_db: float
    min_cut_db: float
    min_dip_s: float
    attack_s: float
    hold_s: float
    release_s: float
    ducked_roles: tuple[str, ...]
    sure_lu: float


@dataclass(frozen=True, slots=True)
class _Dips:
    """Where the vocal lies below the floor, and what the stem that covers it holds of the backing there."""

    hops: Sequence[int]
    masker: str
    share: float


def under_vocal(session: Session, settings: DuckSettings) -> list[Decision]:
    """Let the stem that covers a lead vocal yield while it sings."""
    decided: list[Decision] = []
    for vocal in session.vocals:
        if _surely_no_dip(session, vocal, settings):
            continue
        course = session.vocal_to_backing(vocal)
        dips = _dips(session, vocal, course, settings)
        # A stem that yields to one vocal already is left to the next one as it is.
        if dips is not None and dips.masker not in [decision.stem for decision in decided]:
            decided += _ducked(session, vocal, course, dips, settings)
    return decided


def _surely_no_dip(session: Session, vocal: str, settings: DuckSettings) -> bool:
    """Return whether no stem has to yield even if what is predicted is off by `sure_lu`."""
    predicted = session.predicted_balance(vocal)
    if predicted is None:
        return False
    course = predicted.course
    hop_s = float(course.times_s[1] - course.times_s[0]) if course.times_s.size > 1 else 0.0
    maybe = np.flatnonzero(course.together & (course.ratio_lu < settings.floor_lu + settings.sure_lu))
    if maybe.size * hop_s < settings.min_dip_s or not maybe.size:
        return True
    surely = course.ratio_lu[maybe] < settings.floor_lu - settings.sure_lu
    fewest = math.ceil(settings.min_dip_s / hop_s)
    whole = _at(predicted.together, maybe)
    share = settings.masker_share * db_to_gain(-2 * settings.sure_lu)
    for name, energies in predicted.backing.items():
        if session.role(name) not in settings.ducked_roles:
            continue
        # The hops that may count are those in which the stem has most, beside those that count surely.
        excess = _at(energies, maybe) - share * whole
        others = np.sort(excess[~surely])[::-1]
        count = max(np.count_nonzero(others > 0.0), fewest - np.count_nonzero(surely))
        if excess[surely].sum() + others[:count].sum() >= 0.0:
            return False
    return True


def _dips(session: Session, vocal: str, course: ShortTermRatio, settings: DuckSettings) -> _Dips | None:
    """Return where a vocal dips below the floor because of one stem; None where it does not."""
    hops = np.flatnonzero(course.together & (course.ratio_lu < settings.floor_lu))
    hop_s = float(course.times_s[1] - course.times_s[0]) if course.times_s.size > 1 else 0.0
    if hops.size * hop_s < settings.min_dip_s or not hops.size:
        return None
    backing = session.measurements.levels.backing_of(session.plan, vocal)
    whole = float(_at(session.energies(*backing), hops).sum())
    shares = (
        {name: float(_at(session.energies(name), hops).sum()) / whole for name in backing} if whole else {}
    )
    masker = max(shares, key=lambda name: shares[name], default="")
    if not masker or shares[masker] < settings.masker_share:
        return None
    if session.role(masker) not in settings.ducked_roles:
        return None
    return _Dips(hops.tolist(), masker, min(shares[masker], 1.0))


def _ducked(
    session: Session, vocal: str, course: ShortTermRatio, dips: _Dips, settings: DuckSettings
) -> list[Decision]:
    cuts_db = _cuts_db(session, vocal, course, dips, settings)
    points = _points(course.times_s, cuts_db, settings)
    deepest_db = -min((point.gain_db for point in points), default=0.0)
    if deepest_db < settings.min_cut_db:
        return []
    lowest_lu = float(np.nanmin(course.ratio_lu))
    moves = moves_in_words(points, settings.min_cut_db, lambda _: f"{vocal} sinks under it")
    automation = add_automations(session.plan.stem(dips.masker).automation, points)
    return [
        Decision(
            rule=RULE,
            stem=dips.masker,
            source=_SOURCE,
            measured=(
                Quantity.of(f"lowest short-term level of {vocal} against the backing", lowest_lu, "LU"),
                Quantity.of("share of the backing's energy there", dips.share, ""),
            ),
            threshold=f"a vocal at {settings.floor_lu:g} LU or higher against the backing",
            parameters={"automation": automation},
            sentence=(
                f"{dips.masker}: {moves}; {vocal} was up to {-lowest_lu:.1f} LU under the backing there, "
                f"{100 * dips.share:.0f} % of which is {dips.masker}."
            ),
            statements=(
                Statement(
                    kind="automation_range_db",
                    stems=(dips.masker,),
                    unit="dB",
                    stated=round(session.automation_range_db(dips.masker, automation), 2),
                ),
            ),
        )
    ]


def _cuts_db(
    session: Session, vocal: str, course: ShortTermRatio, dips: _Dips, settings: DuckSettings
) -> dict[int, float]:
    """Return by how much the masker has to go down in each hop of the dips, for the vocal to reach the floor.

    With the masker at a gain g the backing has the energy rest + g both + g^2 own, where `both` is what the
    products of the two add.
    """
    backing = session.measurements.levels.backing_of(session.plan, vocal)
    hops = np.array(dips.hops)
    whole = _at(session.energies(*backing), hops)
    own = _at(session.energies(dips.masker), hops)
    rest = _at(session.energies(*(name for name in backing if name != dips.masker)), hops)
    both = whole - own - rest
    # By so much the backing may at most be louder than now.
    wanted = whole * db_to_gain(2 * (course.ratio_lu[hops] - settings.floor_lu))
    with np.errstate(invalid="ignore", divide="ignore"):
        root = np.sqrt(np.maximum(both**2 - 2 * own * 2 * (rest - wanted), 0.0))
        gain = np.where(wanted > rest, (root - both) / (2 * own), 0.0)
    cuts_db = np.clip(
        -gain_to_db(np.maximum(gain, db_to_gain(-settings.max_cut_db))), 0.0, settings.max_cut_db
    )
    return dict(zip(dips.hops, np.nan_to_num(cuts_db).tolist(), strict=True))


def _points(times_s: Floats, cuts_db: dict[int, float], settings: DuckSettings) -> tuple[GainPoint, ...]:
    """Return the gain over time: one depth for each dip, with attack, hold and release."""
    dipping = np.zeros(times_s.size, bool)
    dipping[list(cuts_db)] = True
    lines: list[tuple[GainPoint, ...]] = []
    for phrase in phrases_of(times_s, dipping, settings.attack_s + settings.hold_s + settings.release_s):
        depth_db = -round(float(np.median([cuts_db[hop] for hop in phrase.hops])), 2)
        corners = (
            (phrase.start_s - settings.attack_s, 0.0),
            (phrase.start_s, depth_db),
            (phrase.end_s + settings.hold_s, depth_db),
            (phrase.end_s + settings.hold_s + settings.release_s, 0.0),
        )
        lines.append(
            tuple(
                GainPoint(time_s=round(time_s, 3), gain_db=gain_db)
                for time_s, gain_db in corners
                if time_s >= 0.0
            )
        )
    return simplify_automation([point for line in lines for point in line], 0.0)


def _at(energies: BlockEnergies, hops: npt.NDArray[np.int64]) -> Floats:
    """Return the energies in some hops; 0 where the signal has ended."""
    inside = hops < energies.energies.size
    values = np.zeros(hops.size)
    values[inside] = energies.energies[hops[inside]]
    return values
