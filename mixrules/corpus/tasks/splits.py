"""Dividing songs into training, validation and test: by song and by artist, never by snippet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from mixrules.corpus.tasks.same_songs import SongFacts, grouped, same_recordings
from mixrules.corpus.tasks.seeds import drawn_number
from mixrules.corpus.tasks.settings import SPLITS, DatasetSettings
from mixrules.errors import ParameterError

_SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Division:
    """Which song is used for what.

    Attributes
    ----------
    splits : dict
        From a song to its split.
    left_out : dict
        From a reason to the songs that it leaves out.
    duplicates : list of list of str
        Songs that are one recording under several names; they are in one split.
    """

    splits: dict[str, str]
    left_out: dict[str, list[str]]
    duplicates: list[list[str]] = field(default_factory=list)


def divide(songs: Sequence[SongFacts], settings: DatasetSettings) -> Division:
    """Divide songs as settings say; those of one artist, and one recording under several names, stay together.

    Parameters
    ----------
    songs : sequence of SongFacts
        In any order: the division does not depend on it.
    settings : DatasetSettings
        How.

    Returns
    -------
    Division

    Raises
    ------
    ParameterError
        If there are too few songs or artists for three splits, or a song or an artist would be in two.
    """
    groups = grouped(songs)
    if settings.split == "official":
        splits, left_out = _official(groups, settings)
    else:
        splits, left_out = _random(groups, settings), {}
    for split in SPLITS:
        if split not in splits.values():
            raise ParameterError(f"no song is left for {split}: {len(songs)} songs were divided")
    training = sorted(
        (song for song, split in splits.items() if split == "train"),
        key=lambda song: drawn_number(settings.seed, "fraction", song),
    )
    count = max(1, round(settings.fraction * len(training)))
    beyond = training[count:]
    for song in beyond:
        del splits[song]
    if beyond:
        left_out[f"beyond the fraction of {settings.fraction:g} of the training songs"] = sorted(beyond)
    return Division(splits=splits, left_out=left_out, duplicates=same_recordings(songs))


def _in_drawn_order(names: Iterable[str], seed: int, what: str) -> list[str]:
    """Return names in an order that the seed decides, each by itself: more names leave the order of the others."""
    return sorted(names, key=lambda name: drawn_number(seed, what, name))


def _random(groups: Mapping[str, list[SongFacts]], settings: DatasetSettings) -> dict[str, str]:
    """Return splits at random by artist; official validation and test songs, and their artists' others, stay that."""
    if len(groups) < len(SPLITS):
        raise ParameterError(
            f"{sum(map(len, groups.values()))} songs in {len(groups)} group{'s' * (len(groups) != 1)} are too few for "
            "training, validation and test: three groups are needed; songs of one artist, of one title where no artist "
            "is known, or of one recording are a group"
        )
    total = sum(map(len, groups.values()))
    order = _in_drawn_order(groups, settings.seed, "split")
    taken: dict[str, str] = {}
    for split in ("test", "validation") if not settings.ignore_official else ():
        for name in order:
            if any(song.split == split for song in groups[name]):
                taken.setdefault(name, split)
    free = [name for name in order if name not in taken]
    held = {split: sum(len(groups[name]) for name in taken if taken[name] == split) for split in SPLITS}
    shares = {"test": settings.shares[2], "validation": settings.shares[1]}
    for split, share in shares.items():
        count = share * total - held[split]
        if held[split] and count < 1:
            continue
        for name in _fitting(free, groups, max(1, round(count))):
            taken[name] = split
            free.remove(name)
    if not free:
        raise ParameterError(
            "no song is left for training: official validation and test songs and their artists hold "
            f"{held['validation'] + held['test']} of {total} songs, --ignore-official divides them like others"
        )
    return {song.song: taken.get(name, "train") for name in order for song in groups[name]}


def _fitting(names: Sequence[str], groups: Mapping[str, list[SongFacts]], wanted: int) -> list[str]:
    """Return groups that hold as many songs as wanted or just fewer; the smallest one where none is small enough."""
    fitting: list[str] = []
    count = 0
    for name in names:
        if count + len(groups[name]) <= wanted:
            fitting.append(name)
            count += len(groups[name])
    if not fitting and names:
        return [min(names, key=lambda name: len(groups[name]))]
    return fitting


def _official(
    groups: Mapping[str, list[SongFacts]], settings: DatasetSettings
) -> tuple[dict[str, str], dict[str, list[str]]]:
    """Return the data set's own splits; where it has no validation songs, some of training are that, by artist."""
    songs = [song for group in groups.values() for song in group]
    named = [song for song in songs if song.split in SPLITS]
    left_out: dict[str, list[str]] = {}
    unnamed = [song.song for song in songs if song.split not in SPLITS]
    if not any(song.split == "test" for song in named):
        raise ParameterError("the data set has no official test songs: --split songs divides it at random")
    if unnamed:
        left_out["of no official split"] = sorted(unnamed)
    splits = {song.song: song.split for song in named}
    for song in _sharing(groups, settings):
        if song.song in splits:
            del splits[song.song]
            left_out.setdefault("of an artist of another split", []).append(song.song)
    if "validation" not in splits.values():
        _carve_validation(groups, splits, settings)
    return splits, left_out


def _sharing(groups: Mapping[str, list[SongFacts]], settings: DatasetSettings) -> list[SongFacts]:
    """Return songs to drop because their artist is in test too, or raise `ParameterError` where that is refused."""
    if settings.shared_artists == "keep":
        return []
    found = {}
    for name, group in groups.items():
        inside = {song.split for song in group} & set(SPLITS)
        if len(inside) > 1:
            found[name] = max(inside, key=SPLITS.index)
    if found and settings.shared_artists == "refuse":
        artists = [groups[name][0].artist or groups[name][0].song for name in list(found)[:_SHOWN]]
        more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
        raise ParameterError(
            f"the official split has {', '.join(artists)}{more} in two splits: --shared-artists drop leaves their "
            "songs out of training, --shared-artists keep accepts it"
        )
    return [song for name, kept in found.items() for song in groups[name] if song.split != kept]


def _carve_validation(
    groups: Mapping[str, list[SongFacts]], splits: dict[str, str], settings: DatasetSettings
) -> None:
    """Make some artists' training songs validation songs."""
    training = {
        name: inside
        for name, group in groups.items()
        if (inside := [song for song in group if splits.get(song.song) == "train"])
    }
    if len(training) < 2:
        raise ParameterError(
            f"the official training songs are of {len(training)} artist{'s' * (len(training) != 1)}: validation "
            "songs are taken from them by artist, two artists are needed"
        )
    total = sum(map(len, training.values()))
    share = settings.shares[1] / (settings.shares[0] + settings.shares[1])
    order = _in_drawn_order(training, settings.seed, "validation")
    for name in _fitting(order, training, max(1, round(share * total))):
        for song in training[name]:
            splits[song.song] = "validation"
