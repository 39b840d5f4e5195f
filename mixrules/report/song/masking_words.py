"""Who hides whom in plain words: a row for each pair of stems, the strongest first."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mixrules.report.song.pictures import Floats, MaskingPicture, MeasuredSong

LEAST_PERCENT = 5.0
"""Less than this of a stem is not told."""
_RANGE_SHARE = 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class HiddenBy:
    """One stem hidden by another, or by all others together.

    Attributes
    ----------
    stem : str
        Who is hidden.
    by : str
        By whom; empty for all others together.
    low_hz, high_hz : float
        The range in which most of that happens.
    before_percent, after_percent : float
        How much of the stem is hidden, as given and in the mix.
    """

    stem: str
    by: str
    low_hz: float
    high_hz: float
    before_percent: float
    after_percent: float

    @property
    def most_percent(self) -> float:
        """The larger of both."""
        return max(self.before_percent, self.after_percent)


def hidden_rows(song: MeasuredSong, *, all_pairs: bool = False) -> tuple[list[HiddenBy], list[HiddenBy]]:
    """Return what is hidden by all others together, and by which other stem.

    Parameters
    ----------
    song : MeasuredSong
        The song.
    all_pairs : bool
        Also those of which next to nothing is hidden.

    Returns
    -------
    together : list of HiddenBy
        What all others hide of each stem, the most first; empty where fewer than two stems sound.
    pairs : list of HiddenBy
        What each other stem hides alone, the most first.
    """
    before, after = song.masking_before, song.masking_after
    names = [stem.name for stem in song.stems]
    together, pairs = [], []
    for name in names:
        row = _row(name, "", before, after)
        if row is not None:
            together.append(row)
        pairs += [
            pair
            for other in names
            if other != name and (pair := _row(name, other, before, after)) is not None
        ]
    told = [pair for pair in pairs if all_pairs or pair.most_percent >= LEAST_PERCENT]
    return _sorted(together), _sorted(told)


def _sorted(rows: list[HiddenBy]) -> list[HiddenBy]:
    return sorted(rows, key=lambda row: (-row.after_percent, -row.before_percent, row.stem, row.by))


def _row(name: str, by: str, before: MaskingPicture | None, after: MaskingPicture | None) -> HiddenBy | None:
    """Return a row; None where the stem sounds neither before nor after."""
    found = [_shares(picture, name, by) for picture in (before, after)]
    shares = [share for share in found if share is not None]
    picture = after if before is None else before
    if not shares or picture is None:
        return None
    # Where it happens in the mix; as given where the mix hides nothing.
    low, high = _main_range(next((share for share in reversed(shares) if share.sum() > 0.0), shares[-1]))
    before_percent, after_percent = (0.0 if share is None else 100.0 * float(share.sum()) for share in found)
    return HiddenBy(
        stem=name,
        by=by,
        low_hz=picture.low_hz[low],
        high_hz=picture.high_hz[high],
        before_percent=before_percent,
        after_percent=after_percent,
    )


def _shares(picture: MaskingPicture | None, name: str, by: str) -> Floats | None:
    """Return by range how much of a stem is hidden; None where it, or who hides it, does not sound."""
    if picture is None or name not in picture.names or (by and by not in picture.names):
        return None
    stem = picture.names.index(name)
    return picture.hidden_by[:, stem, picture.names.index(by)] if by else picture.hidden[:, stem]


def _main_range(share: Floats) -> tuple[int, int]:
    """Return the first and the last of the neighbouring ranges that hold most of a share, as few as do."""
    total = float(share.sum())
    if total <= 0.0:
        return 0, len(share) - 1
    count = len(share)
    for width in range(1, count + 1):
        sums = np.convolve(share, np.ones(width), "valid")
        best = int(np.argmax(sums))
        if sums[best] >= _RANGE_SHARE * total:
            return best, best + width - 1
    return 0, count - 1
