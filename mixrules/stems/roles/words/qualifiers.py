"""Words that qualify others: modifiers, fillers, hints, and what makes a support, a guide or a backing vocal.

Own knowledge, but for the names of microphones, which stand at thestereobus.com (labeling your tracks).
"""

from __future__ import annotations

from mixrules.stems.roles.name_folding import words_of

# Words that decide only where no other word does: more often they are modifiers.
WEAK: dict[str, tuple[str, float]] = {
    "harmony": ("backing_vocal", 0.8),
    "harmonies": ("backing_vocal", 0.8),
    "harm": ("backing_vocal", 0.6),
    "harms": ("backing_vocal", 0.6),
    "alto": ("backing_vocal", 0.5),
    "tenor": ("backing_vocal", 0.5),
    "double": ("support", 0.5),
    "doubles": ("support", 0.5),
    "dbl": ("support", 0.5),
    "dbls": ("support", 0.5),
    "doubler": ("support", 0.5),
    "adt": ("support", 0.6),
    "bells": ("percussion", 0.5),
    "applause": ("effects", 0.5),
    "hook": ("vocal", 0.5),
    "loop": ("percussion", 0.6),
    "loops": ("percussion", 0.6),
    "room": ("drums", 0.6),
    "rooms": ("drums", 0.6),
    "rm": ("drums", 0.6),
    "rms": ("drums", 0.6),
    "trash": ("drums", 0.5),
    "kit": ("drums", 0.6),
    "break": ("drums", 0.5),
    "beat": ("accompaniment", 0.5),
    "beats": ("accompaniment", 0.5),
    "base": ("accompaniment", 0.5),
    "pista": ("accompaniment", 0.5),
    "mr": ("accompaniment", 0.5),
    "rim": ("snare", 0.6),
    "rims": ("snare", 0.6),
    "rack": ("toms", 0.6),
    "floor": ("toms", 0.5),
    "808": ("bass", 0.6),
    "tambor": ("percussion", 0.5),
    "acoustic": ("guitar", 0.5),
    "electric": ("guitar", 0.5),
    "nylon": ("guitar", 0.5),
    "elec": ("guitar", 0.5),
    "acou": ("guitar", 0.5),
    **{
        word: ("effects", 0.6)
        for word in words_of("""
            ambience ambiences ambient atmosphere atmospheres atmos boom booms transition transitions
            crackle rain thunder storm lightning glitch laser explosion turntable ambiance ambiances ambientes
            atmo атмосфера 氛围 环境音 環境音
        """)
    },
    "sawtooth": ("synth", 0.5),
    "glyn": ("drums", 0.5),
    "stab": ("synth", 0.6),
    "stabs": ("synth", 0.6),
    "drone": ("effects", 0.5),
    "texture": ("effects", 0.5),
    "scratch": ("effects", 0.5),
    "swell": ("effects", 0.5),
    "swells": ("effects", 0.5),
    "crowd": ("effects", 0.5),
    "quartet": ("strings", 0.5),
    "ensemble": ("strings", 0.5),
}

# Words without a role of their own, beside or in a compound with a word that has one.
MODIFIERS = words_of("""
    lead ld main back background bg di amp mic top bottom solo rhythm rhy ac acou el elec e a clean dirty
    dist no
    low high hi lo left right stereo mono part line chords dry wet raw verse chorus bridge intro outro end my the
    refrain refrains ritornello estribillo
    acoustic electric nylon steel slide crunch fuzz distortion distorted overdriven muted dirt drive wah
    in out inside outside front beater trig trigger smpl sample samples samp up down under over btm bot batter
    side close far near amb mid room rm rooms cab cabinet spot pair rtm rhythmic male female men women
    akustik akustisk akustiska akustisch elektro elektrik e lead rhythmus links rechts oben unten hoch tief
    gesamt spur spuren akoestisch akoestische elektrisch elektrische elektrisk elektriska komp el sol ac
    tenor bariton baritone sopran alt bass background hintergrund haupt zweit solo lead leit fuehrungs backing
    bakgrund bakgrunn tausta achtergrond slag huvud hoved stal
    acustica acustico electrica electrico elettrica elettrico eletrica eletrico acoustique electrique
    rythmique
    acustic principal principale principali lider solista solistas ritmica ritmico ritmiche distorsion
    distorta
    g d h v ch br pre post lead hi mid stack stacks bus sum parallel comp loud soft warm bright dark big fat
    long short quarter eighth
    arriba abajo encima debajo dentro fuera cima baixo zerr verzerrt verzerrte lewe prawe lewa prawa gora
    dol гит соло ритм лид лев прав лево право левая правая верх низ вход снаружи внутри
    linie линия основной главный リード メイン バッキング トップ イン アウト ドライ ソロ 左 右 上 下 干
    湿 失真
    节奏 電 电
    메인 리드 서브 일렉 솔로
""")

# Like modifiers, words that do not lower the confidence: what DAWs, takes and dates leave in a name.
FILLERS = words_of("""
    l r c m s st lr stem stems track trk trks tracks audio bounce bounced bounces print printed prints
    export exported
    final fin finals take takes comp comps comped edit edited edits new old v ver vers version versions
    in out of and
    bip bips dup copy consolidated consolidate rendered render renders freeze frozen froze glued glue cm tuned
    melodyned autotuned submix submixes subgroup sansamp overdub overdubs tune flat mixed stereo mono master
    wav aif aiff flac mp ogg hz khz k bit bits bpm
    minor major min maj am bm cm dm em fm gm fix fixed ok good best alt raw x full with uneven normalized
    57 58 87 421 414 67 47 121 451 184 81 re sm md u ku tlm
    分轨 分軌 总线 總線 轨 軌 トラック パラ データ バス 트랙 버스 stemme spur spor spår
""")

# What makes a return of a vocal, a snare, anything: wherever it stands, and as the last or the only word.
RETURNS = words_of("""
    reverb reverbs reverberation reverbed verb verbs rvb rvbs revb rvrb delay delays dly dlys rtn rtns
    reverbe reverbes reverberacion reverberacao riverbero riverberi galm nagalm poglos eco eko kaiku
    efterklang
    nachhall hallweg echoweg hallfahne retardo delai throw throws slapback retorno retornos ritorno retour
    реверб ревер ревербератор дилэй дилей дилеи эхо
    混响 混響 殘響 残響 延迟 延遲 回声 回聲 リバーブ ディレイ エコー 리버브 딜레이 에코
""")
LAST_RETURNS = words_of("""
    echo echoes echos slap plate plates hall halls spring chamber return returns ret hallraum vrb rev
""")
# Of these the first two keep their own meaning alone: a season, and what is reversed.
NO_RETURN_ALONE = words_of("spring rev hall return ret halls chamber")

# A vocal with one of these words is a double of it.
DOUBLES = words_of("""
    double doubles doubled doubler doubling dbl dbls triple triples tripled trpl quad quads quadruple dub
    dubs dt dts doubletrack doubletracked adt
    doppelung dopplung doppler gedoppelt doublage doublages doublee doublees doublure
    doblada dobladas doblado doblaje doblajes dobles doble dobra dobras dobrada dobrado
    doppia doppie doppio doppiata doppiato raddoppio raddoppi dubbel dubbele dubbla dubb dubbad dubbat
    dubel duble dubla дабл даблы дубль дубли дублирование
    叠唱 叠轨 双轨 叠音 重唱 疊唱 疊軌 雙軌 主唱叠轨 ダブル ダブリング ダブルトラック ボーカルダブル 더블 더블링
""")
# Of a double too, where the letter means it.
SHORT_DOUBLES = (("vox", "d"), ("lv", "d"))

# A vocal with one of these words is a backing vocal, its double too.
BACKINGS = words_of("""
    background backing backings backup bu bg bkg bkgd harmony harmonies harm harms gang group crowd choir
    hintergrund background begleit zweit fondo apoio armonia armonias harmonie armonie segunda segundas
    seconda
    seconde achtergrond bakgrund bakgrunns bakgrunn stam kor korn tausta korus doprovodne doprovodny
    wspierajace
    chorki choeur choeurs coro coros cori бэк бек бэки подпевки
    和声 和聲 和音 合声 合聲 ハモリ コーラス バッキング 코러스 화음
""")

# With an instrument or alone: what the players heard, no part of the song.
GUIDES = words_of("""
    guide guides ref reference references guia guias guida guidage temoin temoins pilot pilote leit fuhrungs
    fuehrungs gids referenz referencia riferimento reference referens referanse referentie referencja
    пилот гайд референс 参考 參考 ガイド 仮 가이드
""")
# Alone or with a vocal only: a click pad is no click. These stand first or last in a name...
CLICKS = words_of("click clicks klick klik klikk clic clique clk clks beep beeps клик クリック 클릭")
# ... and these, which mean other things too, beside no other word.
LONE_GUIDES = CLICKS | words_of("cue cues slate slates count tb conteo cuenta metro 节拍 節拍")
# A vocal, guitar, ... with this word is a guide; alone it is a sound.
SCRATCH = "scratch"

NEGATIONS = words_of("no non without minus sans ohne sin senza sem zonder utan uten uden bez без 无 無")
WITH = words_of("with w mit avec con com med met z с incl plus")

# What a compound may begin with though it is short, and end on after one letter.
SHORT_HEADS = words_of("e a el ac ld bg bv no")
SHORT_TAILS = words_of("gtr git bas")

NOT_AFTER = NEGATIONS | WITH
LOOSE = MODIFIERS | FILLERS
