"""What separators, DAWs and people add to a name without meaning the instrument.

Names of models as in python-audio-separator's and
UVR's lists, as shown in nomadkaraoke/python-audio-separator #7, #79, #141 and #145; LALAL.AI's and Moises'
endings, and those of DAWs, are own knowledge.
"""

from __future__ import annotations

import re

# Between the words of a model's name.
_S = r"[\W_]*"
_TAIL = (
    rf"(?:{_S}(?:\d+(?:\.\d+)*[a-z]?|v\d+[a-z]?|ep|sdr|inst|instvoc|instvox|voc|vocals?|vox|kara|karaoke|main|crowd|hq|ft|"
    r"fft|\d*kfft|q|big|beta\w*|fno|duality|revive\w*|kim|aufr\d*|viperx|gabox|becruily|unwa|anvuew|sw|large|fullness|"
    r"bleedless|full|band|net|dereverb|deverb|echo|denoise|chorus|model|\d*stems?|ht|extra|mmi|6s))*"
)
MODELS = re.compile(
    rf"(?<![^\W_])(?:model{_S})?(?:"
    rf"\d*{_S}ht{_S}demucs{_TAIL}|h?demucs\d*(?:ht)?{_TAIL}|"
    rf"(?:uvr{_S})?mdx{_S}(?:net|23c?|extra|c)?{_TAIL}|uvr_mdxnet{_TAIL}|mdx23c?{_TAIL}|"
    rf"(?:bs|mel|mel{_S}band|melband){_S}(?:roformer|rofo){_TAIL}|roformer{_TAIL}|scnet{_TAIL}|"
    rf"kim{_S}(?:vocals?|inst|voc|ft){_S}\d*|"
    rf"\d*{_S}hp\d*{_S}(?:karaoke)?{_S}uvr|hp\d{_S}only{_S}main{_S}vocal|"
    rf"uvr{_S}de{_S}(?:echo|noise|reverb)(?:{_S}(?:normal|aggressive|lite|dereverb))*|vr{_S}arch|"
    rf"(?:ultimate{_S})?vocal{_S}remover(?:{_S}(?:gui|pro))?|uvr\d*|"
    rf"spleeter{_S}(?:\d{_S}stems?)?|open{_S}unmix|umx(?:hq|l)?|drumsep|"
    rf"split{_S}by{_S}lalal{_S}ai|lalal{_S}(?:ai)?|moises(?:{_S}ai)?|audioshake|gaudio|stemroller|haramlite|mvsep|"
    rf"(?:izotope{_S})?rx{_S}\d*|music{_S}rebalance|spectralayers|ripx|fadr|voice{_S}ai"
    r")(?![^\W\d_])",
    re.IGNORECASE,
)
# Keys and tempos as Moises and beat makers write them, dates, sample rates.
MEASURES = re.compile(
    r"(?<![^\W_])(?:"
    r"\d+(?:[.,]\d+)?\s*bpm|bpm\s*\d+|\d+(?:[.,]\d+)?\s*k?hz|\d+\s*bits?|"
    r"[a-g](?:\s?sharp|\s?flat|[#♯♭b])?[\s_-]?(?:minor|major|min|maj|moll|dur)|"
    r"(?:19|20)\d\d[-._ ]?[01]\d[-._ ]?[0-3]\d|[0-3]?\d[-.][01]?\d[-.](?:19|20)?\d\d"
    r")(?![^\W_])",
    re.IGNORECASE,
)
# An index that a DAW put at the end.
ENDINGS = re.compile(
    r"(?:[-_ .](?:bip|dup\d*|cm\d*|\d*-?audio|consolidated|bounced?|print|freeze|rendered))+$", re.IGNORECASE
)
