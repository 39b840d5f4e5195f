"""Every measure there is, and the one call that evaluates them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from mixrules._support.arguments import as_texts, require_instance
from mixrules._support.installed import is_installed, require_installed
from mixrules.errors import ParameterError
from mixrules.evaluation.measures import (
    balance,
    diff_mst,
    feature_distance,
    loudness_dynamics,
    reverberation,
    spectrum,
    stem_masking,
    stereo_width,
)
from mixrules.evaluation.measures.definition import Measure, MeasureGroup
from mixrules.evaluation.measures.embedding import EMBEDDING, embedding_group
from mixrules.evaluation.measures.encoders.musicnn import Musicnn
from mixrules.evaluation.measures.encoders.onnx_model import OnnxEncoder
from mixrules.evaluation.measures.zimtohrli import ZIMTOHRLI
from mixrules.evaluation.rendition import Rendition

_ALL = (
    balance.GROUP,
    spectrum.GROUP,
    stereo_width.GROUP,
    loudness_dynamics.GROUP,
    reverberation.GROUP,
    stem_masking.GROUP,
    feature_distance.FEATURES,
    feature_distance.FEATURES_AS_CODED,
    diff_mst.GROUP,
    EMBEDDING,
    embedding_group(Musicnn(), name="musicnn", prefix="musicnn", packages=("librosa",)),
    ZIMTOHRLI,
)
ENCODER = "encoder="
GROUPS: Mapping[str, MeasureGroup] = MappingProxyType({group.name: group for group in _ALL})
"""The groups by name, in the order of tables."""

DEFAULT_GROUPS = tuple(name for name in GROUPS if name not in ("musicnn", "zimtohrli"))
"""The groups that need no package beyond the core."""

MEASURES: Mapping[str, Measure] = MappingProxyType({m.name: m for group in _ALL for m in group.measures})
"""The measures by name."""


def evaluate(
    candidate: Rendition, reference: Rendition, *, groups: Sequence[str] = DEFAULT_GROUPS
) -> dict[str, float]:
    """Measure how far one mix is from another.

    Parameters
    ----------
    candidate : Rendition
        The mix in question; brought to the rate and the length of the reference.
    reference : Rendition
        The mix to compare with.
    groups : sequence of str
        Names of `GROUPS`, or ``encoder=FILE.onnx``.

    Returns
    -------
    dict of str to float
        Values by the names in `MEASURES`; NaN where a measure is not defined, for example without stems.

    Raises
    ------
    ParameterError, MissingPackageError
        As `groups_named`.
    """
    for name, mix in (("candidate", candidate), ("reference", reference)):
        require_instance(mix, Rendition, name=name)
    chosen = groups_named(groups)
    fitted = candidate.fitted_to(reference)
    values: dict[str, float] = {}
    for group in chosen:
        values |= group(fitted, reference)
    return values


def groups_named(names: Sequence[str]) -> list[MeasureGroup]:
    """Return groups of measures by their names, as `group_named` does.

    Raises
    ------
    ParameterError
        If none is named, there is no such group, or one is named twice.
    MissingPackageError
        If one needs a package that is not installed.
    """
    names = as_texts(names, name="the groups")
    if not names:
        raise ParameterError(
            f"no group of measures is named: there are {', '.join(GROUPS)} and {ENCODER}FILE.onnx"
        )
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ParameterError(f"the group of measures {twice!r} is named twice: once is enough")
    groups = [group_named(name) for name in names]
    for group in groups:
        require_installed(
            *group.packages, what=f"the group of measures {group.name!r}", instead=_instead_of_a_group()
        )
    return groups


def _instead_of_a_group() -> str:
    """Say which groups need nothing more than is installed."""
    usable = (name for name in DEFAULT_GROUPS if all(map(is_installed, GROUPS[name].packages)))
    return f", or choose of those that need nothing more: --groups {','.join(usable)}"


def group_named(name: str) -> MeasureGroup:
    """Return a group of measures: one of `GROUPS`, or ``encoder=FILE.onnx`` for embeddings of that encoder.

    Raises
    ------
    ParameterError
        If there is no such group.
    """
    if name.startswith(ENCODER):
        encoder = OnnxEncoder(name.removeprefix(ENCODER))
        return embedding_group(encoder, name=name, packages=("onnxruntime",))
    if name not in GROUPS:
        raise ParameterError(
            f"there is no group of measures {name!r}: there are {', '.join(GROUPS)} and {ENCODER}FILE.onnx"
        )
    return GROUPS[name]
