"""What a listening test asks unless told otherwise: the survey's five attributes and a listener's background."""

from __future__ import annotations

from mixrules.listening.format.testfile import Attribute, Question

ATTRIBUTES = (
    Attribute(
        id="level_balance",
        label="Level balance",
        hint="Are the parts at the right loudness against each other? Is any hidden, or too loud?",
    ),
    Attribute(
        id="eq",
        label="EQ",
        hint="Is the tone of the parts right: none muddy, harsh or thin, each with room of its own?",
    ),
    Attribute(
        id="compression",
        label="Compression",
        hint="Do the parts stay where they are, without words or notes that jump out, pump or lose life?",
    ),
    Attribute(
        id="reverb",
        label="Reverb",
        hint="Is there the right amount of space: neither dry and apart, nor washed out?",
    ),
    Attribute(id="overall", label="Overall", hint="All in all, how good is this mix?"),
)

QUESTIONS = (
    Question(
        id="age_group",
        label="Your age",
        options=("under 20", "20 to 29", "30 to 39", "40 to 49", "50 to 59", "60 or over"),
    ),
    Question(
        id="engineering_level",
        label="Your experience with mixing",
        options=("none", "amateur", "semi-professional", "professional"),
    ),
    Question(
        id="playback", label="What you listen with", options=("headphones", "loudspeakers"), required=True
    ),
)
