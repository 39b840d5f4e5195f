"""What a person reads or hears: tables of decisions, pages and figures, and sounds side by side at one loudness."""

from mixrules.report.players import Player, PlayerRow, players
from mixrules.report.song.decisions import DecisionRow, decision_rows, failed_statements

__all__ = ["DecisionRow", "Player", "PlayerRow", "decision_rows", "failed_statements", "players"]
