"""`python -m skysail`, the same as the command."""

from __future__ import annotations

from skysail.cli.main import main

if __name__ == "__main__":
    main()
