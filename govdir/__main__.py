"""`python -m govdir`."""

from __future__ import annotations

from govdir.cli.main import main

if __name__ == "__main__":
    main()
