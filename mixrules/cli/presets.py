"""`mixrules presets`: the rule sets and every constant with its unit and source."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING

import click

from mixrules.cli.completions import preset_names
from mixrules.cli.output import say

if TYPE_CHECKING:
    from mixrules.constant import Value


_EXAMPLES = """\b
Examples:
  mixrules presets
  mixrules presets default
  mixrules presets survey-2022 --json
"""


@click.command("presets", epilog=_EXAMPLES)
@click.argument("name", required=False, shell_complete=preset_names)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(name: str | None, as_json: bool) -> None:
    """List the rule sets, or every constant of the one called NAME."""
    from mixrules import presets

    if name is None:
        loaded = [presets.load(each) for each in presets.names()]
        if as_json:
            click.echo(json.dumps([{"name": r.name, "about": r.about} for r in loaded], indent=2))
            return
        for rules in loaded:
            say(f"{rules.name:<14} {rules.about}")
        say()
        say("`mixrules presets NAME` lists a rule set's constants; --set NAME=VALUE changes one.")
        return
    rules = presets.load(name)
    if as_json:
        document = {
            "name": rules.name,
            "about": rules.about,
            "chain": [str(step) for step in rules.chain],
            "styles": {key: dataclasses.asdict(style) for key, style in rules.styles.items()},
            "constants": {key: dataclasses.asdict(c) for key, c in rules.constants.items()},
        }
        click.echo(json.dumps(document, indent=2))
        return
    say(f"{rules.name}: {rules.about}")
    say(f"chain: {' -> '.join(str(step) for step in rules.chain)}")
    for key, constant in rules.constants.items():
        say()
        say(f"{key} = {_shown(constant.value)} {constant.unit}".rstrip())
        say(f"    {constant.about}")
        say(f"    source: {constant.source}")
    for style in rules.styles.values():
        say()
        say(f"--style {style.name}: {style.about}")
        for key, change in style.changes.items():
            say(f"    {key} {change.in_words(rules.constants[key].unit)}")
            say(f"        source: {change.source}")


def _shown(value: Value) -> str:
    """Return a value as `--set` takes it, numbers to six digits."""
    if isinstance(value, tuple):
        return ",".join(_shown(item) for item in value) or "none"
    return f"{value:.6g}" if isinstance(value, float) else str(value)
