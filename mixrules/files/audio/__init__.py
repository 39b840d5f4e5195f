"""Files of audio: read to their end or refused, written whole; what their headers say of lengths, channels and times."""
