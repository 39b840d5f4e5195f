"""English words and the abbreviations of studios.

Read at splmixing.com/track-naming-conventions, mixflip.io and goldmidi.com (names of mixer tracks), in the
file names of Cambridge-MT's multitracks (as listed by SiddGururani/mixing_secrets), in the names of General
MIDI's instruments, and partly own knowledge.
"""

from __future__ import annotations

WORDS = {
    "en": {
        "vocal": """
            vocal, vocals, lead vocal, lead vocals, vox, lead vox, main vocal, voice, voices, singer, singing,
            rap, rapper, rapping, verse vocal, acapella, a cappella, acappella, speech, spoken word, narration,
            narrator, voiceover, voice over, dialog, dialogue, vocoder, scream, screams, whisper, lead voc,
            ld voc | vx, lv, ldv, vo, voc, vocs, lvox, ldvox, leadvoc
        """,
        "backing_vocal": """
            backing vocal, backing vocals, backing vox, background vocal, background vocals, background vox,
            back vocal, back vocals, back vox, backup vocal, backup vocals, backups, backing voc, choir,
            choirs, gang, gangs, gang vocals, crowd vox, group vocals, adlib, adlibs, ad lib, ad libs, oohs,
            aahs, ahs, soprano, sopranos, altos, tenors |
            bv, bvs, bgv, bgvs, bgvox, bvox, bvx, bg vox, bg vocals, bg vocal, bg, bkg vox, bkgd vox, bu vox,
            bkvox, bgs
        """,
        "drums": """
            drum, drums, drumkit, drum kit, drum bus, drum machine, drum loop, drumset, drum set, overhead,
            overheads, breakbeat, drum break, drumbreak, drumline, brush kit, brushes, breaks, front of kit,
            glyn johns |
            oh, ohs, ohl, ohr, ovh, ovhs, ovhd, ovhds, ohd, ohds, ovh l, ovh r, over l, over r, overs, ovrhd, ovrhds,
            ovr, drm, drms, dr, drs, knee mic, trash mic, crush mic, kit mic
        """,
        "kick": """
            kick, kick drum, kicks, bass drum, bassdrum, kick in, kick out, sub kick, subkick, kick sub, kickdrum,
            double kick | bd, kik, kck, kd, kk, k in, k out, k sub, bd in, bd out, kdrum, b drum
        """,
        "snare": """
            snare, snare drum, snares, snare top, snare bottom, rimshot, rim shot, rim shots, rim click,
            rim clicks, rimclick, sidestick,
            side stick, cross stick, snaredrum |
            sd, sn, snr, snrs, snare btm, sn top, sn bot, sn btm, sn t, sn b, snt, snb, s drum
        """,
        "toms": """
            tom, toms, floor tom, rack tom, tom tom, tomtom, floortom, racktom |
            ft, flr tom, fl tom, rack toms, t 1, t 2, t 3, t 4, rt
        """,
        "hihat": """
            hihat, hihats, hi hat, hi hats, high hat, high hats, hat, hats, open hat, closed hat |
            hh, hhat, hhats, chh, ohh, oh hat, op hat, cl hat, hht
        """,
        "cymbals": """
            cymbal, cymbals, ride, rides, crash, crashes, china, splash, reverse cymbal, rev cymbal, rev crash |
            cym, cyms, cymb, cymbs, crsh, rd cym
        """,
        "percussion": """
            percussion, percussions, shaker, shakers, tambourine, tambourines, conga, congas, bongo, bongos, cowbell,
            cowbells, clap, claps, handclap, handclaps, hand clap, hand claps, snap, snaps, finger snap, finger
            snaps, finger click, finger clicks, fingerclicks, tongue click,
            tongue clicks, mouth click, mouth clicks, cajon, djembe, tabla, tablas, timbale, timbales,
            timpani, triangle, woodblock, woodblocks, wood block, guiro, maracas, cabasa, clave, claves, taiko,
            daiko, gong, gongs, rainstick, agogo, castanets, sleigh bell, sleigh bells, sleighbells, handbells,
            hand bells, wind chimes, chimes, bar chimes, anvil, hand drum, hand drums, frame drum, bodhran,
            darbuka, doumbek, udu, vibraslap, temple blocks, steel drums, steel pan, tympani, stomp, stomps,
            beatbox |
            perc, percs, prc, tamb, tambs, tambo, tam, shkr, shk, shkrs, clp, clps, clvs, cng, cong, timp, timps
        """,
        "bass": """
            bass, basses, bass guitar, bass di, di bass, bass amp, bassline, bass line, synth bass, bass synth,
            double bass, upright bass, upright, contrabass, sub bass, subbass, sub, reese, slap bass, fretless,
            electric bass, acoustic bass, bass line, precision bass, jazz bass, moog bass |
            bs, bss, bas, bass gtr, bsdi, bass d i, p bass, j bass, svt, ampeg, ebass, cb, 808 sub
        """,
        "guitar": """
            guitar, guitars, acoustic guitar, electric guitar, lead guitar, rhythm guitar, guitar lead, guitar
            solo, banjo, banjos, ukulele, ukelele, ukuleles, mandolin, mandolins, slide guitar, pedal steel, lap
            steel, steel guitar, nylon guitar, dobro, sitar, guitalele, bouzouki, oud, lute, charango, koto,
            shamisen, pipa, guzheng, balalaika, ebow, e bow, strat, stratocaster, tele, telecaster, les paul,
            nylon string, twelve string |
            gtr, gtrs, egtr, egtrs, agtr, acgtr, elgtr, ac gtr, acgt, ac gt, git, gits, guit, gt, gts, gtar, uke,
            mando, eg, ag, egt, agt, eguit, acg, ldgtr, rgtr, elec gtr, e git, lgtr, gtrl, gtrr, aco
        """,
        "piano": """
            piano, pianos, grand piano, upright piano, pianoforte, grand, honky tonk, upright pno, electric grand |
            pno, pf, pnos
        """,
        "keys": """
            keys, keyboard, keyboards, rhodes, wurlitzer, wurli, wurly, organ, organs, hammond, leslie, electric
            piano, electric pianos, epiano, e piano, elec piano, piano electric, clavinet, clavi, harpsichord,
            mellotron, mellotron flute, mellotron strings, mellotron choir, celesta, celeste, glockenspiel,
            vibraphone, vibrophone, vibes, marimba, xylophone, mallet,
            mallets, accordion, accordian, melodica, music box, tubular bells, nord, kalimba, harmonium, farfisa,
            bandoneon, concertina, toy piano |
            kbd, kbds, keyb, kys, ep, clav, clv, glock, b 3, xylo, vib, rhds, rhd, wurl, org, vibe, e p, accord, c 3
        """,
        "synth": """
            synth, synths, synthesizer, synthesizers, synthesiser, synth lead, lead synth, synth pad, pad, pads,
            arp, arps, arpeggio, arpeggios, arpeggiator, pluck, plucks, moog, supersaw, sequencer, sequence,
            juno, prophet, jupiter, ob 6, dx 7, minimoog, serum, saw lead, lead sawtooth, tb 303, synth brass |
            syn, syns, synt, snth, seq, ld synth, plk, pl, saw ld, poly synth
        """,
        "strings": """
            strings, string, violin, violins, viola, violas, cello, cellos, celli, fiddle, fiddles, harp, harps,
            orchestra, string section, string quartet, pizzicato, pizz, arco, erhu, string ensemble, string orchestra,
            violoncello, chamber strings |
            vln, vlns, vla, vlas, vlc, vc, vcs, vlcs, strs, str, strgs, stgs, strngs, vn, vlns, orch, vcl, stg
        """,
        "winds": """
            brass, horn, horns, sax, saxes, saxophone, saxophones, alto sax, tenor sax, bari sax, baritone sax,
            soprano sax, sax alto, sax tenor, sax soprano, trumpet, trumpets, trombone, trombones, tuba, tubas,
            flute, flutes, clarinet, clarinets, oboe, oboes, bassoon, woodwind, woodwinds, winds, wind, whistle,
            whistles, recorder, harmonica, french horn, english horn, cor anglais, flugelhorn, euphonium, piccolo,
            didgeridoo, bagpipes, bagpipe, pan flute, panpipes, ocarina, cornet, shakuhachi, duduk, tin whistle |
            tpt, tpts, tbn, tbns, trp, ww, fl, hrn, hrns, hn, hns, bone, bones, flgl, bsn, clar, picc, trb,
            tenor sx, sx
        """,
        "effects": """
            effects, effect, sound effect, sound effects, noise, noises, riser, risers, uplifter, uplifters,
            downlifter, downlifters, sweep, sweeps, noise sweep, impact, impacts, whoosh, foley, sub drop,
            sub boom, subdrop, drop fx,
            swell fx, reverse swell, vinyl crackle, field recording, scratches, dj scratch, white noise, mouse click,
            mouse clicks, clicks and pops |
            fx, sfx, efx, vfx, fxs
        """,
        "accompaniment": """
            accompaniment, instrumental, instrumentals, backing, backing track, backing tracks, backing trk,
            karaoke, music, playback, minus one, tv track, tv mix, no vox | inst, instr, instru, accomp, acc, inst trk
        """,
        "other": "other, others, rest, misc, remaining | oth",
        "mixture": """
            mixture, mix, mixes, mixdown, full mix, master, mastered, song mix, stereo mix, final mix, rough mix,
            roughmix, main mix, mix bus, mixbus, master bus, stereo master, premaster, pre master, full song,
            full track, stereo out, main out, main outs, stereo output, mix down, mix preview, demo mix |
            2 mix, mstr, 2 bus, mx
        """,
        "support": """
            lead double, lead doubles, lead dbl, lead doubletrack, ld double, ld dbl, main double, vocal doubler,
            vox doubler, fx return, fx returns, effects return, effects returns, spring reverb, slapback,
            reverb return, delay return, ping pong, tape delay, tape echo | lv d, lv dt, vox d, fx rtn
        """,
        "guide": """
            click track, clicktrack, click trk, metronome, count in, countin, count off, countoff, countdown,
            talkback, talk back, smpte, ltc, timecode, time code, 2 pop, two pop, scratch vox, scratch vocal,
            scratch vocals, scratch voice, scratch guitar, scratch gtr, scratch bass, scratch keys, scratch piano,
            scratch drums, scratch track, vox scratch, vocal scratch, cue mix, temp vocal, temp vox,
            dummy vocal, test tone, sync tone, slate tone, line up tone, 1 k tone, sync beep, md talk |
            tb mic, clk, clk trk, ltc tc
        """,
    }
}
