"""`mixrules completion`: the script by which a shell completes the program's names."""

from __future__ import annotations

import click

_SHELLS = ("bash", "zsh", "fish")
_EXAMPLES = """\b
Examples:
  mixrules completion bash >> ~/.bashrc
  mixrules completion zsh >> ~/.zshrc
  mixrules completion fish > ~/.config/fish/completions/mixrules.fish
"""


@click.command("completion", epilog=_EXAMPLES)
@click.argument("shell", type=click.Choice(_SHELLS))
def command(shell: str) -> None:
    """Print the script by which SHELL completes commands, options, presets, rules, styles, layouts and systems.

    It holds from the next shell on. Bash 4.4 or newer, with the package bash-completion.
    """
    from click.shell_completion import get_completion_class

    from mixrules.cli.app import cli
    from mixrules.cli.output import say

    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"there is no completion for {shell}")
    # Of the base class: Bash's own would first ask the Bash on this machine, which need not be the one meant.
    script = kind(cli, {}, "mixrules", "_MIXRULES_COMPLETE")
    for line in (script.source_template % script.source_vars()).splitlines():
        say(line)
