"""What a person reads or hears: tables of decisions, pages and figures, and sounds side by side at one loudness."""

import lazy_loader as lazy

# Not lazily: a module has the same name, which would stand in the function's place once it is imported.
from mixrules.report.players import players as players

# The public names stand in __init__.pyi; each is imported where it is first used: a page of ratings needs no mixer.
__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
