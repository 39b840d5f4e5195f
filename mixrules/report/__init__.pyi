# What `mixrules.report` offers: __init__.py attaches these names, and type checkers read them here.
from .players import Player, PlayerRow, players
from .song.decisions import DecisionRow, decision_rows, failed_statements
from .song.figures import (
    draw_compressor,
    draw_eq,
    draw_gain_reduction,
    draw_loudness,
    draw_masking,
    draw_pan,
    draw_plan,
    draw_reverb,
    draw_spectra,
    draw_spectrum,
    draw_waveforms,
)
from .song.measured import measure_song, measure_sound
from .song.page import write_song_page
from .song.pictures import MeasuredSong, SoundPicture, StemPicture

__all__ = [
    "DecisionRow",
    "MeasuredSong",
    "Player",
    "PlayerRow",
    "SoundPicture",
    "StemPicture",
    "decision_rows",
    "draw_compressor",
    "draw_eq",
    "draw_gain_reduction",
    "draw_loudness",
    "draw_masking",
    "draw_pan",
    "draw_plan",
    "draw_reverb",
    "draw_spectra",
    "draw_spectrum",
    "draw_waveforms",
    "failed_statements",
    "measure_song",
    "measure_sound",
    "players",
    "write_song_page",
]
