"""Measure loudness block by block, as a meter on a stream does, and compare with the whole.

python examples/measure_a_stream.py
"""

import dataclasses

from mixrules import LoudnessMeter, measure
from mixrules.demo import demo_stems

BLOCK = 1024
SAMPLE_RATE = 44_100


def main() -> None:
    keys = demo_stems(SAMPLE_RATE)["keys"]
    meter = LoudnessMeter(SAMPLE_RATE, channels=keys.shape[1])
    next_s = 10.0
    for start in range(0, len(keys), BLOCK):
        meter.update(keys[start : start + BLOCK])
        if start + BLOCK >= next_s * SAMPLE_RATE:
            so_far = meter.result()
            print(
                f"{so_far.duration_s:5.1f} s  I {so_far.integrated_lufs:6.2f} LUFS  "
                f"LRA {so_far.loudness_range_lu:5.2f} LU  true peak {so_far.true_peak_dbtp:6.2f} dBTP"
            )
            next_s += 10.0
    stream, whole = meter.result(), measure(keys, SAMPLE_RATE)
    for field in dataclasses.fields(whole)[3:]:
        read, expected = getattr(stream, field.name), getattr(whole, field.name)
        print(
            f"{field.name:20} {read:8.3f}  differs from the whole by {abs(read - expected):.0e}"
        )


if __name__ == "__main__":
    main()
