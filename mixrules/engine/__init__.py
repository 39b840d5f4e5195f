"""Engines: what turns a plan's numbers into sound.

The channel strip and its order are the same for every engine (`mixrules.engine.strip`); an engine
brings the processors. ``native`` is ours; ``pedalboard`` uses pedalboard's and hosts plug-ins.
"""

from mixrules.engine.base import ENGINES, Engine, load_engine
from mixrules.engine.strip import STAGES, StripRenderer

__all__ = ["ENGINES", "STAGES", "Engine", "StripRenderer", "load_engine"]
