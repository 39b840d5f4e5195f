"""The master of a session: its plug-ins at the plan's settings, or the nearest that they take, since none is rendered."""

from __future__ import annotations

from mixrules.export.ardour.panning import STEREO_PANNER
from mixrules.export.ardour.plugins import (
    BAND_RANGES,
    COMPRESSOR_RANGES,
    HIGHEST_FADER_DB,
    LIMITER_GAIN_DB,
    LIMITER_RANGES,
    Plugin,
    compressor_plugin,
    equalizer_plugins,
    gain_plugins,
    limiter_plugin,
)
from mixrules.export.ardour.session import RouteSettings
from mixrules.export.colours import MASTER_COLOUR
from mixrules.export.hosts import nearest
from mixrules.export.project import Project
from mixrules.processors import EqualizerParams, LimiterParams, db_to_gain


def master_settings(project: Project, name: str) -> RouteSettings:
    """Return the settings of a session's master, to be called `name`."""
    master = project.master
    bands = tuple(nearest(band, BAND_RANGES) for band in master.equalizer.bands)
    plugins = [*equalizer_plugins(EqualizerParams(bands=bands), 2)]
    if master.compressor is not None:
        plugins.append(compressor_plugin(nearest(master.compressor, COMPRESSOR_RANGES), 2))
    fader_db = master.gain_db
    if master.limiter is not None:
        limiting, fader_db = _limiting(master.limiter, master.gain_db)
        plugins += limiting
    excess_db = max(fader_db - HIGHEST_FADER_DB, 0.0)
    plugins += gain_plugins(excess_db, 2)
    return RouteSettings(
        name=name,
        kind="master",
        colour=MASTER_COLOUR,
        note=project.master_note,
        fader=float(db_to_gain(fader_db - excess_db)),
        panner=STEREO_PANNER,
        plugins=tuple(plugins),
    )


def _limiting(limiter: LimiterParams, gain_db: float) -> tuple[list[Plugin], float]:
    """Return a gain and the limiter after it, and what the fader takes away again.

    A ceiling below the plug-in's lowest is held all the same: as much louder before it as it is softer after.
    """
    held = nearest(limiter, LIMITER_RANGES)
    lowered_db = held.ceiling_dbtp - limiter.ceiling_dbtp
    low_db, high_db = LIMITER_GAIN_DB
    wanted_db = gain_db + lowered_db
    own_db = min(max(wanted_db, low_db), high_db)
    return [*gain_plugins(wanted_db - own_db, 2), limiter_plugin(held, 2, gain_db=own_db)], -lowered_db
