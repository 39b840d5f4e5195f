"""Instruments rather than files: which stems are one instrument, and what the other rules see of that.

A kick by two microphones, a guitar by its DI box and its amplifier, a left and a right, a take and its double: files
that are one source are to get one level and one place. Names that differ by the pick-up alone are asked of the audio,
and so are any two stems of one role: a signal that is in both, whatever the filter, is one source twice.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixrules._support.wording import listed
from mixrules.analysis import BlockSpectra, Likeness, mono_source
from mixrules.decision import Decision, Quantity
from mixrules.mixplan import RELATIONS
from mixrules.rules.support import is_support
from mixrules.session import Session
from mixrules.stems.pairs import find_pairs
from mixrules.stems.pickups import part_words, source_words
from mixrules.stems.roles import is_double

RULE = "instruments"
ALONE = "alone"
_SOURCE = "ours: one source is to be counted once"


@dataclass(frozen=True, slots=True, kw_only=True)
class InstrumentSettings:
    """The constants of ``instruments:one_source``; the presets say what each means."""

    roles: tuple[str, ...]
    low_hz: float
    high_hz: float
    block_s: float
    blocks: int
    min_blocks: int
    max_delay_ms: float
    same_signal_correlation: float
    pickup_coherence: float
    combing_delay_ms: float


@dataclass(frozen=True, slots=True)
class Instrument:
    """Stems that are one instrument.

    Attributes
    ----------
    names : tuple of str
        The stems, in the song's order; one where the instrument is one file.
    why : str
        Why they are one, in words; empty for one file.
    relation : str
        ``"pickups"``: microphones and lines of one source, whose place is one. ``"halves"``: a left and a right.
        ``"doubles"``: takes of one part. ``"same signal"``: the audio is the same but for a filter.
        ``"alone"``: one file.
    """

    names: tuple[str, ...]
    why: str
    relation: str


def instruments(session: Session) -> list[Instrument]:
    """Return the active stems as instruments, in order, as the plan so far has them; support stems are left out."""
    groups: dict[tuple[str, str], list[str]] = {}
    for stem in session.active:
        if is_support(session, stem.name):
            continue
        part = session.plan.stem(stem.name).instrument
        key = (stem.name, ALONE) if part is None else (f"instrument {part.name}", part.relation)
        groups.setdefault(key, []).append(stem.name)
    return [
        Instrument(tuple(names), RELATIONS[relation], relation)
        if len(names) > 1
        else Instrument(tuple(names), "", ALONE)
        for (_, relation), names in groups.items()
    ]


@dataclass(frozen=True, slots=True)
class _Link:
    """Why a stem is one instrument with an earlier one."""

    to: str
    relation: str
    likeness: Likeness


def one_source(session: Session, settings: InstrumentSettings) -> list[Decision]:
    """Say of every stem that is one instrument with others which these are."""
    by_role: dict[str, list[str]] = {}
    for stem in session.active:
        if not is_support(session, stem.name) and (role := session.role(stem.name)) in settings.roles:
            by_role.setdefault(role, []).append(stem.name)
    decisions: list[Decision] = []
    for role, names in by_role.items():
        if len(names) > 1:
            decisions += _of_one_role(session, role, names, settings)
    return decisions


def _of_one_role(
    session: Session, role: str, names: Sequence[str], settings: InstrumentSettings
) -> list[Decision]:
    """Join the stems of one role that are one instrument, each with the first earlier one that it is one with."""
    spectra = _spectra(session, names, settings)
    halves = {frozenset(pair) for pair in find_pairs(dict.fromkeys(names, role)).values()}
    group_of: dict[str, list[str]] = {name: [name] for name in names}
    links: dict[str, _Link] = {}
    for index, name in enumerate(names):
        for earlier in names[:index]:
            if group_of[earlier] is group_of[name]:
                continue
            link = _link(earlier, name, halves, spectra, settings)
            if link is None:
                continue
            links.setdefault(name, link)
            merged = sorted(group_of[earlier] + group_of[name], key=names.index)
            group_of |= dict.fromkeys(merged, merged)
    groups = {id(group): group for group in group_of.values() if len(group) > 1}
    return [_decision(name, group, links, settings) for group in groups.values() for name in group]


def _link(
    earlier: str,
    name: str,
    halves: Collection[frozenset[str]],
    spectra: Mapping[str, BlockSpectra],
    settings: InstrumentSettings,
) -> _Link | None:
    """Return why two stems of one role are one instrument; None where nothing says so."""
    likeness = spectra[earlier].likeness(spectra[name], max_delay_ms=settings.max_delay_ms)
    if frozenset((earlier, name)) in halves:
        return _Link(earlier, "halves", likeness)
    enough = likeness.blocks >= settings.min_blocks
    if enough and abs(likeness.correlation) >= settings.same_signal_correlation:
        by_name = source_words(earlier) == source_words(name)
        return _Link(earlier, "pickups" if by_name else "same signal", likeness)
    if (is_double(earlier) or is_double(name)) and part_words(earlier) == part_words(name):
        return _Link(earlier, "doubles", likeness)
    by_name = source_words(earlier) == source_words(name)
    if enough and by_name and likeness.coherence >= settings.pickup_coherence:
        return _Link(earlier, "pickups", likeness)
    return None


def _spectra(session: Session, names: Sequence[str], settings: InstrumentSettings) -> dict[str, BlockSpectra]:
    """Return the stems' spectra in the same blocks from all over the song, where most of them sound."""
    samples = max(2, round(settings.block_s * session.sample_rate))
    starts = _starts(session, names, samples, settings.blocks)

    def of(name: str) -> BlockSpectra:
        stem = session.stems[name]
        audio = mono_source(stem.audio, in_opposite_phase=session.scan(name).in_opposite_phase)
        blocks = (_padded(np.mean(audio[start : start + samples], axis=1), samples) for start in starts)
        return BlockSpectra(blocks, session.sample_rate, low_hz=settings.low_hz, high_hz=settings.high_hz)

    return session.each(names, of)


def _starts(session: Session, names: Sequence[str], samples: int, blocks: int) -> list[int]:
    """Return where blocks begin: in each of so many parts of the song at the hop where most of the stems sound."""
    energies = [session.energies(name) for name in names]
    hops = min(len(each.energies) for each in energies)
    sounding = np.zeros(hops)
    for each in energies:
        of_hops = each.energies[:hops]
        sounding += np.minimum(of_hops / max(float(of_hops.mean()), np.finfo(float).tiny), 1.0)
    boundaries = energies[0].boundaries[:hops]
    last = int(np.sum(boundaries + samples <= session.stems.samples))
    hops = max(1, min(hops, last))
    edges = np.linspace(0, hops, min(blocks, hops) + 1).astype(int)
    return [
        int(boundaries[start + int(np.argmax(sounding[start:stop]))])
        for start, stop in itertools.pairwise(edges)
    ]


def _padded(block: npt.NDArray[np.floating], samples: int) -> npt.NDArray[np.floating]:
    return block if len(block) == samples else np.pad(block, (0, samples - len(block)))


def _shared(relation: str) -> str:
    """Return what stems of one instrument have in common; a left and a right, or two takes, may stand apart."""
    return "they share a fader" if relation in ("halves", "doubles") else "they share a fader and a place"


def _decision(
    name: str, group: Sequence[str], links: Mapping[str, _Link], settings: InstrumentSettings
) -> Decision:
    others = [other for other in group if other != name]
    relations = [links[each].relation for each in group if each in links]
    relation = relations[0] if len(set(relations)) == 1 else "same signal"
    own = links.get(name)
    measured: tuple[Quantity, ...] = ()
    comes = ""
    if own is not None and own.relation != "doubles":
        delay_ms = own.likeness.delay_ms
        measured = (
            Quantity.of("coherence", own.likeness.coherence, ""),
            Quantity.of("correlation", own.likeness.correlation, ""),
            Quantity.of("delay", delay_ms, "ms"),
        )
        if own.likeness.correlation <= -settings.same_signal_correlation:
            comes = f". Its polarity is opposite to that of {own.to}"
        known = abs(own.likeness.correlation) >= settings.same_signal_correlation
        if known and abs(delay_ms) >= settings.combing_delay_ms:
            comes += (
                f". It comes {abs(delay_ms):.1f} ms {'later' if delay_ms > 0.0 else 'earlier'} than {own.to}, "
                "which makes them thin together: line them up first"
            )
    return Decision(
        rule=RULE,
        stem=name,
        source=_SOURCE,
        measured=measured,
        threshold=(
            f"correlation of {settings.same_signal_correlation:g}, "
            f"coherence of {settings.pickup_coherence:g} where the names differ by the pick-up alone"
        ),
        parameters={"instrument": {"name": group[0], "relation": relation}},
        sentence=(
            f"{name}: counted as one instrument with {listed(others)} ({RELATIONS[relation]}), so that "
            f"{_shared(relation)}{comes}."
        ),
    )
