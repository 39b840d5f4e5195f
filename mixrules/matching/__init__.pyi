# What `mixrules.matching` offers: __init__.py attaches these names, and type checkers read them here.

__all__: list[str] = []
