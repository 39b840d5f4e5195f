"""`mixrules warmup`: compile all kernels now."""

from __future__ import annotations

import click

from mixrules.cli.options import quiet_option
from mixrules.cli.output import say

_EXAMPLES = """\b
Examples:
  mixrules warmup
"""


@click.command("warmup", epilog=_EXAMPLES)
@quiet_option
def command(quiet: bool) -> None:
    """Compile all kernels now, so that no later run has to: for container images, clusters, and a first run on time.

    The machine code is kept beside the installed package or, where that cannot be written to, in numba's folder of the
    user; the variable NUMBA_CACHE_DIR names another. It belongs to one kind of processor: on a cluster, warm up on a node
    of each kind.
    """
    from mixrules.warmup import warmup

    done = warmup()
    if quiet:
        return
    compiled = f"{done.compiled} compiled in {done.seconds:.1f} s" if done.compiled else "all compiled before"
    say(f"{done.kernels} kernels, {compiled}; kept in {done.folder or 'memory only'}")
