"""What a difference is worth: intervals, tests, corrections and effect sizes, once, for ratings, evaluation and corpora.

All tests are two-sided. scipy does the tests it has; what stands here is which variant, what is dropped first, and
what scipy lacks: a signed-rank test that is exact with ties. What is not defined is NaN.
"""

from mixrules.statistics.binomial import (
    Proportion,
    binomial_p,
    critical_count,
    exact_proportion,
    smallest_binomial_p,
)
from mixrules.statistics.choice_power import discrimination_power, preference_power
from mixrules.statistics.correction import holm
from mixrules.statistics.discrimination import abx_d_prime, abx_share_correct
from mixrules.statistics.equivalence import equivalence_p
from mixrules.statistics.intervals import FEWEST_FOR_INTERVAL, Interval, bootstrap_mean, normal_mean
from mixrules.statistics.outlier_scores import modified_z
from mixrules.statistics.paired_comparison import Strengths, fit_strengths
from mixrules.statistics.rank_correlation import (
    RankCorrelation,
    detectable_correlation,
    rank_correlation,
)
from mixrules.statistics.rank_tests import omnibus_independent, omnibus_within, rank_sum, smallest_rank_sum_p
from mixrules.statistics.signed_rank import (
    PairedTest,
    paired_test,
    rank_biserial,
    signed_rank_p,
    signed_rank_p_values,
    smallest_signed_rank_p,
)

__all__ = [
    "FEWEST_FOR_INTERVAL",
    "Interval",
    "PairedTest",
    "Proportion",
    "RankCorrelation",
    "Strengths",
    "abx_d_prime",
    "abx_share_correct",
    "binomial_p",
    "bootstrap_mean",
    "critical_count",
    "detectable_correlation",
    "discrimination_power",
    "equivalence_p",
    "exact_proportion",
    "fit_strengths",
    "holm",
    "modified_z",
    "normal_mean",
    "omnibus_independent",
    "omnibus_within",
    "paired_test",
    "preference_power",
    "rank_biserial",
    "rank_correlation",
    "rank_sum",
    "signed_rank_p",
    "signed_rank_p_values",
    "smallest_binomial_p",
    "smallest_rank_sum_p",
    "smallest_signed_rank_p",
]
