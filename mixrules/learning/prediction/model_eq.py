"""A model in the place of the vocal's equaliser: it estimates which gains the vocal was given, and these are undone."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mixrules._support.wording import listed, prints_as_zero, signed
from mixrules.constant import Constant
from mixrules.corpus.tasks.eq import CENTERS_HZ, CHANGED_BANDS, MAX_GAIN_DB
from mixrules.decision import Decision
from mixrules.learning.prediction.model_wording import snippets_of
from mixrules.learning.prediction.song_answers import SongAnswers
from mixrules.processors import EqBand, EqualizerParams
from mixrules.ruleset import RuleSet, Step
from mixrules.session import Session

RULE = "eq"
_REPLACED = "eq:vocal_against_backing"
_FOLLOWED = "eq:between_stems"  # which leaves the vocals alone
STEPS = (_REPLACED, _FOLLOWED)
"""The steps whose place a model for task eq takes."""
_SOURCE = "task eq, after likelian/Lab_spring2022 (2022)"

CONSTANTS: Mapping[str, Constant] = {
    f"{RULE}.model_bands": Constant(
        value=CHANGED_BANDS,
        unit="",
        minimum=0,
        maximum=len(CENTERS_HZ),
        about="only so many of the largest estimated gains are undone",
        source=_SOURCE,
    ),
    f"{RULE}.model_max_gain_db": Constant(
        value=MAX_GAIN_DB,
        unit="dB",
        minimum=0,
        maximum=24,
        about="no band is cut or boosted by more",
        source=_SOURCE,
    ),
    f"{RULE}.model_q": Constant(
        value=math.sqrt(2.0),
        unit="",
        minimum=0.1,
        maximum=20,
        about="quality factor of the peaking filters, one octave wide",
        source=_SOURCE,
    ),
}


def rules_with_eq(rules: RuleSet, answers: SongAnswers) -> RuleSet:
    """Return rules whose step for the vocal's equaliser is the model's; the other stems keep their cuts."""
    step = Step(RULE, function=ModelEq(answers.model, answers.mean()))
    chain: list[Step] = []
    for each in rules.chain:
        if str(each) == _REPLACED:
            chain.append(step)
        else:
            chain += [each, step] if str(each) == _FOLLOWED else [each]
    return dataclasses.replace(rules, chain=tuple(chain), constants={**CONSTANTS, **rules.constants})


def eq_in_words(rules: RuleSet, answers: SongAnswers) -> str:
    """Return what is said of the answers."""
    estimated = [
        f"{signed(gain_db)} dB at {center_hz:g} Hz"
        for center_hz, gain_db in zip(CENTERS_HZ, answers.mean().values(), strict=True)
        if not prints_as_zero(gain_db)
    ]
    what = listed(estimated) if estimated else "no change"
    means = f"the means of {snippets_of(answers)}"
    return f"{answers.model}: the estimated equaliser of the vocal as given is {what}, {means}."


@dataclass(frozen=True, slots=True)
class ModelEq:
    """The step that undoes the gains that a model estimates.

    Attributes
    ----------
    model : str
        What the model is called.
    estimated_db : mapping of str to float
        The estimated gains, in the order of the octaves.
    """

    model: str
    estimated_db: Mapping[str, float]

    def __call__(self, session: Session, settings: Mapping[str, Any]) -> list[Decision]:
        """Return the equaliser of each lead vocal."""
        if not session.vocals:
            return []
        gains_db = self._gains_db(session.sample_rate, settings)
        if not gains_db:
            said = f"{listed(session.vocals)} stays as it is: {self.model} estimates no gain to undo."
            return [Decision(rule=RULE, stem=session.vocals[0], source=self.model, sentence=said)]
        bands = tuple(
            EqBand(frequency_hz=center_hz, gain_db=round(gain_db, 3), q=settings["model_q"])
            for center_hz, gain_db in gains_db.items()
        )
        changes = listed([f"{signed(band.gain_db)} dB at {band.frequency_hz:g} Hz" for band in bands])
        return [
            Decision(
                rule=RULE,
                stem=name,
                source=f"{self.model}; {_SOURCE}",
                threshold=f"the {settings['model_bands']} largest, within {settings['model_max_gain_db']:g} dB",
                parameters={"equalizer": EqualizerParams(bands=bands)},
                sentence=f"{name}: {changes}, which undoes the gains that {self.model} estimates{self._limited(bands)}.",
            )
            for name in session.vocals
        ]

    def _gains_db(self, sample_rate: int, settings: Mapping[str, Any]) -> dict[float, float]:
        """Return the gains to set by centre frequency: the largest of the estimated ones, their signs turned."""
        most_db = settings["model_max_gain_db"]
        estimated = zip(CENTERS_HZ, self.estimated_db.values(), strict=True)
        wanted = {center_hz: -gain_db for center_hz, gain_db in estimated if center_hz < sample_rate / 2}
        largest = sorted(wanted, key=lambda center_hz: -abs(wanted[center_hz]))[: settings["model_bands"]]
        limited = {center_hz: min(max(wanted[center_hz], -most_db), most_db) for center_hz in sorted(largest)}
        return {center_hz: gain_db for center_hz, gain_db in limited.items() if not prints_as_zero(gain_db)}

    def _limited(self, bands: tuple[EqBand, ...]) -> str:
        """Say where less is undone than is estimated."""
        estimated_db = dict(zip(CENTERS_HZ, self.estimated_db.values(), strict=True))
        less = [b for b in bands if abs(estimated_db[b.frequency_hz]) - abs(b.gain_db) > 0.01]
        if not less:
            return ""
        said = listed(
            [f"{signed(estimated_db[band.frequency_hz])} dB at {band.frequency_hz:g} Hz" for band in less]
        )
        return f"; it estimates {said}, more than a band is changed by"
