"""One song and its mix: the decisions as rows of a table."""
