"""Configurations for webMUSHRA (github.com/audiolabs/webMUSHRA), read with its loader of May 2025.

Its ``mushra`` page needs a reference, which it plays openly and hides among the conditions. Without one
its page for several stimuli is ``likert_multi_stimulus``. Both are written, a page for each attribute of
each song; the ids of the results are ``PAGE.ATTRIBUTE`` and the stimulus ids of the key.
"""

from __future__ import annotations

import html
import json
from collections.abc import Mapping
from typing import Any

from mixrules.listening.exports.common import audio_address, trial_id
from mixrules.listening.format.testfile import Attribute, ListeningTest, Page

_MAX_CONDITIONS = 12  # above either webMUSHRA refuses unless told not to be strict
_MAX_SECONDS = 12.0


def webmushra_without_reference(test: ListeningTest, *, audio_url: str = "") -> str:
    """Return the configuration of a test without a reference.

    Parameters
    ----------
    test : ListeningTest
        The test.
    audio_url : str
        Where the audio files are; empty: ``configs/resources/TEST_ID/``.

    Returns
    -------
    str
        YAML.
    """
    base = audio_url or _usual_place(test)
    response = [{"value": str(n), "label": label} for n, label in enumerate(test.scale.labels, 1)]

    def page(page: Page, attribute: Attribute) -> dict[str, Any]:
        return {
            "type": "likert_multi_stimulus",
            **_head(page, attribute),
            "mustRate": True,
            **({"mustPlayback": "ended"} if test.require_full_listen else {}),
            "stimuli": {s.id: audio_address(s.file, base) for s in page.stimuli},
            "response": response,
        }

    return _document(test, base, [page(p, a) for p in test.pages for a in test.attributes])


def webmushra_mushra(
    test: ListeningTest, reference: Mapping[str, str], *, seconds: float, audio_url: str = ""
) -> str:
    """Return the configuration of a MUSHRA test.

    Parameters
    ----------
    test : ListeningTest
        The test.
    reference : mapping of str to str
        Each page's id to the stimulus that is its reference.
    seconds : float
        Length of the excerpts.
    audio_url : str
        As for `webmushra_without_reference`.

    Returns
    -------
    str
        YAML. Without low-passed anchors: they would compress the ratings of mixes.
    """
    base = audio_url or _usual_place(test)

    def page(page: Page, attribute: Attribute) -> dict[str, Any]:
        files = {s.id: audio_address(s.file, base) for s in page.stimuli}
        hidden = files.pop(reference[page.id])
        return {
            "type": "mushra",
            **_head(page, attribute),
            "showWaveform": True,
            "enableLooping": True,
            "strict": len(files) <= _MAX_CONDITIONS and seconds <= _MAX_SECONDS,
            "reference": hidden,
            "createAnchor35": False,
            "createAnchor70": False,
            "randomize": True,
            "showConditionNames": False,
            "stimuli": files,
        }

    return _document(test, base, [page(p, a) for p in test.pages for a in test.attributes])


def _usual_place(test: ListeningTest) -> str:
    return f"configs/resources/{test.test_id}/"


def _head(page: Page, attribute: Attribute) -> dict[str, Any]:
    return {
        "id": trial_id(page, attribute),
        "name": f"{page.label}: {attribute.label}",
        "content": html.escape(attribute.hint),
    }


def _document(test: ListeningTest, base: str, trials: list[dict[str, Any]]) -> str:
    first = audio_address(test.files()[0], base)
    pages: list[Any] = [
        {
            "type": "volume",
            "id": "volume",
            "name": "Volume",
            "content": "Set a comfortable volume and leave it as it is until the end of the test.",
            "stimulus": first,
            "defaultVolume": 0.5,
        }
    ]
    if test.training is not None:
        labels = {attribute.id: attribute.label for attribute in test.attributes}
        players = "".join(
            f"<p>{html.escape(s.label)}<br/><audio controls src='{audio_address(s.file, base)}'></audio></p>"
            for s in test.training.stimuli
        )
        lines = "".join(
            f"<li><b>{html.escape(labels[line.attribute])}</b>: {html.escape(line.text)}</li>"
            for line in test.training.lines
        )
        pages.append(
            {"type": "generic", "id": "training", "name": "Training", "content": f"{players}<ul>{lines}</ul>"}
        )
    pages.append(["random", *trials])
    questions: list[dict[str, Any]] = []
    for question in test.questions:
        asked: dict[str, Any] = {"type": "text", "label": question.label, "name": question.id}
        if question.options:
            asked |= {"type": "likert", "response": [{"value": o, "label": o} for o in question.options]}
        questions.append(asked)
    pages.append(
        {
            "type": "finish",
            "name": "Thank you",
            "content": "Please answer these questions and send your ratings.",
            "popupContent": "Your ratings were sent. Thank you for taking part.",
            "showResults": False,
            "writeResults": True,
            **({"questionnaire": questions} if questions else {}),
        }
    )
    document = {
        "testname": test.title,
        "testId": f"mixrules-{test.test_id}",
        "bufferSize": 2048,
        "stopOnErrors": True,
        "showButtonPreviousPage": False,
        "remoteService": "service/write.php",
        "pages": pages,
    }
    return "\n".join(_yaml(document, 0)) + "\n"


def _yaml(value: Any, depth: int) -> list[str]:
    """Return plain data as lines of block YAML; strings are double-quoted, as in JSON."""
    pad = "  " * depth
    if isinstance(value, dict):
        lines = []
        for key, item in value.items():
            if isinstance(item, dict | list):
                lines += [f"{pad}{_key(key)}:", *_yaml(item, depth + 1)]
            else:
                lines.append(f"{pad}{_key(key)}: {json.dumps(item, ensure_ascii=False)}")
        return lines
    lines = []
    for item in value:
        if isinstance(item, list):
            # webMUSHRA's own reader takes a list in a list only from the next line on.
            lines += [f"{pad}-", *_yaml(item, depth + 1)]
        elif isinstance(item, dict):
            first, *rest = _yaml(item, depth + 1)
            lines += [f"{pad}- {first.lstrip()}", *rest]
        else:
            lines.append(f"{pad}- {json.dumps(item, ensure_ascii=False)}")
    return lines


def _key(key: str) -> str:
    # An id of digits only, or one like 12e4, would be read as a number.
    return key if key.isalpha() else json.dumps(key)
