"""What a seed may be given as: a file's path, a dict, or one made by `skysail.seed()`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from skysail.errors import SeedError
from skysail.seeds.checking import Sown, from_document
from skysail.seeds.format import Seed

Source = str | os.PathLike[str] | Mapping[str, Any] | Seed


def sown(source: Source) -> list[Sown]:
    """Raises SeedError."""
    if isinstance(source, Seed):
        return [Sown(source)]
    if isinstance(source, Mapping):
        return [from_document(source)]
    if isinstance(source, str | os.PathLike):
        from skysail.seeds.reading import read  # late: YAML is for files

        return read(Path(source))
    raise SeedError(f"a seed is a file's path, a dict or skysail.seed(...), not {source!r:.60}")
