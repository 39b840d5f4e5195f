"""Polish, Russian and Czech.

Polish and Russian instruments after MusicBrainz' translations (musicbrainz-server, po/instruments.pl.po,
.ru.po, po/attributes.ru.po); Czech and the words of the studio are own knowledge (the drums of Russian
also after specialradio.ru/zvukar/005-3).
"""

from __future__ import annotations

WORDS = {
    "pl": {
        "vocal": "wokal, wokale, wokal główny, wokal prowadzący, głos, głosy, śpiew, wokalista, wokalistka",
        "backing_vocal": "chórki, chórek, chór, chóry, wokale wspierające, drugi głos",
        "drums": "perkusja, bębny, bęben, automat perkusyjny",
        "kick": "stopa, centrala, bęben basowy",
        "snare": "werbel",
        "toms": "tomy, kotły, kocioł",
        "cymbals": "talerze, talerz, blachy",
        "percussion": "przeszkadzajki, klaskanie, tamburyn, grzechotka, instrumenty perkusyjne",
        "bass": "gitara basowa, kontrabas, basówka",
        "guitar": "gitara, gitary, gitara akustyczna, gitara elektryczna, gitara solowa, mandolina",
        "piano": "pianino, fortepian",
        "keys": "klawisze, organy, akordeon, klawesyn, pianino elektryczne, organy hammonda",
        "synth": "syntezator, syntezatory",
        "strings": "smyczki, skrzypce, altówka, wiolonczela, wiolenczela, harfa, kwartet",
        "winds": "saksofon, trąbka, trąbki, puzon, flet, klarnet, waltornia, dęte, dęciaki, harmonijka",
        "effects": "efekty, efekt, szumy",
        "accompaniment": "podkład, akompaniament",
        "support": "dubel, duble, dubel wokalu, pogłos, pogłos wokal, pogłosy, opóźnienie",
        "guide": "klik, ślad pilot, odliczanie, referencja",
    },
    "ru": {
        "vocal": """
            вокал, вокалы, голос, голоса, главный вокал, основной вокал, лид вокал, рэп, читка, речь, певец,
            певица
        """,
        "backing_vocal": """
            бэк вокал, бэквокал, бэк, бэки, бек вокал, беки, бек, хор, хоровой вокал, подпевки, подпевка, подголоски
        """,
        "drums": """
            барабаны, барабан, ударные, ударная, ударная установка, драм машина, оверхеды, оверхед, овера, оверы,
            комната барабаны
        """,
        "kick": "бочка, бочки, басовый барабан, кик, бас бочка, бас барабан",
        "snare": "малый, малый барабан, рабочий, рабочий барабан, снейр, снэр, снейер",
        "toms": "том, томы, напольный том, там там",
        "hihat": "хай хэт, хайхэт, хай хет, хэт, хет, хэты, хеты, хай",
        "cymbals": "тарелки, тарелка, райд, крэш, креш",
        "percussion": "перкуссия, тамбурин, бубен, шейкер, хлопки, хлопок, бонги, конги, конга, маракасы, колокольчики",
        "bass": "бас, бас гитара, басгитара, контрабас, сабвуфер, саб, синт бас",
        "guitar": """
            гитара, гитары, электрогитара, электрогитары, акустика, акустическая гитара, укулеле, мандолина,
            банджо, балалайка
        """,
        "piano": "фортепиано, пианино, рояль, фоно, ф но",
        "keys": """
            клавиши, клавишные, орган, аккордеон, баян, электропиано, электрическое пианино, родес, ксилофон,
            виброфон
        """,
        "synth": "синтезатор, синтезаторы, синт, синты, пэд, пэды, пад, арпеджио, плак",
        "strings": "скрипка, скрипки, альты, виолончель, виолончели, струнные, арфа, струны, смычковые",
        "winds": """
            труба, трубы, саксофон, саксофоны, флейта, флейты, кларнет, тромбон, тромбоны, духовые, медные,
            валторна, гобой, губная гармошка, гармоника, сакс
        """,
        "effects": "эффекты, эффект, шумы, шум, звуки",
        "accompaniment": "минус, минусовка, аккомпанемент, инструментал",
        "other": "остальное, другое, прочее",
        "mixture": "микс, мастер, сведение",
        "support": "дабл, даблы, дабл вокал, дубль вокал, реверб, ревер, ревербератор, дилэй, дилей, дилеи, эхо",
        "guide": "метроном, клик, клик трек, пилот, гайд, референс, реф, отсчёт, счёт",
    },
    "cs": {
        "vocal": "zpěv, zpěvy, hlavní zpěv, vokál, hlas, zpěvák, zpěvačka",
        "backing_vocal": "sbor, sbory, vokály doprovodné, doprovodné vokály, vokály, doprovodný zpěv",
        "drums": "bicí, bicí souprava, bubny",
        "kick": "velký buben, kopák",
        "snare": "malý buben, virbl, šroťák",
        "toms": "přechody, kotle",
        "cymbals": "činely, činel",
        "percussion": "perkuse, tleskání, tamburína",
        "bass": "basa, baskytara, kontrabas",
        "guitar": "kytara, kytary, akustická kytara, elektrická kytara",
        "piano": "klavír, křídlo",
        "keys": "klávesy, varhany, akordeon",
        "synth": "syntezátor",
        "strings": "smyčce, housle, violoncello",
        "winds": "trubka, flétna, saxofon, žestě, dechy, klarinet, pozoun",
        "effects": "efekty, zvuky",
        "guide": "metronom, klik",
    },
}
