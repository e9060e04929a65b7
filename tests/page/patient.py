"""`python app.py` whose circuits never open: tests that share a server make its vendor fail again and again."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from imagegen.routing import circuit

if __name__ == "__main__":
    circuit.FAILURES_TO_OPEN = 10_000
    from app import main

    sys.exit(main())
