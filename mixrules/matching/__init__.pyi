# What `mixrules.matching` offers: __init__.py attaches these names, and type checkers read them here.
from .decay_fit import fit_reverb_to_decay

__all__ = ["fit_reverb_to_decay"]
