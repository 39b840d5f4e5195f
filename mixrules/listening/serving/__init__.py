"""Serving a listening test: the page that a listener sees, and the server that keeps the ratings."""
