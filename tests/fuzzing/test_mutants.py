"""Some files with faults at every run of the tests; `fuzzing.run` tries as many as one likes."""

from __future__ import annotations

import pytest

pytest.importorskip("resource", reason="limits on memory are POSIX's")

from fuzzing.run import run
from fuzzing.seed_files import seed_files
from fuzzing.worker import made

MUTANTS = 2_000
SEED = 2026


def test_whole_files_are_read_and_mutants_are_read_or_refused_in_one_line() -> None:
    found = run(MUTANTS, SEED)
    told = [
        f"{fault['number']} {fault['target']} {fault['name']}: {fault['fault']}" for fault in found.faults
    ]
    assert not told, f"make one again with python -m fuzzing.run --seed {SEED} --only NUMBER --keep FILE"
    assert found.total == MUTANTS
    for target in {seed.target for seed in seed_files()}:
        assert found.counts[target, "refused"], target
    assert sum(count for (_, outcome), count in found.counts.items() if outcome == "read") > MUTANTS / 10


def test_a_mutant_can_be_made_again_from_its_number() -> None:
    seeds = [seed for seed in seed_files() if seed.text]
    first, second = (made(seeds, SEED, 7) for _ in range(2))
    assert first == second
    assert first != made(seeds, SEED, 8)
