"""The order in which a format keeps the channels of a layout."""

from __future__ import annotations

from mixrules.files import FLAC_ORDER, VORBIS_ORDER, mask_of_positions
from mixrules.loudness.layouts import back_as_side


def channel_order(kind: str, positions: tuple[str, ...] | None) -> tuple[int, ...] | None:
    """Return which channel is written in which place, so that a reader finds each where its format says.

    Parameters
    ----------
    kind : str
        WAV, FLAC, AIFF or OGG.
    positions : tuple of str or None
        Where the channels of the input belong; None where it does not say.

    Returns
    -------
    tuple of int or None
        The channel for each place; None where the format has no place for such channels, or nothing is known of them.
    """
    if positions is None:
        return None
    if kind == "WAV":
        wanted = _in_order_of_masks(positions)
    else:
        wanted = {"FLAC": FLAC_ORDER, "OGG": VORBIS_ORDER}.get(kind, {}).get(len(positions), "").split()
    have, want = back_as_side(positions), back_as_side(wanted)
    return tuple(map(have.index, want)) if sorted(have) == sorted(want) else None


def _in_order_of_masks(positions: tuple[str, ...]) -> list[str]:
    masks = {name: mask_of_positions((name,)) for name in positions}
    known = [name for name in masks if masks[name] is not None]
    return sorted(known, key=lambda name: masks[name] or 0) if len(known) == len(positions) else []
