"""The documents of a listening test: its definition, its key, and the ratings of one session."""
