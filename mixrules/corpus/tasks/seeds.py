"""Draws that depend on a name: the same song gets the same draw, whoever does it and in whatever order."""

from __future__ import annotations

import hashlib

import numpy as np


def drawn_number(*of: object) -> int:
    """Return a number of 64 bits that depends on these values and nothing else."""
    digest = hashlib.blake2b("\0".join(map(str, of)).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big")


def generator(*of: object) -> np.random.Generator:
    """Return a generator whose seed depends on these values and nothing else."""
    return np.random.default_rng(drawn_number(*of))
