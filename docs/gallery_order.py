"""The order of the gallery: what a reader meets first comes first; a new example that is not named here comes last."""

from __future__ import annotations

ORDER = (
    "plot_first_mix",
    "plot_masking_eq",
    "plot_compression_to_range",
    "plot_reverb_from_tempo",
    "plot_your_own_rule",
    "plot_plan_from_a_model",
    "plot_random_mixers",
    "plot_listening_test_statistics",
    "plot_loudness_over_time",
    "plot_compare_meters",
)


class GalleryOrder:
    """The key by which sphinx-gallery sorts the examples of its folder."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def __repr__(self) -> str:
        """Return the same text at every build: Sphinx builds all pages anew where a setting's text has changed."""
        return type(self).__name__

    def __call__(self, file_name: str) -> tuple[int, str]:
        """Return where an example stands."""
        name = file_name.removesuffix(".py")
        return (ORDER.index(name) if name in ORDER else len(ORDER), name)
