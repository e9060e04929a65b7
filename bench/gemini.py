"""The emulated Gemini of the tests as a process of its own, so that its work is nobody's else.

`python -m bench.gemini` serves on a free port and takes a JSON command a line: `{"latency": seconds}` sets what
a picture takes from now on, `{"seen": n}` asks for the requests from the n-th on, `{"answered": n}` for the times
of the answers. Prompts tell requests apart; times are `time.monotonic()`, which Linux counts alike everywhere.
"""

from __future__ import annotations

import json
import subprocess
import sys
from types import TracebackType
from typing import Any, Self

from bench.processes import ROOT
from tests.emulator.gemini import GeminiEmulator
from tests.emulator.pictures import encoded


class Gemini:
    """The other end of the process. Use as a context manager."""

    def __init__(self, *sizes: str) -> None:
        command = [sys.executable, "-m", "bench.gemini", *sizes]
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        self.url: str = self._answer()["url"]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()  # ends it
        self._process.wait(10)

    def latency(self, seconds: float) -> None:
        """How long each picture takes that is asked for from now on."""
        self._ask({"latency": seconds})

    def arrivals(self, start: int = 0) -> list[tuple[str, float]]:
        """Prompt and time of arrival of each request, in their order, from the one with that number on."""
        return [(prompt, at) for prompt, at in self._ask({"seen": start})["arrivals"]]

    def answers(self, start: int = 0) -> list[float]:
        """When each picture's answer began to leave, from the one with that number on."""
        times: list[float] = self._ask({"answered": start})["answers"]
        return times

    def _ask(self, command: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(command) + "\n")
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer


def main() -> None:
    """Serve until standard input ends."""
    for size in sys.argv[1:]:
        encoded("1:1", size, "jpeg")  # encoding takes a while and is no part of any measure
    with GeminiEmulator() as emulator:
        _tell({"url": emulator.url})
        for line in sys.stdin:
            command = json.loads(line)
            if "latency" in command:
                emulator.latency = command["latency"]
                _tell({})
            elif "answered" in command:
                _tell({"answers": [bill.at for bill in emulator.bills[command["answered"] :]]})
            else:
                seen = emulator.requests[command["seen"] :]
                _tell({"arrivals": [(received.asked.prompt, received.at) for received in seen]})


def _tell(answer: dict[str, Any]) -> None:
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
