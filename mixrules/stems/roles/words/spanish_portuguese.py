"""Spanish and Portuguese.

Spanish instruments and kinds of voices after MusicBrainz' translations (musicbrainz-server,
po/instruments.es.po, po/attributes.es.po); Portuguese and the words of the studio are own knowledge.
"""

from __future__ import annotations

WORDS = {
    "es": {
        "vocal": """
            voz, voces, voz principal, voces principales, voz líder, cantante, voz hablada, canto, rapero, locución
        """,
        "backing_vocal": """
            coro, coros, segunda voz, segundas voces, voces de fondo, voces de coro, armonías, coristas
        """,
        "drums": "batería, aéreos, aéreo, caja de ritmos, ambiente batería, tambores",
        "kick": "bombo, bombos",
        "snare": "caja, tarola, redoblante",
        "toms": "tom de piso, tom aire, tom piso",
        "hihat": "contratiempo, contratiempos, charles",
        "cymbals": "platos, platillos, platillo, plato",
        "percussion": """
            percusión, percusiones, pandereta, panderetas, palmas, triángulo, cajón, güira, güiro, cencerro,
            campanas, sonajas, chasquidos, tambora
        """,
        "bass": "bajo, bajos, bajo eléctrico, contrabajo, bajo sexto, bajo sinte",
        "guitar": """
            guitarra, guitarras, guitarra acústica, guitarra eléctrica, guitarra española, guitarra criolla,
            requinto, mandolina, tres cubano, vihuela, laúd
        """,
        "piano": "piano de cola",
        "keys": """
            teclado, teclados, teclas, órgano, acordeón, piano eléctrico, vibráfono, xilófono, clavecín, órgano
            hammond
        """,
        "synth": "sintetizador, sintetizadores, sinte, sintes, colchón",
        "strings": "violín, violines, violonchelo, violonchelos, chelo, cuerdas, cuerda, arpa, cuarteto, orquesta",
        "winds": """
            flauta, flautas, clarinete, clarinetes, saxofón, saxofones, trompeta, trompetas, trombón, trombones,
            viento metal, metales, vientos, viento, maderas, trompa, armónica, quena, zampoña
        """,
        "effects": "efectos, efecto, ruido, ruidos",
        "accompaniment": "acompañamiento",
        "other": "otro, otros, otras",
        "mixture": "mezcla, mezcla final, premezcla",
        "support": """
            voz doblada, voces dobladas, doblaje, doblajes, doblada, dobles voz, dobles de voz, doble voz, eco voz,
            retorno reverb, retorno de reverb, retornos, reverberación, retardo
        """,
        "guide": """
            claqueta, metrónomo, voz guía, guía, guías, guitarra guía, pista guía, referencia, voz de referencia,
            conteo, cuenta, clicks
        """,
    },
    "pt": {
        "vocal": "vocais, vocal principal, cantor, cantora, locução, voz masculina, voz feminina, fala",
        "backing_vocal": "vocal de apoio, vocais de apoio, coral, backing vocais, segunda voz",
        "drums": "bateria, bateria eletrônica",
        "kick": "bumbo, bumbos",
        "snare": "caixa, caixa esteira, esteira",
        "toms": "surdo",
        "hihat": "chimbal, contratempo, ximbal",
        "cymbals": "prato, pratos, condução",
        "percussion": "percussão, percussões, pandeiro, chocalho, zabumba, agogô, atabaque, tamborim, cuíca, reco reco",
        "bass": "baixo, baixos, contrabaixo, baixo elétrico",
        "guitar": "violão, violões, cavaquinho, bandolim, viola caipira, guitarra base",
        "keys": "sanfona, acordeão, piano elétrico, órgão",
        "synth": "sintetizador",
        "strings": "violino, violinos, violoncelo, violoncelos, cordas, quarteto de cordas",
        "winds": "sopros, metais, gaita, trompete, trompetes, saxofone, saxofones, trombone, madeiras",
        "effects": "efeitos, efeito, ruídos",
        "accompaniment": "acompanhamento",
        "other": "outro, outros, outras",
        "mixture": "mixagem",
        "support": "dobra, dobras, dobra vocal, voz dobrada, dobra voz, reverberação, retorno de reverb",
        "guide": "metrônomo, clique, voz guia, guia, guias, violão guia, guia de voz, contagem, referência",
    },
}
