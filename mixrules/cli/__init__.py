"""The command line, one file a command. No DSP in here."""

from mixrules.cli.app import main

__all__ = ["main"]
