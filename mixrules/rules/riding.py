"""The ride rule: a slow gain that keeps the lead vocal's level against the backing inside a window while it sings.

Where the short-term level of the vocal against everything else spreads wider than in a finished mix, what lies outside
of a window about its median is brought back: up where the vocal sinks, down where it stands out by itself. In a vocal
that is even but for a phrase or two, those alone are ridden. Phrases are, not syllables: the level is that of 3 s
around each moment. The `level` step that follows keeps the balance.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixrules.analysis import ShortTermRatio, short_term_ratio
from mixrules.decision import Decision, Quantity, Statement
from mixrules.processors import (
    GainPoint,
    add_automations,
    automation_gain_db,
    db_to_gain,
    simplify_automation,
)
from mixrules.rules.automation_wording import moves_in_words
from mixrules.rules.phrases import Phrase, phrases_of
from mixrules.rules.support import is_support, leads_of
from mixrules.session import Session

RULE = "ride"
_SOURCE = "ours; short-term loudness: EBU Tech 3341"
_SPREAD = "spread of short-term level against the backing"

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class RideSettings:
    """The constants of ``ride:vocal``; the presets say what each means."""

    max_spread_lu: float
    window_lu: float
    outlier_lu: float
    max_gain_db: float
    min_gain_db: float
    min_move_s: float
    bridged_pause_s: float
    rest_pause_s: float
    move_s: float
    simplify_db: float
    spread_margin_lu: float
    sure_lu: float


def vocal(session: Session, settings: RideSettings) -> list[Decision]:
    """Ride every lead vocal against the backing, and what goes with it alone along with it."""
    if not session.backing:
        return []
    return [decision for name in session.vocals for decision in _ridden(session, name, settings)]


def _ridden(session: Session, name: str, settings: RideSettings) -> list[Decision]:
    predicted = session.predicted_balance(name)
    if predicted is not None and _is_surely_even(predicted.course, settings):
        return [_surely_not_ridden(name, predicted.course, settings)]
    course = session.vocal_to_backing(name)
    if not course.together.any():
        return []
    measured = (
        Quantity.of(_SPREAD, course.spread_lu, "LU"),
        Quantity.of("median of it", course.median_lu, "LU"),
    )
    threshold = _threshold(settings)
    points = _points(course, settings)
    if _is_even(points, settings):
        within = (
            ""
            if course.spread_lu <= settings.max_spread_lu
            else ", but only in bars where it is nearly alone or in moments too short to ride"
        )
        return [
            Decision(
                rule=RULE,
                stem=name,
                source=_SOURCE,
                measured=measured,
                threshold=threshold,
                sentence=(
                    f"{name}: no fader ride, as its level against the backing varies by {course.spread_lu:.1f} LU while "
                    f"it sings{within}."
                ),
            )
        ]
    after_lu = _after(session, name, points).spread_lu
    sentence = (
        f"{name}: {moves_in_words(points, settings.min_gain_db, lambda peak: _where(course, peak))}; "
        f"its level against the backing varied by {course.spread_lu:.1f} LU while it sings, now by "
        f"{after_lu:.1f} LU."
    )
    return [
        Decision(
            rule=RULE,
            stem=name,
            source=_SOURCE,
            measured=measured,
            threshold=threshold,
            parameters={"automation": add_automations(session.plan.stem(name).automation, points)},
            sentence=sentence,
            statements=(
                Statement(
                    kind="vocal_to_backing_spread_lu",
                    stems=(name,),
                    unit="LU",
                    stated=round(after_lu + settings.spread_margin_lu, 1),
                ),
            ),
        ),
        *_followers(session, name, points),
    ]


def _is_surely_even(predicted: ShortTermRatio, settings: RideSettings) -> bool:
    """Return whether a vocal is not ridden even if its predicted course is off by `sure_lu`."""
    stricter = dataclasses.replace(
        settings,
        max_spread_lu=settings.max_spread_lu - settings.sure_lu,
        outlier_lu=settings.outlier_lu - settings.sure_lu,
    )
    return (
        bool(predicted.together.any())
        and predicted.spread_lu <= stricter.max_spread_lu
        and _is_even(_points(predicted, stricter), settings)
    )


def _is_even(points: Sequence[GainPoint], settings: RideSettings) -> bool:
    """Return whether a ride does too little to be kept."""
    return not any(abs(point.gain_db) >= settings.min_gain_db for point in points)


def _surely_not_ridden(name: str, predicted: ShortTermRatio, settings: RideSettings) -> Decision:
    return Decision(
        rule=RULE,
        stem=name,
        source=_SOURCE,
        measured=(
            Quantity.of(f"{_SPREAD}, predicted", predicted.spread_lu, "LU"),
            Quantity.of("median of it", predicted.median_lu, "LU"),
        ),
        threshold=_threshold(settings),
        sentence=(
            f"{name}: no fader ride, as its level against the backing varies by less than "
            f"{settings.max_spread_lu:g} LU while it sings."
        ),
    )


def _threshold(settings: RideSettings) -> str:
    return f"a spread of at most {settings.max_spread_lu:g} LU, at most {settings.outlier_lu:g} LU off the median"


def _followers(session: Session, name: str, points: Sequence[GainPoint]) -> list[Decision]:
    """Let a vocal's doubles and the returns of its reverbs, where they are stems, go with it."""
    return [
        Decision(
            rule=RULE,
            stem=support,
            source=_SOURCE,
            parameters={"automation": add_automations(session.plan.stem(support).automation, points)},
            sentence=f"{support}: rides with {name}, which it goes with.",
        )
        for support in session.backing
        if is_support(session, support) and leads_of(session, support) == (name,)
    ]


def _points(course: ShortTermRatio, settings: RideSettings) -> tuple[GainPoint, ...]:
    """Return the gain over time: lines through each phrase, and back to 0 dB in longer pauses."""
    gains_db = _gains_db(course, settings)
    lines: list[GainPoint] = []
    for phrase in phrases_of(course.times_s, course.together, settings.bridged_pause_s):
        inside = [
            GainPoint(time_s=round(float(course.times_s[hop]), 3), gain_db=round(float(gains_db[hop]), 2))
            for hop in phrase.hops
        ]
        lines += _between(lines[-1] if lines else None, phrase, settings)
        lines += simplify_automation(inside, settings.simplify_db)
    return simplify_automation(lines, 0.0)


def _between(before: GainPoint | None, phrase: Phrase, settings: RideSettings) -> list[GainPoint]:
    """Return the points of a pause: none in a short one, where the gain goes from one phrase to the next."""
    rest_s = phrase.start_s - settings.move_s
    if before is None:
        return [GainPoint(time_s=round(rest_s, 3), gain_db=0.0)] if rest_s > 0.0 else []
    if phrase.start_s - before.time_s < settings.rest_pause_s:
        return []
    move_s = min(settings.move_s, (phrase.start_s - before.time_s) / 2)
    times_s = dict.fromkeys(round(time_s, 3) for time_s in (before.time_s + move_s, phrase.start_s - move_s))
    return [GainPoint(time_s=time_s, gain_db=0.0) for time_s in times_s]


def _gains_db(course: ShortTermRatio, settings: RideSettings) -> Floats:
    """Return the gain in each hop in which vocal and backing are active; NaN in the others."""
    off_lu = course.ratio_lu - course.median_lu
    is_uneven = course.spread_lu > settings.max_spread_lu
    half_lu = settings.window_lu / 2 if is_uneven else settings.outlier_lu
    up_db = np.maximum(-off_lu - half_lu, 0.0)
    # Where the band drops out the vocal stands out without having become louder: then it stays.
    louder_lu = np.maximum(course.part_lufs - np.nanmedian(course.part_lufs), 0.0)
    down_db = np.minimum(np.maximum(off_lu - half_lu, 0.0), louder_lu)
    gains_db = np.clip(up_db - down_db, -settings.max_gain_db, settings.max_gain_db)
    hop_s = float(course.times_s[1] - course.times_s[0]) if course.times_s.size > 1 else 0.0
    for move in phrases_of(course.times_s, course.together & (gains_db != 0.0), settings.bridged_pause_s):
        long_s = hop_s * np.count_nonzero(np.abs(gains_db[move.hops]) >= settings.min_gain_db)
        if long_s < settings.min_move_s:  # the end of a last note, not a phrase
            gains_db[move.hops] = 0.0
    return np.asarray(gains_db)


def _after(session: Session, name: str, points: Sequence[GainPoint]) -> ShortTermRatio:
    """Return the course of the level after a ride, from the energies of the vocal before it."""
    levels = session.measurements.levels
    part = session.energies(name)
    middles_s = (part.boundaries[1:] + part.boundaries[:-1]) / 2 / part.sample_rate
    ridden = part.scaled(db_to_gain(automation_gain_db(middles_s, points)))
    return short_term_ratio(ridden, session.energies(*levels.backing_of(session.plan, name)))


def _where(course: ShortTermRatio, peak: GainPoint) -> str:
    """Say how the vocal stood against the backing where a move is largest."""
    hops = np.flatnonzero(course.together)
    hop = hops[np.argmin(np.abs(course.times_s[hops] - peak.time_s))]
    ratio_lu = float(course.ratio_lu[hop])
    if peak.gain_db > 0.0 and ratio_lu < 0.0:
        return f"it sank {-ratio_lu:.1f} LU under the backing"
    how = "sank to" if peak.gain_db > 0.0 else "stood out at"
    return f"it {how} {abs(ratio_lu):.1f} LU {'under' if ratio_lu < 0.0 else 'over'} the backing"
