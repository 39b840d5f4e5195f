"""The whole analysis of an A/B or ABX test, in order: leave out, compare, look for habits of the hand."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from mixrules._support.arguments import require_instance
from mixrules.errors import ListeningTestError
from mixrules.ratings.choices.differences import (
    Discrimination,
    ListenerDiscrimination,
    compare_by_ear,
    listeners_by_ear,
)
from mixrules.ratings.choices.preferences import Preference, Strength, compare_preferences, strengths_of
from mixrules.ratings.choices.screening import screen_choices
from mixrules.ratings.choices.table import ChoiceTable
from mixrules.ratings.reading import Reading
from mixrules.ratings.rejection import Rejected
from mixrules.ratings.settings import Settings
from mixrules.statistics import binomial_p


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """How often what was shown as A was chosen.

    `chose_a` of `choices`; `for_a` listeners chose A more often, `for_b` chose B, with the sign test's p over listeners.
    """

    chose_a: int
    choices: int
    for_a: int
    for_b: int
    p: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How often a listener answered the same when a page of an A/B test came again."""

    listener: str
    pairs: int
    same: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceAnalysis:
    """Everything that was found out of choices.

    Parameters
    ----------
    reading : Reading
        What was read, what was not.
    table : ChoiceTable
        The answers that count.
    settings : Settings
        What was asked for.
    rejected : tuple of Rejected
        Listeners left out, by which rule.
    preferences, strengths : tuple
        Of an A/B test, by group and attribute.
    discriminations, listeners : tuple
        Of an ABX test: of all, by group, and of each listener.
    position : Position
        Whether A or B was favoured as such.
    agreement : tuple of Agreement
        By listener, of an A/B test with repeated pages.
    """

    reading: Reading
    table: ChoiceTable
    settings: Settings
    rejected: tuple[Rejected, ...]
    preferences: tuple[Preference, ...]
    strengths: tuple[Strength, ...]
    discriminations: tuple[Discrimination, ...]
    listeners: tuple[ListenerDiscrimination, ...]
    position: Position
    agreement: tuple[Agreement, ...]

    def label(self, attribute: str) -> str:
        """Return what to call an attribute."""
        return self.reading.attribute_label(attribute)


def analyse_choices(reading: Reading, settings: Settings | None = None) -> ChoiceAnalysis:
    """Analyse the choices of an A/B or ABX test.

    Parameters
    ----------
    reading : Reading
        What `read_ratings` gave.
    settings : Settings, optional
        By default those of `Settings`.

    Returns
    -------
    ChoiceAnalysis

    Raises
    ------
    ListeningTestError
        If the ratings are no choices, or the rules leave nobody.
    """
    require_instance(reading, Reading, name="reading", hint="read_ratings returns one")
    require_instance(settings, (Settings, type(None)), name="settings")
    settings = Settings() if settings is None else settings
    if reading.choices is None:
        raise ListeningTestError("these are ratings on a scale: analyse takes them")
    table, rejected = screen_choices(reading.choices, settings.rejection)
    if not len(table):
        raise ListeningTestError(
            f"the rejection rules leave none of {len({r.listener for r in rejected})} listeners (first: "
            f"{rejected[0].listener}: {rejected[0].found}); --reject none keeps all"
        )
    ab = table.kind == "ab"
    preferences: list[Preference] = []
    strengths: list[Strength] = []
    discriminations: list[Discrimination] = []
    for group in table.groups():
        if ab:
            preferences += compare_preferences(table, group, settings)
            strengths += strengths_of(table, group, settings)
        else:
            discriminations += compare_by_ear(table, group, settings)
    return ChoiceAnalysis(
        reading=reading,
        table=table,
        settings=settings,
        rejected=rejected,
        preferences=tuple(preferences),
        strengths=tuple(strengths),
        discriminations=tuple(discriminations),
        listeners=() if ab else tuple(listeners_by_ear(table, settings)),
        position=_position(table),
        agreement=_agreement(reading.choices) if ab else (),
    )


def _position(table: ChoiceTable) -> Position:
    by_listener: dict[str, list[int]] = defaultdict(list)
    for row in table.rows:
        if row.chosen:
            by_listener[row.listener].append(1 if row.chosen == row.shown_first else -1)
    sums = [sum(signs) for signs in by_listener.values()]
    for_a, for_b = sum(s > 0 for s in sums), sum(s < 0 for s in sums)
    return Position(
        chose_a=sum(sign > 0 for signs in by_listener.values() for sign in signs),
        choices=sum(map(len, by_listener.values())),
        for_a=for_a,
        for_b=for_b,
        p=binomial_p(for_a, for_a + for_b),
    )


def _agreement(table: ChoiceTable) -> tuple[Agreement, ...]:
    firsts = {
        (r.listener, r.song, r.first, r.second, r.attribute): r.chosen for r in table.rows if r.repeat == 0
    }
    found: dict[str, list[bool]] = defaultdict(list)
    for r in table.rows:
        what = (r.listener, r.song, r.first, r.second, r.attribute)
        if r.repeat and what in firsts:
            found[r.listener].append(firsts[what] == r.chosen)
    return tuple(Agreement(listener=name, pairs=len(same), same=sum(same)) for name, same in found.items())
