"""A change of a plan's field in words: what it was and what it is now, with units."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from mixrules._support.wording import place, words_and_unit

_FIELDS = {
    "gain_db": "fader",
    "input_gain_db": "input gain",
    "equalizer": "EQ",
    "dynamic_equalizer": "de-esser",
    "automation": "fader ride",
    "sends": "send to",
    "reverbs": "reverb",
    "plugins": "plug-in",
}
_SWITCHES = {
    "mute": ("muted", "no longer muted"),
    "invert_polarity": ("polarity turned", "polarity turned back"),
    "invert_right_polarity": (
        "polarity of the right channel turned",
        "polarity of the right channel turned back",
    ),
}
# What tells the items of a list from one another, by the field that holds it.
_KEYS = {"sends": "to", "reverbs": "name", "plugins": "path", "dynamic_equalizer": "frequency_hz"}
_MOST_CHANGES = 3


def change_in_words(owner: str, field: str, before: Any, after: Any) -> str:
    """Return how a field was changed.

    Parameters
    ----------
    owner : str
        The stem; empty for the mix.
    field : str
        The field of its `StemPlan` or of the `MixPlan`.
    before, after : object
        Its values as plain data.

    Returns
    -------
    str
        For example ``vocals fader -3.0 -> -1.0 dB``.
    """
    try:
        changes = _of_master(before, after) if field == "master" else _of_field(field, before, after)
    except (AttributeError, KeyError, TypeError, ValueError):
        # A decision may have been edited as well, and hold in its place what is no such field.
        changes = [f"{_FIELDS.get(field, _plain_name(field)).removesuffix(' to')} changed"]
    more = f" and {len(changes) - _MOST_CHANGES} more" if len(changes) > _MOST_CHANGES else ""
    said = ", ".join(changes[:_MOST_CHANGES]) + more
    return f"{owner} {said}" if owner else said


def _of_master(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    changed = [name for name in after if before.get(name) != after[name]]
    return [
        f"master {said.replace('fader', 'gain', 1) if name == 'gain_db' else said}"
        for name in changed
        for said in _of_field(name, before.get(name), after[name])
    ]


def _of_field(field: str, before: Any, after: Any) -> list[str]:
    if field in _SWITCHES:
        return [_SWITCHES[field][0 if after else 1]]
    if field == "pan" and before["pan"] != after["pan"]:
        return [f"pan {place(before['pan'])} -> {place(after['pan'])}"]
    if field == "automation":
        return [_appeared("fader ride", before, after) or "fader ride changed"]
    if field == "equalizer":
        return _of_bands(before["bands"], after["bands"])
    if field in _KEYS:
        return _of_items(_FIELDS[field], before, after, _KEYS[field])
    return _changes(_FIELDS.get(field, _plain_name(field)), field, before, after)


def _of_bands(before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]) -> list[str]:
    left, added = (
        [each for each in before if each not in after],
        [each for each in after if each not in before],
    )
    changed = []
    if len(before) == len(after) and all(_same_band(old, new) for old, new in zip(left, added, strict=True)):
        for old, new in zip(left, added, strict=True):
            changed += _changes(f"EQ at {old['frequency_hz']:g} Hz", "", old, new)
        return changed or ["EQ bands in another order"]
    return [f"EQ {_band(each)} removed" for each in left] + [f"EQ {_band(each)} added" for each in added]


def _same_band(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Return whether a band was changed, and not put in the place of another one."""
    return old["kind"] == new["kind"] and any(old[name] == new[name] for name in ("frequency_hz", "gain_db"))


def _band(band: Mapping[str, Any]) -> str:
    kind = "" if band["kind"] == "peaking" else f"{_plain_name(band['kind'])} "
    gain = "" if band["kind"].endswith("_pass") else f"{band['gain_db']:+.1f} dB "
    return f"{kind}{gain}at {band['frequency_hz']:g} Hz"


def _of_items(
    label: str, before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]], key: str
) -> list[str]:
    old, new = (_by_occurrence(items, key) for items in (before, after))
    several = {name for name, number in (*old, *new) if number > 1}
    said = []
    for name, number in {**old, **new}:
        was, now = old.get((name, number)), new.get((name, number))
        called = f"{label} {_shown(name, key)}{f' (no. {number})' if name in several else ''}"
        said += _changes(called, "", was, now) if was != now else []
    return said or [f"{label}s in another order"]


def _by_occurrence(items: Sequence[Mapping[str, Any]], key: str) -> dict[tuple[Any, int], Mapping[str, Any]]:
    """Return items by what names them and how often that has come so far: a plug-in may be inserted twice."""
    found: dict[tuple[Any, int], Mapping[str, Any]] = {}
    counts: Counter[Any] = Counter()
    for each in items:
        counts[each[key]] += 1
        found[each[key], counts[each[key]]] = each
    return found


def _changes(label: str, field: str, before: Any, after: Any) -> list[str]:
    """Return what differs between two values, one phrase for each number."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        return [
            said
            for name in {**before, **after}
            if before.get(name) != after.get(name)
            for said in _changes(
                label if name == "params" else f"{label} {_plain_name(name)}",
                name,
                before.get(name),
                after.get(name),
            )
        ]
    appeared = _appeared(label, before, after)
    if appeared:
        return [appeared]
    if not all(isinstance(each, int | float | str) for each in (before, after)):
        return [f"{label} changed"]
    old, new = _shown(before, field, unit=False), _shown(after, field, unit=False)
    if old == new:  # the difference lies further behind the point
        old, new = str(before), str(after)
    unit = _unit(field)
    return [f"{label} {old} -> {new}{f' {unit}' if unit else ''}"]


def _appeared(label: str, before: Any, after: Any) -> str:
    """Say that something is there now, or no more; empty where it is there before and after."""
    nothing: tuple[Any, ...] = (None, [], {})
    if before in nothing and after not in nothing:
        return f"{label} added"
    return f"{label} removed" if after in nothing and before not in nothing else ""


def _shown(value: Any, field: str, *, unit: bool = True) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    named = _unit(field) if unit else ""
    number = f"{value:.1f}" if _unit(field).startswith(("dB", "LUFS")) else f"{value:.4g}"
    return f"{number} {named}" if named else number


def _unit(field: str) -> str:
    return words_and_unit(field)[1]


def _plain_name(field: str) -> str:
    """Return a field's name without its unit, as words."""
    return words_and_unit(field)[0]
