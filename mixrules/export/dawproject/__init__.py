"""DAWproject 1.0, the exchange format of Bitwig and others: a ZIP archive with XML and audio, written and read."""
