"""What choices say, in sentences: a preference that was not shown is not equality, and nobody is said to hear nothing."""

from __future__ import annotations

import math

from mixrules.ratings.choices.analysis import ChoiceAnalysis
from mixrules.ratings.choices.differences import Discrimination
from mixrules.ratings.choices.preferences import Preference
from mixrules.ratings.choices.screening import rules_of_choices
from mixrules.ratings.settings import Settings
from mixrules.ratings.wording import counted, joined, p_text


def preference_sentence(c: Preference, settings: Settings) -> str:
    """Return what the choices between two say.

    Parameters
    ----------
    c : Preference
        Of one pair.
    settings : Settings
        With which it was made.
    """
    margin = f"within {0.5 - settings.margin:.0%} to {0.5 + settings.margin:.0%} of the choices"
    if c.verdict.startswith("different"):
        turned = c.for_second > c.for_first
        better, worse = (c.second, c.first) if turned else (c.first, c.second)
        more, fewer = (c.for_second, c.for_first) if turned else (c.for_first, c.for_second)
        share, low, high = _turned(c) if turned else (c.share, c.ci_low, c.ci_high)
        text = (
            f"{better} was preferred to {worse}: by {more} of {counted(c.listeners, 'listener')}, the other way round by "
            f"{fewer}{f', {c.even} undecided' if c.even else ''}, {p_text(c.p_holm)}; {share:.0%} of the choices"
            f"{_interval(low, high, settings)}"
        )
        if c.verdict != "different":
            text += f"; yet that lies {margin} (TOST {p_text(c.p_equivalence_holm)})"
        return f"{text}."
    pair = f"{c.first} and {c.second}"
    sides = f"{c.for_first} listeners for {c.first}, {c.for_second} for {c.second}, {c.even} undecided"
    if c.verdict == "equivalent":
        return (
            f"{pair} are preferred equally often, {margin} (TOST {p_text(c.p_equivalence_holm)}); {sides}, "
            f"{p_text(c.p_holm)}."
        )
    if c.verdict == "too few":
        return f"{pair}: {too_few(c.listeners, c.smallest_p)}"
    if c.verdict == "not tested":
        return f"{pair}: nobody preferred one to the other more often; nothing can be concluded."
    return (
        f"{pair}: a preference was not shown ({sides}, {p_text(c.p_holm)}; {c.share:.0%} of the choices for {c.first}"
        f"{_interval(c.ci_low, c.ci_high, settings)}), nor that it lies {margin}; the question stays open."
    )


def too_few(listeners: int, smallest: float) -> str:
    """Return that so many listeners could show nothing.

    Parameters
    ----------
    listeners : int
        How many.
    smallest : float
        The smallest p that they could give, after Holm's correction.
    """
    are = "is" if listeners == 1 else "are"
    return (
        f"{counted(listeners, 'listener')} {are} too few to show a preference, the smallest p that they could give after "
        f"Holm's correction is {smallest:.2g}; nothing can be concluded."
    )


def discrimination_sentence(d: Discrimination, settings: Settings) -> str:
    """Return what the answers of an ABX test say of one pair.

    Parameters
    ----------
    d : Discrimination
        Of one pair.
    settings : Settings
        With which it was made.
    """
    pair = f"{d.first} and {d.second}"
    right = f"{d.correct} of {counted(d.trials, 'answer')} of {counted(d.listeners, 'listener')} were right"
    interval = _interval(d.ci_low, d.ci_high, settings)
    if d.verdict == "told apart":
        return (
            f"{pair} were told apart: {right}, {d.share:.0%}{interval}, {p_text(d.p_holm)}, d' = {d.d_prime:.2f}."
            if math.isfinite(d.d_prime)
            else f"{pair} were told apart: {right}, {d.share:.0%}{interval}, {p_text(d.p_holm)}."
        )
    if d.verdict == "too few":
        return (
            f"{pair}: {counted(d.trials, 'answer')} are too few, the smallest p that they could give after Holm's "
            f"correction is {d.smallest_p:.2g}; nothing can be concluded."
        )
    upto = "" if math.isnan(d.ci_high) else f"; up to {d.ci_high:.0%} right answers remain possible"
    return (
        f"{pair}: that a difference is heard was not shown ({right}, {d.share:.0%}{interval}, {p_text(d.p_holm)}){upto}. "
        "That does not show that nobody hears one."
    )


def choice_verdicts(analysis: ChoiceAnalysis, group: str) -> dict[str, list[str]]:
    """Return what the choices of one group say, by attribute; in an ABX test under the attribute ``""``.

    What holds of several pairs alike is said once.

    Parameters
    ----------
    analysis : ChoiceAnalysis
        The whole.
    group : str
        Whose choices.
    """
    if analysis.table.kind == "abx":
        of_group = [d for d in analysis.discriminations if d.group == group]
        return {"": [discrimination_sentence(d, analysis.settings) for d in of_group]}
    found = {}
    for attribute in analysis.table.names("attribute"):
        pairs = [c for c in analysis.preferences if (c.group, c.attribute) == (group, attribute)]
        few, still = ([c for c in pairs if c.verdict == verdict] for verdict in ("too few", "open"))
        told = [*(few if len(few) > 1 else ()), *(still if len(still) > 1 else ())]
        said = [preference_sentence(c, analysis.settings) for c in pairs if c not in told]
        if len(still) > 1:
            said.append(_open(still, analysis.settings, every=len(still) == len(pairs)))
        if len(few) > 1:
            who = "All pairs" if len(few) == len(pairs) else joined([f"{c.first}/{c.second}" for c in few])
            said.append(f"{who}: {too_few(max(c.listeners for c in few), min(c.smallest_p for c in few))}")
        found[attribute] = said
    return found


def _open(pairs: list[Preference], settings: Settings, *, every: bool) -> str:
    numbers = [
        f"{c.first} and {c.second} ({c.for_first} and {c.for_second} listeners, {c.even} undecided, {p_text(c.p_holm)})"
        for c in pairs
    ]
    return (
        f"{'All ' if every else ''}{counted(len(pairs), 'pair')} stay open: neither a preference nor a share of choices "
        f"within {0.5 - settings.margin:.0%} to {0.5 + settings.margin:.0%} was shown for {joined(numbers)}."
    )


def position_sentence(analysis: ChoiceAnalysis) -> str:
    """Return whether A or B was favoured as such.

    Parameters
    ----------
    analysis : ChoiceAnalysis
        The whole.
    """
    p = analysis.position
    if not p.choices:
        return "Nobody chose one of the two."
    said = (
        f"Whatever was shown as A was chosen in {p.chose_a} of {p.choices} choices ({p.chose_a / p.choices:.0%}); "
        f"{p.for_a} listeners chose A more often, {p.for_b} B"
    )
    if math.isnan(p.p):
        return f"{said}."
    favoured = (
        "one button was favoured"
        if p.p < analysis.settings.alpha
        else "that one button was favoured was not shown"
    )
    return f"{said} (sign test {p_text(p.p)}): {favoured}."


def choice_cautions(analysis: ChoiceAnalysis) -> list[str]:
    """Return what a reader has to know before believing the tables.

    Parameters
    ----------
    analysis : ChoiceAnalysis
        The whole.
    """
    table, settings = analysis.table, analysis.settings
    listeners, pairs = len(table.names("listener")), len(table.pairs())
    found = []
    if table.kind == "ab":
        needed = 1 + math.ceil(-math.log2(settings.alpha / max(1, pairs)))
        if listeners < needed:
            found.append(
                f"{counted(listeners, 'listener')} {'is' if listeners == 1 else 'are'} too few: with "
                f"{counted(pairs, 'pair')} the sign test needs {needed} to be able to pass the first step of Holm's "
                f"correction at {settings.alpha:g}, however clear the preference."
            )
        if any(s.added for s in analysis.strengths):
            found.append(
                "Some conditions were always or never chosen, so that their strength has no bound: half a choice each "
                "way was added to every pair, and the strengths are cautious."
            )
    elif listeners > 1:
        found.append(
            "The binomial test asks whether anybody hears a difference. How many do is in the table of single listeners."
        )
    return found


def choice_methods(analysis: ChoiceAnalysis) -> str:
    """Return a paragraph on the methods, ready to be cited.

    Parameters
    ----------
    analysis : ChoiceAnalysis
        The whole.
    """
    import numpy
    import scipy

    from mixrules._support.version import __version__

    s, table = analysis.settings, analysis.table
    listeners, songs, pairs = (len(table.names("listener")), len(table.names("song")), len(table.pairs()))
    what = f"{counted(pairs, 'pair')} of {len(table.conditions)} conditions in {counted(songs, 'song')}"
    if table.kind == "ab":
        parts = [
            f"{counted(listeners, 'listener')} chose between {what}, for "
            f"{counted(len(table.names('attribute')), 'attribute')}, which was A being random.",
            "To avoid pseudo-replication listeners, not choices, were counted: each for the condition chosen more often, "
            "repeated pages averaged first, then songs. Preferences were tested by exact two-sided sign tests over "
            "listeners.",
            f"Equivalence was assessed by two one-sided t-tests (TOST) on listeners' shares of choices, no preference "
            f"counted as half, against a margin of ±{s.margin:g} about one half.",
        ]
        if analysis.strengths:
            parts.append(
                "Strengths on one scale were estimated by the Bradley-Terry model with ties after Davidson (1970), with "
                "sandwich standard errors over listeners."
            )
    else:
        parts = [
            f"In ABX trials {counted(listeners, 'listener')} told which of two X was, for {what} "
            f"({counted(len(table), 'trial')}).",
            "Whether more than half of the answers were right was tested by exact one-sided binomial tests over all "
            "trials, whose null hypothesis is that every answer is a guess; intervals of shares are "
            + (
                "exact (Clopper and Pearson 1934)."
                if all(d.interval_over == "trials" for d in analysis.discriminations)
                else "over listeners."
            ),
            "The sensitivity d' assumes that the listener chooses the nearer of the two (differencing; Macmillan and "
            "Creelman 2005).",
        ]
    parts.append(f"The p-values of a family were adjusted by Holm's procedure (family-wise α = {s.alpha:g}).")
    if s.resamples and (
        table.kind == "ab" or any(d.interval_over == "listeners" for d in analysis.discriminations)
    ):
        parts.append(
            f"Confidence intervals of shares ({s.confidence:.0%}, not adjusted for multiplicity) are bias-corrected and "
            f"accelerated bootstrap intervals over listeners ({s.resamples} resamples, seed {s.seed})."
        )
    out = len({r.listener for r in analysis.rejected})
    rules = "; ".join(t for t in rules_of_choices(s.rejection) if not t.endswith("off")) or "none"
    who = "No listener was" if out == 0 else f"{counted(out, 'listener')} {'was' if out == 1 else 'were'}"
    parts.append(f"{who} left out by rules that do not look at what was chosen ({rules}).")
    parts.append(
        f"The analysis was made with mixrules {__version__} (scipy {scipy.__version__}, numpy {numpy.__version__})."
    )
    return " ".join(parts)


def _turned(c: Preference) -> tuple[float, float, float]:
    return 1.0 - c.share, 1.0 - c.ci_high, 1.0 - c.ci_low


def _interval(low: float, high: float, settings: Settings) -> str:
    return "" if math.isnan(low) else f" ({settings.confidence:.0%} CI {low:.0%} to {high:.0%})"
