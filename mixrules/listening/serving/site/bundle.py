"""The page's script as one file: its modules, each in a function of its own, in the order in which they need each other.

A browser then asks for one script, which never changes under its name, in place of a dozen that may. Only what the page's
modules use of JavaScript's syntax for modules is known here; anything else is refused when the site is written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from mixrules.errors import ListeningTestError

_IMPORT = re.compile(r'^import\s*\{([^}]*)\}\s*from\s*"\./([\w.]+)";[ \t]*$', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function\*?|class|const|let) (\w+))", re.MULTILINE)
_EXPORTED = re.compile(r"^export (?:async )?(?:function\*?|class|const|let) (\w+)", re.MULTILINE)
_UNKNOWN = re.compile(r"^(?:import|export|await)\b.*", re.MULTILINE)


def bundled(modules: Mapping[str, str], first: str) -> str:
    """Return the modules that `first` needs, and itself, as one script.

    Parameters
    ----------
    modules : mapping of str to str
        The text of every module by its file's name.
    first : str
        The one that is run.

    Returns
    -------
    str

    Raises
    ------
    ListeningTestError
        If modules need each other in a circle, or use syntax that is not known here.
    """
    order: list[str] = []
    _visit(first, modules, order, ())
    return "\n".join(_in_function(name, modules[name]) for name in order)


def _visit(name: str, modules: Mapping[str, str], order: list[str], above: tuple[str, ...]) -> None:
    if name in above:
        raise ListeningTestError(
            f"the page's modules need each other in a circle: {' → '.join([*above, name])}"
        )
    if name not in modules:
        raise ListeningTestError(f"the page has no module {name}")
    if name not in order:
        for _, needed in _IMPORT.findall(modules[name]):
            _visit(needed, modules, order, (*above, name))
        order.append(name)


def _in_function(name: str, text: str) -> str:
    exported = ", ".join(_EXPORTED.findall(text))
    text = _IMPORT.sub(lambda m: f"const {{{m[1].replace(' as ', ': ')}}} = {_variable(m[2])};", text)
    text = _EXPORT.sub("", text)
    if unknown := _UNKNOWN.search(text):
        raise ListeningTestError(f"{name}: the page's modules may not say {unknown[0]!r}")
    return f"// {name}\nconst {_variable(name)} = (() => {{\n{text}\nreturn {{ {exported} }};\n}})();\n"


def _variable(name: str) -> str:
    return "module_" + name.removesuffix(".js")
