"""What is said of the stems before any rule acts: which are left alone, and which carry an offset."""

from __future__ import annotations

from mixrules.decision import Decision, Quantity
from mixrules.session import Session
from mixrules.stems import Stem

RULE = "stems"

# Nothing is decided by this: it says which offsets are worth a sentence.
_OFFSET_TO_REPORT = 0.01


def inspect(session: Session) -> list[Decision]:
    """Return a decision for every stem of which there is something to say; none sets anything."""
    return [*_left_alone(session), *_offsets(session), *_against_themselves(session)]


def _left_alone(session: Session) -> list[Decision]:
    """Say of every stem that no rule will touch why that is so."""
    active = {stem.name for stem in session.active}

    def why(stem: Stem) -> str:
        if session.plan.stem(stem.name).mute:
            return "muted in the plan it starts from"
        return "silent" if stem.silent else "quieter than -70 LUFS"

    return [
        Decision(
            rule=RULE,
            stem=stem.name,
            source="absolute gate: ITU-R BS.1770-5",
            threshold="-70 LUFS",
            sentence=f"{stem.name} is {why(stem)}, so it is left alone.",
        )
        for stem in session.stems
        if stem.name not in active
    ]


def _offsets(session: Session) -> list[Decision]:
    """Say which stems carry a constant offset: no loudness hears it, but it takes headroom."""
    decisions = []
    for stem in session.active:
        offset = session.scan(stem.name).dc_offset
        if offset >= _OFFSET_TO_REPORT:
            sentence = (
                f"{stem.name} has a DC offset of {100 * offset:.1f} % of full scale, which takes headroom: it is "
                "best removed from the file."
            )
            measured = (Quantity.of("DC offset", offset, "of full scale"),)
            threshold = f"{_OFFSET_TO_REPORT:g} of full scale"
            decisions.append(
                Decision(
                    rule=RULE,
                    stem=stem.name,
                    source="ours",
                    measured=measured,
                    threshold=threshold,
                    sentence=sentence,
                )
            )
    return decisions


def _against_themselves(session: Session) -> list[Decision]:
    """Say which stems vanish on one loudspeaker: their right channel is their left one upside down."""
    return [
        Decision(
            rule=RULE,
            stem=stem.name,
            source="ours",
            sentence=(
                f"{stem.name} is silent in mono: its right channel is its left one upside down. If you did not mean "
                'that, set "invert_right_polarity": true for it in the plan, and render the plan.'
            ),
        )
        for stem in session.active
        if session.scan(stem.name).in_opposite_phase
        and not session.plan.stem(stem.name).invert_right_polarity
    ]
