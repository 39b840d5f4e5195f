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
