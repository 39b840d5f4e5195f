"""Systems: everything that makes a mix of a song's stems, by name, so that they can be compared.

A system is a rule set, the random mixer, no mixing at all, a person's mix, the plan that explains
one, a folder of plans or a folder of finished audio. Whatever it is, `produce` gives its mix of a song.
"""

from mixrules.systems.produce import Produced, make_plan, produce, require_ready
from mixrules.systems.random_mixer import LISTENING_LUFS, random_plan
from mixrules.systems.simple import equal_plan, sum_plan
from mixrules.systems.song import Song, load_song
from mixrules.systems.song_source import SongSource, song_sources
from mixrules.systems.system import System, parse_systems

__all__ = [
    "LISTENING_LUFS",
    "Produced",
    "Song",
    "SongSource",
    "System",
    "equal_plan",
    "load_song",
    "make_plan",
    "parse_systems",
    "produce",
    "random_plan",
    "require_ready",
    "song_sources",
    "sum_plan",
]
