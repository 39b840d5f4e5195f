"""What the exports share: where the audio is, and names for what is rated where."""

from __future__ import annotations

from mixrules.listening.format.testfile import Attribute, Page


def audio_address(file: str, base: str) -> str:
    """Return where another tool finds a stimulus: its file's name below `base`."""
    return f"{base.rstrip('/')}/{file.rpartition('/')[2]}"


def trial_id(page: Page, attribute: Attribute) -> str:
    """Return the name of one attribute on one page, ``PAGE.ATTRIBUTE``, from which both can be read back."""
    return f"{page.id}.{attribute.id}"


def letter(index: int) -> str:
    """Return the letter for a place: A for 0, B for 1, AA after Z."""
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(ord("A") + rest) + name
    return name
