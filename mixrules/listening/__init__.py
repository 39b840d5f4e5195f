"""Listening tests: the files of a test, the page that a listener sees, the server that collects ratings."""

from mixrules.listening.format.key import Key, KeyPage, KeyStimulus
from mixrules.listening.format.session_results import RatedPage, Rating, Results
from mixrules.listening.format.testfile import (
    Attribute,
    ListeningTest,
    Page,
    Question,
    Scale,
    Stimulus,
    Training,
    TrainingLine,
    TrainingStimulus,
)

__all__ = [
    "Attribute",
    "Key",
    "KeyPage",
    "KeyStimulus",
    "ListeningTest",
    "Page",
    "Question",
    "RatedPage",
    "Rating",
    "Results",
    "Scale",
    "Stimulus",
    "Training",
    "TrainingLine",
    "TrainingStimulus",
]
