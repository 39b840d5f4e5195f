"""Choices of an A/B or ABX test: read as a table, screened, and analysed with listeners as the units."""
