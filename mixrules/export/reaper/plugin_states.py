"""The states of REAPER's own plug-ins as a project holds them: a header, their data, an end, each in base64.

The formats are not published. ReaEQ: a count of bands, then for each type, switch, frequency in Hz, linear gain,
bandwidth in octaves. ReaComp: single-precision numbers in the order of its parameters (threshold and wet linear, ratio
(r - 1) / 99, attack in 500 ms, release in 5000 ms, RMS time in 100 ms, knee in 24 dB). ReaLimit: threshold and ceiling in
dB. These layouts and scales were read off states that REAPER 6 and 7 saved and others have published with their settings:
a new ReaComp (0 dB, 4:1, 3 ms, 100 ms, RMS 5 ms) and a new ReaEQ decode to what their windows show. No REAPER was at
hand: neither that it opens these states nor how the plug-ins sound at them was checked.
"""

from __future__ import annotations

import base64
import math
import struct
from collections.abc import Iterator

from mixrules.processors import CompressorParams, EqualizerParams, LimiterParams

_BAND_TYPES = {"low_shelf": 0, "high_shelf": 1, "low_pass": 3, "high_pass": 4, "peaking": 8}
_EQ_VERSION, _EQ_WINDOW = 33, (644, 406)
_COMP_MAGIC = (0xDEADBEEF, 0xDEADF00D)
_COMP_VALUES = 21
_SILENT_DRY = 10.0 ** (-150.0 / 20.0)
_LIMIT_RELEASE = 10.0 ** (-15.0 / 20.0)  # as in a ReaLimit that is new
_END = base64.b64encode(bytes.fromhex("000010000000")).decode()
_LINE_LENGTH = 128


def bandwidth_octaves(q: float) -> float:
    """Return the bandwidth of a quality factor in octaves: 1 / Q = 2 sinh(ln 2 / 2 N), of the analogue prototype."""
    return 2.0 / math.log(2.0) * math.asinh(1.0 / (2.0 * q))


def quality(octaves: float) -> float:
    """Return the quality factor of a bandwidth in octaves, the other way round."""
    return 1.0 / (2.0 * math.sinh(math.log(2.0) / 2.0 * octaves))


BAND_RANGES = {"frequency_hz": (20.0, 24_000.0), "q": (quality(4.0), quality(0.01))}
"""Of ReaEQ, whose bandwidths are 0.01 to 4 octaves."""

COMPRESSOR_RANGES = {
    "threshold_db": (-math.inf, 6.0),
    "ratio": (1.0, 100.0),
    "attack_ms": (0.0, 500.0),
    "release_ms": (0.0, 5000.0),
    "knee_db": (0.0, 24.0),
    "makeup_db": (-math.inf, 6.0),
}
"""Of ReaComp."""


def equalizer_lines(params: EqualizerParams) -> Iterator[str]:
    """Yield the lines of a ReaEQ with these bands."""
    data = struct.pack("<ii", _EQ_VERSION, len(params.bands))
    for band in params.bands:
        data += struct.pack(
            "<iidddB",
            _BAND_TYPES[band.kind],
            1,
            band.frequency_hz,
            10.0 ** (band.gain_db / 20.0),
            bandwidth_octaves(band.q),
            1,
        )
    data += struct.pack("<iid", 1, 1, 1.0)  # the gain after all bands, linear, is the last
    data += struct.pack("<iiii", 0, *_EQ_WINDOW, 2)
    yield from _plugin("ReaEQ", b"reeq", data)


def compressor_lines(params: CompressorParams) -> Iterator[str]:
    """Yield the lines of a ReaComp with these settings, that detects peaks and does not look ahead."""
    values = [0.0] * _COMP_VALUES
    values[0] = 10.0 ** (params.threshold_db / 20.0)
    values[1] = (params.ratio - 1.0) / 99.0
    values[2] = params.attack_ms / 500.0
    values[3] = params.release_ms / 5000.0
    values[6] = 1.0  # the low-pass filter of the detector is open
    values[10] = _SILENT_DRY
    values[11] = 10.0 ** (params.makeup_db / 20.0)
    values[14] = params.knee_db / 24.0
    data = struct.pack("<II", *_COMP_MAGIC) + struct.pack(f"<{_COMP_VALUES}f", *values)
    yield from _plugin("ReaComp", b"recm", data, inputs=4, magic=0xFEED5EEF, kind=0)


def limiter_lines(params: LimiterParams) -> Iterator[str]:
    """Yield the lines of a ReaLimit that keeps below the ceiling and adds no gain."""
    data = struct.pack("<iidd", 3, 0, params.ceiling_dbtp, params.ceiling_dbtp)
    data += struct.pack("<iiii", 2, 0, 0, 0) + struct.pack("<d", _LIMIT_RELEASE)
    yield from _plugin("ReaLimit", b"rlmt", data)


def gain_lines(gain_db: float) -> Iterator[str]:
    """Yield the lines of REAPER's script utility/volume, whose 6 dB are a factor of 2, without its clipping."""
    slider = gain_db * 6.0 / (20.0 * math.log10(2.0))
    yield "BYPASS 0 0 0"
    yield '<JS utility/volume ""'
    yield " ".join(["  " + f"{slider:.10g}", "150", *["-"] * 62])
    yield ">"
    yield "WAK 0 0"


def _plugin(
    name: str, code: bytes, data: bytes, *, inputs: int = 2, magic: int = 0xFEED5EEE, kind: int = 1
) -> Iterator[str]:
    """Yield the lines of a plug-in: `code` is its VST identifier, `data` its own state."""
    identifier = int.from_bytes(code, "big")
    file = name.lower()
    uid = (b"VST" + code + file.encode()).hex().upper()[:32].ljust(32, "0")
    header = struct.pack("<II", identifier, magic)
    for pins in (inputs, 2):  # each pin is connected to the channel of its number
        header += struct.pack(f"<I{pins}Q", pins, *(1 << pin for pin in range(pins)))
    header += struct.pack("<III", len(data), kind, 0x100000)
    encoded = base64.b64encode(data).decode()
    yield "BYPASS 0 0 0"
    yield f'<VST "VST: {name} (Cockos)" {file}.dll 0 "" {identifier}<{uid}> ""'
    yield f"  {base64.b64encode(header).decode()}"
    for start in range(0, len(encoded), _LINE_LENGTH):
        yield f"  {encoded[start : start + _LINE_LENGTH]}"
    yield f"  {_END}"
    yield ">"
    yield "WAK 0 0"
