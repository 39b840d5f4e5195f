"""The site leaves nothing out: public names, commands, rules and presets, and links that only the site changes."""

from __future__ import annotations

import importlib
import pkgutil
import re
import types
from pathlib import Path
from typing import Any

import pytest
from repository_links import for_the_site, with_included

import mixrules
from mixrules import errors, presets
from mixrules.cli.app import cli
from mixrules.rules import RULES

DOCS = Path(__file__).resolve().parent.parent / "docs"
LISTED = [
    line.strip()
    for page in sorted((DOCS / "api").glob("*.md"))
    for block in re.findall(
        r"^\.\. autosummary::\n.*?^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    for line in block.splitlines()
    if line.startswith("   mixrules.")
]
# Packages whose lists of names are for the package itself. What of them is public stands in `mixrules`, or is listed.
INTERNAL = {
    "mixrules.cli",
    "mixrules.files",
    "mixrules.fourier",
    "mixrules.metering",
    "mixrules.normalization",
}
CHAIN_ROW = re.compile(r"^\| \[`(\w+:\w+)`\]\(\w+\.md\) \| .* \|$", re.MULTILINE)
SOURCE_LINK = re.compile(r'href="[./]*_modules/([\w/]+)\.html"')


def thing(name: str) -> Any:
    """Return what a dotted name stands for: the longest module, then its attributes; None where it needs an extra."""
    module, _, attribute = name.rpartition(".")
    try:
        return getattr(importlib.import_module(module), attribute)
    except errors.MissingPackageError:  # make test-deep has it
        return None


def public_packages() -> list[Any]:
    names = [info.name for info in pkgutil.walk_packages(mixrules.__path__, "mixrules.") if info.ispkg]
    public = [name for name in names if "._" not in name and name not in INTERNAL]
    found = [mixrules, errors, *(importlib.import_module(name) for name in public)]
    return [package for package in found if getattr(package, "__all__", None)]


PUBLIC = [
    f"{package.__name__}.{name}"
    for package in public_packages()
    for name in package.__all__
    if not isinstance(thing(f"{package.__name__}.{name}"), types.ModuleType | types.GenericAlias)
]


def test_the_lists_were_found() -> None:
    assert {"mixrules.mix", "mixrules.loudness.k_weighting"} <= set(LISTED)
    assert {"mixrules.mix", "mixrules.loudness.k_weighting"} <= set(PUBLIC)


def test_a_public_name_is_in_the_reference() -> None:
    """By the name itself, or by another that is the same thing, as `mixrules.measure` is `loudness.measure`."""

    def is_listed(name: str) -> bool:
        last = name.rpartition(".")[2]
        return any(thing(listed) is thing(name) for listed in LISTED if listed.rpartition(".")[2] == last)

    assert [name for name in PUBLIC if not is_listed(name)] == []


def test_a_name_in_the_reference_exists_and_is_there_once() -> None:
    for name in LISTED:
        thing(name)
    assert len(LISTED) == len(set(LISTED))


def test_every_command_is_on_the_page_of_the_command_line() -> None:
    page = (DOCS / "cli.md").read_text(encoding="utf-8")
    commands = list(cli.list_commands(None))  # type: ignore[arg-type]
    shown = dict(re.findall(r"^\.\. click:: (\S+):command\n   :prog: mixrules (\S+)$", page, re.MULTILINE))
    assert sorted(shown.values()) == sorted(commands)
    for module, command in shown.items():
        assert module == f"mixrules.cli.{command.replace('-', '_')}"
    named = re.findall(r"`([a-z-]+)`", "".join(re.findall(r"^\| .* \|$", page, re.MULTILINE)))
    assert sorted(named) == sorted(commands)


def test_the_page_of_rules_shows_each_presets_chain_in_its_order() -> None:
    page = (DOCS / "rules" / "index.md").read_text(encoding="utf-8")
    _, *tables = re.split(r"^\| preset ", page, flags=re.MULTILINE)
    shown = {table.split("`")[1]: CHAIN_ROW.findall(table) for table in tables}
    chains = {name: [str(step) for step in presets.load(name).chain] for name in presets.names()}
    assert shown == chains


def test_a_rule_has_its_part_in_a_page() -> None:
    pages = [
        page.read_text(encoding="utf-8") for page in (DOCS / "rules").glob("*.md") if page.stem != "index"
    ]
    assert [rule for rule in RULES if not any(f"`{rule}`" in page for page in pages)] == []


@pytest.mark.parametrize(
    ("link", "page", "on_the_site"),
    [
        ("[rules](../CONTRIBUTING.md)", "concept", "[rules](contributing.md)"),
        ("[rules](../../CONTRIBUTING.md)", "rules/eq", "[rules](../contributing.md)"),
        ("[`engine`](../mixrules/engine)", "concept", "`engine`"),
        ("[tests](../../tests/rules)", "rules/eq", "tests"),
        ("[policy](../SECURITY.md)", "concept", "policy"),
        ("[who](../README.md#limits)", "concept", "[who](index.md#limits)"),
        (
            "![sum](images/sum.png) [all](https://example.org/a)",
            "index",
            "![sum](images/sum.png) [all](https://example.org/a)",
        ),
        ("[plot](../examples/plot.py)", "concept", "[plot](../examples/plot.py)"),
        ("[level](../loudness.md)", "rules/level", "[level](../loudness.md)"),
        (
            "[the code](../../mixrules/rules/level.py)",
            "rules/level",
            '<a class="reference internal" href="../_modules/mixrules/rules/level.html">the code</a>',
        ),
        ("```\n[x](../mixrules)\n```", "concept", "```\n[x](../mixrules)\n```"),
    ],
)
def test_links_into_the_repository_lead_somewhere_on_the_site(link: str, page: str, on_the_site: str) -> None:
    assert for_the_site(link, page) == on_the_site


def test_a_page_holds_the_file_of_the_repository_that_it_includes() -> None:
    page = with_included((DOCS / "contributing.md").read_text(encoding="utf-8"), "contributing")
    assert page.startswith("# Contributing\n")
    assert "(write-your-own-rule.md)" in page
    assert "(docs/" not in page


def test_source_code_that_a_page_links_to_is_on_the_site() -> None:
    """Sphinx shows the source of the modules that hold something of the reference."""
    documented = {str(getattr(thing(name), "__module__", "")).replace(".", "/") for name in LISTED}
    for page in DOCS.rglob("*.md"):
        text = for_the_site(
            page.read_text(encoding="utf-8"), page.relative_to(DOCS).with_suffix("").as_posix()
        )
        assert set(SOURCE_LINK.findall(text)) <= documented, page
