"""Loudspeaker layouts: their names, the positions in them, and what each position counts (ITU-R BS.1770-5).

Positions are named as in WAV files: front (F), back (B), side (S), top (T) and wide (W); left, right and centre.
"""

from __future__ import annotations

from collections.abc import Sequence

from mixrules._support.arguments import shown_value
from mixrules._support.validation import MAX_CHANNELS
from mixrules.errors import ParameterError

SURROUND_WEIGHT = 1.41

LAYOUTS = {
    "mono": ("FC",),
    "stereo": ("FL", "FR"),
    "2.1": ("FL", "FR", "LFE"),
    "3.0": ("FL", "FR", "FC"),
    "3.1": ("FL", "FR", "FC", "LFE"),
    "4.0": ("FL", "FR", "FC", "BC"),
    "quad": ("FL", "FR", "SL", "SR"),
    "5.0": ("FL", "FR", "FC", "SL", "SR"),
    "5.1": ("FL", "FR", "FC", "LFE", "SL", "SR"),
    "5.1.2": ("FL", "FR", "FC", "LFE", "SL", "SR", "TFL", "TFR"),
    "6.1": ("FL", "FR", "FC", "LFE", "BC", "SL", "SR"),
    "7.0": ("FL", "FR", "FC", "BL", "BR", "SL", "SR"),
    "7.1": ("FL", "FR", "FC", "LFE", "BL", "BR", "SL", "SR"),
}
"""The positions of named layouts, in the order of WAV files."""

_TOO_MANY = {"5.1.4": 10, "7.1.2": 10, "7.1.4": 12, "9.1.6": 16, "22.2": 24}

_WEIGHTS = {
    **dict.fromkeys(("FL", "FR", "FC", "FLC", "FRC", "BC", "BL", "BR"), 1.0),
    **dict.fromkeys(("SL", "SR", "SDL", "SDR", "WL", "WR"), SURROUND_WEIGHT),
    **dict.fromkeys(("TC", "TFL", "TFC", "TFR", "TSL", "TSR", "TBL", "TBC", "TBR", "BFL", "BFC", "BFR"), 1.0),
    **dict.fromkeys(("LFE", "LFE2"), 0.0),
}

_ALIASES = {
    **{"L": "FL", "R": "FR", "C": "FC", "M": "FC", "LC": "FLC", "RC": "FRC", "LFE1": "LFE", "SUB": "LFE"},
    **{"LS": "SL", "RS": "SR", "LSS": "SL", "RSS": "SR", "CS": "BC", "CB": "BC", "S": "BC"},
    **{"LB": "BL", "RB": "BR", "RL": "BL", "RR": "BR", "LRS": "BL", "RRS": "BR", "LSR": "BL", "RSR": "BR"},
    **{"LTF": "TFL", "RTF": "TFR", "LTR": "TBL", "RTR": "TBR"},
}


def weights_of_positions(positions: Sequence[str]) -> tuple[float, ...]:
    """Return what each loudspeaker counts in loudness.

    Parameters
    ----------
    positions : sequence of str
        Positions in the order of the channels, such as ("FL", "FC", "FR", "BL", "BR", "LFE"); those that
        `mixrules.files.speaker_positions` returns are among them.

    Returns
    -------
    tuple of float
        One weight a channel, on the channel's mean square.

    Raises
    ------
    ParameterError
        If a position is unknown, or the channels are Ambisonics, which no loudspeaker plays as they are.

    Notes
    -----
    At ear height, loudspeakers 60 to 120 degrees to the side weigh 1.41 (+1.5 dB), all others 1, low-frequency
    channels 0 [1]_. Beside a side pair the back pair stands at 135 degrees or more, weight 1; without one it is
    the surround pair of 5.1, at 110 degrees, weight 1.41.

    References
    ----------
    .. [1] ITU-R BS.1770-5, Annex 3, weights of positions; ITU-R BS.2051, angles of positions.

    Examples
    --------
    >>> weights_of_positions(["FL", "FC", "FR", "BL", "BR", "LFE"])
    (1.0, 1.0, 1.0, 1.41, 1.41, 0.0)
    """
    if not isinstance(positions, Sequence) or isinstance(positions, str) or not all(map(_is_text, positions)):
        raise ParameterError(
            f"positions must be a sequence of names such as FL, FR, got {shown_value(positions)}"
        )
    if any(position.startswith("ACN") for position in positions):
        raise ParameterError(
            "the channels are Ambisonics, which no loudspeaker plays as they are: decode them to loudspeakers first"
        )
    unknown = [position for position in positions if position not in _WEIGHTS]
    if unknown:
        raise ParameterError(
            f"there is no position {shown_value(unknown[0])}: there are {', '.join(_WEIGHTS)}"
        )
    return tuple(_WEIGHTS[position] for position in back_as_side(positions))


def positions_of(layout: str) -> tuple[str, ...]:
    """Return the positions of a named layout, or those of a list such as "FL FC FR BL BR LFE".

    Parameters
    ----------
    layout : str
        A name, or positions separated by spaces or commas; L, R, C, Ls, Rs, Lb, Rb and the like are understood.

    Returns
    -------
    tuple of str
        One position a channel.

    Raises
    ------
    ParameterError
        If the layout is unknown or has more than 8 channels.
    """
    text = layout if isinstance(layout, str) else ""
    name = text.strip().lower()
    if name in LAYOUTS:
        return LAYOUTS[name]
    positions = tuple(_ALIASES.get(word, word) for word in text.replace(",", " ").upper().split())
    channels = _TOO_MANY.get(name, len(positions))
    known = name in _TOO_MANY or (bool(positions) and all(position in _WEIGHTS for position in positions))
    if not known:
        raise ParameterError(
            f"layout must be one of mono, dual_mono, {', '.join(list(LAYOUTS)[1:])}, "
            f'or positions such as "FL FR FC LFE BL BR", got {shown_value(layout)}'
        )
    if channels > MAX_CHANNELS:
        raise ParameterError(
            f"layout {text.strip()!r} has {channels} channels, at most {MAX_CHANNELS} can be measured"
        )
    return positions


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def layout_name(positions: Sequence[str]) -> str:
    """Return the name of a layout in the order of WAV files, of any other order its positions."""
    ordered = back_as_side(positions)
    for name, named in LAYOUTS.items():
        if ordered == named:
            return name
    return " ".join(positions)


def back_as_side(positions: Sequence[str]) -> tuple[str, ...]:
    """Return positions with the back pair as the surround pair without a side pair: formats differ in its name."""
    if "SL" in positions or "SR" in positions:
        return tuple(positions)
    return tuple({"BL": "SL", "BR": "SR"}.get(position, position) for position in positions)
