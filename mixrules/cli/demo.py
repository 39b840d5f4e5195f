"""`mixrules demo`: write the demo song's stems."""

from __future__ import annotations

from pathlib import Path

import click

from mixrules.cli.options import force_option, quiet_option
from mixrules.cli.output import say

_EXAMPLES = """\b
Examples:
  mixrules demo my_song/
  mixrules mix my_song/ -o mix.wav
"""


@click.command("demo", epilog=_EXAMPLES)
@click.argument("folder", type=click.Path(path_type=Path), default="demo_song")
@click.option(
    "--sample-rate", type=int, default=44_100, show_default=True, metavar="HZ", help="8000 to 192000."
)
@force_option
@quiet_option
def command(folder: Path, sample_rate: int, force: bool, quiet: bool) -> None:
    """Write the stems of the built-in demo song into FOLDER, badly balanced on purpose.

    A file of such a name that is not the demo's own is replaced only with --force.
    """
    from mixrules.demo import write_demo

    paths = write_demo(folder, sample_rate=sample_rate, overwrite=force)
    if not quiet:
        say(f"wrote {len(paths)} stems to {folder}: {', '.join(path.name for path in paths)}")
