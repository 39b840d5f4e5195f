"""What is said of a mix as a whole whose targets were read from references: which, and which are the preset's."""

from __future__ import annotations

from mixrules._support.wording import listed
from mixrules.decision import Decision, Quantity
from mixrules.rules import RULES
from mixrules.ruleset import RuleSet, typed_settings
from mixrules.session import Session

RULE = "like"
_GROUPS = (
    ("level.vocal_to_backing_lu", "the vocal to the backing"),
    ("level.", "levels"),
    ("compression.", "loudness ranges and crests"),
    ("tone.mix_slope_db_per_octave", "the slope of the mix"),
    ("tone.", "spectra of stems"),
    ("width.mix_side_to_mid_db", "the width of the mix"),
    ("width.", "widths of stems"),
    ("reverb.t60_max_s", "the time of the room"),
    ("reverb.", "reverb to dry"),
    ("master.target_lufs", "the loudness"),
)
_LEVEL = "level"


def what_was_read(session: Session, rules: RuleSet) -> list[Decision]:
    """Return the decision that says which targets were read; none where the rule set has its own."""
    read = rules.read
    if read is None:
        return []
    share = f" {100.0 * read.strength:.0f} % of the way from the preset's" if read.strength < 1.0 else ""
    groups = dict.fromkeys(_group_of(name) for name in read.targets)
    missing = [words for _, words in _GROUPS if words not in groups and _aimed_at(words, rules)]
    roles = _roles_not_read(session, rules)
    if roles:
        missing = [f"levels of {listed(roles)}", *(each for each in missing if each != "levels")]
    said = [f"Targets are read from {read.name}{',' if share else ''}{share}: {listed(list(groups))}."]
    if missing:
        said.append(f"As in the preset: {listed(missing)}.")
    said += [f"{note[:1].upper()}{note[1:]}." for note in read.notes]
    return [
        Decision(
            rule=RULE,
            source="asked for by the user",
            measured=tuple(
                Quantity.of(name, target.read, target.unit)
                for name, target in read.targets.items()
                if isinstance(target.read, int | float)
            ),
            threshold=f"{100.0 * read.strength:.0f} % of the way from the preset",
            sentence=" ".join(said),
        )
    ]


def _group_of(name: str) -> str:
    return next((words for start, words in _GROUPS if name.startswith(start)), name)


def _aimed_at(words: str, rules: RuleSet) -> bool:
    """Return whether a rule set has constants of a group."""
    return any(_group_of(name) == words for name in rules.constants if name.partition(".")[0] in rules.rules)


def _roles_not_read(session: Session, rules: RuleSet) -> list[str]:
    """Return the roles of the song whose level was not read; none where none at all was, or the rules set no levels."""
    read = rules.read
    steps = [step for step in rules.chain if step.rule == _LEVEL and step.function is None]
    if read is None or not steps or not any(_group_of(name) == "levels" for name in read.targets):
        return []
    rule = RULES[str(steps[-1])]
    if rule.aims is None:
        return []
    settings = typed_settings(rules, _LEVEL, rule.settings_type)
    roles = []
    for stem in session.active:
        about = Decision(rule=_LEVEL, stem=stem.name, sentence="Whose level?", source="ours")
        aims = rule.aims(session, settings, about)
        if not any(aim.constant in read.targets for aim in aims):
            roles.append(session.role(stem.name).replace("_", " "))
    return list(dict.fromkeys(roles))
