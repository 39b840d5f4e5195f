"""A small song, composed and synthesised here, badly balanced on purpose: something to mix.

Vocals, drums, bass, guitar, keys and tambourine; about 40 s; the same samples on every run. The vocal
is far too quiet and wide in dynamics, keys and bass drown everything, the drums are too soft, and the
guitar booms and is thick where the voice lives.
"""

from mixrules.demo.render import demo_stems, write_demo

__all__ = ["demo_stems", "write_demo"]
