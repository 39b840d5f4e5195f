"""The page's colours: legible by WCAG 2.2's contrast ratios, light and dark."""

from __future__ import annotations

import re
from importlib import resources

import numpy as np
import pytest

TEXT = [
    ("ink", "ground"),
    ("ink", "sheet"),
    ("ink", "wash"),
    ("soft", "ground"),
    ("soft", "sheet"),
    ("on-accent", "accent"),
    ("good", "ground"),
    ("warn", "ground"),
    ("warn", "warn-wash"),
]
PARTS = [("edge", "sheet"), ("rail", "sheet"), ("accent", "sheet"), ("accent", "ground")]


def luminance(colour: str) -> float:
    parts = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_text_and_controls_stand_out(scheme: int) -> None:
    css = resources.files("mixrules.listening.serving.site").joinpath("test.css").read_text(encoding="utf-8")
    colours = dict(
        re.findall(r"--([\w-]+): (#[0-9a-f]{6});", re.findall(r":root \{(.*?)\}", css, re.DOTALL)[scheme])
    )
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    for one, other in TEXT:
        assert contrast(colours[one], colours[other]) >= 4.5, (one, other)
    for one, other in PARTS:
        assert contrast(colours[one], colours[other]) >= 3.0, (one, other)
