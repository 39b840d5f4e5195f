"""Turkish, Greek and Indonesian.

Turkish and Greek instruments after MusicBrainz' translations (musicbrainz-server, po/instruments.tr.po,
.el.po); the other words are own knowledge.
"""

from __future__ import annotations

WORDS = {
    "tr": {
        "vocal": "ana vokal, solist, şan",
        "backing_vocal": "geri vokal, arka vokal, koro",
        "drums": "davul, davullar, bateri",
        "percussion": "perküsyon, vurmalı, darbuka, bendir, tef",
        "bass": "bas gitar, kontrbas",
        "guitar": "elektrogitar, elektro gitar, akustik gitar, klasik gitar, bağlama, saz, ut",
        "piano": "piyano",
        "keys": "klavye, klavsen, org, akordiyon",
        "strings": "keman, kemanlar, çello, yaylılar, viyola, kemençe",
        "winds": "flüt, trombon, ney, zurna, saksafon, saksofon, nefesli",
        "effects": "efektler, efekt",
        "guide": "klik sesi",
    },
    "el": {
        "vocal": "φωνή, φωνές, φωνητικά, τραγούδι, κύρια φωνή",
        "backing_vocal": "χορωδία, δεύτερες φωνές, δεύτερη φωνή",
        "drums": "τύμπανα, ντραμς, ντραμ",
        "kick": "μπότα, κάσα",
        "snare": "ταμπούρο",
        "toms": "τομ",
        "hihat": "χάι χατ",
        "cymbals": "πιατίνια, κύμβαλα",
        "percussion": "κρουστά, παλαμάκια, ντέφι, μπόνγκος, κόνγκας, τουμπερλέκι",
        "bass": "μπάσο, ηλεκτρικό μπάσο, κοντραμπάσο",
        "guitar": "κιθάρα, κιθάρες, ακουστική κιθάρα, ηλεκτρική κιθάρα, μπουζούκι, μπαγλαμάς, λαούτο",
        "piano": "πιάνο",
        "keys": "πλήκτρα, ηλεκτρικό πιάνο, ακορντεόν",
        "synth": "συνθεσάιζερ",
        "strings": "βιολί, βιολιά, βιόλα, τσέλο, έγχορδα, άρπα",
        "winds": "σαξόφωνο, τρομπέτα, τρομπόνι, χάλκινα, πνευστά, κλαρίνο, φλάουτο, κόρνο",
        "effects": "εφέ",
        "guide": "μετρονόμος, κλικ, οδηγός",
    },
    "id": {
        "vocal": "vokal utama, suara, penyanyi",
        "backing_vocal": "vokal latar, paduan suara",
        "drums": "drum kit, gendang, kendang",
        "percussion": "perkusi, tepuk tangan",
        "guitar": "gitar akustik, gitar listrik",
        "keys": "kibor, organ tunggal",
        "strings": "biola",
        "winds": "terompet, suling, seruling",
        "guide": "metronom",
    },
}
