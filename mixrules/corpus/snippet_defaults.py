"""Length of a snippet and distance between two where nothing else is said, in samples."""

SNIPPET_SAMPLES, SNIPPET_HOP = 65_536, 32_768
