"""What commands tell: results on standard output, failures as one line on standard error."""

from __future__ import annotations

import sys


class CommandFailed(Exception):  # noqa: N818 - named for what happened
    """The command cannot do what it was asked; the message is the one line that people see."""


def say(line: str) -> None:
    """One line of the result, at once, also into a pipe."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def complain(line: str) -> None:
    """One line of what went wrong."""
    sys.stderr.write(f"imagegen: {line}\n")
    sys.stderr.flush()


class Progress:
    """A line that is written over while something goes on; in a pipe it is left out."""

    def __init__(self) -> None:
        self._shown = ""

    def show(self, line: str) -> None:
        """Put the line in place of the one before."""
        if line != self._shown and sys.stderr.isatty():
            sys.stderr.write(f"\r\x1b[K{line}")
            sys.stderr.flush()
            self._shown = line

    def clear(self) -> None:
        """Leave an empty line."""
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._shown = ""
