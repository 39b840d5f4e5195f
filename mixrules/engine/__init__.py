"""Engines: what turns a plan's numbers into sound.

The channel strip and its order are the same for every engine (`mixrules.engine.strip`); an engine
brings the processors. ``native`` is ours; ``pedalboard`` uses pedalboard's and hosts plug-ins.
"""

from mixrules.engine.base import ENGINES, Engine, load_engine
from mixrules.engine.mixdown import ArrayStore, MakeStore, Mixdown, Store
from mixrules.engine.passes import Passes
from mixrules.engine.song_pass import Signal
from mixrules.engine.strip import STAGES, StripRenderer
from mixrules.engine.strip_stream import MixStream
from mixrules.engine.sum_stream import SumAudio

__all__ = [
    "ENGINES",
    "STAGES",
    "ArrayStore",
    "Engine",
    "MakeStore",
    "MixStream",
    "Mixdown",
    "Passes",
    "Signal",
    "Store",
    "StripRenderer",
    "SumAudio",
    "load_engine",
]
