"""Model files: a network as an ONNX file that describes itself, written and opened."""
