"""What a person reads or hears: tables of decisions, pages and figures, and sounds side by side at one loudness."""

from mixrules.report.players import Player, PlayerRow, players
from mixrules.report.song.decisions import DecisionRow, decision_rows, failed_statements
from mixrules.report.song.figures import (
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
from mixrules.report.song.measured import measure_song, measure_sound
from mixrules.report.song.page import write_song_page
from mixrules.report.song.pictures import MeasuredSong, SoundPicture, StemPicture

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
