# What `from mixrules.learning import …` offers: __init__.py attaches these names, and type checkers read them here.
from .model_files.describing import describe_model
from .model_files.model_description import ModelDescription
from .model_files.model_file import Model, open_model
from .network.switches import Switches
from .prediction.model_rules import rules_for
from .prediction.planning import plan_with
from .prediction.prediction_run import predict_songs
from .prediction.song_answers import SongAnswers
from .prediction.song_blocks import MelBatch, mel_blocks_of
from .training.loop import train
from .training.results import TrainingResults, read_results
from .training.settings import TrainingSettings, settings_for

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
