"""The polarity rule: pick-ups of one source that work against each other.

A kick by two microphones, a snare from above and below, a bass by its DI box and its amplifier: where one has the
opposite polarity, their sum loses its lows. Stems of one source are known by their names; in the lows their
correlation tells whether they add up. What does not is turned, and what that gains is measured.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixrules._support.wording import listed, signed
from mixrules.analysis import low_products
from mixrules.decision import Decision, Quantity, Statement
from mixrules.session import Session
from mixrules.stems.pickups import source_words

RULE = "polarity"
_SOURCE = "ours: the sum of two pick-ups is to be fuller, not thinner; loudness: ITU-R BS.1770-5"


@dataclass(frozen=True, slots=True, kw_only=True)
class PolaritySettings:
    """The constants of ``polarity:same_source``; the presets say what each means."""

    low_hz: float
    high_hz: float
    block_s: float
    max_correlation: float
    min_gain_lu: float
    source_roles: tuple[str, ...]
    one_source_roles: tuple[str, ...]


def same_source(session: Session, settings: PolaritySettings) -> list[Decision]:
    """Turn the stems that go against the others of their source, and right channels that go against the left."""
    decisions = []
    for stem in session.active:
        if stem.halves:
            decisions += _right_channel(session, stem.name, settings)
    for names in _sources(session, settings):
        decisions += _one_source(session, names, settings)
    return decisions


def _sources(session: Session, settings: PolaritySettings) -> list[list[str]]:
    """Return the groups of stems that are one source, as far as names and roles tell."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for stem in session.active:
        if stem.role in settings.one_source_roles:
            groups.setdefault((stem.role,), []).append(stem.name)
        elif stem.role in settings.source_roles:
            groups.setdefault((stem.role, *source_words(stem.name)), []).append(stem.name)
    return [names for names in groups.values() if len(names) > 1]


def _one_source(session: Session, names: Sequence[str], settings: PolaritySettings) -> list[Decision]:
    """Go through the stems of a source, the strongest in the lows first, and turn what goes against those before."""
    products = _products(session, names, settings)
    order = [int(index) for index in np.argsort(-np.diag(products), kind="stable")]
    signs = np.array([-1.0 if session.plan.stem(name).invert_polarity else 1.0 for name in names])
    decisions: list[Decision] = []
    for position, index in enumerate(order):
        before = order[:position]
        if not before:
            continue
        among = np.ix_(before, before)
        power = products[index, index] * (signs[before] @ products[among] @ signs[before])
        correlation = 0.0
        if power > 0.0:
            correlation = signs[index] * float(products[index, before] @ signs[before]) / math.sqrt(power)
        others = [names[other] for other in before]
        decision = _decision(session, names[index], others, correlation, settings)
        if decision.parameters:
            signs[index] = -signs[index]
            session = Session(session.stems, session.plan, measurements=session.measurements)
            session.plan = session.plan.replace_stem(
                names[index], invert_polarity=decision.parameters["invert_polarity"]
            )
        decisions.append(decision)
    return decisions


def _products(session: Session, names: Sequence[str], settings: PolaritySettings) -> npt.NDArray[np.float64]:
    """Return the products of stems in the lows, each as the sum of its channels."""
    stems = [session.stems[name] for name in names]
    products = low_products(
        [stem.audio for stem in stems],
        session.sample_rate,
        low_hz=settings.low_hz,
        high_hz=settings.high_hz,
        block_s=settings.block_s,
    )
    of_stem = np.repeat(np.arange(len(stems)), [stem.channels for stem in stems])
    sums = (of_stem[:, np.newaxis] == np.arange(len(stems))).astype(float)
    return np.asarray(sums.T @ products @ sums)


def _decision(
    session: Session, name: str, others: Sequence[str], correlation: float, settings: PolaritySettings
) -> Decision:
    measured = [Quantity.of("correlation in the lows", correlation, "")]
    where = f"between {settings.low_hz:g} and {settings.high_hz:g} Hz"
    how = f"correlation {signed(correlation, 2)} {where}"
    gain_lu = math.nan
    if correlation <= settings.max_correlation:
        gain_lu = session.gain_by_polarity_lu([*others, name], turned=True)
        measured.append(Quantity.of("gain by turning", gain_lu, "LU"))
    turn = gain_lu >= settings.min_gain_lu
    if turn:
        effect = (
            f"together they are {gain_lu:.1f} LU louder that way"
            if math.isfinite(gain_lu)
            else "together they cancelled out before"
        )
        sentence = f"{name}: polarity turned, because it works against {listed(others)} ({how}); {effect}."
    elif math.isnan(gain_lu):
        sentence = f"{name}: polarity kept, as it does not work against {listed(others)} ({how})."
    else:
        sentence = (
            f"{name}: polarity kept. It works against {listed(others)} a little ({how}), but turning it would change "
            f"their loudness by only {signed(gain_lu)} LU."
        )
    return Decision(
        rule=RULE,
        stem=name,
        source=_SOURCE,
        measured=tuple(measured),
        threshold=f"correlation of {settings.max_correlation:g}, a gain of {settings.min_gain_lu:g} LU",
        parameters={"invert_polarity": not session.plan.stem(name).invert_polarity} if turn else {},
        sentence=sentence,
        statements=_gain_statements((*others, name), gain_lu) if turn else (),
    )


def _gain_statements(names: tuple[str, ...], gain_lu: float) -> tuple[Statement, ...]:
    if not math.isfinite(gain_lu):
        return ()
    return (Statement(kind="gain_by_polarity_lu", stems=names, unit="LU", stated=round(gain_lu, 2)),)


def _right_channel(session: Session, name: str, settings: PolaritySettings) -> list[Decision]:
    """Compare the left and the right that a stem was joined of; turn the right where it goes against the left."""
    stem, strip = session.stems[name], session.plan.stem(name)
    products = low_products(
        [stem.audio],
        session.sample_rate,
        low_hz=settings.low_hz,
        high_hz=settings.high_hz,
        block_s=settings.block_s,
    )
    power = products[0, 0] * products[1, 1]
    correlation = float(products[0, 1]) / math.sqrt(power) if power > 0.0 else 0.0
    if strip.invert_right_polarity:
        correlation = -correlation
    if correlation > settings.max_correlation:
        return []
    left, right = (half.name for half in stem.halves)
    return [
        Decision(
            rule=RULE,
            stem=name,
            source=_SOURCE,
            measured=(Quantity.of("correlation of left and right in the lows", correlation, ""),),
            threshold=f"correlation of {settings.max_correlation:g}",
            parameters={"invert_right_polarity": not strip.invert_right_polarity},
            sentence=(
                f"{name}: polarity of its right channel ({right}) turned, because it works against {left} "
                f"(correlation {signed(correlation, 2)} between {settings.low_hz:g} and {settings.high_hz:g} Hz)."
            ),
            statements=(
                Statement(
                    kind="channel_correlation",
                    stems=(name,),
                    unit="",
                    stated=round(-session.channel_correlation(name), 2),
                ),
            ),
        )
    ]
