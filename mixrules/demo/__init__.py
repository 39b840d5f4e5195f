"""A small song, composed and synthesised here, with a deliberately bad balance.

Vocals, drums, bass, guitar, keys and tambourine; about 40 s; the same samples on every run. The vocal
is far too quiet and wide in dynamics, keys and bass are far too loud, the drums are too soft, and the
guitar has too much at 240 Hz and in the range of the voice.
"""

from mixrules.demo.render import demo_stems, write_demo

__all__ = ["demo_stems", "write_demo"]
