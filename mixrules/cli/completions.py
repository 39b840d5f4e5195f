"""What a shell offers for the names that options take: presets, styles, rules, constants, layouts, systems, engines.

Each function is click's `shell_complete` of an option: it gets what is typed so far and returns what may follow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    import click

    from mixrules.ruleset import RuleSet

_DEFAULT = "default"


def preset_names(_context: click.Context, _parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """Offer the rule sets."""
    from mixrules import presets

    return _items({name: presets.load(name).about for name in presets.names()}, typed)


def style_names(context: click.Context, _parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """Offer the styles of the chosen rule set."""
    return _items({name: style.about for name, style in _rules(context).styles.items()}, typed)


def rule_names(context: click.Context, _parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """Offer the rules of the chosen rule set."""
    return _items(dict.fromkeys(_rules(context).rules, ""), typed)


def constant_names(context: click.Context, _parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """Offer the constants of the chosen rule set, up to the sign after which their value comes."""
    return _items({f"{name}=": each.about for name, each in _rules(context).constants.items()}, typed)


def data_set_layouts(
    _context: click.Context, _parameter: click.Parameter, typed: str
) -> list[CompletionItem]:
    """Offer the layouts of data sets."""
    from mixrules.corpus.layouts import AUTO, NAMES

    return _items(dict.fromkeys((*NAMES, AUTO), ""), typed)


def channel_layouts(_context: click.Context, _parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """Offer the layouts of channels."""
    from mixrules.loudness.layouts import LAYOUTS

    return _items(dict.fromkeys(LAYOUTS, ""), typed)


def engine_names(_context: click.Context, _parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """Offer the engines."""
    from mixrules.engine import ENGINES

    return _items(dict.fromkeys(ENGINES, ""), typed)


def system_lists(_context: click.Context, _parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """Offer the systems that compare and stimuli take, for the last place of a list with commas."""
    from mixrules import presets

    before, comma, last = typed.rpartition(",")
    there = before.split(",")
    systems = [
        name
        for name in ("none", "equal", "random", *presets.names(), "human", "matched")
        if name not in there
    ]
    return [
        CompletionItem(f"{before}{comma}{item.value}") for item in _items(dict.fromkeys(systems, ""), last)
    ]


def _rules(context: click.Context) -> RuleSet:
    """Return the rule set that the line names so far."""
    from mixrules import presets

    chosen = context.params.get("preset")
    return presets.load(chosen if chosen in presets.names() else _DEFAULT)


def _items(names: dict[str, str], typed: str) -> list[CompletionItem]:
    return [
        CompletionItem(name, help=about or None) for name, about in names.items() if name.startswith(typed)
    ]
