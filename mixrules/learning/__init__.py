"""The deep model that the rules are compared with: its networks, their training, and plans from their answers.

PyTorch is needed to train alone (extra ``deep``); a trained network is an ONNX file, for which onnxruntime is enough
(extra ``predict``).
"""

from typing import Any

import lazy_loader as lazy

from mixrules._support.installed import require_installed

# The public names stand in __init__.pyi; each is imported where it is first used, PyTorch too.
_attached, __dir__, __all__ = lazy.attach_stub(__name__, __file__)


def __getattr__(name: str) -> Any:
    """Return a public name; say in one line what `train` needs, where it is not installed."""
    if name == "train":
        require_installed("torch", "onnx", what="training a network")
        require_installed("onnxruntime", what="training a network")  # of the extra that those come with
    return _attached(name)
