"""The page of a mix: what it sounds like before and after, what was done to each stem and why, and the recipe."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mixrules._support.arguments import as_path, require_known
from mixrules._support.wording import hertz
from mixrules.engine import Renderer, load_engine
from mixrules.errors import MixrulesError
from mixrules.files import write_text_atomic
from mixrules.measurements import Measurements
from mixrules.mix_result import MixResult
from mixrules.mixplan import MixPlan, starting_plan
from mixrules.plan_fitting import fitted
from mixrules.report.page_frame import filled_page, missing_for_pages
from mixrules.report.players import PlayerRow
from mixrules.report.song.decisions import DecisionRow, checks_held, decision_rows, failed_statements
from mixrules.report.song.masking_words import hidden_rows
from mixrules.report.song.measured import measured_song
from mixrules.report.song.page_figures import PageFigure, PageFigures
from mixrules.report.song.page_rows import MeasureRow, stem_rows, whole_rows
from mixrules.report.song.pictures import StemPicture
from mixrules.report.song.recipe import input_files, recipe_rows, versions
from mixrules.report.song.sounds import (
    REPORT_AUDIO,
    ReportAudio,
    before_and_after,
    rule_players,
    song_excerpt,
    stem_players,
)
from mixrules.report.song.without_rules import LITTLE_DB, MeanHidden, WithoutRule, mixes_without_rules
from mixrules.ruleset import RuleSet
from mixrules.stems import Progress, Stems


@dataclass(frozen=True, slots=True)
class _StemPart:
    """What the page says of a stem."""

    id: str
    name: str
    about: str
    measures: list[MeasureRow]
    decisions: list[DecisionRow]
    figures: list[PageFigure]
    players: PlayerRow | None

    @property
    def apart(self) -> list[DecisionRow]:
        """The decisions that no figure shows."""
        shown = {rule for figure in self.figures for rule in figure.rules}
        return [row for row in self.decisions if row.rule not in shown]

    def beside(self, figure: PageFigure) -> list[DecisionRow]:
        """Return the decisions that a figure shows."""
        return [row for row in self.decisions if row.rule in figure.rules]


def require_page_libraries() -> None:
    """Raise `MixrulesError` unless the libraries are there that a page needs."""
    if missing := missing_for_pages():
        raise MixrulesError(
            f"a report page needs {' and '.join(missing)}: pip install 'mixrules[report]' brings them"
        )


def write_song_page(
    path: str | os.PathLike[str],
    stems: Stems,
    result: MixResult,
    *,
    rules: RuleSet | None = None,
    start: MixPlan | None = None,
    engine: str = "native",
    threads: int | None = None,
    audio: ReportAudio = "excerpts",
    command: str = "",
    sources: Sequence[Path] = (),
    progress: Progress | None = None,
) -> Path:
    """Write a page that shows and plays a mix, in one file that needs no other (needs jinja2 and matplotlib).

    Parameters
    ----------
    path : path
        Where it goes, ``report.html``; a page that is there is replaced.
    stems : Stems
        The song.
    result : MixResult
        Its mix.
    rules : RuleSet, optional
        The rules that made it: the page then shows what each of them did, for which the song is mixed again without
        each that did something.
    start : MixPlan, optional
        The plan from which the rules went on.
    engine : str
        The engine that rendered it.
    threads : int, optional
        How many stems to work on at once.
    audio : {"excerpts", "full", "none"}
        Whether the page plays the loudest 15 s of the song and 6 s of each stem, all of it, or nothing.
    command : str
        The command line, to be shown.
    sources : sequence of Path
        The files that the stems came from, to be named with their hashes.
    progress : callable, optional
        Told what is being done.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    MixrulesError
        If a library is missing, or the file cannot be written.
    """
    path = as_path(path)
    require_known(audio, REPORT_AUDIO, what="choice of audio for a page")
    require_page_libraries()
    processors = load_engine(engine)
    plan, stems = fitted(result.plan, stems, processors)
    measurements = Measurements(Renderer(stems, processors, threads=threads))
    # First of all: the sum is measured while it is rendered, and then taken for the mix.
    excerpt = song_excerpt(measurements.mix_energies(plan), stems.samples, stems.sample_rate)
    song = measured_song(plan, measurements, progress=progress)
    given = starting_plan(stems)
    mean_hidden = MeanHidden(measurements)
    without: tuple[WithoutRule, ...] = ()
    if rules is not None:
        without = mixes_without_rules(
            result, rules, measurements, mean_hidden, excerpt=excerpt, start=start, progress=progress
        )
    tried = any(rule.tried for rule in without)
    decisions = decision_rows(result.plan)
    sum_given = measurements.sum_audio(given, stems.names)
    figures = PageFigures(song)
    hidden_stems, hidden_pairs = hidden_rows(song)
    html = filled_page(
        "song_page.html.jinja",
        title=stems.title or result.plan.title or "A song",
        length=_minutes(song.duration_s),
        plan=result.plan,
        plan_json=_as_they_are(result.plan.to_json()),
        notes=tuple(dict.fromkeys(result.plan.notes)),
        loudness=result.loudness,
        verdict=_verdict(result.plan),
        failed=failed_statements(result.plan),
        listen=before_and_after(sum_given, result, audio=audio, excerpt=excerpt),
        whole=whole_rows(song),
        of_mix=[row for row in decisions if row.stem == "mix"],
        whole_figures=figures.of_the_whole(),
        overview=figures.overview(),
        stems=[
            _StemPart(
                id=f"stem-{number}",
                name=stem.name,
                about=_about(stem),
                measures=stem_rows(stem),
                decisions=[row for row in decisions if row.stem == stem.name],
                figures=figures.of_stem(stem),
                players=stem_players(measurements, given, result.plan, stem.name, audio=audio),
            )
            for number, stem in enumerate(song.stems, 1)
        ],
        masking=figures.of_masking(),
        hidden_stems=hidden_stems,
        hidden_pairs=hidden_pairs,
        rules=without if tried else (),
        rule_players=None if audio == "none" else rule_players(result, excerpt, without),
        little_db=LITTLE_DB,
        mean_hidden=mean_hidden.of(result.plan) if tried else math.nan,
        moved=_moved,
        hertz=hertz,
        idle=_idle(without),
        recipe=recipe_rows(result.plan),
        command=command,
        engine=engine,
        versions=versions(),
        inputs=input_files(sources),
    )
    write_text_atomic(path, html)
    return path


def _as_they_are(text: str) -> Any:
    """Return a text of several lines for a page; a value of one line is written as one."""
    from markupsafe import escape

    return escape(text)


def _minutes(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02} min" if minutes else f"{seconds:.1f} s"


def _verdict(plan: MixPlan) -> str:
    """Return in one sentence how many checks hold."""
    held, made = checks_held(plan)
    if not made:
        return "The plan states nothing that could be checked."
    return f"What the rules said of the mix was measured again on the rendered audio: {held} of {made} checks hold."


def _about(stem: StemPicture) -> str:
    """Return what a stem is taken for, and how sure that is."""
    role = stem.role.replace("_", " ")
    reason = f" ({stem.role_reason})" if stem.role_reason else ""
    sure = f", {100.0 * stem.role_confidence:.0f} % sure" if stem.role_confidence < 1.0 else ""
    known = f"Taken for {role}{sure}" if stem.role != "unknown" else "Its role is not known"
    parts = [f"{known}{reason}."]
    if stem.instrument:
        parts.append(f"One instrument with {stem.instrument}.")
    if stem.silent:
        parts.append("It is silent.")
    if stem.muted:
        parts.append("It is muted.")
    return " ".join(parts)


def _moved(rule: WithoutRule) -> str:
    """Return what a rule moved most, in words."""
    parts = []
    if rule.moved_stem:
        parts.append(f"{rule.moved_stem} {rule.moved_lu:+.1f} LU in the mix")
    if abs(rule.band_db) >= 0.1:
        parts.append(f"{rule.band_db:+.1f} dB about {hertz(rule.band_hz)}")
    return "; ".join(parts) or "nothing by 0.1 dB"


def _idle(without: Sequence[WithoutRule]) -> Iterator[tuple[str, list[str]]]:
    """Yield why rules were not tried, with their names."""
    for note in dict.fromkeys(rule.note for rule in without if rule.note):
        yield note, [rule.rule for rule in without if rule.note == note]
