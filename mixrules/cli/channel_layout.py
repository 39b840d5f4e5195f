"""Which loudspeaker layout a file is measured in: the one that was named, the file's own, or the usual one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mixrules.errors import ParameterError


@dataclass(frozen=True, slots=True)
class ChannelLayout:
    """A layout, where it comes from ("option", "file", "default" or "guess"), its weights, and what to say of it."""

    name: str
    source: str
    weights: tuple[float, ...]
    note: str = ""


def channel_layout(path: Path, channels: int, *, named: str | None, dual_mono: bool) -> ChannelLayout:
    """Return the layout of a file with that many channels.

    Parameters
    ----------
    path : Path
        The file.
    channels : int
        1 to 8.
    named : str or None
        The layout that the user named, if any.
    dual_mono : bool
        Whether files of one channel will be played by two loudspeakers.

    Returns
    -------
    ChannelLayout
        "guess" where more than two channels are taken as the usual layout of so many.

    Raises
    ------
    ParameterError
        If the named layout does not fit, or the channels are no loudspeakers'.
    """
    from mixrules.files import speaker_positions
    from mixrules.loudness import channel_weights, layout_name, positions_of, weights_of_positions
    from mixrules.loudness.channels import default_layout

    if named is not None:
        weights = channel_weights(named)
        if len(weights) != channels:
            raise ParameterError(f"the layout {named!r} has {len(weights)} channels, the file {channels}")
        name = named if named == "dual_mono" else layout_name(positions_of(named))
        return ChannelLayout(name, "option", weights)
    if dual_mono and channels == 1:
        return ChannelLayout("dual_mono", "option", channel_weights("dual_mono"))
    unused = f"it has {channels} channels, and --dual-mono is for one" if dual_mono else ""
    positions = speaker_positions(path)
    if positions is not None and len(positions) == channels:
        weights = weights_of_positions(positions)
        silent = "only low-frequency channels, which count nothing in loudness" if not any(weights) else ""
        return ChannelLayout(layout_name(positions), "file", weights, unused or silent)
    name = default_layout(channels)
    if channels <= 2:
        return ChannelLayout(name, "default", channel_weights(name), unused)
    guess = (
        f"the file does not say where its {channels} channels belong, taken as {name}: --layout names another"
    )
    return ChannelLayout(name, "guess", channel_weights(name), guess)
