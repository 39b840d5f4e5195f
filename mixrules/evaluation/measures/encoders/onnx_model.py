"""An encoder from an ONNX file that the user has, run by onnxruntime."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from mixrules._support.installed import require_installed
from mixrules._support.validation import Audio
from mixrules.errors import AudioFileError
from mixrules.evaluation.measures.encoders.encoder import Vectors

_DEFAULT_RATE = 16_000


class OnnxEncoder:
    """An encoder from an ONNX file: mono audio of shape (1, samples) in, vectors of (..., dimensions) out.

    Parameters
    ----------
    path : path-like
        The file; its metadata may say ``sample_rate``, else the rate is 16 kHz.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = os.fspath(path)
        self.name = self.path

    def __call__(self, audio: Audio, sample_rate: int) -> Vectors:
        """Return the vectors of the model's first output.

        Raises
        ------
        MissingPackageError
            If onnxruntime is not installed.
        AudioFileError
            If the file is no model that takes audio.
        """
        require_installed("onnxruntime", what="an encoder from a file")
        import onnxruntime
        import soxr

        try:
            session = onnxruntime.InferenceSession(self.path, providers=["CPUExecutionProvider"])
            rate = int(session.get_modelmeta().custom_metadata_map.get("sample_rate", _DEFAULT_RATE))
            mono = soxr.resample(np.ascontiguousarray(audio.mean(axis=1)), sample_rate, rate)
            inputs = {session.get_inputs()[0].name: mono.astype(np.float32)[None, :]}
            output: Any = session.run(None, inputs)[0]
        except Exception as error:  # onnxruntime's own errors share no base class
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise AudioFileError(
                f"{self.path} cannot encode audio ({reason}): an ONNX model of (1, samples) is needed"
            ) from error
        return np.asarray(output, np.float64).reshape(-1, output.shape[-1])
