"""Links of the pages to files of the repository, which GitHub follows, made to fit the site.

A module becomes its page of highlighted source, CONTRIBUTING.md and CHANGELOG.md the pages that include them, and what
the site has no page for, such as a folder, its name. Sphinx offers scripts for download, and shows pictures.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).resolve().parent.parent
_INCLUDE = re.compile(r"^```\{include\} \.\./(\w+\.md)\n```$", re.MULTILINE)
_LINK = re.compile(r"(?<!!)\[([^\[\]]+)\]\(([^)\s:#]+)(#[^)\s]*)?\)")
_FENCED = re.compile(r"(^```.*?^```$)", re.MULTILINE | re.DOTALL)
_PAGES = {
    "CONTRIBUTING.md": "docs/contributing.md",
    "CHANGELOG.md": "docs/changelog.md",
    "README.md": "docs/index.md",
}


def for_the_site(text: str, page: str, folder: str | None = None) -> str:
    """Return a text with links that the site can follow.

    Parameters
    ----------
    text : str
        Markdown.
    page : str
        The page that shows it: its path below ``docs``, without a suffix.
    folder : str, optional
        The folder in the repository from which the text's links go; by default the page's own.
    """
    shown_in = posixpath.dirname(posixpath.join("docs", page))

    def replacement(found: re.Match[str]) -> str:
        title, target, anchor = found.groups(default="")
        path = posixpath.normpath(posixpath.join(shown_in if folder is None else folder, target))
        path = _PAGES.get(path, path)
        link = posixpath.relpath(path, shown_in)
        if path.startswith("mixrules/") and path.endswith(".py"):
            source = posixpath.relpath(f"docs/_modules/{path.removesuffix('.py')}.html", shown_in)
            return f'<a class="reference internal" href="{source}">{title}</a>'
        is_on_the_site = path.startswith("docs/") or path.endswith(".py")
        return f"[{title}]({link}{anchor})" if is_on_the_site else title

    parts = _FENCED.split(text)
    parts[::2] = [_LINK.sub(replacement, part) for part in parts[::2]]
    return "".join(parts)


def with_included(text: str, page: str) -> str:
    """Return a page's text with what it includes from the repository's root in place."""

    def included(found: re.Match[str]) -> str:
        return for_the_site((_ROOT / found[1]).read_text(encoding="utf-8"), page, folder="")

    return _INCLUDE.sub(included, text)


def setup(app: Any) -> dict[str, Any]:
    """Let Sphinx pass every page through the functions above when it reads it."""

    def on_source_read(_app: Any, page: str, source: list[str]) -> None:
        source[0] = with_included(for_the_site(source[0], page), page)

    app.connect("source-read", on_source_read)
    return {"parallel_read_safe": True}
