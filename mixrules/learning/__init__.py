"""The deep model that the rules are compared with: its networks, their training, and plans from their answers.

PyTorch is needed to train alone (extra ``deep``); a trained network is an ONNX file, for which onnxruntime is enough.
"""

from mixrules.learning.planning import plan_with

__all__ = ["plan_with"]
