"""Write a rule: a short room for the drums, shorter the more percussive they are.

A rule measures through the session, reads its constants from a mapping, and returns decisions.
What it states (a decay, a level of the reverb) is measured again on the rendered mix.

python examples/write_your_own_rule.py
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mixrules import (
    Constant,
    Decision,
    Quantity,
    ReverbBus,
    Send,
    Session,
    Statement,
    mix,
    presets,
)
from mixrules.demo import demo_stems
from mixrules.processors import ReverbParams, t60_at

OUT = Path(__file__).parent / "out"
RULE = "ambience"
SOURCE = "ours; that percussive sounds want a shorter reverb: Pestana & Reiss 2014 (interviews)"
CONSTANTS = {
    "to_dry_lu": Constant(
        value=-20.0,
        unit="LU",
        about="loudness of the reverb against the dry drums",
        source="ours",
    )
}


def ambience(session: Session, settings: Mapping[str, Any]) -> list[Decision]:
    """Send the drums to a small room of their own."""
    drums = [
        stem.name
        for stem in session.active
        if session.role(stem.name) in ("drums", "snare", "toms")
    ]
    if not drums:
        return []
    percussivity = max(session.character(name).percussivity for name in drums)
    params = ReverbParams(
        t60_s=0.8 - 0.5 * percussivity, room_size_m=5.0, lines=32, low_cut_hz=250.0
    )
    bus = ReverbBus(name="ambience", params=params)
    decay_s = float(t60_at(params, [1000.0], session.sample_rate)[0])
    decisions = [
        Decision(
            rule=RULE,
            source=SOURCE,
            measured=(Quantity.of("percussivity", percussivity, ""),),
            parameters={"reverbs": (*session.plan.reverbs, bus)},
            sentence=f"A small room for the drums decays in {decay_s:.2f} s: percussivity {percussivity:.2f}.",
            statements=(
                Statement(
                    kind="reverb_t60_s",
                    bus=bus.name,
                    unit="s",
                    stated=decay_s,
                    tolerance=0.05 * decay_s,
                ),
            ),
        )
    ]
    to_dry_lu = settings["to_dry_lu"]
    for name in drums:
        at_unity_lu, level_db = session.send_level(name, bus, to_dry_lu)
        send = Send(to=bus.name, level_db=level_db)
        decisions.append(
            Decision(
                rule=RULE,
                stem=name,
                source=SOURCE,
                measured=(
                    Quantity.of(
                        "reverb to dry at a send of 0 dB", at_unity_lu, "LU"
                    ),
                ),
                parameters={"sends": (*session.plan.stem(name).sends, send)},
                sentence=f"{name} goes to the small room, {to_dry_lu:g} LU against the dry sound.",
                statements=(
                    Statement(
                        kind="reverb_to_dry_lu",
                        stems=(name,),
                        bus=bus.name,
                        unit="LU",
                        stated=to_dry_lu,
                    ),
                ),
            )
        )
    return decisions


def main() -> None:
    # After the reverb and before the last level step, so that the faders count it in.
    rules = presets.load("default").with_rule(
        RULE, ambience, after="reverb", constants=CONSTANTS
    )
    result = mix(demo_stems(), sample_rate=44_100, rules=rules)
    for decision in result.plan.decisions:
        if decision.rule == RULE:
            print(decision.sentence)
            for statement in decision.statements:
                print(
                    f"    {statement.kind}: stated {statement.stated:.2f}, measured {statement.measured:.2f} "
                    f"{statement.unit}, holds: {statement.holds}"
                )
    OUT.mkdir(exist_ok=True)
    result.save(OUT / "own_rule.wav")


if __name__ == "__main__":
    main()
