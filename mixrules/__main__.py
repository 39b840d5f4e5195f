"""Run the program as ``python -m mixrules``."""

from mixrules.cli import main

main()
