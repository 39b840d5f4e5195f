"""French and Italian.

Instruments and kinds of voices after MusicBrainz' translations (musicbrainz-server, po/instruments.fr.po,
.it.po and po/attributes.*.po); words of the studio are own knowledge.
"""

from __future__ import annotations

WORDS = {
    "fr": {
        "vocal": """
            voix, chant, chants, chanteur, chanteuse, rappeur, rappeuse, voix principale, voix lead, voix parlée,
            voix parlées, voix off, parlé
        """,
        "backing_vocal": """
            chœur, chœurs, choeur, choeurs, voix d accompagnement, voix de fond, 2e voix, deuxième voix, seconde
            voix, harmonies voix, voix harmonies, chorale
        """,
        "drums": "batterie, ambiance batterie, boîte à rythmes, boite a rythme, tambours",
        "kick": "grosse caisse | gc",
        "snare": "caisse claire | cc",
        "toms": "tom basse, tom médium, tom alto",
        "hihat": "charleston, charley, charlé",
        "cymbals": "cymbale, cymbales, cymbale crash",
        "percussion": """
            tambourin, battements de mains, clap mains, claquements de doigts, claquement de doigts, grelots,
            cloches, timbales, percus, clic de langue, clics de langue
        """,
        "bass": "basse, basses, guitare basse, contrebasse, contrebasses, basse synthé",
        "guitar": """
            guitare, guitares, guitare acoustique, guitare électrique, guitare sèche, gratte, grattes, mandoline,
            luth, guitare folk
        """,
        "piano": "piano droit, piano à queue",
        "keys": """
            clavier, claviers, orgue, orgues, accordéon, clavecin, piano électrique, pianos électriques, orgue
            hammond
        """,
        "synth": "synthé, synthés, synthétiseur, synthétiseurs, nappe, nappes, syntétiseur",
        "strings": "violon, violons, violoncelle, violoncelles, cordes, harpe, quatuor, alto violon, orchestre",
        "winds": """
            flûte, flûtes, flûte traversière, clarinette, clarinettes, hautbois, trompette, trompettes, cuivres,
            cor d harmonie, cors, saxo, saxos, vents, bois, clarinette basse, flûte à bec
        """,
        "effects": "effets, effet, bruitage, bruitages, bruit, bruits",
        "accompaniment": "accompagnement",
        "other": "autre, autres",
        "mixture": "melange, mélange, mixage",
        "support": """
            doublage, doublages, voix doublée, voix doublées, doublure voix, doubles voix, réverbe, réverbes,
            réverbération, retour réverb, délai voix, écho voix, retour effets
        """,
        "guide": """
            métronome, clic, piste clic, voix témoin, piste témoin, témoin, témoins, décompte, guitare témoin,
            référence, chant témoin, voix guide
        """,
    },
    "it": {
        "vocal": "voce, voci, voce principale, voce solista, voce parlata, cantante, cantato, parlato, rappato",
        "backing_vocal": """
            cori, coretti, coretto, seconda voce, seconde voci, controcanto, controcanti, voce di accompagnamento,
            voci di fondo
        """,
        "drums": "batteria, panoramici, panoramico",
        "kick": "grancassa, gran cassa, cassa, cassa dentro, cassa fuori",
        "snare": "rullante, tamburo rullante",
        "toms": "timpano",
        "cymbals": "piatti, piatto",
        "percussion": """
            percussione, percussioni, tamburello, tamburelli, battimani, bonghi, nacchere, triangolo, sonagli,
            campanacci
        """,
        "bass": "basso, bassi, basso elettrico, chitarra basso, contrabbasso, contrabbassi",
        "guitar": """
            chitarra, chitarre, chitarra acustica, chitarra elettrica, chitarra classica, mandolino, mandolini |
            chit
        """,
        "piano": "pianoforte, pianoforti",
        "keys": """
            tastiera, tastiere, organo, fisarmonica, clavicembalo, pianoforte elettrico, piano elettrico, organo
            hammond, vibrafono, xilofono
        """,
        "synth": "sintetizzatore, sintetizzatori",
        "strings": "violino, violini, violoncello, violoncelli, archi, arpa, quartetto",
        "winds": """
            flauto, flauti, clarinetto, clarinetti, sassofono, tromba, trombe, corno, corni, ottoni, fiati, legni,
            tromboni, armonica
        """,
        "effects": "effetti, effetto, rumori, rumore",
        "accompaniment": "accompagnamento, base musicale, basi",
        "other": "altro, altri",
        "support": """
            doppia voce, voce doppia, voce doppiata, raddoppio, raddoppi, riverbero, riverberi, eco voce,
            ritorno riverbero
        """,
        "guide": "metronomo, voce guida, guida, traccia guida, chitarra guida, riferimento",
    },
}
