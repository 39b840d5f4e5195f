"""The rooms of the package: imports point downwards, and heavy ones wait until they are needed."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import mixrules

PACKAGE = Path(mixrules.__file__).parent

# From the top down: a room may import from its own floor's rooms only where that is itself, and
# from every floor below.
FLOORS = (
    {"__main__"},
    {"cli"},
    {"report"},
    {"ratings"},
    {"evaluation", "listening", "learning"},
    {"corpus"},
    {"systems", "warmup", "export"},
    {"matching"},
    {"mixer"},
    {"reference"},
    {"verification", "mix_result"},
    {"rules"},
    {"session", "plan_fitting"},
    {"measurements"},
    {"engine"},
    {"analysis"},
    {"normalization"},
    {"metering", "plan_edits"},
    {"loudness", "mixplan"},
    {"plan_checks", "plan_edit_wording"},
    {"decision"},
    {"statistics"},
    {"statement_kinds"},
    {"processors", "presets", "demo"},
    {"ruleset", "stems"},
    {"read_targets"},
    {"constant", "style"},
    {"files"},
    {"fourier"},
    {"_support"},
    {"errors"},
)
# The same within the listening test; how a test is made knows the page that it writes.
LISTENING_FLOORS = ({"making"}, {"serving", "exports"}, {"format"})
# What ratings may know of the listening test: its files and the names in its exports, not how it is made or served.
READ_BY_RATINGS = ("mixrules.listening.format", "mixrules.listening.exports")
HEAVY = (
    "numba",
    "scipy",
    "librosa",
    "pedalboard",
    "soundfile",
    "soxr",
    "pyloudnorm",
    "rich",
    "matplotlib",
    "av",
)
# Rooms of pure functions: arrays and parameters in, arrays and numbers out.
PURE = ("analysis", "fourier", "loudness", "processors", "statistics")
# What the pure rooms may not import, nor the rooms that only decide or say where numbers come from. `rules` and
# `session` see measurements; what those store lies behind their door.
OUTSIDE = (
    *("builtins.open", "io", "os", "pathlib", "shutil", "socket", "subprocess", "sys", "tempfile", "urllib"),
    *("soundfile", "soxr", "av", "click", "rich", "mixrules.files", "mixrules.stems", "mixrules.engine"),
)
# What is part of a kernel, and not compiled on its own.
OF_KERNELS = tuple(f"mixrules._support.{name}" for name in ("jit", "pointers", "apart_pointers"))
DECIDING = ("rules", "session", "decision", "statement_kinds", "verification")
# What a rule may see of the package.
SEEN_BY_RULES = {
    *("rules", "session", "decision", "mixplan", "ruleset", "errors", "_support", "statement_kinds"),
    *("stems", "analysis", "loudness", "processors", "read_targets"),
}


def _modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def _room(path: Path) -> str:
    relative = path.relative_to(PACKAGE)
    return relative.parts[0] if len(relative.parts) > 1 else relative.stem


def _imported_rooms(path: Path) -> set[str]:
    """Rooms that a file imports, at module level or inside functions, but not for type checking."""
    rooms = set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    guarded = {
        id(child)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for child in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in guarded:
            continue
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "mixrules":
            parts = (node.module or "").split(".")
            rooms |= {parts[1]} if len(parts) > 1 else {alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            rooms |= {a.name.split(".")[1] for a in node.names if a.name.startswith("mixrules.")}
    return rooms


def _imported_modules(path: Path) -> set[str]:
    """Modules of the package that a file imports, also for type checking."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            # A name that is imported may be a module itself.
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return {name for name in names if name.startswith("mixrules.")}


def test_every_room_has_a_floor() -> None:
    rooms = {_room(path) for path in _modules()} - {"__init__"}
    assert rooms == set().union(*FLOORS)


@pytest.mark.parametrize("path", _modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_point_downwards(path: Path) -> None:
    room = _room(path)
    if room == "__init__":
        return
    floor = next(i for i, rooms in enumerate(FLOORS) if room in rooms)
    below = set().union(*FLOORS[floor + 1 :]) | {room}
    assert _imported_rooms(path) <= below


@pytest.mark.parametrize(
    "path", sorted(PACKAGE.glob("listening/*/**/*.py")), ids=lambda p: str(p.relative_to(PACKAGE))
)
def test_the_rooms_of_the_listening_test_import_downwards(path: Path) -> None:
    room = path.relative_to(PACKAGE / "listening").parts[0]
    floor = next(i for i, rooms in enumerate(LISTENING_FLOORS) if room in rooms)
    below = set().union(*LISTENING_FLOORS[floor + 1 :]) | {room}
    imported = [name.split(".") for name in _imported_modules(path)]
    assert {parts[2] for parts in imported if parts[:2] == ["mixrules", "listening"]} <= below


@pytest.mark.parametrize("path", sorted(PACKAGE.glob("ratings/**/*.py")), ids=lambda p: p.stem)
def test_ratings_read_the_files_of_a_test_alone(path: Path) -> None:
    names = [name for name in _imported_modules(path) if name.startswith("mixrules.listening")]
    assert all(name.startswith(READ_BY_RATINGS) for name in names)


def _imports(path: Path) -> set[str]:
    """Every module that a file imports, at its top or inside functions, and what it imports from each."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {node.module or ""} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def _calls(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {n.func.id for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}


def _modules_of(*rooms: str) -> list[Path]:
    return [path for path in _modules() if _room(path) in rooms]


@pytest.mark.parametrize("path", _modules_of(*PURE), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_pure_rooms_import_nothing_that_reads_writes_or_prints(path: Path) -> None:
    reached = {name for name in _imports(path) for outside in OUTSIDE if f"{name}.".startswith(f"{outside}.")}
    assert not reached
    assert not _calls(path) & {"open", "print", "input"}


@pytest.mark.parametrize("path", _modules_of(*DECIDING), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_who_decides_touches_no_files(path: Path) -> None:
    for outside in ("os", "pathlib", "tempfile", "soundfile", "mixrules.files"):
        assert not {name for name in _imports(path) if f"{name}.".startswith(f"{outside}.")}
    assert not _calls(path) & {"open", "print", "input"}


@pytest.mark.parametrize("path", _modules_of("rules"), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_rule_sees_a_session_and_nothing_of_storage_or_engines(path: Path) -> None:
    assert _imported_rooms(path) <= SEEN_BY_RULES


def test_an_import_inside_a_function_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "impure.py"
    path.write_text("def f():\n    from mixrules.files import Scratch\n    print(open(Scratch))\n", "utf-8")
    assert "mixrules.files.Scratch" in _imports(path)
    assert _calls(path) == {"open", "print"}


@pytest.mark.parametrize(
    "statement",
    ["import mixrules", "import mixrules; dir(mixrules)", "from mixrules.cli import main"],
)
def test_heavy_imports_wait(statement: str) -> None:
    check = f"{statement}; import sys; print([m for m in {HEAVY!r} if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_help_loads_nothing_heavy() -> None:
    check = (
        "import sys\nfrom mixrules.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        f"print([m for m in {(*HEAVY, 'numpy')!r} if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert out.stdout.strip().endswith("[]")
    assert "measure" in out.stdout


def test_the_public_names_are_those_of_the_stub() -> None:
    import mixrules

    stub = ast.parse((PACKAGE / "__init__.pyi").read_text(encoding="utf-8"))
    (listed,) = (ast.literal_eval(node.value) for node in stub.body if isinstance(node, ast.Assign))
    assert sorted(listed) == sorted(mixrules.__all__) == dir(mixrules)
    assert all(getattr(mixrules, name) is not None for name in listed)
    with pytest.raises(AttributeError, match="nonsense"):
        mixrules.nonsense  # type: ignore[attr-defined]  # noqa: B018


def test_no_module_takes_the_place_of_a_public_function() -> None:
    """An imported submodule becomes an attribute of the package, and hides what else has its name."""
    import mixrules

    modules = {_room(path) for path in _modules()}
    assert modules & set(mixrules.__all__) == {"presets"}


@pytest.mark.parametrize(
    "path", sorted(PACKAGE.rglob("*_kernels.py")), ids=lambda p: str(p.relative_to(PACKAGE))
)
def test_no_kernel_is_compiled_into_another_file(path: Path) -> None:
    """numba caches a kernel by the time stamp of its own file: it would not see the other one change."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.ImportFrom) or not (node.module or "").startswith("mixrules"):
            continue
        if node.module not in OF_KERNELS:
            assert all(alias.name[0].isupper() for alias in node.names), ast.unparse(node)
