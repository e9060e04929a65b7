"""The shelf of pictures: files named by what is in them, written whole or not at all.

    images/ab/<sha256>.<format>         originals, the provider's bytes verbatim
    thumbnails/ab/<sha256>-384.webp     made from them, can be made again
    references/ab/<sha256>.<format>     uploads, cleaned
    incoming/<attempt id>.picture       an answer's bytes that the job log does not know of yet,
    incoming/<attempt id>.json          and what the answer told: cost, usage, and the SHA-256 of those bytes

An answer goes spool → accept → forget, and each may be called again after a crash anywhere. The picture's rename
into incoming/ is the moment from which it cannot be lost. The receipt names the content before the picture leaves
for its shelf and stays until `forget`, after the log's commit: so at every moment in between the attempt id leads
to the bytes.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from imagegen.media.files import TEMPORARY_SUFFIX, Disk, StorageError, plainly
from imagegen.media.inspect import FORMATS, MEDIA_TYPES, NotAPicture, PictureFormat, inspect
from imagegen.media.references import CleanReference

__all__ = ["MediaStore", "NotAPicture", "Receipt", "StorageError", "StoredPicture"]

_SHA256 = re.compile(r"[0-9a-f]{64}")
_UUID = re.compile(r"[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}")
_PICTURE, _RECEIPT = ".picture", ".json"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What an answer told beside its picture. `usd` in micro-dollars; None is unknown. `notice` is for people."""

    usd: int | None
    model_version: str | None
    usage: dict[str, int] = field(default_factory=dict)
    notice: str | None = None


@dataclass(frozen=True, slots=True)
class StoredPicture:
    """A picture on its shelf. `width` and `height` in pixels; `bytes` is the file's length."""

    sha256: str
    format: PictureFormat
    width: int
    height: int
    bytes: int


class _Spooled(BaseModel):
    """The file beside the picture in the spool."""

    model_config = ConfigDict(frozen=True, strict=True)
    receipt: Receipt
    sha256: str


class MediaStore:
    """The pictures of one data folder. All calls block; threads may share one store.

    `durable=False` does not wait for the disk: a crash of the machine, not of the process, can then lose files.
    `checkpoint` is called with a name between steps; tests crash there.
    """

    def __init__(
        self, root: Path, *, durable: bool = True, checkpoint: Callable[[str], None] = lambda name: None
    ) -> None:
        self.root = root
        self._incoming = root / "incoming"
        self._disk = Disk(self._incoming, durable=durable)
        self._checkpoint = checkpoint
        self._just_spooled: dict[str, str] = {}
        """Attempt → SHA-256 of the bytes that this process has spooled, which need not be read again."""

    # From a provider's answer to the shelf

    def spool(self, attempt_id: str, data: bytes, receipt: Receipt) -> None:
        """Keep an answer. Once it is kept, a repeat changes nothing. Raises `StorageError`."""
        picture = self._spool_path(attempt_id, _PICTURE)
        with plainly("The picture could not be saved"):
            if picture.exists():
                return
            sha256 = hashlib.sha256(data).hexdigest()
            # Not waited for: a receipt that a power cut took reads as one that knows nothing, the bytes are kept.
            self._write_receipt(attempt_id, _Spooled(receipt=receipt, sha256=sha256), wait=False)
            self._checkpoint("spool.receipt")
            self._disk.write(picture, data)
            self._just_spooled[attempt_id] = sha256
        self._checkpoint("spool.picture")

    def spooled(self, attempt_id: str) -> Receipt | None:
        """The receipt of an answer whose bytes are on disk, spooled or shelved, until it is forgotten; else None.

        A lost or damaged receipt reads as one that knows nothing. Raises `StorageError` when the disk cannot be
        asked, for that must not pass for an answer that never came.
        """
        with plainly("The saved answers could not be read"):
            entry = self._read_receipt(attempt_id)
            here = self._spool_path(attempt_id, _PICTURE).exists() or (entry and self._find_image(entry.sha256))
        if not here:
            return None
        return entry.receipt if entry else Receipt(None, None)

    def spooled_attempts(self) -> list[str]:
        """The attempts whose answers the log may not know of. Raises `StorageError`."""
        with plainly("The saved answers could not be read"):
            names = {path.stem for path in self._spool_files() if path.suffix in (_PICTURE, _RECEIPT)}
        return sorted(name for name in names if _UUID.fullmatch(name) and self.spooled(name) is not None)

    def accept(self, attempt_id: str) -> StoredPicture:
        """Put a spooled picture on its shelf; called again, tell the same.

        Raises `NotAPicture`, which leaves the spool as it is, `StorageError`, and `LookupError` for an attempt
        without bytes.
        """
        spool = self._spool_path(attempt_id, _PICTURE)
        with plainly("The picture could not be stored"):
            entry = self._read_receipt(attempt_id)
            if not spool.exists():
                path = self._find_image(entry.sha256) if entry else None
                if entry is None or path is None:
                    raise LookupError(f"attempt {attempt_id} has no spooled picture")
                return _stored(path, entry.sha256)
            picture = _stored(spool, self._just_spooled.pop(attempt_id, "") or _sha256_of(spool))
            if entry is None or entry.sha256 != picture.sha256:
                # Lost or damaged; without it, a crash after the move would leave a picture that nobody finds
                receipt = entry.receipt if entry else Receipt(None, None)
                self._write_receipt(attempt_id, _Spooled(receipt=receipt, sha256=picture.sha256))
            self._checkpoint("accept.marked")
            self._shelve(spool, picture)
        self._checkpoint("accept.moved")
        return picture

    def forget(self, attempt_id: str) -> None:
        """The log knows the outcome: drop the receipt. Bytes that are not on their shelf yet stay, with it."""
        if not self._spool_path(attempt_id, _PICTURE).exists():
            with plainly("The receipt could not be removed"):
                self._spool_path(attempt_id, _RECEIPT).unlink(missing_ok=True)

    def discard(self, attempt_id: str) -> None:
        """Drop an answer that is no picture, receipt and all. What is on a shelf stays."""
        with plainly("The answer could not be removed"):
            self._spool_path(attempt_id, _PICTURE).unlink(missing_ok=True)
            self._spool_path(attempt_id, _RECEIPT).unlink(missing_ok=True)

    # The shelves

    def image_path(self, sha256: str, format: str) -> Path:  # noqa: A002 - the field's own word
        """Where the original stands, or would stand."""
        return self._shelf("images", sha256) / f"{sha256}.{_known(format)}"

    def thumbnail_path(self, sha256: str) -> Path:
        """Where the thumbnail of that original stands, or would stand."""
        return self._shelf("thumbnails", sha256) / f"{sha256}-384.webp"

    def reference_path(self, sha256: str, media_type: str) -> Path:
        """Where the cleaned reference stands, or would stand; `media_type` like `image/png`."""
        return self._shelf("references", sha256) / f"{sha256}.{_known(media_type.removeprefix('image/'))}"

    def put_thumbnail(self, sha256: str, data: bytes) -> None:
        """Write or replace a thumbnail. Raises `StorageError`.

        It does not wait for the disk, which would make people wait for the picture: a crash of the machine may
        leave an empty file, and the thumbnail is made again.
        """
        with plainly("The thumbnail could not be saved"):
            self._disk.write(self.thumbnail_path(sha256), data, wait=False)

    def put_reference(self, clean: CleanReference) -> None:
        """Keep a cleaned reference; the same content is kept once. Raises `StorageError`."""
        path = self.reference_path(clean.sha256, clean.media_type)
        with plainly("The reference could not be saved"):
            if not (path.exists() and path.stat().st_size == len(clean.data)):
                self._disk.write(path, clean.data)

    def remove_image(self, sha256: str, format: str) -> None:  # noqa: A002
        """Delete an original and its thumbnail for good. Raises `StorageError`."""
        with plainly("The picture could not be deleted"):
            self.thumbnail_path(sha256).unlink(missing_ok=True)
            self.image_path(sha256, format).unlink(missing_ok=True)

    # The folder

    def check_writable(self) -> None:
        """Create the folders and write a file to try. Raises `StorageError`: one line that names the folder."""
        with plainly(f"The data folder {self.root} cannot be used"):
            for name in ("incoming", "images", "thumbnails", "references"):
                self._disk.make_folder(self.root / name)
            probe = self._incoming / f"probe{TEMPORARY_SUFFIX}"
            self._disk.write(probe, b"imagegen")
            probe.unlink()

    def free_bytes(self) -> int:
        """Bytes left on the data folder's disk. Raises `StorageError`."""
        with plainly("The free space could not be read"):
            return shutil.disk_usage(self.root).free

    def sweep_temporary(self) -> int:
        """Remove what a crash left half-written, and say how many files that were.

        To be called at start, while nobody writes: it cannot tell a leftover from a file that is being written.
        """
        removed = 0
        with plainly("Leftover files could not be removed"):
            for path in self._spool_files():
                orphan = path.suffix == _RECEIPT and _UUID.fullmatch(path.stem) and self.spooled(path.stem) is None
                if orphan or path.suffix == TEMPORARY_SUFFIX:
                    path.unlink(missing_ok=True)
                    removed += 1
        return removed

    def _shelve(self, spool: Path, picture: StoredPicture) -> None:
        target = self.image_path(picture.sha256, picture.format)
        same = target.exists() and target.stat().st_size == picture.bytes and _sha256_of(target) == picture.sha256
        if same:
            spool.unlink()
        else:  # nothing there, or a damaged file, which the good one replaces
            self._disk.move(spool, target)

    def _spool_files(self) -> list[Path]:
        try:
            return list(self._incoming.iterdir())
        except FileNotFoundError:
            return []

    def _find_image(self, sha256: str) -> Path | None:
        return next((path for name in FORMATS if (path := self.image_path(sha256, name)).exists()), None)

    def _shelf(self, kind: str, sha256: str) -> Path:
        if not _SHA256.fullmatch(sha256):
            raise ValueError("not a SHA-256 in lower-case hexadecimal")
        return self.root / kind / sha256[:2]

    def _spool_path(self, attempt_id: str, suffix: str) -> Path:
        if not _UUID.fullmatch(attempt_id):
            raise ValueError("an attempt id must be a UUID in lower-case hexadecimal")
        return self._incoming / f"{attempt_id}{suffix}"

    def _write_receipt(self, attempt_id: str, entry: _Spooled, *, wait: bool = True) -> None:
        self._disk.write(self._spool_path(attempt_id, _RECEIPT), entry.model_dump_json().encode(), wait=wait)

    def _read_receipt(self, attempt_id: str) -> _Spooled | None:
        try:
            entry = _Spooled.model_validate_json(self._spool_path(attempt_id, _RECEIPT).read_bytes())
        except (FileNotFoundError, ValidationError):
            return None
        return entry if _SHA256.fullmatch(entry.sha256) else None


def _known(name: str) -> str:
    if MEDIA_TYPES.keys().isdisjoint({name}):
        raise ValueError(f"unknown picture format {name!r}; allowed: {', '.join(FORMATS)}")
    return name


def _sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _stored(path: Path, sha256: str) -> StoredPicture:
    found = inspect(path)
    return StoredPicture(sha256, found.format, found.width, found.height, path.stat().st_size)
