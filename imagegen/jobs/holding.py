"""At which address the server answers that holds a data folder, for programs that come second.

The server writes the address beside the lock while it holds it. What a killed server left behind is found
out by the lock: whoever can take that need not look here.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

_NAME = ".address"


@asynccontextmanager
async def announced(folder: Path, address: str) -> AsyncIterator[None]:
    """Write the address down while the block runs. A disk that is full is no reason not to serve."""
    path = folder / _NAME
    with suppress(OSError):
        await asyncio.to_thread(path.write_text, f"{address}\n", encoding="utf-8")
    try:
        yield
    finally:
        with suppress(OSError):
            await asyncio.to_thread(path.unlink)


def address_of_holder(folder: Path) -> str | None:
    """What the last server wrote down: `http://127.0.0.1:7860`. None where there is nothing to read."""
    try:
        address = (folder / _NAME).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return address if address.startswith("http://") else None
