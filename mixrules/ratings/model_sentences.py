"""What the mixed-effects models say, in sentences, and how they were made."""

from __future__ import annotations

from collections.abc import Sequence

from mixrules.ratings.mixed import FEWEST_SONGS, Contrast, MixedModel
from mixrules.ratings.settings import Settings
from mixrules.ratings.verdicts import Comparison
from mixrules.ratings.wording import joined, p_text

_NAMES = {
    "listener": "listener",
    "listener:condition": "listener by condition",
    "listener:song": "listener by song",
    "song": "song",
    "song:condition": "song by condition",
    "residual": "residual",
}


def component_name(component: str) -> str:
    """Return what to call a random effect."""
    return _NAMES[component]


def contrast_text(c: Contrast, kind: str) -> str:
    """Return the difference of two conditions, the higher first, with its interval.

    Parameters
    ----------
    c : Contrast
        The two.
    kind : {"linear", "ordinal"}
        The model.
    """
    turned = c.estimate < 0
    above, below = (c.second, c.first) if turned else (c.first, c.second)
    low, high = (-c.ci_high, -c.ci_low) if turned else (c.ci_low, c.ci_high)
    digits = 1 if kind == "linear" else 2
    return f"{above} over {below} {abs(c.estimate):.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"


def model_sentences(model: MixedModel, comparisons: Sequence[Comparison], settings: Settings) -> list[str]:
    """Return what one model says beside the tests, without telling again what both say.

    Parameters
    ----------
    model : MixedModel
        Of one group and attribute.
    comparisons : sequence of Comparison
        The tests of the same group and attribute.
    settings : Settings
        Level and confidence.
    """
    if model.why_not:
        return [f"No mixed-effects model: {model.why_not}."]
    shown = {(c.first, c.second): c.verdict.startswith("different") for c in comparisons}
    other = [
        c for c in model.contrasts if (c.p_holm < settings.alpha) != shown.get((c.first, c.second), False)
    ]
    unit = "points" if model.kind == "linear" else "logits"
    sizes = ", ".join(contrast_text(c, model.kind) for c in model.contrasts)
    agrees = "agrees" if not other else "differs for " + joined([_difference(c, settings) for c in other])
    said = [
        f"The {model.kind} mixed-effects model {agrees}; differences in {unit} with {settings.confidence:.0%} intervals: "
        f"{sizes}."
    ]
    failed = [check for check in model.checks if not check.holds]
    said += [
        f"An assumption of it does not hold, so rely on the tests: {check.assumption} ({check.found})."
        for check in failed
    ]
    return said


def _difference(c: Contrast, settings: Settings) -> str:
    does = "shows a difference" if c.p_holm < settings.alpha else "shows none"
    return f"{c.first} and {c.second}, where it {does} ({p_text(c.p_holm)})"


def model_methods(models: Sequence[MixedModel]) -> str:
    """Return how the models were made.

    Parameters
    ----------
    models : sequence of MixedModel
        All; those that were fitted are spoken of.
    """
    fitted = [m for m in models if not m.why_not]
    effects = joined([component_name(c) for c, _ in fitted[0].components if c != "residual"])
    if fitted[0].songs < FEWEST_SONGS:
        effects += (
            f" (with under {FEWEST_SONGS} songs the effect of a condition is taken as the same in all, and the result is "
            "of these songs)"
        )
    if fitted[0].kind == "linear":
        return (
            "Beside the tests a linear mixed-effects model of single ratings was fitted to each attribute by restricted "
            f"maximum likelihood, with condition as fixed effect and crossed random effects of {effects}; contrasts were "
            "tested by t with Satterthwaite's degrees of freedom, adjusted by Holm's procedure. Residuals were checked "
            "for normality, equal spread over conditions and cut-off at the ends of the scale."
        )
    return (
        "Beside the tests a cumulative link mixed model (logit) of single ratings was fitted to each attribute by "
        f"Laplace's approximation, with condition as fixed effect and crossed random effects of {effects}; contrasts "
        "were tested by Wald's z, adjusted by Holm's procedure. Proportional odds were checked by a likelihood-ratio "
        "test against thresholds of each condition's own."
    )
