"""Rows of the tables on a song's page: what was measured before and after, and what was wanted."""

from __future__ import annotations

import math
from dataclasses import dataclass

from mixrules.report.page_frame import fixed
from mixrules.report.song.pictures import MeasuredSong, SoundPicture, StemPicture


@dataclass(frozen=True, slots=True)
class MeasureRow:
    """A measure of the whole mix or of a stem, before and after."""

    name: str
    unit: str
    before: float
    after: float
    wanted: float
    lowest: str = "silent"
    """What a value of -inf is called."""
    highest: str = "–"
    """What a value of inf is called."""

    def shown(self, value: float) -> str:
        """Return a value as the table shows it."""
        if math.isinf(value):
            return self.highest if value > 0.0 else self.lowest
        return fixed(value, 1)


def whole_rows(song: MeasuredSong) -> list[MeasureRow]:
    """Return what the whole song measures."""
    before, after, master = song.whole_before, song.whole_after, song.master
    return [
        MeasureRow("loudness", "LUFS", before.integrated_lufs, after.integrated_lufs, master.target_lufs),
        MeasureRow("loudness range", "LU", before.loudness_range_lu, after.loudness_range_lu, math.nan),
        MeasureRow("true peak", "dBTP", before.true_peak_dbtp, after.true_peak_dbtp, master.ceiling_dbtp),
        MeasureRow(
            "true peak over loudness",
            "LU",
            before.true_peak_dbtp - before.integrated_lufs,
            after.true_peak_dbtp - after.integrated_lufs,
            math.nan,
        ),
        _side_row(before, after),
    ]


def stem_rows(stem: StemPicture) -> list[MeasureRow]:
    """Return what one stem measures."""
    given, after, target = stem.given, stem.after, stem.target
    wanted = math.nan
    if target is not None and target.kind == "stem_integrated_lufs":
        wanted = target.stated
    rows = [
        MeasureRow("loudness", "LUFS", given.integrated_lufs, after.integrated_lufs, wanted),
        MeasureRow("loudness range", "LU", given.loudness_range_lu, after.loudness_range_lu, math.nan),
        MeasureRow(
            "left over right",
            "dB",
            given.left_to_right_db,
            after.left_to_right_db,
            math.nan,
            lowest="right only",
            highest="left only",
        ),
        _side_row(given, after),
    ]
    if target is not None and target.kind == "vocal_to_backing_lu":
        rows.append(MeasureRow("over the backing", "LU", math.nan, target.measured, target.stated))
    if target is not None and target.kind == "group_integrated_lufs":
        together = ", ".join(target.stems)
        rows.append(MeasureRow(f"together: {together}", "LUFS", math.nan, target.measured, target.stated))
    rows += [
        MeasureRow(f"reverb “{send.bus}” over dry", "LU", math.nan, send.to_dry_lu, math.nan)
        for send in stem.sends
    ]
    return rows


def _side_row(before: SoundPicture, after: SoundPicture) -> MeasureRow:
    return MeasureRow(
        "side over middle",
        "dB",
        before.side_to_mid_db,
        after.side_to_mid_db,
        math.nan,
        lowest="mono",
        highest="no middle",
    )
