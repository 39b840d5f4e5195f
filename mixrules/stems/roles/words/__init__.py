"""The vocabulary of stem names: which words and abbreviations mean which role, one file a language or family.

Each file holds, by language and role, well-known words and, after a bar, abbreviations. They are written as
people write them; `mixrules.stems.roles.name_words` folds names and words the same way before it compares them.
"""

from __future__ import annotations

from mixrules.stems.roles.words import (
    chinese,
    english,
    french_italian,
    german_dutch,
    japanese_korean,
    nordic,
    slavic,
    spanish_portuguese,
    turkish_greek_indonesian,
)

WORDS: dict[str, dict[str, str]] = {
    **english.WORDS,
    **german_dutch.WORDS,
    **french_italian.WORDS,
    **spanish_portuguese.WORDS,
    **nordic.WORDS,
    **slavic.WORDS,
    **turkish_greek_indonesian.WORDS,
    **chinese.WORDS,
    **japanese_korean.WORDS,
}
