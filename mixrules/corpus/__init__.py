"""Many songs: the layouts of data sets, the same work done on every song, and what comes out of it.

A layout lists the songs of a data set. A work (mixing, extraction) does one song at a time and says what depends on what;
`work` runs it over all songs, in processes of this machine or in a Dask cluster, and keeps what is finished.
"""
