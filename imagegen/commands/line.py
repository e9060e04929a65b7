"""The words of the command line, and which module carries out which."""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Sequence
from pathlib import Path

from imagegen import VERSION
from imagegen.commands.terminal import CommandFailed, complain
from imagegen.request import ASPECT_RATIOS, IMAGE_SIZES

INTERRUPTED = 130
"""The exit status of a program that Ctrl-C ended."""
GENERATE_HELP = """\
Make pictures and save them as PROMPT-SEED in a folder.

While a server uses the data folder, the job runs there; without one it runs here. The price is told first.
Ctrl-C leaves the job to be resumed by the next start."""
DEMO_HELP = """\
Fill an empty data folder with N finished sketch pictures, to try the gallery and to measure it.

The pictures share a few dozen files. One prompt in a hundred holds the word "mountain"."""
DOCTOR_HELP = """\
Check this installation: settings, data folder, database, providers, models, packages.

Each line is ok, a warning or a problem. The exit status is 1 when there is a problem. Keys are never shown."""

LIFECYCLE_HELP = """\
Tell when each model that imagegen knows was or will be retired by its vendor, and what takes its place.

The exit status is 1 when one of them goes within 30 days."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. An exit status: 0, 1 with one line on standard error, or 2 for a wrong command line."""
    options = parser().parse_args(arguments)
    command = importlib.import_module(f"imagegen.commands.{options.command}")  # each loads only what it needs
    try:
        status: int = command.run(options)
    except CommandFailed as failed:
        complain(str(failed))
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED
    return status


def parser() -> argparse.ArgumentParser:
    """All commands with their options."""
    whole = argparse.ArgumentParser(prog="python -m imagegen", description="A studio for making images.")
    whole.add_argument("--version", action="version", version=f"imagegen {VERSION}")
    commands = whole.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _generate(_command(commands, "generate", "make pictures from a prompt", GENERATE_HELP))
    demo = _command(commands, "demo", "fill an empty data folder with sketches", DEMO_HELP)
    demo.add_argument("images", metavar="N", type=_count, help="how many pictures, 1 to 1,000,000")
    _command(commands, "doctor", "check this installation", DOCTOR_HELP)
    _command(commands, "lifecycle", "tell which models are about to be retired", LIFECYCLE_HELP)
    return whole


def _generate(command: argparse.ArgumentParser) -> None:
    command.add_argument("prompt", metavar="PROMPT", help="what to make")
    command.add_argument(
        "--aspect-ratio", default="1:1", metavar="W:H", help=f"one of {', '.join(ASPECT_RATIOS)} (default 1:1)"
    )
    command.add_argument(
        "--size", default="1K", metavar="SIZE", help=f"one of {', '.join(IMAGE_SIZES)} (default 1K)"
    )
    command.add_argument("--count", default=1, type=int, metavar="N", help="how many pictures (default 1)")
    command.add_argument("--model", default="auto", metavar="ID", help="a model's id (default auto)")
    command.add_argument("--style", metavar="ID", help="a style's id, like watercolor")
    command.add_argument("--seed", type=int, metavar="N", help="the first picture's seed (default: a new one)")
    command.add_argument(
        "--reference",
        action="extend",
        nargs="+",
        default=[],
        type=Path,
        metavar="FILE",
        help="pictures to work from, 14 at most",
    )
    command.add_argument(
        "--out", default=Path(), type=Path, metavar="DIR", help="where to save the pictures (default: here)"
    )


def _command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, summary: str, description: str
) -> argparse.ArgumentParser:
    return commands.add_parser(
        name, help=summary, description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )


def _count(text: str) -> int:
    number = int(text.replace(",", "").replace("_", ""))
    if not 1 <= number <= 1_000_000:
        raise argparse.ArgumentTypeError(f"{text} is out of range; allowed: 1 to 1,000,000")
    return number
