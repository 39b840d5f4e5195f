"""Writing a normalised file, with what its input says beside the samples; measured before it gets its name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mixrules._support.validation import Audio
from mixrules.files import (
    carried_blocks,
    carried_chunks,
    insert_chunks,
    mask_of_positions,
    read_tags,
    replace_blocks,
    set_bext_loudness,
    set_channel_mask,
    speaker_positions,
    write_blocks,
)
from mixrules.metering import Metered, metered
from mixrules.normalization.channel_order import channel_order
from mixrules.normalization.gains import Gain
from mixrules.normalization.outputs import Output
from mixrules.normalization.sources import SourceFile

_USUAL = (None, ("FC",), ("FL", "FR"))


def write_normalized(file: SourceFile, path: Path, gain: Gain, output: Output) -> tuple[Metered, str]:
    """Write a file behind a gain, and measure what was written.

    Parameters
    ----------
    file : SourceFile
        The file, measured.
    path : Path
        Where its bytes are.
    gain : Gain
        The gain, and the limiter if there is one.
    output : Output
        Where it goes.

    Returns
    -------
    measured : Metered
        What was measured of the written file.
    note : str
        What of the texts could not be carried over; empty as a rule.

    Raises
    ------
    AudioFileError
        If the file cannot be read any more, or not be written whole; nothing is left of it then.
    """
    source, header = file.source, file.header
    positions = speaker_positions(path)
    if positions is not None and len(positions) != header.channels:
        positions = None
    order = channel_order(output.kind, positions)
    if order is not None and positions is not None:
        positions = tuple(positions[channel] for channel in order)
    weights = [source.layout.weights[channel] for channel in order or range(header.channels)]
    extensible = output.kind == "WAV" and (header.format == "WAVEX" or positions not in _USUAL)
    mask = (mask_of_positions(positions) if positions else None) or 0
    chunks = carried_chunks(path) if output.kind == "WAV" else []
    flac_blocks, note = carried_blocks(path) if output.kind == "FLAC" else ([], "")
    measured: list[Metered] = []

    def finish(written: Path) -> None:
        if extensible:
            set_channel_mask(written, mask)
        insert_chunks(written, chunks)
        replace_blocks(written, flac_blocks)
        measured.append(metered(written, channel_weights=weights))
        readings = measured[0].loudness
        if chunks:
            set_bext_loudness(
                written,
                (
                    readings.integrated_lufs,
                    readings.loudness_range_lu,
                    readings.true_peak_dbtp,
                    readings.momentary_max_lufs,
                    readings.short_term_max_lufs,
                ),
            )

    write_blocks(
        output.path,
        _ordered(source.blocks(gain.gain_db, gain.limiter), order),
        samples=source.samples,
        channels=header.channels,
        sample_rate=header.sample_rate,
        subtype=output.subtype,
        tags=None if chunks or flac_blocks else read_tags(path),
        extensible=extensible,
        finish=finish,
    )
    return measured[0], note


def _ordered(blocks: Iterator[Audio], order: tuple[int, ...] | None) -> Iterator[Audio]:
    if order is None or order == tuple(range(len(order))):
        return blocks
    return (block[:, order] for block in blocks)
