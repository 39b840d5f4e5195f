"""The vocabulary of stem names: which words and abbreviations mean which role.

Written without accents and in lower case where the script has them; `mixrules.stems.roles` folds names the
same way before it compares them.
"""

from __future__ import annotations

# Well-known words, then after the bar abbreviations. Phrases of several words win over their parts.
WORDS: dict[str, str] = {
    "vocal": """
        vocal, vocals, lead vocal, lead vocals, vox, lead vox, main vocal, voice, singer, singing, rap,
        rapper, verse vocal, acapella, a cappella, acappella, speech, spoken word, narration, narrator,
        voiceover, dialog, dialogue, vocoder, voz, voces, vocais, voce, voci, voix, chant, gesang, stimme,
        hauptgesang, zang, wokal, вокал, голос, ボーカル, ヴォーカル | vx, lv, ldv, vo
    """,
    "backing_vocal": """
        backing vocal, backing vocals, backing vox, background vocal, background vocals, background vox,
        back vocals, back vox, backup vocals, backups, choir, gang, gang vocals, adlib, adlibs, ad lib,
        ad libs, oohs, aahs, ahs, soprano, choeur, choeurs, coro, coros, cori, chor, hintergrundgesang,
        koor, хор, コーラス | bv, bvs, bgv, bgvs, bgvox, bvox, bg vox, bg vocals, bg vocal, bg
    """,
    "drums": """
        drum, drums, drumkit, drum kit, drum bus, drum machine, drum loop, drumset, drum set, overhead,
        overheads, breakbeat, schlagzeug, batterie, bateria, batteria, trommeln, perkusja, барабаны,
        ударные, ドラム | oh, ohs, drm, drms, dr, drs
    """,
    "kick": """
        kick, kick drum, kicks, bass drum, bassdrum, kick in, kick out, sub kick, subkick, grosse caisse,
        bombo, grancassa, cassa, bumbo, бочка, キック | bd, kik, kck, kd
    """,
    "snare": """
        snare, snare drum, snares, snare top, snare bottom, rimshot, sidestick, caisse claire, caja,
        rullante, малый, スネア | sd, sn, snr, snare btm, sn top, sn bot, sn btm
    """,
    "toms": """
        tom, toms, floor tom, rack tom, tom tom, tomtom, タム | ft, rack toms
    """,
    "hihat": """
        hihat, hihats, hi hat, hi hats, high hat, hat, hats, charleston, ハイハット | hh, hhat, chh, ohh
    """,
    "cymbals": """
        cymbal, cymbals, ride, crash, crashes, china, splash, cymbale, cymbales, piatti, platos, becken |
        cym, cyms
    """,
    "percussion": """
        percussion, percussions, shaker, shakers, tambourine, conga, congas, bongo, bongos, cowbell, clap,
        claps, handclap, handclaps, snap, snaps, cajon, djembe, tabla, timbales, timpani, triangle,
        woodblock, guiro, maracas, cabasa, claves, taiko, percusion, perkussion, percussioni, percussao,
        перкуссия | perc, percs, tamb, tam
    """,
    "bass": """
        bass, basses, bass guitar, bass di, di bass, bass amp, bassline, bass line, synth bass, bass
        synth, double bass, upright bass, upright, contrabass, sub bass, subbass, sub, reese, basse,
        basso, bajo, baixo, kontrabass, бас, ベース | bs, bss, bas, bass gtr
    """,
    "guitar": """
        guitar, guitars, acoustic guitar, electric guitar, lead guitar, rhythm guitar, guitar lead, guitar
        solo, banjo, ukulele, mandolin, slide guitar, pedal steel, guitare, guitares, guitarra, guitarras,
        violao, gitarre, gitarren, chitarra, chitarre, gitaar, gitara, гитара, ギター | gtr, gtrs, egtr,
        agtr, acgtr, elgtr, ac gtr, git, gits, guit, gt, gtar, uke, mando
    """,
    "piano": """
        piano, pianos, grand piano, upright piano, pianoforte, klavier, fortepiano, фортепиано, пианино,
        ピアノ | pno, pf
    """,
    "keys": """
        keys, keyboard, keyboards, rhodes, wurlitzer, wurli, organ, hammond, electric piano, epiano, e
        piano, clavinet, harpsichord, mellotron, celesta, glockenspiel, vibraphone, vibes, marimba,
        xylophone, mallet, mallets, accordion, melodica, music box, claviers, clavier, orgue, orgel,
        orgelo, teclado, teclados, tastiera, tastiere, toetsen, klawisze, клавиши, キーボード | kbd, kbds,
        keyb, ep, clav, glock, b3
    """,
    "synth": """
        synth, synths, synthesizer, synthesiser, synth lead, lead synth, synth pad, pad, pads, arp, arps,
        arpeggio, arpeggiator, pluck, plucks, moog, supersaw, sequencer, sequence, synthe, sintetizador,
        sintetizzatore, синтезатор, シンセ | syn, syns, synt, seq, ld synth
    """,
    "strings": """
        strings, string, violin, violins, viola, violas, cello, cellos, celli, fiddle, harp, orchestra,
        string section, pizzicato, violon, violons, violoncelle, violoncello, cordes, cuerdas, cordas,
        archi, violin, violino, geige, geigen, streicher, скрипка, ストリングス | vln, vlns, vla, vlc,
        strs, orch
    """,
    "winds": """
        brass, horn, horns, sax, saxes, saxophone, alto sax, tenor sax, trumpet, trumpets, trombone,
        trombones, tuba, flute, flutes, clarinet, oboe, bassoon, woodwind, woodwinds, winds, wind,
        whistle, recorder, harmonica, cuivres, flauta, flauto, flote, trompeta, trompete, tromba, saxofon,
        saxofone, fiati, blaser, metales, труба, саксофон | tpt, tbn, trp, ww, fl
    """,
    "effects": """
        effects, effect, sound effects, sound effect, noise, riser, risers, uplifter, downlifter, sweep,
        sweeps, impact, impacts, whoosh, ambience, atmosphere, atmos, foley, efectos, effets, effetti,
        effekte, efeitos | fx, sfx, efx, vfx
    """,
    "accompaniment": """
        accompaniment, instrumental, instrumentals, backing, backing track, backing tracks, karaoke,
        music, playback, minus one, begleitung, accompagnement, accompagnamento, acompanamiento, минус |
        inst, instru, accomp, acc
    """,
    "other": "other, others, rest, misc, autre, andere, altro, otros | oth",
    "mixture": """
        mixture, mix, mixdown, full mix, master, mastered, song mix, stereo mix, final mix, rough mix,
        main mix, mix bus, master bus, premaster, pre master, full song, full track, mezcla, melange |
        2mix, mstr
    """,
}

# Words that decide only where no other word does: more often they are modifiers.
WEAK: dict[str, tuple[str, float]] = {
    "harmony": ("backing_vocal", 0.8),
    "harmonies": ("backing_vocal", 0.8),
    "harm": ("backing_vocal", 0.6),
    "alto": ("backing_vocal", 0.5),
    "tenor": ("backing_vocal", 0.5),
    "loop": ("percussion", 0.6),
    "loops": ("percussion", 0.6),
    "room": ("drums", 0.6),
    "rooms": ("drums", 0.6),
    "kit": ("drums", 0.6),
    "beat": ("accompaniment", 0.5),
    "808": ("bass", 0.6),
    "acoustic": ("guitar", 0.5),
    "electric": ("guitar", 0.5),
    "nylon": ("guitar", 0.5),
    "reverb": ("effects", 0.5),
    "delay": ("effects", 0.5),
    "drone": ("effects", 0.5),
    "texture": ("effects", 0.5),
}

# Words without a role of their own, beside or in a compound with a word that has one.
MODIFIERS = """
    lead ld main back backing background bg di amp mic top bottom solo rhythm rhy ac acou el elec e a
    clean dirty dist no low high hi left right stereo mono part line chords dry wet raw
    verse chorus bridge intro outro end my the
"""

# Like modifiers, words that do not lower the confidence.
FILLERS = """
    l r c m s stem stems track audio bounce bounced print export final take comp edit new old
    v ver version in out of and
"""

# A vocal with one of these words is a backing vocal.
SUPPORTING = frozenset(
    {"double", "doubles", "dbl", "dbls", "dub", "dubs", "harmony", "harmonies", "harm", "harms"}
)

NEGATIONS = frozenset({"no", "non", "without", "minus", "sans", "ohne", "sin", "senza", "sem"})
