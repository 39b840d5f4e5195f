"""Names in the documents of a listening test: which ids are accepted."""

from __future__ import annotations

import re
from collections.abc import Iterable

from mixrules.errors import ListeningTestError

_TEST_ID = re.compile(r"[0-9a-f]{16}")
_STIMULUS_ID = re.compile(r"[0-9a-f]{8,64}")
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


def require_pattern(pattern: re.Pattern[str], accepted: str, **values: str) -> None:
    """Raise `ListeningTestError` unless each value matches the whole pattern, described by `accepted`."""
    for name, value in values.items():
        if not pattern.fullmatch(value):
            raise ListeningTestError(f"{name} must be {accepted}, got {value[:80]!r}")


def require_test_id(test_id: str) -> None:
    """Raise `ListeningTestError` unless `test_id` is 16 hexadecimal digits."""
    require_pattern(_TEST_ID, "16 hexadecimal digits", test_id=test_id)


def require_revision(**revisions: str) -> None:
    """Raise `ListeningTestError` unless each revision is empty or 16 hexadecimal digits."""
    require_pattern(_TEST_ID, "16 hexadecimal digits", **{n: v for n, v in revisions.items() if v})


def require_stimulus_id(stimulus_id: str) -> None:
    """Raise `ListeningTestError` unless `stimulus_id` is 8 to 64 hexadecimal digits."""
    require_pattern(_STIMULUS_ID, "8 to 64 hexadecimal digits", **{"a stimulus id": stimulus_id})


def require_name(**names: str) -> None:
    """Raise `ListeningTestError` unless each name is 1 to 64 letters, digits, ``_`` or ``-``."""
    require_pattern(_NAME, "1 to 64 letters, digits, _ or -", **names)


def require_unique(what: str, names: Iterable[str]) -> None:
    """Raise `ListeningTestError` if a name stands twice."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise ListeningTestError(f"{what}: {name!r} stands twice")
        seen.add(name)
