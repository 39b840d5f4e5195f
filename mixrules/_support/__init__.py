"""Used by all modules: compiled loops, cores, validation of arguments, strict JSON, the version, a profiling clock."""
