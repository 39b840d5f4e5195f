"""Support: what goes with another stem, a return of its reverb or delay or a double; which stem, and what follows."""

from __future__ import annotations

from mixrules.session import SUPPORT, UNKNOWN, VOCAL, Session
from mixrules.stems.pickups import plain_words, source_words
from mixrules.stems.roles import is_double, supported_role
from mixrules.stems.roles.families import WHOLE_KIT, family_of


def is_support(session: Session, name: str) -> bool:
    """Return whether a stem goes with another one."""
    return session.stems[name].role == SUPPORT


def leads_of(session: Session, name: str) -> tuple[str, ...]:
    """Return the active stems that a support stem goes with: of the role that its name says, else the lead vocals.

    Of several stems of that role those whose own words its name repeats: "Gtr 2 Delay" goes with "Gtr 2". A reverb
    of the drums goes with all of the kit; where no stem has the role, those of its family take its place.
    """
    role = supported_role(name)
    if role in (None, UNKNOWN, SUPPORT):
        return session.vocals
    same = tuple(stem.name for stem in session.active if stem.role == role)
    if role == WHOLE_KIT or not same:
        family = family_of(role)
        return tuple(stem.name for stem in session.active if stem.role in family) or session.vocals
    words = set(plain_words(name))
    repeated = {lead: len(own) for lead in same if words.issuperset(own := source_words(lead))}
    return tuple(lead for lead in same if repeated.get(lead) == max(repeated.values(), default=None))


def treated_as(session: Session, name: str) -> str:
    """Return the role whose settings a stem gets: its own, or for a double that of what it doubles."""
    if is_support(session, name) and is_double(name):
        return supported_role(name) or VOCAL
    return session.role(name)
