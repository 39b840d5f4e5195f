"""Which files of a folder, an archive or a container are the stems of a song."""
