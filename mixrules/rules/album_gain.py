"""The master of an album: all of its songs get one gain, so that what is louder before stays as much louder.

The loudness of the album is that of its songs' sums as of one programme (`integrated_together`). The target, the ceiling
and how much may be limited are those of the master rule of the chain.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass

from mixrules._support.wording import prints_as_zero, signed
from mixrules.decision import Decision, Quantity, Statement
from mixrules.loudness import BlockEnergies, integrated_together
from mixrules.processors import LimiterParams
from mixrules.rules.master import (
    ROUNDING_DB,
    RULE,
    LimitSettings,
    NormaliseSettings,
    gain_to_target,
    starting_master,
)
from mixrules.session import Session

_SOURCE = "loudness of an album: ReplayGain 2.0, album gain, measured by ITU-R BS.1770-5; true peak: BS.1770-5 Annex 2"


@dataclass(frozen=True, slots=True, kw_only=True)
class SongSum:
    """What the sum of a song's stems measures before the master.

    Attributes
    ----------
    song : str
        Its name.
    energies : BlockEnergies
        Its K-weighted energies.
    true_peak_dbtp : float
        Its true peak.
    """

    song: str
    energies: BlockEnergies
    true_peak_dbtp: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AlbumGain:
    """The gain of an album.

    Attributes
    ----------
    album : str
        Its name; empty where it has none.
    songs : int
        How many songs it was found from.
    gain_db : float
        What each of them gets.
    before_lufs, reached_lufs : float
        What they measure together before the gain and after it; -inf where they have no loudness.
    held_back_by : str
        The song whose peak allows no more gain; empty where the target is reached.
    """

    album: str
    songs: int
    gain_db: float
    before_lufs: float
    reached_lufs: float
    held_back_by: str = ""


def album_gain(album: str, sums: Sequence[SongSum], settings: NormaliseSettings) -> AlbumGain:
    """Find the one gain that brings the songs of an album together to the target.

    Parameters
    ----------
    album : str
        Its name.
    sums : sequence of SongSum
        Its songs, at least one.
    settings : NormaliseSettings
        The constants of the chain's master rule. The song with the highest peak must not need more limiting than they
        allow; that holds back the whole album.

    Returns
    -------
    AlbumGain
    """
    energies = [song.energies for song in sums]
    before_lufs = integrated_together(energies)
    if not math.isfinite(before_lufs):
        return AlbumGain(
            album=album, songs=len(sums), gain_db=0.0, before_lufs=before_lufs, reached_lufs=before_lufs
        )
    loudest = max(sums, key=lambda song: song.true_peak_dbtp)
    most_db = settings.ceiling_dbtp + _max_limiting_db(settings) - loudest.true_peak_dbtp
    gain_db, reached_lufs = gain_to_target(energies, before_lufs, most_db, settings)
    short = settings.target_lufs - reached_lufs >= settings.reached_lu
    return AlbumGain(
        album=album,
        songs=len(sums),
        gain_db=gain_db - ROUNDING_DB if gain_db == most_db else gain_db,
        before_lufs=before_lufs,
        reached_lufs=reached_lufs,
        held_back_by=loudest.song if short else "",
    )


def with_album_gain(session: Session, settings: NormaliseSettings, album: AlbumGain) -> list[Decision]:
    """Give a song the gain of its album; the limiter holds its peaks, where the master rule has one."""
    if not math.isfinite(album.before_lufs):
        return [
            Decision(
                rule=RULE,
                source=_SOURCE,
                sentence=f"The mix gets no gain: {_named(album)} is too quiet to have a loudness.",
            )
        ]
    before = session.mix_loudness()
    peak_dbtp = before.true_peak_dbtp + album.gain_db
    master = starting_master(session, album.gain_db)
    if isinstance(settings, LimitSettings) and _needs_limiter(peak_dbtp, settings):
        limiter = LimiterParams(
            ceiling_dbtp=settings.ceiling_dbtp,
            lookahead_ms=settings.lookahead_ms,
            release_ms=settings.release_ms,
        )
        master = dataclasses.replace(master, limiter=limiter)
    after = session.mastered_loudness(master)
    limiting_db = max(0.0, peak_dbtp - settings.ceiling_dbtp) if master.limiter else 0.0
    statements = [
        Statement(kind="mix_true_peak_dbtp", unit="dBTP", stated=round(after.true_peak_dbtp, 2)),
    ]
    if math.isfinite(after.integrated_lufs):
        stated = Statement(kind="mix_integrated_lufs", unit="LUFS", stated=round(after.integrated_lufs, 2))
        statements.insert(0, stated)
    return [
        Decision(
            rule=RULE,
            source=_SOURCE,
            measured=(
                Quantity.of("integrated loudness of the album", album.before_lufs, "LUFS"),
                Quantity.of("integrated loudness", before.integrated_lufs, "LUFS"),
                Quantity.of("true peak", before.true_peak_dbtp, "dBTP"),
                Quantity.of("limiting", limiting_db, "dB"),
            ),
            threshold=(
                f"{settings.target_lufs:g} LUFS for the album, {settings.ceiling_dbtp:g} dBTP, "
                f"at most {_max_limiting_db(settings):g} dB of limiting"
            ),
            parameters={"master": master},
            sentence=_sentence(album, settings, after.integrated_lufs, limiting_db),
            statements=tuple(statements),
        )
    ]


def _max_limiting_db(settings: NormaliseSettings) -> float:
    return settings.max_limiting_db if isinstance(settings, LimitSettings) else 0.0


def _needs_limiter(peak_dbtp: float, settings: LimitSettings) -> bool:
    return settings.max_limiting_db > 0.0 and peak_dbtp > settings.ceiling_dbtp - settings.limiter_margin_db


def _named(album: AlbumGain) -> str:
    return f"the album {album.album}" if album.album else "the album"


def _sentence(album: AlbumGain, settings: NormaliseSettings, reached_lufs: float, limiting_db: float) -> str:
    songs = "the only song" if album.songs == 1 else f"all {album.songs} songs"
    limiting = "" if prints_as_zero(limiting_db) else f", {limiting_db:.1f} dB of limiting"
    own = f", and reaches {reached_lufs:.1f} LUFS" if math.isfinite(reached_lufs) else ""
    gain = f"The mix gets {signed(album.gain_db)} dB, the gain of {songs} of {_named(album)}{limiting}{own}"
    together = f"by that gain the album reaches {album.reached_lufs:.1f} LUFS"
    if not album.held_back_by:
        return f"{gain}; {together}, as wanted."
    short_lu = settings.target_lufs - album.reached_lufs
    most_db = _max_limiting_db(settings)
    why = (
        f"more would need over {most_db:g} dB of limiting in {album.held_back_by}"
        if most_db
        else f"more gain would pass {settings.ceiling_dbtp:g} dBTP in {album.held_back_by}"
    )
    return f"{gain}; {together}, {short_lu:.1f} LU under the target of {settings.target_lufs:g} LUFS: {why}."
