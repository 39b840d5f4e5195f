"""How much memory the stems of a song will take once they are read, estimated from the headers of their files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from mixrules.files import AudioHeader, audio_header
from mixrules.stems.loading import HOLD_MIB
from mixrules.stems.song_description import SongDescription, StemDescription
from mixrules.stems.song_files.archives import archived_title
from mixrules.stems.song_files.sources import Source, find_sources
from mixrules.stems.song_files.stem_mp4 import StemStream
from mixrules.stems.stem import MAX_STEM_CHANNELS


@dataclass(frozen=True, slots=True)
class _Stem:
    """How much a stem holds; `whole` says that it is read whole, however long the song is."""

    duration_s: float
    channels: int
    sample_rate: int
    whole: bool = False


def held_mib(song: SongDescription, *, sample_rate: int | None = None, hold_mib: float = HOLD_MIB) -> float:
    """Estimate from headers how much memory the stems of a song take while it is worked on.

    Parameters
    ----------
    song : SongDescription
        The song.
    sample_rate : int, optional
        Hz to which everything is brought.
    hold_mib : float
        Stems that take more than this together are left on the disk, as by `load_stems`.

    Returns
    -------
    float
        MiB, at most `hold_mib` where all stems can be left on the disk and read in blocks: 0 then. `HOLD_MIB` for an
        archive, which is not unpacked for this.

    Raises
    ------
    MixrulesError
        If there are no stems, or a header cannot be read; names the file.
    """
    if song.folder is not None and archived_title(song.folder) is not None and not song.folder.is_dir():
        return HOLD_MIB
    stems = list(_stems(song))
    if not stems:
        return 0.0
    rates = Counter(stem.sample_rate for stem in stems)
    rate = sample_rate or max(rates, key=lambda each: (rates[each], each))
    mib_a_channel = max(stem.duration_s for stem in stems) * rate * 4 / 2**20
    total = mib_a_channel * sum(stem.channels for stem in stems)
    if total <= hold_mib:
        return total
    return mib_a_channel * sum(stem.channels for stem in stems if stem.whole)


def _stems(song: SongDescription) -> Iterator[_Stem]:
    if song.folder is not None:
        for source in find_sources(song.folder, {}).sources:
            if (header := _header(source)) is not None:
                yield _Stem(
                    header.samples / header.sample_rate + source.start_s, header.channels, header.sample_rate
                )
        return
    for stem in song.stems:
        yield _described(stem)


def _header(source: Source) -> AudioHeader | None:
    if isinstance(source.read, StemStream):
        return audio_header(source.read.path, channels_max=MAX_STEM_CHANNELS, stream=source.read.stream)
    return None if source.path is None else audio_header(source.path, channels_max=MAX_STEM_CHANNELS)


def _described(stem: StemDescription) -> _Stem:
    """Return how much a stem holds: parts that are summed, and one of several channels, are read whole."""
    headers = [
        audio_header(part.path, channels_max=MAX_STEM_CHANNELS, stream=part.stream) for part in stem.parts
    ]
    one_channel = any(part.channel is not None for part in stem.parts)
    return _Stem(
        max(header.samples / header.sample_rate for header in headers),
        1 if one_channel else max(header.channels for header in headers),
        headers[0].sample_rate,
        whole=one_channel or len(headers) > 1,
    )
