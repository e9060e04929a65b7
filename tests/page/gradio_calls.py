"""Calls a studio's endpoints with Gradio's own client: `python -m tests.page.gradio_calls URL`, calls on stdin.

The calls are JSON lines `[endpoint, [positional], {named}]`, answered by `{"result"}` or `{"error", "kind"}`.
The client leaves threads and sockets behind; the tests' own process stays clean.
"""

from __future__ import annotations

import json
import os
import sys

os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"

from gradio_client import Client  # type: ignore[import-untyped]

if __name__ == "__main__":
    client = Client(sys.argv[1], verbose=False, analytics_enabled=False, download_files=False)
    for line in sys.stdin:
        endpoint, positional, named = json.loads(line)
        try:
            told = {"result": client.predict(*positional, api_name=endpoint, **named)}
        except Exception as error:  # noqa: BLE001 - what a person's script would see
            told = {"error": str(error), "kind": type(error).__name__}
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()
    client.close()
