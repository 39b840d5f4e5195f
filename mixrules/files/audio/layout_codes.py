"""What headers write for a layout, as loudspeaker positions: masks, the orders of formats, Core Audio's codes."""

from __future__ import annotations

import struct

Positions = tuple[str, ...]

_MASK_BITS = (
    *("FL", "FR", "FC", "LFE", "BL", "BR", "FLC", "FRC", "BC", "SL", "SR"),
    *("TC", "TFL", "TFC", "TFR", "TBL", "TBC", "TBR"),
)

LIBAV_NAMES = frozenset({*_MASK_BITS, "WL", "WR", "SDL", "SDR", "LFE2", "TSL", "TSR", "BFC", "BFL", "BFR"})
"""libav's names of channels that are positions; others are matrices or unknown."""

FLAC_ORDER = {
    1: "FC",
    2: "FL FR",
    3: "FL FR FC",
    4: "FL FR BL BR",
    5: "FL FR FC BL BR",
    6: "FL FR FC LFE BL BR",
    7: "FL FR FC LFE BC SL SR",
    8: "FL FR FC LFE BL BR SL SR",
}
VORBIS_ORDER = {
    1: "FC",
    2: "FL FR",
    3: "FL FC FR",
    4: "FL FR BL BR",
    5: "FL FC FR BL BR",
    6: "FL FC FR BL BR LFE",
    7: "FL FC FR SL SR BC LFE",
    8: "FL FC FR SL SR BL BR LFE",
}
# Layout tags of Core Audio by their upper 16 bits; the lower ones are the number of channels.
_TAGS = {
    **{100: "FC", 101: "FL FR", 102: "FL FR", 106: "FL FR", 108: "FL FR BL BR", 109: "FL FR BL BR FC"},
    **{110: "FL FR BL BR FC BC", 111: "FL FR BL BR FC BC SL SR", 113: "FL FR FC", 114: "FC FL FR"},
    **{115: "FL FR FC BC", 116: "FC FL FR BC", 117: "FL FR FC SL SR", 118: "FL FR SL SR FC"},
    **{119: "FL FC FR SL SR", 120: "FC FL FR SL SR", 121: "FL FR FC LFE SL SR", 122: "FL FR SL SR FC LFE"},
    **{123: "FL FC FR SL SR LFE", 124: "FC FL FR SL SR LFE", 125: "FL FR FC LFE SL SR BC"},
    **{126: "FL FR FC LFE SL SR FLC FRC", 127: "FC FLC FRC FL FR SL SR LFE", 128: "FL FR FC LFE SL SR BL BR"},
    **{129: "FL FR SL SR FC LFE FLC FRC", 131: "FL FR BC", 132: "FL FR SL SR", 133: "FL FR LFE"},
    **{134: "FL FR LFE BC", 135: "FL FR LFE SL SR", 136: "FL FR FC LFE", 137: "FL FR FC LFE BC"},
    **{138: "FL FR SL SR LFE", 139: "FL FR SL SR FC BC", 140: "FL FR SL SR FC BL BR"},
    **{141: "FC FL FR SL SR BC", 142: "FC FL FR SL SR BC LFE", 143: "FC FL FR SL SR BL BR"},
    **{144: "FC FL FR SL SR BL BR BC"},
}
_TAG_AMBISONIC_B = 107
_TAGS_OF_ANY_ORDER = (190, 191)  # Ambisonics by ACN, normalised as SN3D or N3D
# Labels of single channels in Core Audio's descriptions.
_LABELS = {
    **{
        1: "FL",
        2: "FR",
        3: "FC",
        4: "LFE",
        5: "SL",
        6: "SR",
        7: "FLC",
        8: "FRC",
        9: "BC",
        10: "SDL",
        11: "SDR",
    },
    **{12: "TC", 13: "TFL", 14: "TFC", 15: "TFR", 16: "TBL", 17: "TBC", 18: "TBR", 33: "BL", 34: "BR"},
    **{35: "WL", 36: "WR", 37: "LFE2", 42: "FC", 49: "TSL", 51: "TSR", 52: "TBL", 53: "TBC", 54: "TBR"},
    **{200: "ACN0", 201: "ACN3", 202: "ACN1", 203: "ACN2", 301: "FL", 302: "FR"},
}
_BY_DESCRIPTIONS, _BY_MASK = 0, 1 << 16


def positions_of_mask(mask: int, channels: int) -> Positions | None:
    """Return the positions of a mask, or None where it does not name each channel once."""
    positions = tuple(name for bit, name in enumerate(_MASK_BITS) if mask >> bit & 1)
    return positions if len(positions) == channels == mask.bit_count() else None


def mask_of_positions(positions: Positions) -> int | None:
    """Return the mask of positions, or None where a mask has no bit for one, or cannot say their order."""
    if not set(positions) <= set(_MASK_BITS):
        return None
    mask = sum(1 << _MASK_BITS.index(name) for name in set(positions))
    return mask if positions_of_mask(mask, len(positions)) == positions else None


def ambisonics(channels: int) -> Positions:
    """Return the names of Ambisonics channels, in the order of their number."""
    return tuple(f"ACN{number}" for number in range(channels))


def positions_of_order(orders: dict[int, str], channels: int) -> Positions | None:
    """Return the positions that a format gives so many channels, if it does."""
    return tuple(orders[channels].split()) if channels in orders else None


def positions_of_core_audio(content: bytes | None) -> Positions | None:
    """Return the positions in the content of CAF's `chan` or AIFF-C's `CHAN`: a tag, a mask or descriptions."""
    if content is None:
        return None
    tag, mask, descriptions = struct.unpack_from(">III", content)
    if tag == _BY_MASK:
        return positions_of_mask(mask, mask.bit_count())
    if tag == _BY_DESCRIPTIONS:
        labels = [struct.unpack_from(">I", content, 12 + 20 * i)[0] for i in range(min(descriptions, 64))]
        known = labels and len(labels) == descriptions and all(label in _LABELS for label in labels)
        return tuple(_LABELS[label] for label in labels) if known else None
    kind, channels = tag >> 16, tag & 0xFFFF
    if kind == _TAG_AMBISONIC_B or kind in _TAGS_OF_ANY_ORDER:
        return ambisonics(min(channels, 64))
    positions = tuple(_TAGS.get(kind, "").split())
    return positions if len(positions) == channels and positions else None
