"""The columns of the tables that `mixrules extract` writes: name, type, unit and meaning of each, and their version.

Two tables: one row a song and signal, and one row a song, signal and snippet. A third where mixes are matched: one row
a song and stem, with what was done to it in the song's mix. What is not defined is null; no value is
NaN or infinite.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mixrules.analysis import octave_bands, third_octave_bands

if TYPE_CHECKING:
    import pyarrow

VERSION = 1
VERSION_KEY = b"mixrules_truth_version"
"""Where the version stands in the metadata of a Parquet file."""

STEMS, SNIPPETS, PARAMETERS = "stems", "snippets", "parameters"
"""The names of the tables, and of their folders."""

SIGNALS = ("stem", "vocal", "backing", "mix")
OCTAVES_HZ = octave_bands().centers_hz
THIRD_OCTAVES_HZ = third_octave_bands().centers_hz

_OCTAVES, _THIRDS = f"float32[{len(OCTAVES_HZ)}]", f"float32[{len(THIRD_OCTAVES_HZ)}]"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Attributes
    ----------
    name : str
        Its name.
    type : str
        Arrow's name of its type; ``list<string>``, or ``float32[9]`` for nine numbers.
    unit : str
        Its unit; empty for text and plain numbers.
    meaning : str
        What it holds, in a sentence.
    """

    name: str
    type: str
    unit: str
    meaning: str


_IDENTITY = (
    Column("song", "string", "", "What the song is called in its data set; no other song has this name."),
    Column("title", "string", "", "Its title, as the data set says."),
    Column("artist", "string", "", "Its artist; empty where the data set does not say."),
    Column("album", "string", "", "Its album; empty where the data set does not say."),
    Column("split", "string", "", "The official split (train, validation, test); empty where there is none."),
    Column("signal", "string", "", "What the row is about: stem, vocal, backing or mix."),
    Column("stem", "string", "", "The stem's name; empty for the other signals."),
    Column("role", "string", "", "The stem's role; empty for the other signals."),
    Column("part", "string", "", "Whether it belongs to the vocal or the backing; empty for the mix."),
    Column("files", "list<string>", "", "The files it is read from, relative to the data set's folder."),
    Column(
        "mix_source",
        "string",
        "",
        "What the mix of this song is: file (the data set's own) or sum (of the stems).",
    ),
)
_SNIPPET_PLACE = (
    Column("snippet", "int32", "", "The number of the snippet in its song, from 0."),
    Column("start_sample", "int64", "samples", "Where the snippet begins."),
    Column("start_s", "float64", "s", "Where the snippet begins."),
)
_SIZE = (
    Column("sample_rate", "int32", "Hz", "The song's sample rate."),
    Column("channels", "int32", "", "How many channels the signal has."),
    Column("samples", "int64", "samples", "How many samples are measured."),
    Column("duration_s", "float64", "s", "How long that is."),
)
_LOUDNESS = (
    Column("integrated_lufs", "float32", "LUFS", "Gated loudness (ITU-R BS.1770)."),
    Column("to_mix_lu", "float32", "LU", "Its integrated loudness above that of the mix; null for the mix."),
    Column(
        "to_rest_lu",
        "float32",
        "LU",
        "Its integrated loudness above that of all other stems together; null for the mix.",
    ),
    Column(
        "vocal_to_backing_lu",
        "float32",
        "LU",
        "Loudness of the vocal above that of the backing, in all rows of the song or snippet.",
    ),
    Column(
        "loudness_range_lu",
        "float32",
        "LU",
        "Loudness range (EBU Tech 3342, 3 s windows, ten a second); null under 3 s.",
    ),
    Column(
        "momentary_range_lu",
        "float32",
        "LU",
        "The same of the 400 ms windows, so that a snippet has one too.",
    ),
)
_SONG_LOUDNESS = (
    Column("momentary_max_lufs", "float32", "LUFS", "Highest loudness of 400 ms, every 100 ms."),
    Column("short_term_max_lufs", "float32", "LUFS", "Highest loudness of 3 s, every 100 ms."),
)
_SNIPPET_LOUDNESS = (
    Column(
        "short_term_lufs",
        "float32",
        "LUFS",
        "Loudness of the 3 s that end with the snippet; null in the first 3 s of the song.",
    ),
)
_LEVELS = (
    Column(
        "true_peak_dbtp", "float32", "dBTP", "Highest point between the samples (ITU-R BS.1770, Annex 2)."
    ),
    Column("crest_factor_db", "float32", "dB", "Highest sample over the RMS level, all channels."),
    Column(
        "side_to_mid_db",
        "float32",
        "dB",
        "Power of left less right over that of left plus right; null for mono.",
    ),
    Column("correlation", "float32", "", "Correlation of left and right, -1 to 1; null for one channel."),
)
_BANDS = (
    Column(
        "octave_db", _OCTAVES, "dBFS", "Mean square of the mono sum in each octave band, 63 Hz to 16 kHz."
    ),
    Column("third_octave_db", _THIRDS, "dBFS", "The same in third-octave bands, 20 Hz to 20 kHz."),
    Column(
        "octave_to_backing_db", _OCTAVES, "dB", "`octave_db` less that of the backing; null for the backing."
    ),
    Column(
        "third_octave_to_backing_db",
        _THIRDS,
        "dB",
        "`third_octave_db` less that of the backing; null for the backing.",
    ),
)
_DESCRIPTORS = (
    Column("tempo_bpm", "float32", "1/min", "Tempo of the mix, in all rows; null without onsets."),
    Column(
        "beat_density_per_s",
        "float32",
        "1/s",
        "Beats of the mix a second, in all rows; null without onsets.",
    ),
    Column("onset_density_per_s", "float32", "1/s", "Onsets of the signal a second."),
    Column(
        "spectral_flux",
        "float32",
        "dB",
        "Mean rise of the level in mel bands from frame to frame (onset strength).",
    ),
    Column("spectral_centroid_hz", "float32", "Hz", "Mean of the frames' spectral centroids."),
    Column("spectral_centroid_variance_hz2", "float32", "Hz²", "Variance of the frames' spectral centroids."),
    Column("zero_crossing_rate", "float32", "", "Share of samples at which the mono sum changes its sign."),
    Column(
        "chord_change_density_per_s",
        "float32",
        "1/s",
        "Changes from one major or minor chord to another a second.",
    ),
)
_SONG_ROOM = (
    Column(
        "decay_s",
        "float32",
        "s",
        "Decay time (T30, 500 Hz and 1 kHz) of the stem's reverb, if the data set shows it.",
    ),
)

_STRIP = (
    Column("muted", "bool", "", "Whether the stem is absent from the mix, or too soft to be told."),
    Column("fader_db", "float32", "dB", "Gain; null where it is muted."),
    Column("polarity_inverted", "bool", "", "Whether it is in the mix upside down."),
    Column("right_polarity_inverted", "bool", "", "Whether its right side is, against its left."),
    Column("pan", "float32", "", "Place of a mono stem, balance of a stereo one: -1 left, 1 right."),
    Column(
        "side_gain_db",
        "float32",
        "dB",
        "Width: gain of its side (left less right); 0 as given, null for mono.",
    ),
    Column("eq_bands", "int32", "", "How many bands of equaliser paid."),
    Column(
        "eq_octave_db",
        _OCTAVES,
        "dB",
        "The equaliser's response, mean power in each octave band; no fader in it.",
    ),
    Column("compressor_threshold_db", "float32", "dB", "Threshold; null where no compressor paid."),
    Column("compressor_ratio", "float32", "", "Ratio; null where no compressor paid."),
    Column("compressor_attack_ms", "float32", "ms", "Attack; null where no compressor paid."),
    Column("compressor_release_ms", "float32", "ms", "Release; null where no compressor paid."),
    Column("compressor_makeup_db", "float32", "dB", "Gain behind it; null where no compressor paid."),
    Column(
        "send_db", "float32", "dB", "Level of its reverb against the dry stem; null where none was found."
    ),
)
_CERTAINTY = (
    Column("heard", "bool", "", "Whether it sounds in what was compared."),
    Column(
        "level_interval_db",
        "float32",
        "dB",
        "How far its level may be below what was found, at 95 %; null where unbounded.",
    ),
    Column("worth", "float32", "", "How much what is unexplained grows without the stem, as a share of it."),
    Column("alike", "list<string>", "", "Stems that it cannot be told from."),
)
_SONG_MIX = (
    Column("explained_share", "float32", "", "Share of the mix's power that the whole plan explains."),
    Column(
        "offset_samples",
        "float32",
        "samples",
        "Where in the mix the stems begin; negative where it begins later than they.",
    ),
    Column("drift_ppm", "float32", "ppm", "By how many millionths the mix lasts longer than the stems."),
    Column("t60_s", "float32", "s", "Reverberation time at 500 Hz and 1 kHz; null where no reverb paid."),
    Column("master_gain_db", "float32", "dB", "Gain of the sum."),
    Column(
        "master_threshold_db", "float32", "dB", "Threshold of the sum's compressor; null where none paid."
    ),
    Column("master_ratio", "float32", "", "Ratio of the sum's compressor; null where none paid."),
    Column("master_ceiling_dbtp", "float32", "dBTP", "Ceiling of the sum's limiter; null where none paid."),
    Column(
        "residual_plain_sum_db", "float32", "dB", "Unexplained power against the mix's: stems at one gain."
    ),
    Column("residual_alignment_db", "float32", "dB", "The same with start, clock and polarity undone."),
    Column("residual_gain_db", "float32", "dB", "The same with a gain a stem."),
    Column("residual_pan_db", "float32", "dB", "The same with places and widths."),
    Column("residual_eq_db", "float32", "dB", "The same with equalisers."),
    Column("residual_compression_db", "float32", "dB", "The same with compressors."),
    Column("residual_reverb_db", "float32", "dB", "The same with reverb."),
    Column("residual_master_db", "float32", "dB", "The same with the master: the whole plan."),
)

STEM_COLUMNS = (
    *_IDENTITY,
    *_SIZE,
    *_LOUDNESS,
    *_SONG_LOUDNESS,
    *_LEVELS,
    *_BANDS,
    *_DESCRIPTORS,
    *_SONG_ROOM,
)
SNIPPET_COLUMNS = (
    *_IDENTITY,
    *_SNIPPET_PLACE,
    *_SIZE,
    *_LOUDNESS,
    *_SNIPPET_LOUDNESS,
    *_LEVELS,
    *_BANDS,
    *_DESCRIPTORS,
)
PARAMETER_COLUMNS = (
    *_IDENTITY,
    Column("sample_rate", "int32", "Hz", "The song's sample rate."),
    Column("channels", "int32", "", "How many channels the stem has."),
    *_STRIP,
    *_CERTAINTY,
    *_SONG_MIX,
)
COLUMNS = {STEMS: STEM_COLUMNS, SNIPPETS: SNIPPET_COLUMNS, PARAMETERS: PARAMETER_COLUMNS}
KEYS = {
    STEMS: ("song", "signal", "stem"),
    SNIPPETS: ("song", "signal", "stem", "snippet"),
    PARAMETERS: ("song", "signal", "stem"),
}
"""What names a row: a table with these columns and others of its own can be joined to one of ours."""


@functools.lru_cache(maxsize=2)
def arrow_schema(table: str) -> pyarrow.Schema:
    """Return the schema of a table, with version, units and meanings in its metadata."""
    import pyarrow as pa

    fields = [
        pa.field(
            column.name, _arrow_type(column.type), metadata={"unit": column.unit, "meaning": column.meaning}
        )
        for column in COLUMNS[table]
    ]
    return pa.schema(fields, metadata={VERSION_KEY: str(VERSION).encode()})


def _arrow_type(name: str) -> Any:
    """Return the type that a column names."""
    import pyarrow as pa

    if name == "list<string>":
        return pa.list_(pa.string())
    if name.startswith("float32["):
        return pa.list_(pa.float32(), int(name[len("float32[") : -1]))
    return pa.type_for_alias(name)
