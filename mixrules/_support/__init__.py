"""What any module may need: compiled loops, cores, checks of arguments, strict JSON, the version, a clock."""
