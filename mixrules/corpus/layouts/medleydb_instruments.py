"""The roles of MedleyDB's instruments (``taxonomy.yaml`` of the package ``medleydb``, Bittner et al. 2014)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

_NAMES = {
    "vocal": (
        "male singer, female singer, male speaker, female speaker, male rapper, female rapper, male screamer, "
        "female screamer, beatboxing"
    ),
    "backing_vocal": "vocalists, choir",
    "drums": "drum set, drum machine",
    "kick": "kick drum",
    "snare": "snare drum",
    "toms": "toms",
    "hihat": "high hat",
    "cymbals": "cymbal, gong",
    "percussion": (
        "triangle, sleigh bells, cowbell, cabasa, guiro, gu, chimes, castanet, claps, rattle, shaker, maracas, "
        "whistle, snaps, timpani, bass drum, bongo, conga, tambourine, darbuka, doumbek, tabla, auxiliary percussion"
    ),
    "bass": "electric bass, double bass",
    "guitar": (
        "acoustic guitar, clean electric guitar, distorted electric guitar, lap steel guitar, slide guitar, banjo, "
        "mandolin, ukulele, oud, sitar, guzheng, liuqin, zhongruan"
    ),
    "piano": "piano, tack piano",
    "keys": (
        "electric piano, electronic organ, pipe organ, harpsichord, harmonium, accordion, bandoneon, concertina, "
        "melodica, xylophone, vibraphone, marimba, glockenspiel, dulcimer, yangqin"
    ),
    "synth": "synthesizer, theremin, sampler",
    "strings": (
        "violin, viola, cello, violin section, viola section, cello section, string section, erhu, dilruba, harp"
    ),
    "winds": (
        "dizi, flute, flute section, piccolo, bamboo flute, panpipes, recorder, alto saxophone, baritone saxophone, "
        "bass clarinet, clarinet, clarinet section, tenor saxophone, soprano saxophone, oboe, english horn, bassoon, "
        "bagpipe, trumpet, cornet, trombone, french horn, euphonium, tuba, brass section, french horn section, "
        "trombone section, horn section, trumpet section, woodwind section, harmonica"
    ),
    "effects": "fx/processed sound, scratches, crowd",
    "other": "Main System",
}
_ROLES = {name.casefold(): role for role, names in _NAMES.items() for name in names.split(", ")}


def instruments_of(value: object) -> tuple[str, ...]:
    """Return the instruments that an entry names: one, a list, or none."""
    values = value if isinstance(value, list) else [value]
    return tuple(str(one).strip() for one in values if one and str(one).strip() != "Unlabeled")


def role_of(instruments: Sequence[str]) -> str:
    """Return the role that most of some instruments have, of equals the first; empty where none is known.

    Examples
    --------
    >>> role_of(["male singer"]), role_of(["piano", "string section", "violin"]), role_of([])
    ('vocal', 'strings', '')
    """
    roles = Counter(role for name in instruments if (role := _ROLES.get(name.casefold())))
    return roles.most_common(1)[0][0] if roles else ""
