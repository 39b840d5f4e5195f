"""Encoders: audio in, embedding vectors out; without weights, from an ONNX file, or published ones."""
