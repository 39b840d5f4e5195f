"""A model in the place of the vocal's room: all parameters of its reverb are the model's, and its level too."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mixrules.decision import Decision, Statement
from mixrules.errors import ParameterError
from mixrules.learning.prediction.model_wording import snippets_of
from mixrules.learning.prediction.song_answers import SongAnswers
from mixrules.mixplan import ReverbBus
from mixrules.processors import ReverbParams, impulse_response, t60_at
from mixrules.processors.room import GRID_HZ
from mixrules.rules import RULES
from mixrules.rules.reverb_bus import RULE, corner_hz, send_decision
from mixrules.rules.wording import listed
from mixrules.ruleset import RuleSet, Step
from mixrules.session import Session
from mixrules.statement_kinds import T60_STATED_AT_HZ

BUS = "vocal room"
_REPLACED = "reverb:vocal"
_SHARED = "reverb:shared_room"
STEPS = (_REPLACED, _SHARED)
"""The steps whose place a model for task reverb takes."""

_BOUNDS: Mapping[str, tuple[float, float]] = {
    "t60_s": (0.1, 10.0),
    "room_size_m": (1.0, 30.0),
    "low_shelf_hz": (20.0, 20_000.0),
    "low_shelf_q": (0.01, 2.0),
    "low_shelf_db_per_s": (-80.0, 6.0),
    "high_shelf_hz": (20.0, 20_000.0),
    "high_shelf_q": (0.01, 2.0),
    "high_shelf_db_per_s": (-80.0, 4.0),
    "pre_delay_ms": (0.0, 200.0),
    "low_cut_hz": (0.0, 2000.0),
    "high_cut_hz": (2500.0, 20_000.0),
    "fade_in_s": (0.0, 9.0),
    "wet_db": (-60.0, 6.0),
    "wet_share": (0.001, 0.99),
}
"""What a room may be."""
_SHELVES = ("low_shelf_db_per_s", "high_shelf_db_per_s")
_SHARES_TRIED = (1.0, 0.5, 0.25, 0.0)

_IN_WORDS = {
    "t60_s": "a decay of {:.2f} s",
    "room_size_m": "a size of {:.1f} m",
    "pre_delay_ms": "a pre-delay of {:.0f} ms",
    "fade_in_s": "a fade-in of {:.2f} s",
    "low_cut_hz": "a high-pass at {:.0f} Hz",
    "high_cut_hz": "a low-pass at {:.0f} Hz",
    "low_shelf_db_per_s": "{:+.1f} dB/s in the lows",
    "high_shelf_db_per_s": "{:+.1f} dB/s in the highs",
    "wet_db": "a reverb of {:.1f} dB",
    "wet_share": "a wet share of {:.2f}",
}
"""What the numbers of a room are that a sentence names, in its order."""


def rules_with_room(rules: RuleSet, answers: SongAnswers) -> RuleSet:
    """Return rules in which the vocal has the room of the model; what else is in a room stays where it is."""
    chain = tuple(
        Step(RULE, function=ModelRoom(answers.model, answers.mean(), str(step), rules))
        if str(step) in STEPS
        else step
        for step in rules.chain
    )
    return dataclasses.replace(rules, chain=chain)


def room_in_words(rules: RuleSet, answers: SongAnswers) -> str:
    """Return what is said of the answers."""
    numbers = answers.mean()
    said = listed([words.format(numbers[name]) for name, words in _IN_WORDS.items() if name in numbers])
    means = f"the means of {snippets_of(answers)}{_beyond(numbers)}"
    return f"{answers.model}: the vocal belongs in a room with {said}, {means}."


def _beyond(numbers: Mapping[str, float]) -> str:
    """Say what a number is brought to that is none of a room's."""
    within = _within(numbers)
    beyond = [f"{name} {within[name]:g}" for name, value in numbers.items() if within[name] != value]
    return f"; the nearest that a room can have is {listed(beyond)}" if beyond else ""


def _within(numbers: Mapping[str, float]) -> dict[str, float]:
    return {name: min(max(value, _BOUNDS[name][0]), _BOUNDS[name][1]) for name, value in numbers.items()}


@dataclass(frozen=True, slots=True)
class ModelRoom:
    """The step that puts the vocals into the room of a model.

    Attributes
    ----------
    model : str
        What the model is called.
    numbers : mapping of str to float
        The parameters of the room.
    step : str
        The step of the rules whose place it takes.
    rules : RuleSet
        Those rules.
    """

    model: str
    numbers: Mapping[str, float]
    step: str
    rules: RuleSet = field(repr=False)

    def __call__(self, session: Session, settings: Mapping[str, Any]) -> list[Decision]:
        """Return what is in which room."""
        if self.step == _REPLACED:
            return self._room(session, session.vocals, (), settings) if session.vocals else []
        now = self.rules.with_values({f"{RULE}.{name}": value for name, value in settings.items()})
        decided = RULES[self.step].decide(session, now, RULE)
        in_room = [decision.stem for decision in decided if decision.parameters.get("sends")]
        vocals = [name for name in in_room if name in session.vocals]
        if not vocals:
            return decided
        others = [decision for decision in decided if decision.stem not in vocals]
        if len(vocals) == len(in_room):  # nobody else is in the shared room
            others = [decision for decision in others if decision.stem]
        return others + self._room(session, vocals, others, settings)

    def _room(
        self,
        session: Session,
        vocals: Sequence[str],
        before: Sequence[Decision],
        settings: Mapping[str, Any],
    ) -> list[Decision]:
        """Return the room and the sends to it, after what was decided before in the same step."""
        params, less = self._params(session.sample_rate, settings["lines"])
        bus = ReverbBus(name=BUS, params=params)
        at_unity_lu = {
            name: found[0] for name, found in session.send_levels(dict.fromkeys(vocals, 0.0), bus).items()
        }
        buses = [each.parameters["reverbs"] for each in before if "reverbs" in each.parameters]
        others = buses[-1] if buses else [each for each in session.plan.reverbs if each.name != BUS]
        stated_s = float(t60_at(bus.params, [T60_STATED_AT_HZ], session.sample_rate)[0])
        room = Decision(
            rule=RULE,
            source=self.model,
            parameters={"reverbs": (*others, bus)},
            sentence=f"The {BUS} decays in {bus.params.t60_s:.2f} s, as {self.model} says{less}.",
            statements=(
                Statement(
                    kind="reverb_t60_s",
                    bus=BUS,
                    unit="s",
                    stated=round(stated_s, 3),
                    tolerance=settings["t60_tolerance"] * stated_s,
                ),
            ),
        )
        return [room, *(self._send(session, name, bus, at_unity_lu[name]) for name in vocals)]

    def _params(self, sample_rate: int, lines: int) -> tuple[ReverbParams, str]:
        """Return the room, and in words what of it is less than the model says."""
        numbers = {
            name: corner_hz(value, sample_rate) if name.endswith("_hz") else value
            for name, value in _within(self.numbers).items()
            if name not in ("wet_db", "wet_share")
        }
        for share in _SHARES_TRIED:
            tried = {name: value * share if name in _SHELVES else value for name, value in numbers.items()}
            try:
                params = ReverbParams(**tried, lines=lines)
                t60_at(params, GRID_HZ, sample_rate)
            except ParameterError:  # a band would not decay
                continue
            return (
                params,
                "" if share == 1.0 else f", with {share:.0%} of its shelves: with more it would not decay",
            )
        raise ParameterError(f"the room of {self.model} is impossible at {sample_rate} Hz")

    def _send(self, session: Session, name: str, bus: ReverbBus, at_unity_lu: float) -> Decision:
        """Return the send of a vocal, as loud as the model says.

        Task data adds a reverb by the energy of its impulse response in the mean of the channels.
        """
        numbers = _within(self.numbers)
        if "wet_share" in numbers:
            share = numbers["wet_share"]
            wet_db = 20.0 * math.log10(share / (1.0 - share))
            why = f"{self.model} says a wet share of {share:.2f}"
        else:
            wet_db = numbers["wet_db"]
            why = f"{self.model} says {wet_db:.1f} dB for the energy of its response against the direct sound"
        mean = impulse_response(session.sample_rate, bus.params).mean(axis=1, dtype=np.float64)
        level_db = wet_db - 10.0 * math.log10(float(np.sum(np.square(mean))))
        to_dry_lu = at_unity_lu + level_db
        return send_decision(session, name, bus, (at_unity_lu, level_db), to_dry_lu, why, self.model)
