"""Mixed-effects models of ratings, with crossed random effects of listeners and songs: linear and ordinal.

Written here because no well-kept Python library has what a listening test needs. statsmodels' MixedLM has crossed
effects, but takes seconds for twenty listeners and grows with the square of the ratings; its OrderedModel has no
random effects. What else there is needs a compiler and a sampler, or is a few months old. Both models here share one
solver, which uses that a listener's effects touch nobody else's, and are checked against what lme4 and ordinal, R's
packages, print for known data.
"""

from mixrules.statistics.mixed_models.crossed import COMPONENTS, Component
from mixrules.statistics.mixed_models.linear import LinearFit, fit_linear
from mixrules.statistics.mixed_models.ordinal import OrdinalFit, fit_ordinal

__all__ = ["COMPONENTS", "Component", "LinearFit", "OrdinalFit", "fit_linear", "fit_ordinal"]
