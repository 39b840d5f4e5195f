# What `from mixrules.learning import …` offers: __init__.py attaches these names, and type checkers read them here.
from .describing import describe_model
from .model_description import ModelDescription
from .model_file import Model, open_model
from .planning import plan_with
from .prediction import predict_songs
from .results import TrainingResults, read_results
from .settings import TrainingSettings, settings_for
from .song_answers import SongAnswers
from .song_blocks import MelBatch, mel_blocks_of
from .speaking import rules_for
from .switches import Switches
from .training import train

__all__ = [
    "MelBatch",
    "Model",
    "ModelDescription",
    "SongAnswers",
    "Switches",
    "TrainingResults",
    "TrainingSettings",
    "describe_model",
    "mel_blocks_of",
    "open_model",
    "plan_with",
    "predict_songs",
    "read_results",
    "rules_for",
    "settings_for",
    "train",
]
