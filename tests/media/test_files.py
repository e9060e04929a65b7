from __future__ import annotations

import errno
import os
import resource
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from imagegen.media.files import Disk, StorageError, plainly


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "images" / "ab" / "picture.png"


def disk(tmp_path: Path, *, durable: bool = True) -> Disk:
    return Disk(tmp_path / "incoming", durable=durable)


def is_folder(descriptor: int) -> bool:
    return stat.S_ISDIR(os.fstat(descriptor).st_mode)


def files(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """The system itself refuses to let a file grow beyond `size` bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_writes_whole_and_replaces_whole(tmp_path: Path, target: Path) -> None:
    disk(tmp_path).write(target, b"one")
    disk(tmp_path).write(target, b"another")
    assert files(tmp_path) == {"images/ab/picture.png": b"another"}


def test_a_write_that_breaks_off_leaves_what_was_there(tmp_path: Path, target: Path) -> None:
    disk(tmp_path).write(target, b"old")
    with (
        largest_file(4_000),
        pytest.raises(StorageError, match="does not take a file that large") as failed,
        plainly(),
    ):
        disk(tmp_path).write(target, bytes(100_000))
    assert failed.value.errno == errno.EFBIG
    assert files(tmp_path) == {"images/ab/picture.png": b"old"}


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "The file could not be saved: the disk is full."),
        (errno.EDQUOT, "The file could not be saved: the disk quota is used up."),
        (errno.EROFS, "The file could not be saved: the folder is read-only."),
        (errno.EACCES, "The file could not be saved: the folder may not be written to."),
        (errno.EIO, "The file could not be saved: input/output error."),
    ],
)
@pytest.mark.parametrize("step", ["os.fsync", "pathlib.Path.replace", "pathlib.Path.open"])
def test_a_full_or_read_only_disk_is_told_plainly(
    tmp_path: Path, target: Path, step: str, number: int, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    folder = disk(tmp_path)
    folder.make_folder(target.parent)
    folder.make_folder(folder.temporary)
    monkeypatch.setattr(step, failing)
    with pytest.raises(StorageError) as failed, plainly():
        folder.write(target, b"data")
    monkeypatch.undo()
    assert (failed.value.errno, str(failed.value)) == (number, words)
    assert files(tmp_path) == {}


def test_a_file_where_a_folder_is_needed(tmp_path: Path, target: Path) -> None:
    (tmp_path / "images").write_bytes(b"")
    with pytest.raises(StorageError, match="a file stands where a folder is needed"), plainly():
        disk(tmp_path).write(target, b"data")


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What reaches the disk, in order: syncs of files and folders, and renames."""
    seen: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def noted_fsync(descriptor: int) -> None:
        seen.append("sync folder" if is_folder(descriptor) else "sync file")
        fsync(descriptor)

    def noted_replace(self: Path, other: Path) -> Path:
        seen.append("rename")
        return replace(self, other)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(Path, "replace", noted_replace)
    return seen


@pytest.mark.parametrize(
    ("durable", "expected"), [(True, ["sync file", "rename", "sync folder"]), (False, ["rename"])]
)
def test_the_data_is_on_disk_before_its_name_is(
    tmp_path: Path, target: Path, steps: list[str], durable: bool, expected: list[str]
) -> None:
    folder = disk(tmp_path, durable=durable)
    folder.make_folder(target.parent)
    folder.make_folder(folder.temporary)
    steps.clear()
    folder.write(target, b"data")
    assert steps == expected


def test_a_move_is_kept_in_the_new_folder(tmp_path: Path, target: Path, steps: list[str]) -> None:
    folder = disk(tmp_path)
    source = tmp_path / "incoming" / "picture"
    folder.write(source, b"data")
    folder.make_folder(target.parent)
    steps.clear()
    folder.move(source, target)
    assert steps == ["rename", "sync folder"]
    assert files(tmp_path) == {"images/ab/picture.png": b"data"}


@pytest.mark.parametrize(("number", "passes"), [(errno.EINVAL, True), (errno.EIO, False)])
def test_a_file_system_without_folder_sync_is_no_error(
    tmp_path: Path, target: Path, monkeypatch: pytest.MonkeyPatch, number: int, passes: bool
) -> None:
    fsync: Callable[[int], None] = os.fsync

    def only_files(descriptor: int) -> None:
        if is_folder(descriptor):
            raise OSError(number, os.strerror(number))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", only_files)
    if passes:
        disk(tmp_path).write(target, b"data")
        assert files(tmp_path) == {"images/ab/picture.png": b"data"}
    else:
        with pytest.raises(OSError, match="Input/output"):
            disk(tmp_path).write(target, b"data")
