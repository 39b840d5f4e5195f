"""Every error of the package is listed, so that programs can name what they catch."""

from __future__ import annotations

from mixrules import errors


def test_every_error_is_listed() -> None:
    defined = {
        name
        for name, thing in vars(errors).items()
        if isinstance(thing, type) and issubclass(thing, errors.MixrulesError)
    }
    assert "MissingPackageError" in defined
    assert set(errors.__all__) == defined
    assert errors.__all__ == sorted(errors.__all__)
