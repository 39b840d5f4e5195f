"""German and Dutch. Compounds are taken apart, so only their parts stand here.

Instruments and kinds of voices after MusicBrainz' translations (musicbrainz-server, po/instruments.de.po,
.nl.po and po/attributes.*.po); words of the studio are own knowledge.
"""

from __future__ import annotations

WORDS = {
    "de": {
        "vocal": """
            gesang, gesänge, stimme, stimmen, hauptgesang, hauptstimme, sologesang, vokal, vokale, sänger,
            sängerin, sprecher, sprechgesang, sprache, sprechstimme, raptext
        """,
        "backing_vocal": """
            chor, chöre, chorgesang, hintergrundgesang, hintergrundstimmen, backings, zweitstimme, zweite stimme,
            2 stimme, 2. stimme, 3 stimme, nebenstimme, begleitstimme, männerchor, frauenchor, kinderchor
        """,
        "drums": "schlagzeug, trommeln, trommel, raummikro, raummikros, drumcomputer",
        "kick": "große trommel, grosse trommel, basstrommel, fußtrommel",
        "snare": "kleine trommel, snareteppich, snare teppich, teppich",
        "toms": "standtom, hängetom, stand tom, hänge tom",
        "cymbals": "becken, crashbecken, ridebecken",
        "percussion": """
            perkussion, tamburin, händeklatschen, klatschen, klatscher, schellenkranz, schellen, rassel, pauke,
            pauken, holzblock, kuhglocke, schüttelei, fingerschnippen, triangel, glocken, schlagwerk
        """,
        "bass": "bassgitarre, kontrabass, kontrabässe, bässe",
        "guitar": """
            gitarre, gitarren, akustikgitarre, westerngitarre, konzertgitarre, klampfe, mandoline, e gitarre,
            laute, zither | klampfn, akg, egit, agit
        """,
        "piano": "klavier, flügel, klaviere, konzertflügel",
        "keys": """
            orgel, orgeln, cembalo, vibraphon, vibrafon, xylophon, xylofon, akkordeon, tasten, e klavier,
            hammondorgel, kirchenorgel, glockenspiel, keyboardfläche, ziehharmonika, tasteninstrumente
        """,
        "synth": "synthesizerfläche, fläche, flächen, synthi, synthis",
        "strings": """
            geige, geigen, violine, violinen, bratsche, bratschen, harfe, streicher, streichinstrumente,
            streichquartett, orchester
        """,
        "winds": """
            flöte, flöten, querflöte, blockflöte, klarinette, saxophon, saxofon, trompete, trompeten, posaune,
            posaunen, waldhorn, mundharmonika, bläser, blechbläser, holzbläser, blasinstrumente, fagott, hörner
        """,
        "effects": "effekte, effekt, geräusch, geräusche, rauschen, klänge",
        "accompaniment": "begleitung, ohne gesang",
        "other": "andere, sonstiges, rest",
        "mixture": "gesamtmix, summe, mischung, rohmix, gesamt, stereosumme",
        "support": """
            doppelung, dopplung, gedoppelt, doppler, lead doppler, hallweg, echoweg, hallfahne, nachhall, raumhall,
            gesangshall, verhallt, hall rückweg, effektweg
        """,
        "guide": """
            metronom, klick, klickspur, clickspur, einzähler, vorzähler, taktgeber, leitstimme, leitgesang,
            führungsgesang, führungsstimme, pilotspur, pilotstimme, pilotgesang, referenz, referenzmix
        """,
    },
    "nl": {
        "vocal": "zang, zanger, zangeres, leadzang, hoofdzang, vocalen, lead vocalen, zangstem, rapstem",
        "backing_vocal": """
            koor, koren, koortje, koortjes, achtergrondzang, achtergrondvocalen, achtergrondkoor, tweede stem,
            tweede zang, samenzang
        """,
        "drums": "drumstel, slagwerk, drumcomputer, trommels",
        "kick": "grote trom, basdrum, bastrom, bas drum",
        "snare": "kleine trom",
        "cymbals": "bekken, bekkens",
        "percussion": "percussie, tamboerijn, klappen, handgeklap, schudei",
        "bass": "basgitaar, contrabas, bas",
        "guitar": "gitaar, gitaren, slaggitaar, sologitaar, akoestische gitaar, mandoline",
        "piano": "vleugel",
        "keys": "toetsen, accordeon, klavecimbel, elektrische piano, xylofoon, vibrafoon, hammondorgel",
        "strings": "viool, violen, altviool, altviolen, strijkers, strijkinstrumenten",
        "winds": """
            fluit, fluiten, dwarsfluit, blokfluit, klarinet, saxofoon, saxofoons, trompet, trompetten, hoorn,
            hoorns, blazers, koperblazers, houtblazers, mondharmonica, hobo
        """,
        "effects": "effecten, geluidseffecten, geluiden, ruis",
        "accompaniment": "begeleiding",
        "support": "galm, nagalm, zanggalm",
        "guide": "metronoom, klik, kliktrack, gidszang, gidsstem, aftellen, aftelspoor, telspoor, referentie",
    },
}
