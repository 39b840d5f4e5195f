"""Signatures of the API pages as a reader expects them.

numpy's ``ArrayLike`` stands by its name, not as the union that it is, and a default that a dataclass makes anew
(``<factory>``) as ``...``, which Sphinx can parse.
"""

from __future__ import annotations

from typing import Any

import numpy.typing as npt


def setup(app: Any) -> dict[str, Any]:
    """Let autodoc pass every signature through `readable`."""
    from sphinx.util.typing import stringify_annotation

    spelled_out = [stringify_annotation(npt.ArrayLike, mode) for mode in ("smart", "fully-qualified")]

    def readable(text: str | None) -> str | None:
        for union in spelled_out:
            text = text and text.replace(union, "ArrayLike")
        return text and text.replace("<factory>", "...")

    def on_signature(*event: Any) -> tuple[str | None, str | None]:
        *_, arguments, returned = event
        return readable(arguments), readable(returned)

    app.connect("autodoc-process-signature", on_signature)
    return {"parallel_read_safe": True}
