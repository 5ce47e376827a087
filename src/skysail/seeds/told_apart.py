"""Whether a file is a seed, without reading it."""

from __future__ import annotations

import re
from pathlib import Path


def is_seed(path: Path) -> bool:
    """Whether a file is a seed, rather than what a listing printed: by its name, or by how its JSON begins."""
    if path.suffix in (".yaml", ".yml"):
        return True
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return re.match(r'\s*\{\s*"(?:regions|account|\$schema)"', file.read(4_096)) is not None
    except OSError:
        return False
