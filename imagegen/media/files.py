"""Files that are whole or not there: write, move and remove, with plain words when the disk says no."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

TEMPORARY_SUFFIX = ".tmp"

_REASONS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EFBIG: "the disk does not take a file that large",
    errno.EROFS: "the folder is read-only",
    errno.EACCES: "the folder may not be written to",
    errno.EPERM: "the folder may not be written to",
    errno.ENOTDIR: "a file stands where a folder is needed",
    errno.EEXIST: "a file stands where a folder is needed",
}


class StorageError(Exception):
    """The disk did not do what was asked. `errno` is the system's number for why, as in the module `errno`."""

    def __init__(self, message: str, number: int | None) -> None:
        super().__init__(message)
        self.errno = number


@contextmanager
def plainly(failed: str = "The file could not be saved") -> Iterator[None]:
    """Turns the system's errors inside the block into `StorageError`s that begin with `failed`."""
    try:
        yield
    except OSError as error:
        reason = _REASONS.get(error.errno or 0) or (error.strerror or "unknown error").lower()
        raise StorageError(f"{failed}: {reason}.", error.errno) from error


class Disk:
    """Writes for one data folder. `durable` waits until the disk holds what was written, folders included.

    Everything is first written in `temporary`, which lies on the same file system as all targets; one folder for
    all leftovers makes looking for them cheap however many pictures there are.
    """

    def __init__(self, temporary: Path, *, durable: bool) -> None:
        self.temporary = temporary
        self.durable = durable

    def write(self, target: Path, data: bytes, *, wait: bool = True) -> None:
        """`target` holds all of `data` or is as it was. Raises `OSError` and then leaves nothing behind.

        `wait=False` does not wait for the disk: a crash of the machine may leave the file empty or missing.
        """
        self.make_folder(self.temporary)
        self.make_folder(target.parent)
        temporary = self.temporary / f"{secrets.token_hex(8)}{TEMPORARY_SUFFIX}"
        try:
            with temporary.open("xb") as file:
                file.write(data)
                file.flush()
                if self.durable and wait:
                    os.fsync(file.fileno())
            temporary.replace(target)
        except BaseException:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise
        if wait:
            self._sync_folder(target.parent)

    def move(self, source: Path, target: Path) -> None:
        """Rename over whatever stands at `target`, in one step. Raises `OSError`.

        The old name may come back after a crash of the machine; whoever moves can tell that it is done.
        """
        self.make_folder(target.parent)
        source.replace(target)
        self._sync_folder(target.parent)

    def make_folder(self, folder: Path) -> None:
        """The folder and those above it, each kept as well as a file. Raises `OSError`."""
        if folder.is_dir():
            return
        if folder.parent != folder:
            self.make_folder(folder.parent)
        try:
            folder.mkdir()
        except FileExistsError:
            if not folder.is_dir():
                raise
        self._sync_folder(folder.parent)

    def _sync_folder(self, folder: Path) -> None:
        if not self.durable or os.name != "posix":  # Windows has no such call; its renames are journalled
            return
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        except OSError as error:
            if error.errno != errno.EINVAL:  # some network file systems do not know it for folders
                raise
        finally:
            os.close(descriptor)
