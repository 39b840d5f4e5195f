"""How much a listening test's server takes from anybody: sizes, times and numbers, in one place."""

from __future__ import annotations

from dataclasses import dataclass

from mixrules.errors import ParameterError
from mixrules.listening.format.testfile import ListeningTest

MAX_HEAD_BYTES = 16 << 10
"""Request line and header fields together; a browser sends one or two KiB."""
MAX_HEADERS = 100
"""Header fields of a request; a browser sends some twenty."""
HEAD_SECONDS = 15.0
"""How long request line and headers may take to arrive; also how long a connection may be open without a request."""
IDLE_SECONDS = 60.0
"""How long a connection is kept open after an answer."""
BODY_SECONDS = 20.0
"""How long ratings may take to arrive."""
WRITE_SECONDS = 30.0
"""How long a client may take nothing of what is sent to it."""
DISCARD_SECONDS = 2.0
"""How long the body of a refused request is still taken in, so that the refusal arrives."""
DISCARD_BYTES = 1 << 20
"""How much of the body of a refused request is still taken in."""
BODIES_IN_HAND_BYTES = 32 << 20
"""What all bodies that are arriving may hold together."""
SAVES_AT_ONCE = 6
"""Ratings that are checked and written at a time: they wait for the disk together."""
MAX_SESSIONS = 10_000
"""Files in the folder of ratings; a test with more listeners than that is a program that fills the disk."""
MAX_TURNS = 100_000
"""Sessions that get a number."""
MAX_ASIDE = 1_000
"""Files of ratings that do not fit the test."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionLimits:
    """Connections at a time.

    Parameters
    ----------
    in_all : int
        Of all clients together.
    per_address : int
        Of one address. A browser opens six, and all of a class may come from the one address of its router.
    """

    in_all: int = 4000
    per_address: int = 1500

    def __post_init__(self) -> None:
        if self.in_all < 1 or self.per_address < 1:
            raise ParameterError(
                f"connections must be 1 or more, got {self.in_all} in all and {self.per_address} per address"
            )


def max_body_bytes(test: ListeningTest) -> int:
    """Return the most bytes that the ratings of one session of `test` may take.

    A quarter more than what a listener can fill: 400 bytes for a rating or a trial, 12 kB for a comment (2,000
    characters of up to six bytes), 3 kB for an answer, 300 bytes for a page, and 16 kB for the rest.
    """
    answers = sum(test.answers_on(page) for page in test.pages)
    stimuli = sum(len(page.stimuli) for page in test.pages)
    comments = {"page": len(test.pages), "mix": len(test.pages) + stimuli, "off": 0}[test.comments]
    questions = len(test.questions)
    filled = 400 * answers + 12_000 * comments + 3_000 * questions + 300 * len(test.pages) + 16_000
    return filled * 5 // 4
