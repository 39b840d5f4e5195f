"""A model in the place of the vocal's room: all parameters of its reverb are the model's, and its level too."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mixrules._support.wording import listed
from mixrules.constant import Constant
from mixrules.corpus.tasks.reverb import RANGES, ReverbTask
from mixrules.corpus.tasks.reverb_2022 import PublishedReverbTask
from mixrules.decision import Decision, Statement
from mixrules.errors import ParameterError
from mixrules.learning.prediction.model_wording import snippets_of
from mixrules.learning.prediction.song_answers import SongAnswers
from mixrules.learning.training.history import short_unit
from mixrules.mixplan import ReverbBus
from mixrules.processors import ReverbParams, impulse_response, t60_at
from mixrules.processors.room import GRID_HZ
from mixrules.rules import RULES
from mixrules.rules.reverb_bus import RULE, corner_hz, send_decision
from mixrules.ruleset import RuleSet, Step
from mixrules.session import Session
from mixrules.statement_kinds import T60_STATED_AT_HZ
from mixrules.systems.random_reverb import REVERB_RANGES, WET_SHARE

BUS = "vocal room"
_REPLACED = "reverb:vocal"
_SHARED = "reverb:shared_room"
STEPS = (_REPLACED, _SHARED)
"""The steps whose place a model for task reverb takes."""

_SHELVES = ("low_shelf_db_per_s", "high_shelf_db_per_s")
_RANGES: Mapping[str, Mapping[str, tuple[float, float]]] = {
    ReverbTask.name: RANGES,
    PublishedReverbTask.name: {**REVERB_RANGES, "wet_share": WET_SHARE},
}
_SOURCES = {
    ReverbTask.name: "task reverb, ours: range of its targets",
    PublishedReverbTask.name: "task reverb-2022, after likelian/Lab_spring2022 (2022): range of its targets",
}
_SHARES = Constant(
    value=(1.0, 0.5, 0.25, 0.0),
    unit="",
    minimum=0,
    maximum=1,
    about="shares of the estimated shelves, tried in this order until every band of the room decays",
    source="ours",
)

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
    return dataclasses.replace(rules, chain=chain, constants={**CONSTANTS[answers.task], **rules.constants})


def _constants(task: ReverbTask | PublishedReverbTask) -> dict[str, Constant]:
    """Return between which two numbers each estimate is taken, and how much of the shelves."""
    bounds = {
        f"{RULE}.model_{output.name}": Constant(
            value=ends,
            unit=short_unit(output.unit).removeprefix("1"),  # "1" is no unit
            minimum=ends[0],
            maximum=ends[1],
            about="least and most: an estimate beyond them is brought to the nearer",
            source=_SOURCES[task.name],
        )
        for output in task.outputs
        for ends in [_RANGES[task.name][output.name]]
    }
    return {**bounds, f"{RULE}.model_shelf_shares": _SHARES}


CONSTANTS: Mapping[str, Mapping[str, Constant]] = {
    task.name: _constants(task) for task in (ReverbTask(), PublishedReverbTask())
}
"""By task: the constants of the step."""


def room_in_words(rules: RuleSet, answers: SongAnswers) -> str:
    """Return what is said of the answers."""
    numbers = answers.mean()
    said = listed([words.format(numbers[name]) for name, words in _IN_WORDS.items() if name in numbers])
    return (
        f"{answers.model}: the estimated reverb on the vocal as given has {said}, the means of {snippets_of(answers)}; "
        "the mix adds a room like it, so that a dry vocal gets little and a wet one more."
    )


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
        values = {f"{RULE}.{name}": value for name, value in settings.items()}
        now = self.rules.with_values({name: values[name] for name in values if name in self.rules.constants})
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
        numbers = self._within(settings)
        params, less = self._params(numbers, session.sample_rate, settings)
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
            sentence=(
                f"The {BUS} decays in {bus.params.t60_s:.2f} s, like the reverb that {self.model} estimates on the vocal "
                f"as given, and is added to it{less}{self._beyond(numbers)}."
            ),
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
        return [room, *(self._send(session, name, bus, at_unity_lu[name], numbers) for name in vocals)]

    def _within(self, settings: Mapping[str, Any]) -> dict[str, float]:
        """Return the numbers between the two that the constants allow each."""
        within = {}
        for name, value in self.numbers.items():
            ends = settings[f"model_{name}"]
            if len(ends) != 2 or ends[0] > ends[1]:
                raise ParameterError(
                    f"{RULE}.model_{name} must be two numbers, the least and the most, got {', '.join(map(str, ends))}"
                )
            within[name] = min(max(value, ends[0]), ends[1])
        return within

    def _beyond(self, numbers: Mapping[str, float]) -> str:
        """Say what an estimate is brought to that is beyond these."""
        beyond = [
            f"{name} {numbers[name]:g}" for name, value in self.numbers.items() if numbers[name] != value
        ]
        return f"; of estimates beyond their bounds it takes the nearest, {listed(beyond)}" if beyond else ""

    def _params(
        self, numbers: Mapping[str, float], sample_rate: int, settings: Mapping[str, Any]
    ) -> tuple[ReverbParams, str]:
        """Return the room, and in words what of it is less than the model estimates."""
        of_room = {
            name: corner_hz(value, sample_rate) if name.endswith("_hz") else value
            for name, value in numbers.items()
            if name not in ("wet_db", "wet_share")
        }
        for share in settings["model_shelf_shares"]:
            tried = {name: value * share if name in _SHELVES else value for name, value in of_room.items()}
            try:
                params = ReverbParams(**tried, lines=settings["lines"])
                t60_at(params, GRID_HZ, sample_rate)
            except ParameterError:  # a band would not decay
                continue
            return (
                params,
                "" if share == 1.0 else f", with {share:.0%} of its shelves: with more it would not decay",
            )
        raise ParameterError(f"the room of {self.model} is impossible at {sample_rate} Hz")

    def _send(
        self,
        session: Session,
        name: str,
        bus: ReverbBus,
        at_unity_lu: float,
        numbers: Mapping[str, float],
    ) -> Decision:
        """Return the send of a vocal, as loud as the reverb that the model estimates.

        Task data adds a reverb by the energy of its impulse response in the mean of the channels.
        """
        if "wet_share" in numbers:
            share = numbers["wet_share"]
            wet_db = 20.0 * math.log10(share / (1.0 - share))
            why = f"{self.model} estimates a wet share of {share:.2f}"
        else:
            wet_db = numbers["wet_db"]
            why = f"{self.model} estimates {wet_db:.1f} dB for the energy of its response against the direct sound"
        mean = impulse_response(session.sample_rate, bus.params).mean(axis=1, dtype=np.float64)
        level_db = wet_db - 10.0 * math.log10(float(np.sum(np.square(mean))))
        to_dry_lu = at_unity_lu + level_db
        return send_decision(session, name, bus, (at_unity_lu, level_db), to_dry_lu, why, self.model)
