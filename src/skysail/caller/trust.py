"""Whose certificates are believed where nothing else is said."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path


def ca_bundle() -> str:
    """certifi's certificates where it is installed, else those that botocore carries: botocore's order."""
    found = find_spec("certifi") or find_spec("botocore")
    assert found is not None
    assert found.origin is not None
    return str(Path(found.origin).with_name("cacert.pem"))
