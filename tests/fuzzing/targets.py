"""What reads each kind of file, and what must be true of its answer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile

from fuzzing.seed_files import KEPT_FILE, KEPT_RESULT
from mixrules import load_stems
from mixrules.errors import AudioFileError, MixrulesError
from mixrules.evaluation.comparison_cache import read_result
from mixrules.files import audio_blocks, check_audio, read_audio, read_text
from mixrules.files.own_documents import COMPARISON_CACHE
from mixrules.listening import Key, ListeningTest
from mixrules.listening.format.definition_reading import parse_definition, read_definition
from mixrules.listening.format.definition_writing import definition_toml
from mixrules.mixplan import MixPlan
from mixrules.ratings import read_ratings
from mixrules.ruleset import RuleSet
from mixrules.stems import Stems


def outcome(target: str, path: Path) -> str:
    """Read a file; return "read", or "refused: " and why.

    Raises
    ------
    AssertionError
        If the answer is not finite, differs between two ways to read, or its message is not one line.
    Exception
        Whatever else a reader should not let out.
    """
    try:
        _TARGETS[target](path)
    except MixrulesError as error:
        message = str(error)
        assert message, "an error without a message"
        assert len(message.splitlines()) == 1, f"a message of several lines: {message!r}"
        assert len(message) <= 2_010, f"a message of {len(message)} characters: {message[:200]!r}"
        message.encode()
        return f"refused: {message}"
    return "read"


def _audio(path: Path) -> None:
    """A file held in memory and the same file read in blocks: the same samples, or the same refusal."""
    held = _answer(lambda: read_audio(path).audio)

    def in_blocks() -> np.ndarray:
        checked = check_audio(path)
        audio = np.concatenate(list(audio_blocks(path)))
        assert checked.header.samples == len(audio), "the checked length differs from what the blocks hold"
        assert checked.peak == np.abs(audio).max(), "the checked peak differs from the blocks'"
        return audio

    _require_alike(held, _answer(in_blocks))
    if isinstance(held, MixrulesError):
        raise held
    assert np.isfinite(held).all(), "samples that are not finite"


def _song(path: Path) -> None:
    """A song held in memory and the same song left on the disk."""
    whole = path.parent / "whole.wav"
    soundfile.write(whole, np.full((4_000, 1), 0.125), 8_000)
    held = _answer(lambda: _arrays(load_stems(path.parent, threads=1)))
    streamed = _answer(lambda: _arrays(load_stems(path.parent, hold_mib=0.0, threads=1)))
    _require_alike(held, streamed)
    if isinstance(held, MixrulesError):
        raise held
    assert np.isfinite(held).all(), "samples that are not finite"


def _arrays(stems: Stems) -> np.ndarray:
    return np.concatenate([np.asarray(stem.audio).ravel() for stem in stems])


def _answer(read: Callable[[], np.ndarray]) -> np.ndarray | MixrulesError:
    try:
        return read()
    except MixrulesError as error:
        return error


def _require_alike(held: np.ndarray | MixrulesError, streamed: np.ndarray | MixrulesError) -> None:
    if isinstance(held, MixrulesError) or isinstance(streamed, MixrulesError):
        assert str(held) == str(streamed), f"held: {held!r}; streamed: {streamed!r}"
    else:
        assert held.tobytes() == streamed.tobytes(), (
            f"held {held.shape} differs from streamed {streamed.shape}"
        )


def _container(path: Path) -> None:
    for stem in load_stems(path, threads=1):
        assert np.isfinite(np.asarray(stem.audio)).all(), "samples that are not finite"


def _stems_toml(path: Path) -> None:
    for name in ("vocals.wav", "bass.wav", "old.wav"):
        soundfile.write(path.parent / name, np.full((800, 1), 0.125), 8_000)
    load_stems(path.parent, threads=1)


def _plan(path: Path) -> None:
    plan = MixPlan.load(path)
    assert MixPlan.from_json(plan.to_json()) == plan, (
        "the plan is another one when it is written and read again"
    )


def _rules(path: Path) -> None:
    RuleSet.from_toml(read_text(path))


def _ratings(path: Path) -> None:
    values = [row.value for row in read_ratings([path]).table.rows()]
    assert np.isfinite(values).all(), "ratings that are not finite"


def _kept(path: Path) -> None:
    """What a comparison kept: the very result, or nothing, whereupon it is made again."""
    output = path.parent
    (output / "audio").mkdir()
    (output / KEPT_FILE).write_bytes(b"audio")
    (output / COMPARISON_CACHE).mkdir()
    path.rename(output / COMPARISON_CACHE / "key.json")
    found = read_result(
        output,
        "key",
        song=KEPT_RESULT.song,
        system=KEPT_RESULT.system,
        measures=KEPT_RESULT.values,
        files=[KEPT_FILE],
    )
    if found is None:
        raise AudioFileError("nothing is kept")
    assert found == KEPT_RESULT, f"another result is believed: {found}"


def _test(path: Path) -> None:
    ListeningTest.load(path)


def _definition(path: Path) -> None:
    asks = read_definition(path)
    assert parse_definition(definition_toml(asks)) == asks, (
        "another definition when it is written and read again"
    )


def _key(path: Path) -> None:
    Key.load(path)


_TARGETS: dict[str, Callable[[Path], None]] = {
    "audio": _audio,
    "song": _song,
    "container": _container,
    "stems.toml": _stems_toml,
    "plan": _plan,
    "kept": _kept,
    "rules": _rules,
    "ratings": _ratings,
    "test": _test,
    "test.toml": _definition,
    "key": _key,
}
