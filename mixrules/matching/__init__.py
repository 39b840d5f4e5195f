"""Matching: the other way round, from finished sound to the parameters of our processors that explain it.

Impulse responses are extracted, measured and fitted by the reverb's network. Other rooms decide; this one explains.
Constants without a source beside them are ours.
"""

import lazy_loader as lazy

# The names stand in __init__.pyi; each is imported where it is first used, since most need scipy.
__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
