"""Build what is published, a wheel and an sdist: `python tools/dist.py [FOLDER]`, dist/ by default.

The version stands in src/skysail/version.py, so that a checkout without tags, an archive and an sdist all know it, and
that the same tree gives the same bytes. Where the commit has a tag `v…`, it must be that version's.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from skysail.version import VERSION

_TREE = Path(__file__).parent.parent


def build(folder: Path, tree: Path = _TREE) -> list[Path]:
    """The files that were built, wheel first. Raises CalledProcessError where hatchling says no."""
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(folder.resolve()), "-t", "wheel", "-t", "sdist"]
    subprocess.run(command, cwd=tree, check=True, capture_output=True, text=True)
    return [*folder.glob("*.whl"), *folder.glob("*.tar.gz")]


def tags(tree: Path = _TREE) -> list[str]:
    """The tags of versions that the checked out commit has; none where git does not know the tree."""
    command = ["git", "tag", "--points-at", "HEAD", "v*"]
    try:
        return subprocess.run(command, cwd=tree, check=True, capture_output=True, text=True).stdout.split()
    except (OSError, subprocess.CalledProcessError):
        return []


def main(arguments: list[str]) -> int:
    if (found := tags()) and found != [f"v{VERSION}"]:
        print(f"the tag is {' '.join(found)}, and src/skysail/version.py says {VERSION}", file=sys.stderr)
        return 1
    for path in build(Path(*arguments) if arguments else _TREE / "dist"):
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
