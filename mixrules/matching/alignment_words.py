"""Where a mix lies to its stems, in words."""

from __future__ import annotations

from mixrules.matching.alignment_coarse import Line

_GROSS_PPM = 5000.0


def alignment_sentence(line: Line, drift_ppm: float, rate: int, samples: int, *, inverted: bool) -> str:
    """Return where a mix begins, by how much its clock is off in ppm, and whether it is upside down."""
    offset = line.offset
    if not offset:
        words = "The mix begins with its stems"
    else:
        later = "later" if offset > 0 else "earlier"
        size = abs(offset)
        exact = f"{size:.0f}" if size == round(size) else f"{size:.2f}"
        words = f"The mix is {exact} samples ({size / rate:.3f} s) {later} than its stems"
    if drift_ppm:
        size = abs(drift_ppm)
        amount = (
            f"{size / 1e4:.3f} %"
            if size > _GROSS_PPM
            else f"{size:.3g} ppm"
            if size < 100.0
            else f"{size:.0f} ppm"
        )
        words += f", and lasts {amount} {'longer' if drift_ppm > 0 else 'shorter'}"
        named = {48_000 / 44_100: "44.1 kHz taken for 48", 44_100 / 48_000: "48 kHz taken for 44.1"}
        for ratio, what in named.items():
            if abs(line.step / ratio - 1.0) < 1e-4:
                words += f" ({what})"
    if inverted:
        words += ", with the opposite polarity"
    return words + "."
