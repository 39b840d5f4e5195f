"""What folders within a song's folder are called, in lower case and without numbers."""

from __future__ import annotations


def _phrases(text: str) -> frozenset[str]:
    return frozenset(" ".join(phrase.split()) for phrase in text.split(","))


FINISHED = _phrases("""
    mix, mixes, mixdown, mixdowns, master, masters, mastered, mastering, premaster, premasters, final mix, final mixes,
    rough mix, rough mixes, roughs, full mix, full mixes, stereo mix, stereo mixes, reference, references, ref, refs,
    reference tracks, reference mix, reference mixes
""")
"""Finished mixes."""

OLD = _phrases("""
    old, older, backup, backups, back up, archive, archived, archives, unused, not used, alt, alts, alternate,
    alternates, alternative, alternatives, outtake, outtakes, out takes, discarded, deleted, deletes, trash,
    do not use, dont use, don t use, rejected, rejects, bak, previous, temp, tmp, wip, versions, history,
    session file backups, auto save, auto saves, autosave, alte, sicherung, sicherungen, ancien, anciens, viejo,
    viejos, antiguo, vecchi, velho, stare, oud, gammal
""")
"""What is not used any more."""

NEUTRAL = _phrases("takes, take, stems, stem, tracks, track, files, file, audio, stuff, mixes, versions")
"""Words that change nothing of "old"."""

PROGRAM = _phrases("""
    fade files, undo, undo data, peaks, freeze, freeze files, frozen, impulse responses, clip groups, macosx, recycle bin,
    system volume information, ableton project info, plug in settings, video files
""")
"""What a program or a system keeps for itself."""

VERSIONS = _phrases("""
    rendered, renders, render, rendered files, bounce, bounces, bounced, bounced files, export, exports, exported,
    stems, audio files, audio, media, sample, samples, recording, recordings, recorded, take, takes, raw, raw tracks,
    multitrack, multitracks, wav, wavs, flac, mp3, mp3s, preview, previews, final, finals, mixed, copy, copies, copia,
    edits, dry, wet, processed, consolidated, submix, submixes
""")
"""The stems themselves where there are no others, versions of them where there are."""

GROUPS = _phrases("""
    band, rhythm, rhythm section, music, instruments, instrument, orchestra, ensemble, leads, melodic, harmonic, fx,
    loops, overdubs, extras, additional, backline, programming, beats, tracks, live, mics, main, others, misc
""")
"""Groups that are not called after one instrument."""

STEMS = _phrases("""
    stems, stem files, wav stems, audio stems, mix stems, multitrack, multitracks, tracks, raw tracks, trackouts,
    track outs, individual tracks, spuren, einzelspuren, pistes, pistas, tracce, sporen, spor
""")
"""The stems beside finished mixes of them."""

NO_MIX = _phrases(
    "stems, stem, tracks, track, session, for, to, in, multitrack, multitracks, parts, files, prep"
)
"""Words beside "mix" in the name of a folder that holds no finished mix."""
