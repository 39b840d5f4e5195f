"""Ratings as a listener's browser sends them, made without one."""

from __future__ import annotations

from typing import Any

from mixrules.listening import ListeningTest

SESSION = "ab" * 16


def ratings(test: ListeningTest, *, pages: int | None = None, **changes: Any) -> dict[str, Any]:
    """A results document of the first pages (all of them, where not said), with some fields changed."""
    rated = test.pages[:pages]
    continuous = test.scale.kind == "continuous"
    return {
        "format": "mixrules-ratings",
        "version": 1,
        "test_id": test.test_id,
        "listener_id": "listener-1",
        "session_id": SESSION,
        "started": "2026-11-25T04:00:00.000Z",
        "updated": "2026-11-25T04:10:00.000Z",
        "seed": 5,
        "scale": test.scale.kind,
        "answers": {"playback": "headphones"},
        "complete": pages is None,
        "pages": [
            {
                "page_id": page.id,
                "order": [s.id for s in reversed(page.stimuli)],
                "seconds": 12.5,
                "comment": "",
                "ratings": [
                    {
                        "stimulus_id": s.id,
                        "attribute": a.id,
                        "value": 55 if continuous else 3,
                        "initial": 20 if continuous else None,
                        "seconds_listened": 1.5,
                    }
                    for s in page.stimuli
                    for a in test.attributes
                ],
            }
            for page in rated
        ],
    } | changes


def trial_ratings(test: ListeningTest, **changes: Any) -> dict[str, Any]:
    """A results document of an A/B or ABX test: the first of each pair is chosen, and X is the second."""
    pages = []
    for page in test.pages:
        trials: list[dict[str, Any]] = []
        for a, b in page.all_pairs():
            heard = {"a": a, "b": b, "choice": "a", "seconds": 8.0, "listened_a": 3.0, "listened_b": 4.0}
            if test.scale.kind == "abx":
                trials += [heard | {"x": b, "number": n + 1} for n in range(test.scale.trials)]
            else:
                trials += [heard | {"attribute": attribute.id} for attribute in test.attributes]
        pages.append({"page_id": page.id, "seconds": 60.0, "trials": trials})
    return ratings(test, pages=0) | {"version": 2, "answers": {}, "complete": True, "pages": pages} | changes
