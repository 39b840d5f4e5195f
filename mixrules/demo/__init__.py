"""A small song, composed and synthesised here, badly balanced on purpose: something to mix.

Vocals, drums, bass, guitar, keys and tambourine; about 40 s; the same samples on every run. The vocal
is far too quiet and wide in dynamics, the keys and the tambourine too loud, the bass heavy, the guitar
boomy where the voice lives.
"""

from mixrules.demo.render import demo_stems, write_demo

__all__ = ["demo_stems", "write_demo"]
