"""Names and the words of the vocabulary in one spelling: lower case, no accents, composed or not alike."""

from __future__ import annotations

import unicodedata

from mixrules._support.text_encoding import composed

# Letters that Unicode does not take apart.
_LETTERS = str.maketrans("øØłŁđĐıæÆœŒ・", "oOlLdDi\0\1\2\3 ")
_PAIRS = {"\0": "ae", "\1": "AE", "\2": "oe", "\3": "OE"}
# Germans and Scandinavians without these keys write two letters.
_TWO_LETTERS = str.maketrans(
    {
        "ä": "ae",
        "ö": "oe",
        "ü": "ue",
        "å": "aa",
        "ø": "oe",
        "Ä": "Ae",
        "Ö": "Oe",
        "Ü": "Ue",
        "Å": "Aa",
        "Ø": "Oe",
    }
)
# The marks that make Japanese "ba" or "pa" of "ha": other sounds, no accents.
_SOUND_MARKS = "\u3099\u309a"


def fold(text: str) -> str:
    """Return `text` in lower case without accents; Korean and Japanese syllables stay whole."""
    text = text.translate(_LETTERS)
    for one, two in _PAIRS.items():
        text = text.replace(one, two)
    decomposed = unicodedata.normalize("NFKD", text)
    bare = "".join(c for c in decomposed if c in _SOUND_MARKS or not unicodedata.combining(c))
    return composed(bare).casefold()


def spellings(text: str) -> set[str]:
    """Return the folded spellings of a word of the vocabulary: "Flöte" is "flote" and "floete"."""
    return {fold(text), fold(composed(text).translate(_TWO_LETTERS))}


def words_of(text: str) -> frozenset[str]:
    """Return the words of `text` in every spelling."""
    return frozenset(spelling for word in text.split() for spelling in spellings(word))
