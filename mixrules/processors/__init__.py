"""One processor a file: arrays and parameters in, arrays out; they take no mixing decisions."""

from mixrules.processors.automation import (
    AutomationStream,
    GainPoint,
    automate,
    automation_gain_db,
)
from mixrules.processors.automation_points import add_automations, simplify_automation
from mixrules.processors.compressor import (
    CompressorParams,
    CompressorStream,
    compress,
    gain_reduction_db,
    smooth_reduction_db,
    static_curve_db,
)
from mixrules.processors.dynamic_equalizer import (
    DynamicEqBand,
    DynamicEqualizerStream,
    equalize_dynamically,
)
from mixrules.processors.equalizer import (
    BiquadStream,
    EqBand,
    EqualizerParams,
    EqualizerStream,
    biquad_coefficients,
    equalize,
    frequency_response,
)
from mixrules.processors.gain import apply_gain, db_to_gain, gain_to_db, mix_into
from mixrules.processors.limiter import (
    STRIP_SEGMENT_SAMPLES,
    LimiterParams,
    LimiterSegments,
    limit,
    limiter_gain_db,
)
from mixrules.processors.pan import PanParams, pan
from mixrules.processors.reverb import (
    REVERB_BLOCK_SAMPLES,
    ReverbStream,
    Sections,
    impulse_response,
    reverberate,
)
from mixrules.processors.room import ReverbParams, t60_at
from mixrules.processors.width import WidthParams, WidthStream, set_width

__all__ = [
    "REVERB_BLOCK_SAMPLES",
    "STRIP_SEGMENT_SAMPLES",
    "AutomationStream",
    "BiquadStream",
    "CompressorParams",
    "CompressorStream",
    "DynamicEqBand",
    "DynamicEqualizerStream",
    "EqBand",
    "EqualizerParams",
    "EqualizerStream",
    "GainPoint",
    "LimiterParams",
    "LimiterSegments",
    "PanParams",
    "ReverbParams",
    "ReverbStream",
    "Sections",
    "WidthParams",
    "WidthStream",
    "add_automations",
    "apply_gain",
    "automate",
    "automation_gain_db",
    "biquad_coefficients",
    "compress",
    "db_to_gain",
    "equalize",
    "equalize_dynamically",
    "frequency_response",
    "gain_reduction_db",
    "gain_to_db",
    "impulse_response",
    "limit",
    "limiter_gain_db",
    "mix_into",
    "pan",
    "reverberate",
    "set_width",
    "simplify_automation",
    "smooth_reduction_db",
    "static_curve_db",
    "t60_at",
]
