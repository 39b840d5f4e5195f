"""What was measured of a reference: levels, ranges, spectra and widths of its parts and of its mix. Plain numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceTarget:
    """A source of the backing: an instrument, or a kit with all of its pieces.

    Attributes
    ----------
    role : str
        Its role; ``"drums"`` for a kit.
    lufs : float
        Its integrated loudness in the mix, but for a gain that all sources share.
    pieces : mapping of str to float
        Of a kit in several pieces each piece's loudness, by role; several of one role follow each other.
    kit_pieces : int
        Of how many instruments a kit is made; 0 for any other source.
    """

    role: str
    lufs: float
    pieces: tuple[tuple[str, float], ...] = ()
    kit_pieces: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StemTarget:
    """What one stem of a reference measures; NaN where that is not known.

    Attributes
    ----------
    role : str
        Its role, for a double that of what it doubles.
    loudness_range_lu, crest_db : float
        As it leaves its compressor.
    octaves_db : tuple of float
        Levels of the octave bands from 63 Hz, of which only the differences mean something; empty where not known.
    side_to_mid_db : float
        Power of its side over that of its mid; -inf for mono.
    reverb_to_dry_lu : float
        Loudness of its reverb against the stem without it.
    """

    role: str
    loudness_range_lu: float = math.nan
    crest_db: float = math.nan
    octaves_db: tuple[float, ...] = ()
    side_to_mid_db: float = math.nan
    reverb_to_dry_lu: float = math.nan


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceTargets:
    """What was measured of one reference; NaN where it does not tell.

    Attributes
    ----------
    name : str
        What sentences call it.
    sources : tuple of SourceTarget
        The sources of the backing with their levels; empty where their balance is not known.
    has_vocal : bool
        Whether there is a lead vocal.
    vocal_to_backing_lu : float
        Loudness of the lead vocals against everything else.
    vocal_to_loudest_lu : float
        Against the loudest other source, where there are several.
    backing_vocals_to_lead_lu : float
        Loudness of all backing vocals against the lead vocals.
    returns_to_lead_lu, doubles_to_lead_lu : tuple of float
        Loudness of stems that are a return, or a double, against what they go with.
    stems : tuple of StemTarget
        What each stem measures.
    t60_s : tuple of float
        Reverberation times of its rooms.
    integrated_lufs, loudness_range_lu : float
        Of the finished mix.
    side_to_mid_db, slope_db_per_octave : float
        Of the mix.
    notes : tuple of str
        What could not be read, and why.
    """

    name: str
    sources: tuple[SourceTarget, ...] = ()
    has_vocal: bool = False
    vocal_to_backing_lu: float = math.nan
    vocal_to_loudest_lu: float = math.nan
    backing_vocals_to_lead_lu: float = math.nan
    returns_to_lead_lu: tuple[float, ...] = ()
    doubles_to_lead_lu: tuple[float, ...] = ()
    stems: tuple[StemTarget, ...] = ()
    t60_s: tuple[float, ...] = ()
    integrated_lufs: float = math.nan
    loudness_range_lu: float = math.nan
    side_to_mid_db: float = math.nan
    slope_db_per_octave: float = math.nan
    notes: tuple[str, ...] = field(default=())
