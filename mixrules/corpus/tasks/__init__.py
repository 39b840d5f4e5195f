"""Task data: what a training loop reads, made of the songs of a data set, and what a constant would score on it.

`make_dataset` writes it, `read_dataset` reads it. A sample is a mel block (backing and vocal), the numbers to predict,
and where it comes from.
"""

from mixrules.corpus.tasks.make_dataset import MadeDataset, make_dataset
from mixrules.corpus.tasks.reading import DatasetSample, TaskDataset, read_dataset
from mixrules.corpus.tasks.settings import TASKS, DatasetSettings

__all__ = [
    "TASKS",
    "DatasetSample",
    "DatasetSettings",
    "MadeDataset",
    "TaskDataset",
    "make_dataset",
    "read_dataset",
]
