"""What the compression rules decide and say of a stem: left alone, or compressed as a search found it."""

from __future__ import annotations

import math

from mixrules._support.wording import prints_as_zero
from mixrules.decision import Decision, Quantity, Statement
from mixrules.loudness import loudness_range_from_energies
from mixrules.processors import CompressorParams
from mixrules.rules.range_search import SearchResult, Trial
from mixrules.session import Session

RULE = "compression"


def trial_on_audio(session: Session, name: str) -> Trial:
    """Return what runs a compressor over a stem and measures the loudness range that it leaves."""

    def run(params: CompressorParams) -> float:
        return loudness_range_from_energies(session.energies_with(name, compressor=params))

    return run


def exceeds(range_lu: float, target_lu: float, tolerance_lu: float) -> bool:
    """Return whether a loudness range is above the target by the tolerance or more; not where there is none."""
    return math.isfinite(range_lu) and range_lu - target_lu >= tolerance_lu


def left_alone(name: str, range_lu: float, target_lu: float, tolerance_lu: float, source: str) -> Decision:
    """Say that a stem's range is small enough, or that it has none."""
    if not math.isfinite(range_lu):
        return Decision(
            rule=RULE,
            stem=name,
            source=source,
            sentence=f"{name}: no compression, as it is too short for a loudness range.",
        )
    return Decision(
        rule=RULE,
        stem=name,
        source=source,
        measured=(Quantity.of("loudness range", range_lu, "LU"),),
        threshold=f"loudness range of {target_lu:g} LU, and {tolerance_lu:g} LU of tolerance",
        sentence=(
            f"{name}: no compression, as it is steady enough (its loudness range of {range_lu:.1f} LU is "
            f"{_within(range_lu, target_lu)})."
        ),
        statements=(_range_statement(name, range_lu),),
    )


def not_touched(session: Session, name: str, source: str) -> Decision:
    """Say that stems of this one's role are left as they are."""
    role = session.role_in_words(name)
    return Decision(
        rule=RULE,
        stem=name,
        source=source,
        sentence=f"{name}: no compression, as the rule leaves {role} stems as they are.",
    )


def not_helped(name: str, range_lu: float, target_lu: float, source: str) -> Decision:
    """Say that no compressor makes a stem's range smaller."""
    return Decision(
        rule=RULE,
        stem=name,
        source=source,
        measured=(Quantity.of("loudness range", range_lu, "LU"),),
        threshold=f"loudness range of {target_lu:g} LU",
        sentence=(
            f"{name}: no compression, though its loudness range of {range_lu:.1f} LU is above {target_lu:g}: no "
            f"setting that the rule allows makes it smaller."
        ),
        statements=(_range_statement(name, range_lu),),
    )


def compressed(name: str, start_lu: float, target_lu: float, result: SearchResult, source: str) -> Decision:
    """Compress a stem as a search found it."""
    params = result.params
    end = "" if result.reached else f", short of the {target_lu:g} LU wanted: the rule goes no further"
    return Decision(
        rule=RULE,
        stem=name,
        source=source,
        measured=(
            Quantity.of("loudness range before", start_lu, "LU"),
            Quantity.of("loudness range after", result.range_lu, "LU"),
            Quantity.of("steps", result.steps, ""),
            Quantity.of("runs of the compressor", result.runs, ""),
        ),
        threshold=f"loudness range of {target_lu:g} LU",
        parameters={"compressor": params},
        sentence=(
            f"{name}: compression {params.ratio:.1f}:1 above {params.threshold_db:.1f} dBFS "
            f"({params.attack_ms:g} ms attack, {params.release_ms:g} ms release), so that its loudness range goes from "
            f"{start_lu:.1f} to {result.range_lu:.1f} LU{end}."
        ),
        statements=(_range_statement(name, result.range_lu),),
    )


def crest_compressed(
    name: str, start_db: float, crest_db: float, target_db: float, params: CompressorParams, source: str
) -> Decision:
    """Compress a stem whose crest was above the target, as a search found it."""
    return Decision(
        rule=RULE,
        stem=name,
        source=source,
        measured=(
            Quantity.of("crest before", start_db, "dB"),
            Quantity.of("crest after", crest_db, "dB"),
        ),
        threshold=f"crest of {target_db:g} dB",
        parameters={"compressor": params},
        sentence=(
            f"{name}: compression {params.ratio:.1f}:1 above {params.threshold_db:.1f} dBFS "
            f"({params.attack_ms:g} ms attack, {params.release_ms:g} ms release), so that its loud peaks lie "
            f"{crest_db:.1f} dB above its loudness instead of {start_db:.1f}; the aim is {target_db:g} dB."
        ),
        statements=(Statement(kind="stem_crest_db", stems=(name,), unit="dB", stated=round(crest_db, 2)),),
    )


def _within(range_lu: float, target_lu: float) -> str:
    """Return how a loudness range that is small enough compares with the target; the tolerance lets it lie above."""
    over_lu = range_lu - target_lu
    if prints_as_zero(max(over_lu, 0.0)):
        return f"within {target_lu:g}"
    return f"only {over_lu:.1f} LU above {target_lu:g}"


def _range_statement(name: str, range_lu: float) -> Statement:
    return Statement(kind="stem_loudness_range_lu", stems=(name,), unit="LU", stated=round(range_lu, 2))
