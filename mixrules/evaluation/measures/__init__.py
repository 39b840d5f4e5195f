"""The measures: how far one mix is from another, one group of measures a file.

`definition` says what a measure is, `registry` lists every one and evaluates them; `encoders` turn audio into the
vectors that `embedding` compares.
"""
