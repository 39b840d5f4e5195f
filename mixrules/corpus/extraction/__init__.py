"""Ground truth and descriptors of every song of a data set and of every snippet, as tables."""

from mixrules.corpus.extraction.extracting import Extraction
from mixrules.corpus.extraction.reading import Truth, read_truth
from mixrules.corpus.extraction.schema import (
    COLUMNS,
    KEYS,
    PARAMETERS,
    SNIPPETS,
    STEMS,
    VERSION,
    Column,
    arrow_schema,
)

__all__ = [
    "COLUMNS",
    "KEYS",
    "PARAMETERS",
    "SNIPPETS",
    "STEMS",
    "VERSION",
    "Column",
    "Extraction",
    "Truth",
    "arrow_schema",
    "read_truth",
]
