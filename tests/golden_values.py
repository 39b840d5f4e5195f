"""What a change of structure must not change: digests of the demo song's mixes, and the public names.

`python tests/golden_values.py` writes both anew into tests/golden/, to be read and committed when a change of
sound or of the public interface is meant. With `--also` the digests of this kind of processor are added to those there.
"""

from __future__ import annotations

import hashlib
import inspect
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

import mixrules
from mixrules import MixResult

GOLDEN = Path(__file__).parent / "golden"
DIGESTS = GOLDEN / "demo_digests.json"
PUBLIC_NAMES = GOLDEN / "public_names.json"
PRESETS = ("default", "survey-2022")
SIGNIFICANT_DIGITS = 6


def audio_digest(result: MixResult) -> str:
    """SHA-256 of a mix's float32 samples."""
    return hashlib.sha256(np.ascontiguousarray(result.audio, "<f4").tobytes()).hexdigest()


def plan_digest(result: MixResult) -> str:
    """SHA-256 of a plan without the version that made it, numbers to six digits.

    Processors differ in the last places of a sum; none of them is heard.
    """
    document = json.loads(result.plan.to_json())
    del document["made_by"]
    return hashlib.sha256(json.dumps(rounded(document)).encode()).hexdigest()


def rounded(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.{SIGNIFICANT_DIGITS}g}")
    if isinstance(value, dict):
        return {key: rounded(each) for key, each in value.items()}
    return [rounded(each) for each in value] if isinstance(value, list) else value


def public_names() -> dict[str, str]:
    """Every public name with its signature, and the public members of the public classes with theirs."""
    found = {}
    for name in mixrules.__all__:
        thing = getattr(mixrules, name)
        found[name] = signature(thing)
        if inspect.isclass(thing):
            for member in dir(thing):
                if not member.startswith("_") and not hasattr(Exception, member):
                    found[f"{name}.{member}"] = signature(inspect.getattr_static(thing, member))
    return found


def signature(thing: Any) -> str:
    thing = getattr(thing, "__func__", thing)
    if not callable(thing):
        return "property" if isinstance(thing, property) else type(thing).__name__
    try:
        return str(inspect.signature(thing))
    except (TypeError, ValueError):
        return type(thing).__name__


def main() -> None:
    import tempfile

    from mixrules.demo import write_demo

    GOLDEN.mkdir(exist_ok=True)
    digests: dict[str, list[dict[str, str]]] = {}
    if "--also" in sys.argv[1:]:
        digests = json.loads(DIGESTS.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        write_demo(Path(folder) / "demo")
        for preset in PRESETS:
            result = mixrules.mix(Path(folder) / "demo", rules=preset)
            here = {"audio": audio_digest(result), "plan": plan_digest(result)}
            known = digests.setdefault(preset, [])
            known += [] if here in known else [here]
    for path, content in ((DIGESTS, digests), (PUBLIC_NAMES, public_names())):
        path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
        print(f"wrote {path}")


if __name__ == "__main__":
    main()
