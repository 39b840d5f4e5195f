"""The deep model that the rules are compared with: its networks, their training, and plans from their answers.

PyTorch is needed to train alone (extra ``deep``); a trained network is an ONNX file, for which onnxruntime is enough
(extra ``predict``).
"""

from typing import Any

import lazy_loader as lazy

from mixrules._support.installed import is_installed, require_installed

# The public names stand in __init__.pyi; each is imported where it is first used, PyTorch too.
_attached, __dir__, __all__ = lazy.attach_stub(__name__, __file__)

_TRAINS_WITH = ("torch", "onnx", "onnxruntime")


def __getattr__(name: str) -> Any:
    """Return a public name; where `train` lacks a package, what says so once it is called."""
    if name == "train" and not all(map(is_installed, _TRAINS_WITH)):
        return _train_if_installed  # an error here would break hasattr and inspect.getmembers
    return _attached(name)


def _train_if_installed(*given: Any, **named: Any) -> Any:
    """Train, or say in one line which packages that needs."""
    require_installed(*_TRAINS_WITH[:2], what="training a network")
    require_installed(*_TRAINS_WITH[2:], what="training a network")  # of the extra that those come with
    return _attached("train")(*given, **named)
