"""Roles of stems: which there are, and what a file's name says."""

from mixrules.stems.roles.guessing import (
    NOT_MIXED,
    ROLES,
    RoleGuess,
    guess_role,
    guess_roles,
    is_double,
    require_role,
    supported_role,
)

__all__ = [
    "NOT_MIXED",
    "ROLES",
    "RoleGuess",
    "guess_role",
    "guess_roles",
    "is_double",
    "require_role",
    "supported_role",
]
