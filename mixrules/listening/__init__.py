"""Listening tests: the files of a test, the page that a listener sees, the server that collects ratings."""

from mixrules.listening.format.key import Key, KeyPage, KeyStimulus
from mixrules.listening.format.session_results import HeadphoneCheck, RatedPage, Rating, Results
from mixrules.listening.format.testfile import (
    Attribute,
    Completion,
    Consent,
    ListeningTest,
    Page,
    Question,
    Scale,
    Stimulus,
    Training,
    TrainingLine,
    TrainingStimulus,
)
from mixrules.listening.format.trials import Trial

__all__ = [
    "Attribute",
    "Completion",
    "Consent",
    "HeadphoneCheck",
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
    "Trial",
]
