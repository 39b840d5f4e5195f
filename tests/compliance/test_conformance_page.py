"""docs/conformance.md says what the code reads today, and that everything passes."""

import importlib.util
from pathlib import Path

import pytest
from ebu_signals import TECH_3341, TECH_3342

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.fixture(scope="module")
def page() -> str:
    return (DOCS / "conformance.md").read_text(encoding="utf-8")


def test_the_script_writes_what_the_page_says(page: str) -> None:
    spec = importlib.util.spec_from_file_location("make_conformance", DOCS / "make_conformance.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    _, _, response = script.k_weighting().partition("Largest difference of the response")
    assert response in page
    assert script.CONVENTIONS in page


def test_every_case_is_on_the_page_and_passes(page: str) -> None:
    for case in (*TECH_3341, *TECH_3342):
        (line,) = [line for line in page.splitlines() if line.startswith(f"| {case.name} | {case.signal} |")]
        assert line.endswith("| yes |")
