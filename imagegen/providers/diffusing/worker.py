"""`python -m imagegen.providers.diffusing.worker`: the child process that makes pictures, one at a time.

A request names the model, and holds the reference as its body where there is one. It is answered with `loading`
where the model is not loaded yet, `working`, a `step` after each step with `done` from 0 to 1 and an early state
as its body or none, and at last `done` with the picture, or `failed` with a `trouble`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagegen.processes.frames import Header
from imagegen.processes.serving import Service
from imagegen.providers.diffusing.trouble import DiffusingFailed

if TYPE_CHECKING:
    from imagegen.providers.diffusing.pipelines import Pipelines


def main() -> None:
    """Serve until stdin closes."""
    service = Service.open()
    worker = _Worker(service)
    while True:
        worker.answer(*service.asked())


class _Worker:
    """Keeps the model: it takes long to load, and a server has one."""

    def __init__(self, service: Service) -> None:
        self._say = service.say
        self._pipelines: Pipelines | None = None

    def answer(self, request: Header, reference: bytes) -> None:
        """One picture. Whatever goes wrong with it becomes a word."""
        try:
            self._say({"event": "done"}, self._made(request, reference))
        except DiffusingFailed as failed:
            self._say({"event": "failed", "trouble": failed.trouble})

    def _made(self, request: Header, reference: bytes) -> bytes:
        model = request.pop("model")
        if self._pipelines is None:
            self._say({"event": "loading"})
            self._pipelines = _loaded(model)
        self._say({"event": "working"})
        from imagegen.providers.diffusing.pictures import Order, made  # noqa: PLC0415 - brings torch with it

        return made(
            self._pipelines,
            Order(**request),
            reference,
            lambda done, preview: self._say({"event": "step", "done": done}, preview),
        )


def _loaded(model: str) -> Pipelines:
    try:
        from imagegen.providers.diffusing.pipelines import Pipelines  # noqa: PLC0415 - brings torch with it
    except (
        ImportError,
        OSError,
        RuntimeError,
    ):  # a library that torch needs may be missing, or of another version
        raise DiffusingFailed("packages") from None
    return Pipelines(model)


if __name__ == "__main__":
    main()
