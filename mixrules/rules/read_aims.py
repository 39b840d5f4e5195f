"""What a decision aimed at, where that was read from references: the preset's number and theirs, in its sentence."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from mixrules._support.wording import hertz, listed, signed
from mixrules.analysis import octave_bands
from mixrules.decision import Decision
from mixrules.read_targets import ReadTarget
from mixrules.session import Session


@dataclass(frozen=True, slots=True)
class Aim:
    """A constant that a decision aims at, by its whole name, and what a sentence calls it.

    `signed` is whether it is one level against another, whose sign is told. Of a spectrum the octave `at_hz` is told, by
    default the one in which the two differ most.
    """

    constant: str
    words: str
    signed: bool = True
    at_hz: float | None = None


def told(session: Session, decision: Decision, aims: Iterable[Aim]) -> Decision:
    """Return a decision that says which of its aims were read from references, with both numbers."""
    read = session.read
    if read is None:
        return decision
    parts = [_in_words(aim, read.targets[aim.constant]) for aim in aims if aim.constant in read.targets]
    if not parts:
        return decision
    return dataclasses.replace(
        decision,
        source=f"{decision.source}; aims read from {read.name}",
        sentence=f"{decision.sentence} Read from {read.name}: {listed(parts)}.",
    )


def _in_words(aim: Aim, target: ReadTarget) -> str:
    read, preset, used = target.read, target.preset, target.used
    where = ""
    if isinstance(read, tuple) and isinstance(preset, tuple) and isinstance(used, tuple):
        centers_hz = octave_bands().centers_hz
        at = int(np.argmax(np.abs(np.subtract(read, preset))))
        if aim.at_hz in centers_hz:
            at = centers_hz.index(aim.at_hz)
        where = f" at {hertz(centers_hz[at])}"
        read, preset, used = read[at], preset[at], used[at]
    told_read, told_preset, told_used = (
        number_in_words(float(value), target.unit, signed_levels=aim.signed)  # type: ignore[arg-type]
        for value in (read, preset, used)
    )
    between = "" if told_used == told_read else f", used {told_used}"
    return f"{aim.words}{where} {told_read} (preset {told_preset}{between})"


def number_in_words(value: float, unit: str, *, signed_levels: bool = True) -> str:
    """Return a number with its unit, levels against something with a sign."""
    if signed_levels and unit in ("dB", "LU"):
        return f"{signed(value)} {unit}"
    digits = 1 if unit else 2
    if unit == "s":
        digits = 2
    return f"{value:.{digits}f} {unit}".rstrip()
