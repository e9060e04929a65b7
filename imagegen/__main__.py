"""`python -m imagegen COMMAND`: make pictures, fill a gallery for trying, and check an installation."""

from __future__ import annotations

import sys

from imagegen.commands.line import main

if __name__ == "__main__":
    sys.exit(main())
