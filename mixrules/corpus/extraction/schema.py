"""The columns of the tables that `mixrules extract` writes: name, type, unit and meaning of each, and their version.

Two tables: one row a song and signal, and one row a song, signal and snippet. What is not defined is null; no value is
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

STEMS, SNIPPETS = "stems", "snippets"
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
COLUMNS = {STEMS: STEM_COLUMNS, SNIPPETS: SNIPPET_COLUMNS}
KEYS = {STEMS: ("song", "signal", "stem"), SNIPPETS: ("song", "signal", "stem", "snippet")}
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
