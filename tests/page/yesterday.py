"""`python app.py` a day ago: the server's clock is a day behind, so what it makes is old for the next one."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from imagegen.jobs.clock import SystemClock

DAY_MS = 86_400_000
_now_ms = SystemClock.now_ms


if __name__ == "__main__":
    setattr(SystemClock, "now_ms", lambda clock: _now_ms(clock) - DAY_MS)  # noqa: B010 - for mypy, it is no method
    from app import main

    sys.exit(main())
