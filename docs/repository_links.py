"""Links of the pages to files of the repository, which GitHub follows, made to fit the site.

A module becomes its page of highlighted source, CONTRIBUTING.md and CHANGELOG.md the pages that include them, and a
folder, of which the site has no page, its name. Other files (scripts) stay: Sphinx offers them for download.
"""

from __future__ import annotations

import posixpath
import re
from typing import Any

_LINK = re.compile(r"\[([^\[\]]+)\]\(((?:\.\./)+[^)\s]+)\)")
_FENCED = re.compile(r"(^```.*?^```$)", re.MULTILINE | re.DOTALL)
_PAGES = {"CONTRIBUTING.md": "contributing.md", "CHANGELOG.md": "changelog.md", "README.md": "index.md"}


def for_the_site(text: str, page: str) -> str:
    """Return a page's text with links that the site can follow; `page` is its path below ``docs``, without a suffix."""
    folder = posixpath.dirname(page)
    up = posixpath.relpath(".", folder or ".")

    def replacement(found: re.Match[str]) -> str:
        title, target = found.groups()
        path = posixpath.normpath(posixpath.join("docs", folder, target))
        if path in _PAGES:
            return f"[{title}]({up}/{_PAGES[path]})"
        if path.startswith("docs/"):
            return found[0]
        if path.startswith("mixrules/") and path.endswith(".py"):
            module = path.removesuffix(".py").removesuffix("/__init__")
            return f'<a class="reference internal" href="{up}/_modules/{module}.html">{title}</a>'
        return found[0] if posixpath.splitext(path)[1] else title

    parts = _FENCED.split(text)
    parts[::2] = [_LINK.sub(replacement, part) for part in parts[::2]]
    return "".join(parts)


def setup(app: Any) -> dict[str, Any]:
    """Let Sphinx pass every page through `for_the_site` when it reads it."""

    def on_source_read(_app: Any, page: str, source: list[str]) -> None:
        source[0] = for_the_site(source[0], page)

    app.connect("source-read", on_source_read)
    return {"parallel_read_safe": True}
