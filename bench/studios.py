"""imagegen and the plain app as the measurements see them: servers that are asked for pictures and make files."""

from __future__ import annotations

import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar

from bench.gemini import Gemini
from bench.loopback import Connection
from bench.processes import Program, free_port

FINISH_LIMIT = 600.0
_PNG_END = b"IEND\xae\x42\x60\x82"
_numbers = count(1)


class NotFinished(Exception):  # noqa: N818 - named for what happened
    """The pictures did not all come within `FINISH_LIMIT`."""


def new_prompt() -> str:
    """A prompt that no other request of this run has."""
    return f"A lighthouse in the fog at dawn, study {next(_numbers)}"


@dataclass
class Studio(ABC):
    """One of the two servers, with its own folder; started by `running`."""

    folder: Path
    gemini_url: str
    concurrency: int = 8
    port: int = field(default_factory=free_port)

    command: ClassVar[tuple[str, ...]]
    first_path: ClassVar[str]

    def start(self) -> Program:
        """Begin the process; nothing is waited for."""
        return Program(
            [sys.executable, *self.command],
            self.environment | {"GEMINI_API_KEY": "emulated", "GOOGLE_GEMINI_BASE_URL": self.gemini_url},
            port=self.port,
            log=self.folder / "server.log",
        )

    @property
    @abstractmethod
    def environment(self) -> dict[str, str]:
        """The settings of the process."""

    @abstractmethod
    def submit(self, connection: Connection, prompt: str, size: str, images: int) -> None:
        """Ask for pictures; returns when the server has accepted that."""

    @abstractmethod
    def finished(self) -> int:
        """How many pictures stand whole in its folder. Asks the disk, which costs the server nothing."""


class Imagegen(Studio):
    """`python app.py`."""

    command = ("app.py",)
    first_path = "/healthz"

    @property
    def environment(self) -> dict[str, str]:
        return {
            "IMAGEGEN_PORT": str(self.port),
            "IMAGEGEN_DATA_DIR": str(self.folder / "data"),
            "IMAGEGEN_PROVIDERS": "gemini",
            "IMAGEGEN_WORKER_CONCURRENCY": str(self.concurrency),
        }

    def submit(self, connection: Connection, prompt: str, size: str, images: int) -> None:
        how_many = {"count": 1} if images == 1 else {"mode": "batch", "total_images": images}
        connection.post("/api/generate", {"prompt": prompt, "image_size": size, **how_many})

    def finished(self) -> int:
        return sum(len(list(shelf.iterdir())) for shelf in (self.folder / "data" / "images").iterdir())


@dataclass
class PlainApp(Studio):
    """`python bench/plain_app.py`. A picture counts when its file is whole; its page shows it up to 1 s later."""

    command: ClassVar = ("bench/plain_app.py",)
    first_path: ClassVar = "/"
    _whole: set[str] = field(default_factory=set, init=False)

    @property
    def environment(self) -> dict[str, str]:
        return {
            "OUTPUT_DIR": str(self.folder / "outputs"),
            "GRADIO_SERVER_PORT": str(self.port),
            "GRADIO_ANALYTICS_ENABLED": "False",
            "GRADIO_TEMP_DIR": str(self.folder / "gradio"),
            "HF_HUB_OFFLINE": "1",
        }

    def submit(self, connection: Connection, prompt: str, size: str, images: int) -> None:
        connection.post("/gradio_api/call/generate", {"data": [prompt, size, images]})

    def finished(self) -> int:
        for path in (self.folder / "outputs").iterdir():
            if path.name not in self._whole and _ends_with(path, _PNG_END):
                self._whole.add(path.name)
        return len(self._whole)


@dataclass
class Running:
    """A studio that answers."""

    studio: Studio
    program: Program
    connection: Connection

    def submit(self, size: str, images: int) -> str:
        """Ask for pictures; returns the prompt that names them."""
        prompt = new_prompt()
        self.studio.submit(self.connection, prompt, size, images)
        return prompt

    def make(self, size: str, images: int) -> float:
        """Ask for pictures and wait for all of them; the seconds that took."""
        before, begun = self.studio.finished(), time.monotonic()
        self.submit(size, images)
        self.wait_for(before + images)
        return time.monotonic() - begun

    def wait_for(self, total: int) -> None:
        """Wait until that many pictures have ever been made. Raises `NotFinished`."""
        end = time.monotonic() + FINISH_LIMIT
        while (missing := total - self.studio.finished()) > 0:
            if time.monotonic() > end:
                raise NotFinished(f"{type(self.studio).__name__}: {missing} of {total} pictures are missing")
            time.sleep(0.02 if missing < 16 else 0.1)

    def cpu_of(self, size: str, images: int, *, at_a_time: int | None = None) -> float:
        """CPU seconds per picture for that many pictures, asked for in jobs of `at_a_time` or as one job."""
        before = self.program.cpu_seconds()
        step = at_a_time or images
        for _ in range(0, images, step):
            self.make(size, step)
        time.sleep(0.3)  # what follows the last picture belongs to it
        return (self.program.cpu_seconds() - before) / images


@contextmanager
def running(kind: type[Studio], gemini: Gemini, *, concurrency: int = 8) -> Iterator[Running]:
    """A studio in a folder of its own, its page loaded and all imports done; the folder is removed afterwards."""
    with TemporaryDirectory(prefix="imagegen-bench-") as folder:
        studio = kind(Path(folder), gemini.url, concurrency)
        with studio.start() as program, Connection(program.port) as connection:
            program.first_answer("/")
            program.settle()
            yield Running(studio, program, connection)


def _ends_with(path: Path, end: bytes) -> bool:
    with path.open("rb") as file:
        if file.seek(0, 2) < len(end):
            return False
        file.seek(-len(end), 2)
        return file.read() == end
