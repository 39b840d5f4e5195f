"""A change of structure changes no sample and no public name: the demo song's mixes and the interface, recorded."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from golden_values import DIGESTS, PRESETS, PUBLIC_NAMES, audio_digest, plan_digest, public_names

from mixrules import mix
from mixrules.stems import load_stems

REMAKE = "if that is meant: python tests/golden_values.py"


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize(
    ("threads", "hold_mib"),
    [(1, 448.0), (2, 448.0), (2, 0.0)],
    ids=["one thread", "two threads", "from the disk"],
)
def test_the_demo_songs_mix_and_plan_are_the_recorded_ones(
    demo_folder: Path, preset: str, threads: int, hold_mib: float
) -> None:
    result = mix(load_stems(demo_folder, hold_mib=hold_mib), rules=preset, threads=threads)
    recorded = json.loads(DIGESTS.read_text(encoding="utf-8"))[preset]
    # Kinds of processors round differently: each has a digest of its own.
    plans = {kind["audio"]: kind["plan"] for kind in recorded}
    assert audio_digest(result) in plans, f"other samples; {REMAKE}"
    assert plan_digest(result) == plans[audio_digest(result)], f"another plan; {REMAKE}"


def test_public_names_and_signatures_are_the_recorded_ones() -> None:
    assert public_names() == json.loads(PUBLIC_NAMES.read_text(encoding="utf-8")), REMAKE
