"""From stems and a finished mix to the plan that explains it: the whole way on one page."""

from __future__ import annotations

import itertools
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from mixrules._support.arguments import require_callable
from mixrules._support.cores import in_threads, thread_count
from mixrules._support.one_thread import one_thread
from mixrules._support.validation import Audio
from mixrules._support.wording import listed
from mixrules.errors import AudioError
from mixrules.loudness import measure, true_peak
from mixrules.matching.alignment import Alignment, aligned
from mixrules.matching.chosen_alignment import chosen_alignment, covered_by
from mixrules.matching.dry_fit import PAYS_SHARE, ROUNDS, Allowed, DryFit, centred
from mixrules.matching.excerpts import (
    LEAD_IN_S,
    Excerpt,
    choose_excerpts,
    covering,
    mean_square,
    read_excerpt,
    with_equal_sides,
)
from mixrules.matching.finished_mix import LEAST_S, FinishedMix, as_finished_mix, read_finished_mix
from mixrules.matching.found_reverb import dry_parts, find_reverb, reverb_of
from mixrules.matching.joint_fit import fit_together
from mixrules.matching.master_fit import MasterFit, fit_master
from mixrules.matching.match_decisions import decisions_of
from mixrules.matching.match_result import RUNGS, WELL_EXPLAINED, Match, Rung, verdict
from mixrules.matching.matched_plan import Found
from mixrules.matching.rungs import Ladder
from mixrules.matching.simpler_strips import StripTrials, leave_out_idle
from mixrules.matching.spectral_statistics import STRETCH_S
from mixrules.matching.stem_levels import LevelSums, StemLevel
from mixrules.matching.strip import Strip
from mixrules.mixer import Song, as_stems
from mixrules.mixplan import MixPlan
from mixrules.stems import Progress, Stems

_REVERB_EXCERPTS = 6
_TURNS = 2
_STEPS = 6
_TOLD_S = 0.05
_HOLD_MIB = 2048.0  # 12 minutes of 8 stereo stems at 44.1 kHz
_TOO_LITTLE_DB = -0.4
"""Where gains, places and equalisers leave more of the mix than this, nothing further is looked for."""
_MAY_COST = 0.01  # of what is unexplained, ours: what does nothing may cost so much, all together
_TAKEN = "The mix was taken to begin with its stems."
_AT_FIRST = 2
"""Rounds in which processors are looked for, before reverb and master are known."""


def match(
    song: Song,
    mix: str | os.PathLike[str] | npt.ArrayLike,
    *,
    sample_rate: int | None = None,
    roles: Mapping[str, str] | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Match:
    """Find the plan that explains a finished mix of a song's stems.

    Parameters
    ----------
    song : path, mapping of str to array_like, or Stems
        The stems, as for `mixrules.mix`.
    mix : path or array_like, shape (samples, channels) or (samples,)
        The finished mix: a file, or samples at the stems' rate.
    sample_rate : int, optional
        Hz. Required with arrays; with a folder, the rate to resample to.
    roles : mapping of str to str, optional
        Stem or file names to roles.
    threads : int, optional
        How many tasks to work on at once; by default as many as there are cores. The result is the same.
    progress : callable, optional
        Told what is being done.

    Returns
    -------
    Match

    Raises
    ------
    MixrulesError
        If the stems or the mix cannot be used.

    Notes
    -----
    Least squares throughout: gains, places, widths and equalisers of all stems together on their cross-spectra;
    compressors on gains over time, then on the samples; the reverb on how powers decay, and on the samples where it was
    made by this package; the master's compressor and limiter on the sum. A processor is kept where it lowers what is
    unexplained in stretches of the song that it was not looked for in.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> stems = {name: 0.1 * rng.standard_normal((2 * 44_100, 1)) for name in ("vocals", "piano")}
    >>> mix = np.repeat(0.5 * stems["vocals"] + 0.25 * stems["piano"], 2, axis=1)
    >>> found = match(stems, mix, sample_rate=44_100)
    >>> [round(strip.gain_db, 1) for strip in found.plan.stems]
    [-3.0, -9.0]
    """
    require_callable(progress, name="progress")
    stems = as_stems(song, sample_rate=sample_rate, roles=roles, threads=threads)
    finished = (
        read_finished_mix(mix, stems.sample_rate)
        if isinstance(mix, str | os.PathLike)
        else as_finished_mix(mix, stems.sample_rate)
    )
    # Excerpts are worked on side by side: matrices that took threads as well would wait for each other.
    with one_thread():
        return _Matcher(_held(stems), finished, progress, thread_count(threads)).match()


def _held(stems: Stems) -> Stems:
    """Return the stems in memory where there is room for them: they are read many times."""
    mib = sum(stem.samples * stem.channels for stem in stems) * 4 / 2**20
    if stems.in_memory or mib > _HOLD_MIB:
        return stems
    return replace(stems, stems=tuple(replace(stem, audio=np.asarray(stem.audio)) for stem in stems))


class _Matcher:
    """One match at work: the excerpts that are compared, and what was found so far."""

    def __init__(self, stems: Stems, finished: FinishedMix, progress: Progress | None, threads: int) -> None:
        self._threads = threads
        self._stems, self._finished, self._progress = stems, finished, progress
        self._rate = stems.sample_rate
        self._tell("aligning", 0)
        mono = with_equal_sides(stems)
        self._start = tuple(centred(1 if one else 2) for one in mono)
        self._alignment = chosen_alignment(finished, stems, mono, self._start, threads=self._threads)
        self._mix = aligned(finished.audio, self._alignment, stems.samples)
        self._covered = covered_by(len(finished.audio), self._alignment, stems.samples)
        heard_s = (self._covered.stop - self._covered.start) / self._rate
        if heard_s < LEAST_S:
            raise AudioError(
                f"{finished.name} covers {heard_s:.2f} s of the stems, at least {LEAST_S:g} s are needed"
            )
        places = choose_excerpts(stems, self._covered)
        self._far = [read_excerpt(stems, self._mix, place, mono) for place in places]
        powers = np.array([[mean_square(a) for a in e.stems] for e in self._far]).T
        self._for_reverb = sorted(covering(powers, _REVERB_EXCERPTS))
        self._peak_dbtp = true_peak(finished.audio, self._rate)
        self._ladder = Ladder(stems, self._mix, self._covered)

    def match(self) -> Match:
        self._tell("gains, places and equalisers", 1)
        found = self._linear()
        if self._ladder.rungs[-1].residual_db > _TOO_LITTLE_DB:
            # A mix of which the stems explain nearly nothing tells no more.
            for name in RUNGS[len(self._ladder.rungs) :]:
                self._ladder.leave_out(name)
            return self._result(found, self._levels(found))
        self._tell("compressors", 2)
        self._least = self._left(found)
        # A limiter on the sum would pass for compressors on the stems: it is taken off before these are looked for.
        found = self._better(found, replace(found, master=self._master(found)))
        found = self._better(found, replace(found, strips=self._fit(found, Allowed(), rounds=_AT_FIRST)))
        for turn in range(_TURNS):
            self._tell("reverb and master", 3 + turn)
            found = self._with_reverb(found)
            found = self._better(found, replace(found, master=self._master(found)))
            # What was found while the reverb was heard as part of the stems would stay: the first time all is found anew.
            anew = turn == 0 and found.room is not None and found.room.ours
            strips = self._fit(found, Allowed(), rounds=_AT_FIRST if anew else 1, anew=anew)
            found = self._better(found, replace(found, strips=strips))
        found = self._together(found)
        found = self._better(found, replace(found, master=self._master(found)))
        found = self._without_idle(found)
        self._tell("what each process explains", 5)
        levels = self._levels(found)
        found = self._levelled(found, levels)
        self._climb(found)
        return self._result(found, levels)

    def _linear(self) -> Found:
        """Return gains, places and equalisers, with a rung for each."""
        ladder, found = self._ladder, Found(strips=self._start)
        unmoved = aligned(self._finished.audio, Alignment(), self._stems.samples)
        ladder.add("plain sum", found, mix=unmoved, at_best_gain=True)
        if self._alignment.moves_nothing:
            ladder.leave_out("alignment")
        else:
            ladder.add("alignment", found, at_best_gain=True)
        for name, allowed in (
            ("gain", Allowed(pan=False, equalizer=False, compressor=False)),
            ("pan", Allowed(equalizer=False, compressor=False)),
            ("EQ", Allowed(compressor=False)),
        ):
            found = Found(strips=self._fit(found, allowed))
            if name != "EQ" or any(strip.linear.bands for strip in found.strips):
                ladder.add(name, found)
            else:
                ladder.leave_out(name)
        return found

    def _climb(self, found: Found) -> None:
        """Add the rungs from the compressors up: the plan that was found without what comes later."""
        # Without the master the faders are those of a sum that it turns down: one gain makes up for that.
        mastered = not found.master.does_nothing
        dry = replace(found, room=None, master=MasterFit())
        # Faders and equalisers are those of the end, which the rung before has not: it is rendered either way.
        compressed = any(strip.compressor for strip in found.strips)
        self._ladder.add("compression", dry, at_best_gain=mastered, used=compressed)
        if found.room is not None:
            self._ladder.add("reverb", replace(found, master=MasterFit()), at_best_gain=mastered)
        else:
            self._ladder.leave_out("reverb")
        if mastered:
            self._ladder.add("master", found)
        else:
            self._ladder.leave_out("master")

    def _result(self, found: Found, levels: Sequence[StemLevel]) -> Match:
        self._tell("writing it down", _STEPS)
        rungs = tuple(self._ladder.rungs)
        return Match(
            plan=self._decided(rungs[-1], found, levels),
            rungs=rungs,
            alignment=self._alignment,
            notes=self._finished.notes,
            levels=dict(zip(self._stems.names, levels, strict=True)),
            mix=self._mix,
            covered=self._covered,
            sample_rate=self._rate,
        )

    def _fit(
        self, found: Found, allowed: Allowed, *, rounds: int = ROUNDS, anew: bool = False
    ) -> tuple[Strip, ...]:
        """Return better strips, or all found anew, with the reverb and the master that were found taken off the mix."""
        near, known = self._near(found)
        return DryFit(near, self._rate, allowed, rounds=rounds, threads=self._threads).fit(
            self._start if anew else found.strips, known
        )

    def _near(self, found: Found) -> tuple[list[Excerpt], list[Audio] | None]:
        """Return the excerpts with a strip's lead-in and the mix before its master, and the reverb where it is known."""
        near, known = [], []
        for excerpt in self._far:
            _, wet, mix = self._unmastered(excerpt, found)
            near.append(replace(excerpt, mix=mix).with_lead_in(round(LEAD_IN_S * self._rate)))
            if wet is not None:
                known.append(wet[excerpt.lead_in :])
        return near, known or None

    def _parts(self, excerpt: Excerpt, found: Found) -> tuple[list[Audio], Audio | None]:
        """Return the stems as they are in the mix, dry, and their reverb where it is known sample by sample."""
        dry = dry_parts(excerpt, found.strips, self._rate)
        ours = found.room is not None and found.room.ours
        return dry, reverb_of(dry, found.room, self._rate) if ours and found.room is not None else None

    def _with_reverb(self, found: Found) -> Found:
        """Return what was found with a reverb, where there is one: found anew, or again from what was found before."""
        chosen = [self._far[number] for number in self._for_reverb]
        far = [replace(excerpt, mix=self._unmastered(excerpt, found)[2]) for excerpt in chosen]
        room = find_reverb(far, found.strips, self._rate, room=found.room, threads=self._threads)
        if room is None:
            return found
        with_room = replace(found, room=room)
        # The echoes of a room that is not ours are not those of the mix: its powers speak for it, not the samples.
        return self._better(found, with_room) if room.ours else with_room

    def _together(self, found: Found) -> Found:
        """Return what was found with all numbers solved for at once, where the reverb is known sample by sample."""
        if found.room is None or not found.room.ours:
            return found
        excerpts = [
            replace(excerpt, mix=self._unmastered(excerpt, found)[2])
            for excerpt in (self._far[number] for number in self._for_reverb)
        ]
        found, self._least = fit_together(
            excerpts, found, self._rate, least=self._least, left_by=self._left, threads=self._threads
        )
        return found

    def _without_idle(self, found: Found) -> Found:
        """Return what was found without the compressors and bands that do nothing now that all else is known."""
        near, known = self._near(found)
        trials = StripTrials(
            near, found.strips, self._rate, may_cost=PAYS_SHARE, known=known, threads=self._threads
        )
        leave_out_idle(trials)
        simpler = replace(found, strips=tuple(trials.strips))
        # Each was judged with the reverb as it is: together they are judged with their own.
        left = self._left(simpler)
        if left > (1.0 + _MAY_COST) * self._least:
            return found
        self._least = left
        return simpler

    def _better(self, found: Found, trial: Found) -> Found:
        """Return what leaves less of the mix in the excerpts; what `found` leaves is known, `_least`."""
        left = self._left(trial)
        if left >= self._least:
            return found
        self._least = left
        return trial

    def _left(self, found: Found) -> float:
        """Return the power that is left in the excerpts."""

        def of_one(excerpt: Excerpt) -> float:
            dry, wet = self._parts(excerpt, found)
            left = (excerpt.mix - found.master.applied(_sum(dry, wet), self._rate))[excerpt.lead_in :]
            return float(np.vdot(left, left))

        return sum(in_threads(of_one, self._far, self._threads))

    def _unmastered(self, excerpt: Excerpt, found: Found) -> tuple[list[Audio], Audio | None, Audio]:
        """Return what `_parts` does, and the mix before its master."""
        dry, wet = self._parts(excerpt, found)
        return dry, wet, found.master.undone(excerpt.mix, _sum(dry, wet), self._rate)

    def _master(self, found: Found) -> MasterFit:
        return fit_master(
            [_sum(*self._parts(excerpt, found)) for excerpt in self._far],
            [excerpt.mix for excerpt in self._far],
            [excerpt.lead_in for excerpt in self._far],
            self._rate,
            peak_dbtp=self._peak_dbtp,
            pays_share=PAYS_SHARE,
            threads=self._threads,
        )

    def _levels(self, found: Found) -> tuple[StemLevel, ...]:
        sums, stretch = LevelSums(), STRETCH_S * self._rate
        for excerpt in self._far:
            dry, wet, mix = self._unmastered(excerpt, found)
            mix = mix if wet is None else mix - wet
            edges = np.linspace(excerpt.lead_in, len(mix), 1 + max(1, round(excerpt.samples / stretch)))
            for first, last in itertools.pairwise(edges.astype(int)):
                inside = slice(first, last)
                sums.update([a[inside] for a in excerpt.stems], [part[inside] for part in dry], mix[inside])
        return sums.result()

    def _levelled(self, found: Found, levels: Sequence[StemLevel]) -> Found:
        absent = frozenset(
            name
            for name, level in zip(self._stems.names, levels, strict=True)
            if level.heard and level.worth < PAYS_SHARE and not (level.like or level.made_of)
        )
        return replace(found, absent=absent)

    def _decided(self, last: Rung, found: Found, levels: Sequence[StemLevel]) -> MixPlan:
        """Return the last rung's plan with its decisions and notes."""
        share = last.explained_share
        loudness = measure(self._mix[self._covered], self._rate)
        decisions = decisions_of(
            last.plan, found, levels, explained_share=share, mix_lufs=loudness.integrated_lufs
        )
        # Too little in common to measure a clock by, and yet explained as it lies: then it lies right.
        taken = not self._alignment.told and share >= WELL_EXPLAINED
        where = _TAKEN if taken else self._alignment.sentence
        notes = [verdict(share, self._finished.name), where, *self._finished.notes]
        heard_s = (self._covered.stop - self._covered.start) / self._rate
        if self._stems.duration_s - heard_s > _TOLD_S:
            notes.append(
                f"{self._finished.name} covers {heard_s:.1f} s of the {self._stems.duration_s:.1f} s of the stems: "
                "nothing is known of the rest."
            )
        made = [name for name, level in zip(self._stems.names, levels, strict=True) if level.made_of]
        if made:
            notes.append(
                f"Each of {listed(made)} can be made of the others: how loud each of them is in the mix cannot be told."
            )
        return last.plan.replace(notes=(*notes, *last.plan.notes), decisions=decisions)

    def _tell(self, what: str, done: int) -> None:
        if self._progress is not None:
            self._progress(what, done, _STEPS)


def _sum(dry: Sequence[Audio], wet: Audio | None) -> Audio:
    total = np.sum(dry, axis=0)
    return np.asarray(total if wet is None else total + wet, np.float32)
