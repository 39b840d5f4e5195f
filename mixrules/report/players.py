"""Players: sounds side by side at one loudness, for a notebook or a page.

Louder sounds better, whatever else was changed; so sounds that are to be compared are played at one loudness.
"""

from __future__ import annotations

import base64
import html
import io
import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from mixrules._support.arguments import is_finite, require_mapping, require_text, shown_value
from mixrules._support.validation import Audio, as_audio, require_sample_rate
from mixrules.errors import AudioError, ParameterError, in_one_line
from mixrules.loudness import integrated_loudness, true_peak

PLAYED_LUFS = -18.0
"""The loudness of players, where true peaks leave room for it."""
_HIGHEST_DBTP = -1.0
_SILENT_BELOW_LUFS = -70.0
_FADE_S = 0.02
_MP3_RATES = (8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)
_FIGURE = (
    '<figure style="margin:0;flex:1 1 14rem;min-width:0">'
    '<figcaption style="margin:0 0 .2rem;color:inherit;font-weight:600;text-align:left">{title}</figcaption>'
    '<audio controls preload="metadata" style="width:100%" aria-label="{title}" src="{source}"></audio></figure>'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Player:
    """One sound of `PlayerRow`.

    Attributes
    ----------
    title : str
        What it is called.
    gain_db : float
        What brought it to their loudness; 0 for silence.
    media_type : str
        "audio/mpeg", or "audio/ogg" where this system's libsndfile writes no MP3.
    encoded : bytes
        The segment as a file of that type.
    """

    title: str
    gain_db: float
    media_type: str
    encoded: bytes = field(repr=False)

    @property
    def source(self) -> str:
        """The file as an address that holds all of it, for a page."""
        return f"data:{self.media_type};base64,{base64.b64encode(self.encoded).decode()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayerRow:
    """Sounds at one loudness; a notebook shows a player for each.

    Attributes
    ----------
    players : tuple of Player
        In the order in which they were given.
    lufs : float
        Their loudness; ``-inf`` where all of them are silent.
    start_s, length_s : float
        The segment that is played.
    """

    players: tuple[Player, ...]
    lufs: float
    start_s: float
    length_s: float

    @property
    def caption(self) -> str:
        """What is played, in words."""
        level = f"at {self.lufs:.1f} LUFS" if math.isfinite(self.lufs) else "silent"
        each = "each " if len(self.players) > 1 else ""
        return f"{each}{level}, {self.length_s:.1f} s from {self.start_s:.1f} s on"

    def to_html(self) -> str:
        """Return the players as a fragment of HTML that needs no other file."""
        figures = [
            _FIGURE.format(title=html.escape(player.title), source=player.source) for player in self.players
        ]
        return (
            '<div class="mixrules-players" style="margin:1rem 0">'
            f'<div style="display:flex;flex-wrap:wrap;gap:.75rem">{"".join(figures)}</div>'
            f'<div style="opacity:.75;font-size:.85em">{html.escape(self.caption)}</div></div>'
        )

    def _repr_html_(self) -> str:
        return self.to_html()


def players(
    sounds: Mapping[str, npt.ArrayLike],
    sample_rate: int,
    *,
    start_s: float = 0.0,
    length_s: float = 10.0,
) -> PlayerRow:
    """Make players of one segment of several sounds, all at the same loudness.

    Each segment is measured, and all get the loudness of -18 LUFS, or less where the true peak of one of them would
    pass -1 dBTP.

    Parameters
    ----------
    sounds : mapping of str to array_like, shape (samples, channels) or (samples,)
        Titles to audio, full scale ±1.0, 1 or 2 channels. Not modified.
    sample_rate : int
        Hz.
    start_s : float
        Where the segment begins, seconds.
    length_s : float
        How long it is at the most.

    Returns
    -------
    PlayerRow
        A notebook shows it; `PlayerRow.to_html` is the same for a page.

    Raises
    ------
    AudioError
        If a sound cannot be used, or ends before the segment begins.
    ParameterError
        If another argument is out of range.

    Examples
    --------
    >>> import numpy as np
    >>> noise = np.random.default_rng(0).standard_normal((44_100, 2))
    >>> made = players({"noise": 0.01 * noise, "the same, louder": 0.1 * noise}, 44_100)
    >>> print(made.caption)
    each at -18.0 LUFS, 1.0 s from 0.0 s on
    >>> [round(player.gain_db, 1) for player in made.players]
    [15.9, -4.1]
    """
    require_mapping(sounds, name="sounds", what="of titles to audio")
    sample_rate = require_sample_rate(sample_rate)
    if not sounds:
        raise ParameterError("sounds holds no sound, at least one is needed")
    if not is_finite(start_s) or start_s < 0:
        raise ParameterError(f"start_s must be 0 or more, got {shown_value(start_s)}")
    if not is_finite(length_s) or length_s <= 0:
        raise ParameterError(f"length_s must be above 0, got {shown_value(length_s)}")
    titles = [in_one_line(require_text(title, name="each title of sounds")) for title in sounds]
    segments = [
        _segment(audio, title, sample_rate, float(start_s), float(length_s))
        for title, audio in zip(titles, sounds.values(), strict=True)
    ]
    levels = [integrated_loudness(segment, sample_rate) for segment in segments]
    audible = [level >= _SILENT_BELOW_LUFS for level in levels]
    possible = [
        level + _HIGHEST_DBTP - true_peak(segment, sample_rate)
        for level, segment, has_sound in zip(levels, segments, audible, strict=True)
        if has_sound
    ]
    lufs = min(PLAYED_LUFS, *possible) if possible else -math.inf
    made = []
    for title, segment, level, has_sound in zip(titles, segments, levels, audible, strict=True):
        gain_db = lufs - level if has_sound else 0.0
        encoded, media_type = _encoded(segment * segment.dtype.type(10.0 ** (gain_db / 20.0)), sample_rate)
        made.append(Player(title=title, gain_db=gain_db, media_type=media_type, encoded=encoded))
    longest_s = max(map(len, segments)) / sample_rate
    return PlayerRow(players=tuple(made), lufs=lufs, start_s=float(start_s), length_s=longest_s)


def _segment(audio: npt.ArrayLike, title: str, sample_rate: int, start_s: float, length_s: float) -> Audio:
    """Return a part of a sound with short fades at its ends."""
    array = as_audio(audio, name=f"sound {title!r}", max_channels=2)
    first = round(min(start_s * sample_rate, len(array)))
    segment = array[first : first + round(min(length_s * sample_rate, len(array)))].copy()
    if not len(segment):
        raise AudioError(
            f"sound {title!r} ends at {len(array) / sample_rate:.1f} s, "
            f"the segment from {float(start_s):g} s on holds nothing"
        )
    fade = min(len(segment) // 2, round(_FADE_S * sample_rate))
    ramp = np.linspace(0.0, 1.0, fade, dtype=segment.dtype)[:, np.newaxis]
    segment[:fade] *= ramp
    segment[len(segment) - fade :] *= ramp[::-1]
    return segment


def _encoded(audio: Audio, sample_rate: int) -> tuple[bytes, str]:
    """Return a sound as a small file and its media type: MP3, which every browser plays, where it can be written."""
    import soundfile

    if sample_rate not in _MP3_RATES:
        import soxr

        audio, sample_rate = soxr.resample(audio, sample_rate, 48_000), 48_000
    kind, media_type = (
        ("MP3", "audio/mpeg") if "MP3" in soundfile.available_formats() else ("OGG", "audio/ogg")
    )
    file = io.BytesIO()
    soundfile.write(file, audio, sample_rate, format=kind)
    return file.getvalue(), media_type
