"""Files with faults made by chance: every reader's answer is a finite result or one of this package's errors.

``python -m fuzzing.run`` (in ``tests``) tries many; `test_mutants` tries some at every run of the tests.
"""
