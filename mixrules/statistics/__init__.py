"""What a difference is worth: intervals, tests, corrections and effect sizes, once, for ratings, evaluation and corpora.

All tests are two-sided. scipy does the tests it has; what stands here is which variant, what is dropped first, and
what scipy lacks: a signed-rank test that is exact with ties. What is not defined is NaN.
"""

from mixrules.statistics.correction import holm
from mixrules.statistics.equivalence import equivalence_p
from mixrules.statistics.intervals import FEWEST_FOR_INTERVAL, Interval, bootstrap_mean, normal_mean
from mixrules.statistics.outlier_scores import modified_z
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
    "RankCorrelation",
    "bootstrap_mean",
    "detectable_correlation",
    "equivalence_p",
    "holm",
    "modified_z",
    "normal_mean",
    "omnibus_independent",
    "omnibus_within",
    "paired_test",
    "rank_biserial",
    "rank_correlation",
    "rank_sum",
    "signed_rank_p",
    "signed_rank_p_values",
    "smallest_rank_sum_p",
    "smallest_signed_rank_p",
]
