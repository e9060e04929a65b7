"""Carrying out a cut-out: the source's bytes go to the background remover, its answer is stored as any picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, Protocol

from sqlmodel import Session, col, select

from imagegen.catalogue.records import MicroUsd
from imagegen.jobs.cutouts import CutoutRequest
from imagegen.jobs.tables import Image, Reference
from imagegen.media.cutout import CutoutFailed, CutoutModelState, CutoutOptions, CutoutResult
from imagegen.media.store import MediaStore
from imagegen.providers.base import ErrorKind, Picture, ProviderError

GONE = "The picture is gone, so nothing was cut out."


class BackgroundRemover(Protocol):
    """What is needed of `imagegen.media.cutout.Cutter`."""

    async def cut(self, source: bytes, options: CutoutOptions) -> CutoutResult:
        """The picture without its background. Raises `CutoutFailed`."""

    def models(self) -> Sequence[CutoutModelState]:
        """The models it could cut with."""

    def state(self) -> Literal["cold", "preparing", "ready"]:
        """Whether a cut-out would begin at once."""

    async def download(self, model_id: str) -> None:
        """Fetch a model's weights; how far it is, and why it failed, is told by `models`."""

    async def aclose(self) -> None:
        """End its process."""


def source_path(session: Session, store: MediaStore, request: CutoutRequest, owner: str) -> Path:
    """Where the picture to cut out lies. Raises `ProviderError` when it is gone."""
    if request.is_reference:
        reference = session.execute(
            select(Reference).where(col(Reference.id) == request.cutout_of, col(Reference.owner) == owner)
        ).scalar_one_or_none()
        if reference is not None:
            return store.reference_path(reference.sha256, reference.media_type)
    else:
        image = session.execute(
            select(Image).where(col(Image.id) == request.cutout_of, col(Image.owner) == owner)
        ).scalar_one_or_none()
        if image is not None:
            return store.image_path(image.sha256, image.format)
    raise ProviderError(ErrorKind.BAD_REQUEST, GONE)


def source_bytes(path: Path) -> bytes:
    """Blocks. Raises `ProviderError` when the file is gone."""
    try:
        return path.read_bytes()
    except OSError:
        raise ProviderError(ErrorKind.BAD_REQUEST, GONE) from None


async def cut(remover: BackgroundRemover, source: bytes, options: CutoutOptions) -> Picture:
    """The cut-out as a picture that cost nothing. Raises `ProviderError`."""
    try:
        result = await remover.cut(source, options)
    except CutoutFailed as failed:
        again = failed.reason == "closed"  # the server stops; the next start goes on
        raise ProviderError(ErrorKind.CONNECTION_FAILED if again else ErrorKind.NO_IMAGE, str(failed)) from None
    return Picture(result.data, MicroUsd(0), model_version=options.model, notice=result.notice)
