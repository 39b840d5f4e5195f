"""The whole analysis of one listening test, in order: leave out, describe, compare, check consistency."""

from __future__ import annotations

from dataclasses import dataclass

from mixrules._support.arguments import require_instance
from mixrules.ratings.condition_tests import compare_conditions, compare_groups
from mixrules.ratings.consistency import Consistency, consistency
from mixrules.ratings.describe import Description, describe
from mixrules.ratings.group_names import ALL
from mixrules.ratings.mixed import MixedModel, mixed_models
from mixrules.ratings.reading import Reading
from mixrules.ratings.rejection import Rejected, reject
from mixrules.ratings.settings import Settings
from mixrules.ratings.table import RatingTable
from mixrules.ratings.verdicts import Comparison, Omnibus


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """Everything that was found out.

    Parameters
    ----------
    reading : Reading
        What was read, what was not.
    table : RatingTable
        The ratings that count: those read, without the listeners left out.
    settings : Settings
        What was asked for.
    rejected : tuple of Rejected
        Listeners left out, by which rule.
    descriptions : tuple of Description
        By group, attribute and condition.
    omnibus : tuple of Omnibus
        By group and attribute.
    comparisons : tuple of Comparison
        Pairs of conditions, by group and attribute.
    group_comparisons : tuple of Comparison
        Pairs of groups, by attribute and condition.
    consistency : tuple of Consistency
        By listener, of all who were read.
    models : tuple of MixedModel
        Beside the tests, by attribute, of all listeners; none in tables of counts.
    """

    reading: Reading
    table: RatingTable
    settings: Settings
    rejected: tuple[Rejected, ...]
    descriptions: tuple[Description, ...]
    omnibus: tuple[Omnibus, ...]
    comparisons: tuple[Comparison, ...]
    group_comparisons: tuple[Comparison, ...]
    consistency: tuple[Consistency, ...]
    models: tuple[MixedModel, ...] = ()

    def label(self, attribute: str) -> str:
        """Return what to call an attribute."""
        return self.reading.attribute_label(attribute)

    def of(self, group: str, attribute: str) -> tuple[Description, ...]:
        """Return the descriptions of one group and attribute, a condition each."""
        return tuple(d for d in self.descriptions if (d.group, d.attribute) == (group, attribute))


def analyse(reading: Reading, settings: Settings | None = None) -> Analysis:
    """Analyse ratings.

    Parameters
    ----------
    reading : Reading
        What `read_ratings` gave.
    settings : Settings, optional
        By default those of `Settings`.

    Returns
    -------
    Analysis

    Raises
    ------
    ListeningTestError
        If the rules leave nobody.
    """
    from mixrules.errors import ListeningTestError

    require_instance(reading, Reading, name="reading", hint="read_ratings returns one")
    require_instance(settings, (Settings, type(None)), name="settings")
    settings = Settings() if settings is None else settings
    if reading.choices is not None:
        raise ListeningTestError("these are choices of an A/B or ABX test: analyse_choices takes them")
    table, rejected = reject(
        reading.table, settings.rejection, reference=reading.reference, anchors=reading.anchors
    )
    if not len(table):
        who = len({r.listener for r in rejected})
        raise ListeningTestError(
            f"the rejection rules leave none of {who} listeners (first: {rejected[0].listener}: "
            f"{rejected[0].found}); --reject none keeps all"
        )
    descriptions: list[Description] = []
    omnibus: list[Omnibus] = []
    comparisons: list[Comparison] = []
    for group in table.groups():
        descriptions += describe(
            table, group, confidence=settings.confidence, resamples=settings.resamples, seed=settings.seed
        )
        overall, pairs = compare_conditions(table, group, settings)
        omnibus += overall
        comparisons += pairs
    modelled = settings.mixed_model and table.design == "within"
    return Analysis(
        reading=reading,
        table=table,
        settings=settings,
        rejected=rejected,
        descriptions=tuple(descriptions),
        omnibus=tuple(omnibus),
        comparisons=tuple(comparisons),
        group_comparisons=tuple(compare_groups(table, settings)),
        consistency=consistency(reading.table),
        models=tuple(mixed_models(table, ALL, settings)) if modelled else (),
    )
