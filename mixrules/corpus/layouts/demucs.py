"""What Demucs writes: ``separated/htdemucs/SONG/vocals.wav`` and so on (Défossez 2021, Rouard et al. 2023).

The parts are vocals, drums, bass and other, with ``htdemucs_6s`` guitar and piano as well. ``--two-stems vocals`` leaves
vocals and ``no_vocals``, or ``minus_vocals`` with ``--other-method minus`` [1]_. The mixture is the sum of the parts,
which is nearly the song that was separated.

References
----------
.. [1] Demucs 4, ``demucs.separate``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mixrules.corpus.layouts.layout import Layout
from mixrules.corpus.layouts.listing import listing
from mixrules.corpus.layouts.separated_songs import ROLES, separated_songs
from mixrules.errors import AudioFileError
from mixrules.stems.song_description import SongDescription

MODELS = frozenset(
    (
        *(
            "htdemucs",
            "htdemucs_ft",
            "htdemucs_6s",
            "hdemucs_mmi",
            "mdx",
            "mdx_extra",
            "mdx_q",
            "mdx_extra_q",
        ),
        *("repro_mdx_a", "repro_mdx_a_hybrid_only", "repro_mdx_a_time_only"),
        *("demucs", "demucs48_hq", "demucs_extra", "demucs_quantized", "demucs_unittest"),
        *("light", "light_extra", "tasnet", "tasnet_extra"),
    )
)
"""The names of the pretrained models, which their folders have."""

_COMPLEMENTS = [(part, f"{what}_{part}") for what in ("no", "minus") for part in ROLES]


def songs(root: Path) -> Iterator[SongDescription]:
    """Yield the songs in the folder of a model, or in the folder around it."""
    return separated_songs(_folder_of_model(root), _COMPLEMENTS)


def _folder_of_model(root: Path) -> Path:
    models = [name for name in listing(root).folders if name in MODELS]
    if len(models) > 1:
        raise AudioFileError(
            f"{root} holds songs separated by {len(models)} models ({', '.join(models)}): "
            f"name the folder of one, such as {root / models[0]}"
        )
    return root / models[0] if models else root


def _surely(root: Path) -> bool:
    return root.resolve().name in MODELS or any(name in MODELS for name in listing(root).folders)


LAYOUT = Layout(
    name="demucs",
    title="the output of Demucs",
    source="Défossez 2021, arXiv:2111.03600; Rouard et al. 2023, arXiv:2211.08553",
    tree="MODEL/SONG/vocals.wav, no_vocals.wav (or drums.wav, bass.wav, other.wav)",
    songs=songs,
    surely=_surely,
)
