"""Texts that the reference takes from the code, as a reader expects them.

In signatures numpy's ``ArrayLike`` stands by its name, not as the union that it is, and a default that a dataclass makes
anew (``<factory>``) as ``...``, which Sphinx can parse. Commands' help is plain text: its asterisks mark no emphasis.
"""

from __future__ import annotations

import re
from typing import Any

import numpy.typing as npt

_SINGLE = re.compile(r"(?<!\*)\*(?!\*)")


def setup(app: Any) -> dict[str, Any]:
    """Let autodoc and sphinx-click pass what they read through the functions below."""
    from sphinx.util.typing import stringify_annotation

    spelled_out = [stringify_annotation(npt.ArrayLike, mode) for mode in ("smart", "fully-qualified")]

    def readable(text: str | None) -> str | None:
        for union in spelled_out:
            text = text and text.replace(union, "ArrayLike")
        return text and text.replace("<factory>", "...")

    def on_signature(*event: Any) -> tuple[str | None, str | None]:
        *_, arguments, returned = event
        return readable(arguments), readable(returned)

    def on_help(_app: Any, _context: Any, lines: list[str]) -> None:
        lines[:] = [line if line.startswith(".. ") else _SINGLE.sub(r"\\*", line) for line in lines]

    for extension in ("sphinx.ext.autodoc", "sphinx_click"):
        app.setup_extension(extension)
    app.connect("autodoc-process-signature", on_signature)
    for part in ("description", "options", "epilog"):
        app.connect(f"sphinx-click-process-{part}", on_help)
    return {"parallel_read_safe": True}
