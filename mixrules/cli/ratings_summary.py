"""What `mixrules ratings` prints of an analysis: one screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mixrules.cli.output import say

if TYPE_CHECKING:
    from mixrules.ratings import Analysis, ChoiceAnalysis


def print_ratings(analysis: Analysis) -> None:
    """Print descriptions, verdicts, and what the models say, of all listeners."""
    from mixrules.ratings import sentences
    from mixrules.ratings.group_names import ALL
    from mixrules.ratings.model_sentences import model_sentences
    from mixrules.ratings.undefined import interval_text

    table = analysis.table
    units = "listeners" if table.design == "within" else "values"
    who = f"{len(table.names('listener'))} listeners, " if table.design == "within" else ""
    say(f"{len(analysis.reading.sources)} files ({analysis.reading.format}): {who}{len(table)} ratings")
    for gone in analysis.rejected:
        say(f"listener {gone.listener} is left out ({gone.rule}): {gone.found}")
    for caution in sentences.cautions(analysis):
        say(f"caution: {caution}")
    say()
    width = max(10, *(len(c) for c in table.names("condition")))
    say(f"{'attribute':<16} {'condition':<{width}} {'n':>5} {'median':>6} {'mean':>6} {'0..1':>6}  CI (0..1)")
    for d in analysis.descriptions:
        if d.group == ALL:
            n = d.ratings if d.listeners is None else d.listeners
            say(
                f"{analysis.label(d.attribute):<16} {d.condition:<{width}} {n:>5} {d.median:>6.2f} {d.mean:>6.2f} "
                f"{d.mean_normalised:>6.3f}  {interval_text(d.ci_low, d.ci_high, analysis.settings, units=units)}"
            )
    common, own = sentences.verdicts(analysis, ALL)
    models = {m.attribute: m for m in analysis.models}
    for o in analysis.omnibus:
        if o.group != ALL:
            continue
        say()
        say(f"{analysis.label(o.attribute)}. {sentences.omnibus_sentence(o, analysis.settings)}")
        for sentence in own[o.attribute]:
            say(f"  {sentence}")
        if o.attribute in models and not models[o.attribute].why_not:
            pairs = [c for c in analysis.comparisons if (c.group, c.attribute) == (ALL, o.attribute)]
            for sentence in model_sentences(models[o.attribute], pairs, analysis.settings):
                say(f"  {sentence}")
    for sentence in common:
        say(f"Every attribute. {sentence}")
    if analysis.comparisons:
        say()
        say("p of pairs is after Holm's correction; a difference that was not shown is not equality.")
    _print_groups([g for g in table.groups() if g != ALL])


def print_choices(analysis: ChoiceAnalysis) -> None:
    """Print verdicts and strengths, of all listeners."""
    from mixrules.ratings.choices.sentences import choice_cautions, choice_verdicts, position_sentence
    from mixrules.ratings.group_names import ALL

    table = analysis.table
    answers = "choices" if table.kind == "ab" else "answers"
    say(
        f"{len(analysis.reading.sources)} files ({analysis.reading.format}, {'A/B' if table.kind == 'ab' else 'ABX'}): "
        f"{len(table.names('listener'))} listeners, {len(table)} {answers}"
    )
    for gone in analysis.rejected:
        say(f"listener {gone.listener} is left out ({gone.rule}): {gone.found}")
    for caution in choice_cautions(analysis):
        say(f"caution: {caution}")
    for attribute, said in choice_verdicts(analysis, ALL).items():
        say()
        say(f"{analysis.label(attribute)}." if attribute else "Told apart?")
        for sentence in said:
            say(f"  {sentence}")
        strengths = [s for s in analysis.strengths if (s.group, s.attribute) == (ALL, attribute)]
        if strengths:
            ordered = sorted(strengths, key=lambda s: -s.log_strength)
            say(
                "  strengths (Bradley-Terry, 0 is the mean): "
                + ", ".join(
                    f"{s.condition} {s.log_strength:+.2f} ({s.ci_low:+.2f} to {s.ci_high:+.2f})"
                    for s in ordered
                )
            )
    say()
    say(position_sentence(analysis))
    say("p is after Holm's correction; what was not shown may be there all the same.")
    _print_groups([g for g in table.groups() if g != ALL])


def _print_groups(groups: list[str]) -> None:
    if groups:
        say(f"The groups ({', '.join(groups)}) are in the tables and on the page.")
