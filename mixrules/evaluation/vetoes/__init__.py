"""What makes an engineer send a mix back, each as a measure with a bound.

One family a file; `registry` holds them all in the order of tables. A line looks at one mix alone, and needs no
reference.
"""

from mixrules.evaluation.vetoes.definition import Veto, VetoResult
from mixrules.evaluation.vetoes.heard_mix import HeardMix
from mixrules.evaluation.vetoes.registry import VETOES, vetoes_of

__all__ = ["VETOES", "HeardMix", "Veto", "VetoResult", "vetoes_of"]
