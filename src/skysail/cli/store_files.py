"""What an option says of a file that is a store."""

from __future__ import annotations

from pathlib import Path

from skysail.cli.failures import wrong_usage


def store_file(given: str, option: str) -> Path:
    """The path of a store. Raises CommandError for what is no path."""
    if "://" in given:
        raise wrong_usage(f"{option} {given}: stores are in files or in PostgreSQL", f"{option} fleet.db")
    return Path(given.removeprefix("local:")).expanduser()
