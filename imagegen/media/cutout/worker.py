"""`python -m imagegen.media.cutout.worker`: the child process that cuts out."""

from __future__ import annotations

from pathlib import Path

from imagegen.media.cutout.models import CUTOUT_MODELS
from imagegen.media.cutout.options import CutoutFailed, CutoutOptions
from imagegen.processes.frames import Frame, Header
from imagegen.processes.serving import Service


def main() -> None:
    """Serve until stdin closes."""
    service = Service.open()
    worker = _Worker(service)
    worker.prepare()
    while True:
        worker.answer(*service.asked())


class _Worker:
    """Keeps the model that was used last: they are large, and people rarely change between them."""

    def __init__(self, service: Service) -> None:
        self._say = service.say

    def prepare(self) -> None:
        """Load what nearly every picture needs: the libraries and the bundled model."""
        from imagegen.media.cutout.networks import Networks  # noqa: PLC0415 - after the thread listens

        self._networks = Networks()
        bundled = CUTOUT_MODELS["u2netp"]
        self._networks.load(bundled, bundled.path(Path()))
        self._say({"event": "ready"})

    def answer(self, request: Header, source: bytes) -> None:
        """One picture. Whatever goes wrong with it becomes words."""
        try:
            self._say(*self._cut(request, source))
        except CutoutFailed as failed:
            self._say({"event": "failed", "reason": failed.reason, "message": str(failed)})
        except MemoryError:
            message = "The picture is too large for this computer's memory."
            self._say({"event": "failed", "reason": "too_large", "message": message})

    def _cut(self, request: Header, source: bytes) -> Frame:
        from imagegen.media.cutout.composition import cut_out, prepare_matting  # noqa: PLC0415

        path = Path(request.pop("path"))
        options = CutoutOptions(**request)
        model = CUTOUT_MODELS[options.model]
        if options.alpha_matting or not self._networks.has(model):
            self._say({"event": "preparing"})
            if options.alpha_matting:
                prepare_matting()
            network = self._networks.load(model, path)
            self._say({"event": "working"})
        else:
            network = self._networks.load(model, path)
        result = cut_out(source, network, options)
        return {"event": "done", "notice": result.notice}, result.data


if __name__ == "__main__":
    main()
