"""The words of a stem's name, and what they say about where a signal was picked up.

A kick in and a kick out, or a bass by its DI box and its amplifier, are one source twice: their names differ by
the pick-up alone.
"""

from __future__ import annotations

import re

from mixrules.stems.roles.name_folding import fold, words_of
from mixrules.stems.roles.name_words import SPACELESS
from mixrules.stems.roles.words import qualifiers as q

_CAMEL_CASE = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_WORD = re.compile(rf"[{SPACELESS}]+|[^\W\d_{SPACELESS}]+|\d+")

PICKUPS = words_of("""
    in inside out outside top bottom bot btm under over up down t b l r left right front back rear side close near far
    beater batter reso resonant shell hole port sub subkick di line amp amplifier cab cabinet mic mics mike micro
    microphone pickup piezo ribbon condenser dynamic royer sm e md d beta akg u re tlm ns pzm boundary
    57 58 421 441 602 609 902 904 906 414 451 112 121 52 91 47 67 87
    innen aussen oben unten vorn vorne hinten seite nah fern mikro mikrofon verstärker fell schlagfell resofell
    binnen buiten boven onder versterker inne ute inni utenfor over topp bunn bunden uppe nere ovan förstärkare
    dessus dessous dedans dehors haut intérieur intérieure extérieur extérieure int ext devant derrière ampli
    dentro fuera adentro afuera arriba abajo encima debajo delante detrás línea amplificador micrófono
    fora cima acima abaixo esteira linha microfone dentro fuori sopra sotto interno esterno linea microfono
    góra dół wewnątrz zewnątrz środek linia wzmacniacz nahoře dole uvnitř venku iç dış içi dışı üst
    верх верхний верхняя верхнее низ нижний нижняя нижнее внутри внутр внутренний снаружи наруж внешний внеш
    вход выход ин аут топ боттом лайн линия микрофон мик усилитель усилок комбо кабинет пластик директ ди
""")
"""Words that tell the pick-ups of one source apart: places, cables, and the usual microphones."""

# Behind another word the French place, in front "bass" in Dutch, Polish and Swedish.
_FRENCH_BELOW = "bas"
# Of scripts without spaces: behind the instrument, or a word alone.
_ENDINGS = re.compile(
    r"(?:"
    r"[内內外里裡前后後近远遠底顶頂面上下左右](?:[侧側面部方边邊])?|话筒|話筒|麦克风|麥克風|麦|麥|拾音|直插|直入|线路|線路|音箱|箱[头頭体體]|"
    r"イン|アウト|トップ|ボトム|ライン|アンプ|マイク|[表裏]側?|"
    r"인|아웃|탑|톱|바텀|보텀|위|아래|안쪽?|밖|바깥쪽?|라인|앰프|마이크"
    r")+$"
)

_BEFORE_NUMBERS = words_of("sm e md d beta akg u re tlm ns")


def plain_words(name: str) -> list[str]:
    """Return the words and numbers of a name, in lower case without accents.

    Examples
    --------
    >>> plain_words("02_KickOut Ré20")
    ['02', 'kick', 'out', 're', '20']
    """
    return _WORD.findall(fold(_CAMEL_CASE.sub(" ", name)))


def source_words(name: str) -> tuple[str, ...]:
    """Return the words of a name, without its track number and without those that tell pick-ups of one source apart.

    Examples
    --------
    >>> source_words("07 Bass DI") == source_words("08 Bass Amp")
    True
    >>> source_words("Gtr 1 DI") == source_words("Gtr 2 Amp")
    False
    """
    words = plain_words(name)
    if len(words) > 1 and words[0].isdigit():
        words = words[1:]
    kept = tuple(
        bare
        for before, word in zip(["", *words], words, strict=False)
        if (bare := _without_pickup(word, before))
    )
    return kept or tuple(words)


def part_words(name: str) -> tuple[str, ...]:
    """Return the words of `source_words` without those for a double: what a take and its double share.

    Examples
    --------
    >>> part_words("Gtr 1 Dbl") == part_words("Gtr 1")
    True
    """
    words = source_words(name)
    return tuple(word for word in words if word not in q.DOUBLES) or words


def _without_pickup(word: str, before: str) -> str:
    """Return a word without the pick-up it names; nothing is left of one that names nothing else."""
    if word in PICKUPS or (before and word == _FRENCH_BELOW):
        return ""
    if word.isdigit() and before in _BEFORE_NUMBERS:
        return ""
    return _ENDINGS.sub("", word)
