"""What was found, in sentences: no difference is called none, and none is called equal without a test of that."""

from __future__ import annotations

import math

from mixrules.ratings.analysis import Analysis
from mixrules.ratings.power import listeners_needed
from mixrules.ratings.settings import Settings
from mixrules.ratings.verdicts import Comparison, Omnibus
from mixrules.statistics.signed_rank import EXACT_UP_TO


def p_text(p: float) -> str:
    """Return a p-value as it is printed: never as 0.

    Parameters
    ----------
    p : float
        NaN where there was no test.
    """
    if math.isnan(p):
        return "not defined"
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}" if p < 0.9995 else "p = 1"


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
        if c.verdict != "different":
            text += f"; yet the difference lies {margin} (TOST {p_text(c.p_equivalence_holm)})"
        return f"{text}."
    difference = f"mean difference {c.difference + 0.0:+.2f}".replace("-0.00", "+0.00")
    pair = f"{c.first} and {c.second}"
    if c.verdict == "equivalent":
        return (
            f"{pair} are equivalent {margin} (TOST {p_text(c.p_equivalence_holm)}; {difference}); "
            f"no difference was shown ({p_text(c.p_holm)})."
        )
    if c.verdict == "too few":
        return (
            f"{pair}: {_units(c)} are too few for a difference to reach significance, the smallest p that the "
            f"test could give after Holm's correction is {c.smallest_p:.2g}; nothing can be concluded."
        )
    if c.verdict == "not tested":
        return f"{pair}: no difference could be tested (no two values that differ); nothing can be concluded."
    return (
        f"{pair}: a difference was not shown ({p_text(c.p_holm)}, {difference}), nor "
        f"that they are equivalent {margin} (TOST {p_text(c.p_equivalence_holm)}); the question stays open."
    )


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
        units = "listeners" if o.test == "Friedman" else "values"
        return f"{o.test}: not made, it needs three conditions and two {units} that differ."
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
            found.append(
                f"{listeners} listeners are too few: with {conditions} conditions the signed-rank test needs {needed} "
                f"to be able to pass the first step of Holm's correction at {settings.alpha:g}, however clear the "
                "preference."
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
        rules = "; ".join(t for t in s.rejection.sentences() if not t.endswith("off")) or "none"
        who = "No listener was" if out == 0 else "1 listener was" if out == 1 else f"{out} listeners were"
        parts.append(f"{who} left out by rules that do not look at preferences ({rules}).")
    parts.append(
        f"The {design} analysis was made with mixrules {__version__} (scipy {scipy.__version__}, "
        f"numpy {numpy.__version__})."
    )
    return " ".join(parts)


def _units(c: Comparison) -> str:
    if c.test.startswith("Wilcoxon"):
        return f"{c.n_first} listeners"
    return f"{c.n_first} and {c.n_second} values"
