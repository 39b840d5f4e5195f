"""Making a listening test: excerpts, mixes at equal loudness, blind names, pages in random order, a training page."""
