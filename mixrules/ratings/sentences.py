"""What was found, in sentences: no difference is called none, and none is called equal without a test of that."""

from __future__ import annotations

import math
from collections.abc import Sequence

from mixrules.ratings.analysis import Analysis
from mixrules.ratings.model_sentences import model_methods
from mixrules.ratings.power import listeners_needed
from mixrules.ratings.rejection import follows_bs1534
from mixrules.ratings.settings import Settings
from mixrules.ratings.undefined import no_omnibus, no_p, units_of
from mixrules.ratings.verdicts import Comparison, Omnibus
from mixrules.ratings.wording import counted, joined, p_text
from mixrules.statistics.signed_rank import EXACT_UP_TO


def verdict_sentence(c: Comparison, settings: Settings) -> str:
    """Return what one comparison says.

    Parameters
    ----------
    c : Comparison
        Of two conditions or two groups.
    settings : Settings
        With which it was made.
    """
    margin = f"within ±{settings.margin:g} of the scale"
    size = f"{c.effect_name} {abs(c.effect):.2f}"
    if c.verdict.startswith("different"):
        turned = c.effect < 0
        above, below = (c.second, c.first) if turned else (c.first, c.second)
        shift = -c.difference if turned else c.difference
        low, high = (-c.ci_high, -c.ci_low) if turned else (c.ci_low, c.ci_high)
        interval = "" if math.isnan(low) else f" ({settings.confidence:.0%} CI {low:.2f} to {high:.2f})"
        text = f"{above} was rated higher than {below} by {shift:.2f} of the scale{interval}, {p_text(c.p_holm)}, {size}"
        if units_of(c) == "listeners":
            more, fewer = (c.for_second, c.for_first) if turned else (c.for_first, c.for_second)
            text += f"; so said {more} of {counted(c.n_first, 'listener')}, {fewer} said the opposite"
        if c.verdict != "different":
            text += f"; yet the difference lies {margin} (TOST {p_text(c.p_equivalence_holm)})"
        return f"{text}."
    difference = f"mean difference {c.difference + 0.0:+.2f}".replace("-0.00", "+0.00")
    pair = f"{c.first} and {c.second}"
    if c.verdict == "equivalent":
        shown = no_p(c) if math.isnan(c.p_holm) else f"no difference was shown ({p_text(c.p_holm)})"
        return f"{pair} are equivalent {margin} (TOST {p_text(c.p_equivalence_holm)}; {difference}); {shown}."
    if c.verdict == "too few":
        return f"{pair}: {_too_few([c])}"
    if c.verdict == "not tested":
        return f"{pair}: {_not_tested(c)}"
    sides = ""
    if units_of(c) == "listeners":
        sides = f"; {c.for_first} listeners rated {c.first} higher, {c.for_second} {c.second}"
    return (
        f"{pair}: a difference was not shown ({p_text(c.p_holm)}, {difference}{sides}), nor "
        f"that they are equivalent {margin} (TOST {p_text(c.p_equivalence_holm)}); the question stays open."
    )


def _too_few(comparisons: Sequence[Comparison]) -> str:
    least = sorted({f"{c.smallest_p:.2g}" for c in comparisons}, key=float)
    smallest = " to ".join((least[0], *least[1:][-1:]))
    return (
        f"{_units(comparisons[0])} too few for a difference to reach significance, the smallest p that the "
        f"test could give after Holm's correction is {smallest}; nothing can be concluded."
    )


def _open(comparisons: Sequence[Comparison], settings: Settings, *, every: bool) -> str:
    """Return that several pairs stay open, each with its numbers."""
    numbers = []
    for c in comparisons:
        difference = f"{c.difference + 0.0:+.2f}".replace("-0.00", "+0.00")
        sides = f"; {c.for_first} and {c.for_second} listeners" if units_of(c) == "listeners" else ""
        numbers.append(f"{c.first} and {c.second} ({difference}, {p_text(c.p_holm)}{sides})")
    which = f"{'All ' if every else ''}{counted(len(comparisons), 'pair')}"
    return (
        f"{which} stay open: neither a difference nor equivalence within ±{settings.margin:g} of the scale was shown for "
        f"{joined(numbers)}."
    )


def _not_tested(c: Comparison) -> str:
    return f"no difference could be tested ({no_p(c)}); nothing can be concluded."


def verdict_sentences(family: Sequence[Comparison], settings: Settings) -> list[str]:
    """Return what the comparisons of one family say, what holds of several pairs alike once.

    Parameters
    ----------
    family : sequence of Comparison
        Of one group and attribute.
    settings : Settings
        With which they were made.
    """
    alike: dict[tuple[str, ...], list[Comparison]] = {}
    for c in family:
        what = {"too few": _units(c), "not tested": _not_tested(c), "open": "open"}.get(c.verdict)
        key = (c.verdict, what) if what else (c.verdict, c.group, c.first, c.second)
        alike.setdefault(key, []).append(c)
    said = []
    for (verdict, *_), comparisons in alike.items():
        if len(comparisons) == 1:
            said.append(verdict_sentence(comparisons[0], settings))
            continue
        every = len(comparisons) == len(family)
        pairs = (
            f"All {len(family)} pairs"
            if every
            else ", ".join(f"{c.first} and {c.second}" for c in comparisons)
        )
        if verdict == "open":
            said.append(_open(comparisons, settings, every=every))
            continue
        text = _too_few(comparisons) if verdict == "too few" else _not_tested(comparisons[0])
        said.append(f"{pairs}: {text}")
    return said


def verdicts(analysis: Analysis, group: str) -> tuple[list[str], dict[str, list[str]]]:
    """Return what the comparisons of one group say: what every attribute says alike, and each attribute's own.

    Parameters
    ----------
    analysis : Analysis
        The whole.
    group : str
        Whose comparisons.

    Returns
    -------
    common : list of str
        Sentences that hold of every attribute, where there are several.
    own : dict of str to list of str
        By attribute, all others.
    """
    found = {
        attribute: verdict_sentences(
            [c for c in analysis.comparisons if (c.group, c.attribute) == (group, attribute)],
            analysis.settings,
        )
        for attribute in analysis.table.names("attribute")
        if analysis.of(group, attribute)
    }
    several = len(found) > 1
    first = next(iter(found.values()), [])
    common = [text for text in first if several and all(text in own for own in found.values())]
    own = {attribute: [text for text in said if text not in common] for attribute, said in found.items()}
    return common, own


def omnibus_sentence(o: Omnibus, settings: Settings) -> str:
    """Return what the test over all conditions says.

    Parameters
    ----------
    o : Omnibus
        The test.
    settings : Settings
        With which it was made.
    """
    if math.isnan(o.p):
        return f"{o.test}: not made, {no_omnibus(o)}."
    units = f"{o.n} listeners" if o.test == "Friedman" else f"{o.n} ratings or listeners"
    effect = "Kendall's W" if o.test == "Friedman" else "epsilon squared"
    sign = "χ²" if o.test == "Friedman" else "H"
    says = (
        "the conditions differ"
        if o.p < settings.alpha
        else "a difference between the conditions was not shown"
    )
    return (
        f"{o.test}: {sign}({o.conditions - 1}) = {o.statistic:.2f}, {p_text(o.p)}, {effect} = {o.effect:.2f} "
        f"({units}): {says}."
    )


def cautions(analysis: Analysis) -> list[str]:
    """Return what a reader has to know before believing the tables.

    Parameters
    ----------
    analysis : Analysis
        The whole.
    """
    found = []
    table, settings = analysis.table, analysis.settings
    conditions = len(table.names("condition"))
    if table.design == "independent":
        found.append(
            "This table of counts does not say who gave which rating. Every rating is treated as independent of the "
            "others; if the same listeners rated all conditions or several songs (as in most listening tests), p-values "
            "and intervals are too small (pseudo-replication) and the pairing is not used. Prefer ratings by listener."
        )
    else:
        listeners = len(table.names("listener"))
        needed = listeners_needed(max(2, conditions), settings.alpha)
        if listeners < needed:
            who = "1 listener is" if listeners == 1 else f"{listeners} listeners are"
            found.append(
                f"{who} too few: with {max(2, conditions)} conditions the signed-rank test needs {needed} to be able to "
                f"pass the first step of Holm's correction at {settings.alpha:g}, however clear the preference."
            )
        elif listeners < 15:
            found.append(
                f"{listeners} listeners can reach significance (from {needed}), but only large effects will be found: "
                "15 to 20 or more are advisable."
            )
    if conditions < 2:
        found.append("There is one condition only: nothing can be compared.")
    return found


def methods(analysis: Analysis) -> str:
    """Return a paragraph on the methods, ready to be cited.

    Parameters
    ----------
    analysis : Analysis
        The whole.
    """
    import numpy
    import scipy

    from mixrules._support.version import __version__

    s, table = analysis.settings, analysis.table
    conditions, attributes = len(table.names("condition")), len(table.names("attribute"))
    scale = (
        f"a {len(table.scale.labels)}-point scale from “{table.scale.labels[0]}” to “{table.scale.labels[-1]}”"
        if table.scale.steps
        else f"a continuous scale from {table.scale.low:g} to {table.scale.high:g}"
    )
    design = "within-subject" if table.design == "within" else "independent-samples"
    parts = [
        f"{conditions} conditions were rated for {attributes} attribute{'s' * (attributes > 1)} on {scale}."
    ]
    if table.design == "within":
        songs = len(table.names("song"))
        parts[0] = (
            f"{len(table.names('listener'))} listeners rated {conditions} conditions of {songs} "
            f"song{'s' * (songs > 1)} for {attributes} attribute{'s' * (attributes > 1)} on {scale}."
        )
        parts.append(
            "To avoid pseudo-replication, each listener's ratings were averaged over repeated pages and then over songs "
            "before testing. Differences over all conditions were tested by Friedman's test, pairs of conditions by "
            "two-sided Wilcoxon signed-rank tests (zero differences dropped; exact, also with ties, up to "
            f"{EXACT_UP_TO} differences) with the matched-pairs rank-biserial correlation as effect size."
        )
    else:
        parts.append(
            "As only counts of ratings were available, ratings were treated as independent samples. Differences over all "
            "conditions were tested by the Kruskal-Wallis test, pairs of conditions by two-sided Mann-Whitney U tests "
            "with Cliff's delta as effect size."
        )
    parts.append(
        f"The pairwise p-values of each attribute{' and group' if len(table.groups()) > 1 else ''} were adjusted by "
        f"Holm's procedure (family-wise α = {s.alpha:g}). Equivalence was assessed by two one-sided t-tests (TOST) "
        f"against a margin of ±{s.margin:g} of the scale, adjusted likewise."
    )
    if len(table.groups()) > 2:
        units = "listeners' means" if table.design == "within" else "ratings"
        parts.append(
            f"Groups of listeners were compared by Mann-Whitney U tests on {units}, adjusted by Holm's procedure over "
            "all groups and conditions of an attribute."
        )
    if s.resamples:
        parts.append(
            f"Confidence intervals ({s.confidence:.0%}, not adjusted for multiplicity) of means and of their differences "
            "are bias-corrected and accelerated bootstrap intervals over "
            f"{'listeners' if table.design == 'within' else 'ratings'} ({s.resamples} resamples, seed {s.seed})."
        )
    if table.design == "within":
        out = len({r.listener for r in analysis.rejected})
        mushra = follows_bs1534(analysis.reading.table, analysis.reading.reference)
        given = s.rejection.sentences(mushra=mushra)
        rules = "; ".join(t for t in given if not t.endswith("off")) or "none"
        who = "No listener was" if out == 0 else "1 listener was" if out == 1 else f"{out} listeners were"
        parts.append(f"{who} left out by rules that do not look at preferences ({rules}).")
        parts += [model_methods(analysis.models)] if any(not m.why_not for m in analysis.models) else []
    parts.append(
        f"The {design} analysis was made with mixrules {__version__} (scipy {scipy.__version__}, "
        f"numpy {numpy.__version__})."
    )
    return " ".join(parts)


def _units(c: Comparison) -> str:
    if units_of(c) == "listeners":
        return f"{c.n_first} listeners are" if c.n_first != 1 else "1 listener is"
    return f"{c.n_first} and {c.n_second} values are"
