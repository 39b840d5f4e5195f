"""The same test for other tools: webMUSHRA, the Web Audio Evaluation Tool, Qualtrics."""

from __future__ import annotations

from pathlib import Path

from mixrules.errors import AudioFileError
from mixrules.files import write_text_atomic
from mixrules.listening.exports.qualtrics_survey import qualtrics_columns, qualtrics_survey
from mixrules.listening.exports.waet_project import waet_project
from mixrules.listening.exports.webmushra_config import webmushra_mushra, webmushra_without_reference
from mixrules.listening.format.key import Key
from mixrules.listening.format.testfile import ListeningTest

__all__ = [
    "qualtrics_columns",
    "qualtrics_survey",
    "waet_project",
    "webmushra_mushra",
    "webmushra_without_reference",
    "write_exports",
]

_README = """\
The test {test_id} for other tools. None of these files names a condition; key.json, one folder up, does.
Stimulus ids are those of key.json, so that results can be read back.

webmushra/   Copy the audio of site/audio to configs/resources/{test_id}/ of webMUSHRA, the YAML files to
             configs/, and open ?config=mixrules-{test_id}.yaml. Every page is one attribute of one song.
             mixrules-{test_id}.yaml has no reference: pages of type likert_multi_stimulus, since webMUSHRA's
             own mushra page cannot do without one.
             mixrules-{test_id}-mushra.yaml is MUSHRA with the human mix as reference, shown and hidden
             (webMUSHRA calls its ratings "reference"). {mushra}
waet/        Copy the audio of site/audio to media/{test_id}/ of the Web Audio Evaluation Tool, test.xml to
             tests/mixrules-{test_id}.xml, and open test.html?url=tests/mixrules-{test_id}.xml.
qualtrics/   Put the audio of site/audio on a web server that is reached by https, and make the export with
             its address: mixrules stimuli ... --audio-url https://YOUR-SERVER/audio/. Then import survey.txt
             (Tools, Import/Export, Import Survey). columns.csv says which column of the results is which
             stimulus. The format knows no random order: set it in the survey's own options.

With --audio-url all three look for the audio there.
"""

_NO_EXPORT = """\
The test {test_id} is of kind {kind}, which is not exported: of other tools' configurations those for ratings are written.
"""


def write_exports(
    folder: Path, test: ListeningTest, key: Key, *, seconds: float, audio_url: str = ""
) -> None:
    """Write a test's configurations for other tools.

    Parameters
    ----------
    folder : Path
        Where they go; made where it is missing.
    test : ListeningTest
        The test.
    key : Key
        Its key, for finding the human mix; its names are not written.
    seconds : float
        Length of the excerpts.
    audio_url : str
        Where the audio files are; empty: the usual place of each tool.

    Raises
    ------
    AudioFileError
        If a file cannot be written.
    """
    if test.scale.compares:
        _write(folder, {"README.txt": _NO_EXPORT.format(kind=test.scale.kind.upper(), test_id=test.test_id)})
        return
    reference = _human(key)
    name = f"mixrules-{test.test_id}"
    files = {
        f"webmushra/{name}.yaml": webmushra_without_reference(test, audio_url=audio_url),
        "waet/test.xml": waet_project(test, audio_url=audio_url),
        "qualtrics/survey.txt": qualtrics_survey(test, audio_url=audio_url),
        "qualtrics/columns.csv": qualtrics_columns(test),
    }
    if reference:
        files[f"webmushra/{name}-mushra.yaml"] = webmushra_mushra(
            test, reference, seconds=seconds, audio_url=audio_url
        )
    mushra = "" if reference else "There is no condition called human, so it was not written."
    files["README.txt"] = _README.format(test_id=test.test_id, mushra=mushra)
    _write(folder, files)


def _write(folder: Path, files: dict[str, str]) -> None:
    try:
        for name, text in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            write_text_atomic(folder / name, text)
    except AudioFileError:
        raise
    except OSError as error:
        raise AudioFileError(
            f"{folder} cannot be written: {(error.strerror or str(error)).lower()}"
        ) from error


def _human(key: Key) -> dict[str, str]:
    """Return the stimulus id of the human mix on each page; empty unless every page has one."""
    found = {page.id: s.id for page in key.pages for s in page.stimuli if s.condition == "human"}
    return found if len(found) == len(key.pages) else {}
