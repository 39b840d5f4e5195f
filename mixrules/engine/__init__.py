"""Engines: what turns a plan's numbers into sound.

`mixrules.engine.chain` says which stages a stem and the sum go through, for every engine; an engine
brings the processors. ``native`` is ours; ``pedalboard`` uses pedalboard's and hosts plug-ins.
"""

from mixrules.engine.base import ENGINES, Engine, Processor, Signal, load_engine
from mixrules.engine.chain import CHAIN, Chain, MixPart, Stage, Stages, Tap, parts_in_mix
from mixrules.engine.mixdown import Mixdown
from mixrules.engine.renderer import Renderer
from mixrules.engine.song_pass import StemSignal, run_pass
from mixrules.engine.store import ArrayStore, MakeStore, Store
from mixrules.engine.strip import StemInMix
from mixrules.engine.sum import SumAudio

__all__ = [
    "CHAIN",
    "ENGINES",
    "ArrayStore",
    "Chain",
    "Engine",
    "MakeStore",
    "MixPart",
    "Mixdown",
    "Processor",
    "Renderer",
    "Signal",
    "Stage",
    "Stages",
    "StemInMix",
    "StemSignal",
    "Store",
    "SumAudio",
    "Tap",
    "load_engine",
    "parts_in_mix",
    "run_pass",
]
