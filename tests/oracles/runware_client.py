"""Runware's own client, told on standard input what to ask for; what it saw is written out."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from runware import Runware
from runware.errors import RunwareError, derive_code


async def main() -> None:
    """Run one task after the other, and put codes into the client's categories."""
    told = json.load(sys.stdin)
    seen: list[dict[str, Any]] = []
    for key, task in told["tasks"]:
        # Its own retries would post a task again that may have been billed.
        client = Runware(api_key=key, transport="rest", http_base_url=told["url"], max_retries=0)
        try:
            seen.append({"results": await client.run(task)})
        except RunwareError as error:
            seen.append({"error": error.code, "status": error.status_code, "task": error.task_uuid})
        finally:
            await client.close()
    categories = {code: derive_code(code) for code in told["codes"]}
    sys.stdout.write(json.dumps({"seen": seen, "categories": categories}))


asyncio.run(main())
