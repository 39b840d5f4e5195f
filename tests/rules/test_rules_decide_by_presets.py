"""Nothing that a rule decides by is written outside its preset: settings beside presets, and rules read as code."""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

import mixrules.rules
from mixrules import presets
from mixrules.reference.constants import TABLE, LikeSettings
from mixrules.rules import RULES
from mixrules.ruleset import constant_name, typed_settings
from mixrules.stems.roles import NOT_MIXED, ROLES

FOLDER = Path(mixrules.rules.__file__).parent
FILES = sorted(FOLDER.glob("*.py"))
STEPS = sorted({(name, str(step)) for name in presets.names() for step in presets.load(name).chain})

NUMERICS = {
    ("range_search.py", "_BISECTIONS"): "how exactly the lowest threshold is solved for",
    ("range_search.py", "_FINE_DB"): "how exactly a threshold is solved for, a hundredth of a dB",
    ("range_search.py", "_LOWEST_THRESHOLD_DB"): "the compressor takes no lower one",
    ("pan_balance.py", "_BISECTIONS"): "how exactly a place is solved for",
    ("room_for_notes.py", "_BISECTIONS"): "how exactly a reverberation time is solved for",
    ("automation_wording.py", "_SECONDS_PER_MINUTE"): "conversion of units",
    ("wording.py", "_MOST_LISTED"): "decides nothing: how many names a sentence lists",
    ("fades.py", "_EDGE_MARGIN_DB"): "how exactly an edge is stated",
    ("fades.py", "_MS_PER_S"): "conversion of units",
    ("tone.py", "_SHORTEST_S"): "what is shorter than a block of its spectrum has none to go by",
    ("master.py", "_LEAST_LU_PER_DB"): "keeps a search from running away",
    ("master.py", "ROUNDING_DB"): "keeps an error in the last place under the ceiling",
    (
        "reverb_bus.py",
        "_HIGHEST_CORNER_PER_SAMPLE_RATE",
    ): "a filter at a low sample rate can have no higher corner",
    ("shared_room.py", "NO_REVERB_LU"): "the lowest level that a preset may ask for",
    ("shared_room.py", "_BEATS_PER_WHOLE_NOTE"): "conversion of units",
    ("shared_room.py", "_MS_PER_MINUTE"): "conversion of units",
    (
        "inspection.py",
        "_OFFSET_TO_REPORT",
    ): "sets nothing: which offsets are worth a sentence before any rule acts",
}
"""Numbers with names that rules may hold, and why none of them decides anything."""

TRIVIAL = {0, 1, 2}


def fields(variant: str) -> dict[str, str]:
    """Each field of a rule's settings, and the constant that it is."""
    rule = variant.partition(":")[0]
    return {
        field.name: constant_name(rule, field) for field in dataclasses.fields(RULES[variant].settings_type)
    }


def test_every_variant_is_in_a_presets_chain() -> None:
    assert {variant for _, variant in STEPS} == set(RULES)


@pytest.mark.parametrize(("preset", "variant"), STEPS)
def test_every_setting_is_a_constant_of_the_preset(preset: str, variant: str) -> None:
    rule = variant.partition(":")[0]
    rules = presets.load(preset)
    settings = typed_settings(rules, rule, RULES[variant].settings_type)
    for name, constant in fields(variant).items():
        assert getattr(settings, name) == rules[constant]


def test_only_what_the_master_allows_and_two_lists_of_roles_are_constants_of_two_rules() -> None:
    borrowed = {
        (variant, constant)
        for variant in RULES
        for constant in fields(variant).values()
        if not constant.startswith(f"{variant.partition(':')[0]}.")
    }
    assert borrowed == {
        *(
            ("peaks:in_strip", f"master.{name}")
            for name in ("target_lufs", "ceiling_dbtp", "max_limiting_db")
        ),
        *(("width:by_class", f"tone.{name}") for name in ("vocals_roles", "bass_roles")),
    }


@pytest.mark.parametrize("preset", presets.names())
def test_every_constant_is_a_setting_of_a_rule_in_the_chain(preset: str) -> None:
    used = {
        constant for chain_of, variant in STEPS if chain_of == preset for constant in fields(variant).values()
    }
    # How closely a reference is followed: no rule's, but of what makes a rule set like it.
    like = {f"{TABLE}.{field.name}" for field in dataclasses.fields(LikeSettings)}
    assert {name for name in presets.load(preset).constants if name not in like} == used


def test_the_default_says_how_closely_a_reference_is_followed() -> None:
    settings = typed_settings(presets.load(), TABLE, LikeSettings)
    for field in dataclasses.fields(LikeSettings):
        assert getattr(settings, field.name) == presets.load()[f"{TABLE}.{field.name}"]


@pytest.mark.parametrize("variant", RULES)
def test_settings_are_frozen_named_and_without_values_of_their_own(variant: str) -> None:
    kind = RULES[variant].settings_type
    assert kind.__dataclass_params__.frozen
    assert "__slots__" in vars(kind)
    for field in dataclasses.fields(kind):
        assert field.kw_only
        assert field.default is field.default_factory is dataclasses.MISSING


@pytest.mark.parametrize("preset", presets.names())
def test_lists_of_roles_may_name_any_role(preset: str) -> None:
    for name, constant in presets.load(preset).constants.items():
        if name.endswith("_roles"):
            assert constant.choices == tuple(role for role in ROLES if role not in NOT_MIXED)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_rules_hold_no_constants_of_their_own(path: Path) -> None:
    assert list(constants_of_its_own(path.name, path.read_text(encoding="utf-8"))) == []


def test_every_number_with_a_name_is_still_there() -> None:
    named = {
        (path.name, target.id)
        for path in FILES
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    assert set(NUMERICS) <= named
    assert all(NUMERICS.values())


@pytest.mark.parametrize(
    "line",
    [
        "LIMIT = 3",
        "LIMIT_DB: float = -6.0",
        "ROLES = frozenset({'kick'})",
        "def rule(s):\n    return s.level > -23.0",
        "def rule(s, limit_db=3.0):\n    return s",
        "def rule(s):\n    return s.role in ('kick', 'snare')",
        "def rule(s):\n    return 20 * s.level",
        "def rule(s):\n    return 100 * s.share",
        "def rule(s):\n    return round(12 * s.level, 2)",
        "class Settings:\n    limit_db: float = 6.0",
    ],
)
def test_a_constant_of_a_rules_own_is_found(line: str) -> None:
    assert list(constants_of_its_own("some.py", line))


@pytest.mark.parametrize(
    "line",
    [
        'RULE = "pan"\n_SOURCE = "a" "b"',
        "Levels = npt.NDArray[np.float64]",
        "def rule(s):\n    return round(20.0 * math.log10(s.level / 2), 3)",
        "def rule(s):\n    return f'{100 * s.share:.0f} % of {10.0**-s.digits}'",
    ],
)
def test_sources_types_and_conversions_are_no_constants(line: str) -> None:
    assert list(constants_of_its_own("some.py", line)) == []


def constants_of_its_own(file_name: str, source: str) -> Iterator[str]:
    """Say which values in a module's code could decide something."""
    tree = ast.parse(source)
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    allowed: set[ast.AST] = set()
    for node in tree.body:
        if not isinstance(node, ast.Assign | ast.AnnAssign) or node.value is None:
            continue
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        name = ast.unparse(target)
        values = [part for part in ast.walk(node.value) if isinstance(part, ast.Constant)]
        if (file_name, name) in NUMERICS:
            allowed |= set(values)
        elif ast.unparse(node.value).startswith("TypeVar("):
            continue
        elif values and not isinstance(node.value, ast.Constant) and name not in ("RULES", "__all__"):
            yield f"line {node.lineno}: {name} is a collection"
        elif any(not isinstance(value.value, str) for value in values):
            yield f"line {node.lineno}: {name} is a constant"
    for part in ast.walk(tree):
        if isinstance(part, ast.Tuple | ast.List | ast.Set):
            items = [item.value for item in part.elts if isinstance(item, ast.Constant)]
            if len(items) > 1 and set(items) <= set(ROLES):
                yield f"line {part.lineno}: {ast.unparse(part)} is a list of roles"
        elif isinstance(part, ast.Constant) and part not in allowed and not is_harmless(part, parents):
            yield f"line {part.lineno}: {part.value!r}"


def is_harmless(node: ast.Constant, parents: dict[ast.AST, ast.AST]) -> bool:
    """Return whether a value is no number, a trivial one, a conversion of units or how many digits are shown."""
    value = node.value
    if isinstance(value, bool) or not isinstance(value, int | float) or value in TRIVIAL:
        return True
    parent = parents[node]
    if isinstance(parent, ast.Call) and ast.unparse(parent.func) == "round":
        return node is parent.args[-1] and len(parent.args) == 2
    if not isinstance(parent, ast.BinOp):
        return False
    if value in (10, 20) and isinstance(parent.op, ast.Mult):
        return isinstance(parent.right, ast.Call) and ast.unparse(parent.right.func).endswith("log10")
    if value == 10 and isinstance(parent.op, ast.Pow):
        return node is parent.left
    while value == 100 and parent in parents and not isinstance(parent, ast.FormattedValue):
        parent = parents[parent]
    return isinstance(parent, ast.FormattedValue)
