from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imagegen.media.references import clean_reference
from imagegen.media.store import MediaStore, NotAPicture, Receipt, StorageError, StoredPicture
from tests.media.pictures import encoded, quarters

ATTEMPT = "0192f0c8-7a51-7c3e-8000-000000000001"
OTHER = "0192f0c8-7a51-7c3e-8000-000000000002"
RECEIPT = Receipt(134_000, "gemini-3-pro-image", {"input_tokens": 12, "output_image_tokens": 1120})
PNG = encoded(quarters(), "png")
SHA256 = hashlib.sha256(PNG).hexdigest()
STORED = StoredPicture(SHA256, "png", 96, 64, len(PNG))
SHELF = f"images/{SHA256[:2]}/{SHA256}.png"
CHECKPOINTS = ("spool.receipt", "spool.picture", "accept.marked", "accept.moved")


class Killed(BaseException):
    """The process ends here."""


@pytest.fixture
def store(tmp_path: Path) -> MediaStore:
    return MediaStore(tmp_path, durable=False)


def files(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_from_answer_to_shelf(store: MediaStore) -> None:
    store.spool(ATTEMPT, PNG, RECEIPT)
    assert store.spooled(ATTEMPT) == RECEIPT
    assert store.spooled_attempts() == [ATTEMPT]

    picture = store.accept(ATTEMPT)
    assert picture == STORED
    assert store.image_path(picture.sha256, picture.format).read_bytes() == PNG

    store.forget(ATTEMPT)
    assert store.spooled(ATTEMPT) is None
    assert store.spooled_attempts() == []
    assert files(store.root) == {SHELF: PNG}


@pytest.mark.parametrize("picture_format", ["png", "jpeg", "webp"])
def test_every_format_is_kept_verbatim(store: MediaStore, picture_format: str) -> None:
    data = encoded(quarters(), picture_format) + b"signature"
    store.spool(ATTEMPT, data, RECEIPT)
    picture = store.accept(ATTEMPT)
    assert (picture.format, picture.width, picture.height, picture.bytes) == (picture_format, 96, 64, len(data))
    assert store.image_path(picture.sha256, picture.format).read_bytes() == data


def test_an_attempt_stays_known_until_it_is_forgotten(store: MediaStore) -> None:
    """A crash between the shelf and the log's commit must not lose which picture it was."""
    store.spool(ATTEMPT, PNG, RECEIPT)
    store.accept(ATTEMPT)
    fresh = MediaStore(store.root)
    assert fresh.spooled(ATTEMPT) == RECEIPT
    assert fresh.spooled_attempts() == [ATTEMPT]
    assert fresh.accept(ATTEMPT) == STORED


def test_a_kept_answer_is_not_replaced(store: MediaStore) -> None:
    store.spool(ATTEMPT, PNG, RECEIPT)
    store.spool(ATTEMPT, b"something else", Receipt(None, None))
    assert store.spooled(ATTEMPT) == RECEIPT
    assert store.accept(ATTEMPT) == STORED


def test_equal_pictures_share_one_file(store: MediaStore) -> None:
    for attempt in (ATTEMPT, OTHER):
        store.spool(attempt, PNG, RECEIPT)
        assert store.accept(attempt) == STORED
    store.forget(ATTEMPT)
    assert store.accept(OTHER) == STORED
    store.forget(OTHER)
    assert files(store.root) == {SHELF: PNG}


@pytest.mark.parametrize("damaged", [b"", PNG[:-1], PNG[:-1] + b"\x00"])
def test_a_damaged_file_on_the_shelf_is_replaced_by_a_whole_one(store: MediaStore, damaged: bytes) -> None:
    shelf = store.image_path(SHA256, "png")
    shelf.parent.mkdir(parents=True)
    shelf.write_bytes(damaged)
    store.spool(ATTEMPT, PNG, RECEIPT)
    assert store.accept(ATTEMPT) == STORED
    assert shelf.read_bytes() == PNG


@pytest.mark.parametrize("damage", [None, b"", b"{", b'{"receipt": 1}', b'{"receipt":{"usd":"1"},"sha256":"x"}'])
def test_a_lost_receipt_costs_no_picture(store: MediaStore, damage: bytes | None) -> None:
    store.spool(ATTEMPT, PNG, RECEIPT)
    path = store.root / "incoming" / f"{ATTEMPT}.json"
    path.unlink() if damage is None else path.write_bytes(damage)
    assert store.spooled(ATTEMPT) == Receipt(None, None, {})
    assert store.spooled_attempts() == [ATTEMPT]
    assert store.accept(ATTEMPT) == STORED
    assert store.accept(ATTEMPT) == STORED


def test_a_receipt_that_names_other_bytes_is_put_right_before_the_move(store: MediaStore) -> None:
    store.spool(ATTEMPT, PNG, RECEIPT)
    path = store.root / "incoming" / f"{ATTEMPT}.json"
    path.write_bytes(path.read_bytes().replace(SHA256.encode(), b"0" * 64))
    assert store.accept(ATTEMPT) == STORED
    assert store.spooled(ATTEMPT) == RECEIPT
    assert store.accept(ATTEMPT) == STORED


def test_what_is_no_picture_stays_until_it_is_discarded(store: MediaStore) -> None:
    store.spool(ATTEMPT, b"<html>502</html>", RECEIPT)
    for _ in range(2):
        with pytest.raises(NotAPicture, match="HTML is not accepted"):
            store.accept(ATTEMPT)
    store.forget(ATTEMPT)
    assert store.spooled(ATTEMPT) == RECEIPT
    store.discard(ATTEMPT)
    store.discard(ATTEMPT)
    assert store.spooled(ATTEMPT) is None
    assert files(store.root) == {}


def test_discarding_leaves_the_shelf_alone(store: MediaStore) -> None:
    store.spool(ATTEMPT, PNG, RECEIPT)
    store.accept(ATTEMPT)
    store.discard(ATTEMPT)
    assert files(store.root) == {SHELF: PNG}


def test_an_attempt_without_bytes(store: MediaStore) -> None:
    assert store.spooled(ATTEMPT) is None
    assert store.spooled_attempts() == []
    with pytest.raises(LookupError, match=ATTEMPT):
        store.accept(ATTEMPT)


@pytest.mark.parametrize(
    "attempt_id", ["", "..", "../../etc/passwd", f"{ATTEMPT}/x", f"{ATTEMPT}\n", ATTEMPT.upper()]
)
def test_attempt_ids_are_uuids(store: MediaStore, attempt_id: str) -> None:
    calls: tuple[Callable[[], object], ...] = (
        lambda: store.spool(attempt_id, PNG, RECEIPT),
        lambda: store.spooled(attempt_id),
        lambda: store.accept(attempt_id),
        lambda: store.forget(attempt_id),
        lambda: store.discard(attempt_id),
    )
    for call in calls:
        with pytest.raises(ValueError, match="UUID"):
            call()
    assert files(store.root) == {}


def test_paths_take_hashes_and_known_formats_only(store: MediaStore) -> None:
    for sha256 in ("", "ab", "../" * 22, "AB" * 32, "zz" * 32):
        with pytest.raises(ValueError, match="SHA-256"):
            store.image_path(sha256, "png")
        with pytest.raises(ValueError, match="SHA-256"):
            store.thumbnail_path(sha256)
    for name in ("svg", "../x", "image/svg+xml"):
        with pytest.raises(ValueError, match="allowed: png, jpeg, webp"):
            store.image_path(SHA256, name)
        with pytest.raises(ValueError, match="allowed: png, jpeg, webp"):
            store.reference_path(SHA256, name)


def test_removing_an_image_removes_its_thumbnail(store: MediaStore) -> None:
    store.spool(ATTEMPT, PNG, RECEIPT)
    store.accept(ATTEMPT)
    store.forget(ATTEMPT)
    store.put_thumbnail(SHA256, b"thumbnail")
    assert files(store.root) == {SHELF: PNG, f"thumbnails/{SHA256[:2]}/{SHA256}-384.webp": b"thumbnail"}
    store.remove_image(SHA256, "png")
    store.remove_image(SHA256, "png")
    assert files(store.root) == {}


def test_a_reference_is_kept_once_by_its_content(store: MediaStore) -> None:
    clean = clean_reference(PNG)
    path = store.reference_path(clean.sha256, clean.media_type)
    assert path.relative_to(store.root).as_posix() == f"references/{clean.sha256[:2]}/{clean.sha256}.png"
    store.put_reference(clean)
    first = path.stat()
    store.put_reference(clean)
    assert path.stat().st_ino == first.st_ino
    path.write_bytes(b"cut")
    store.put_reference(clean)
    assert path.read_bytes() == clean.data


# Crashes


def one_life(root: Path, checkpoint: Callable[[str], None]) -> None:
    """What the worker does with an answer: from wherever the last life left it, to the end."""
    store = MediaStore(root, durable=False, checkpoint=checkpoint)
    if store.spooled(ATTEMPT) is None:
        store.spool(ATTEMPT, PNG, RECEIPT)
    assert store.accept(ATTEMPT) == STORED
    store.forget(ATTEMPT)


@given(st.lists(st.sampled_from(CHECKPOINTS), max_size=6), st.booleans())
@settings(deadline=None)
def test_a_crash_at_any_checkpoint_loses_nothing(crashes: list[str], shelved_before: bool) -> None:
    with TemporaryDirectory() as folder:
        root = Path(folder)
        if shelved_before:
            store = MediaStore(root, durable=False)
            store.spool(OTHER, PNG, RECEIPT)
            store.accept(OTHER)
            store.forget(OTHER)
        kept = False
        for crash in crashes:
            passed: list[str] = []

            def checkpoint(name: str, crash: str = crash, passed: list[str] = passed) -> None:
                passed.append(name)
                if name == crash:
                    raise Killed

            try:
                one_life(root, checkpoint)
            except Killed:
                kept = kept or "spool.picture" in passed
                reborn = MediaStore(root)
                here = kept or (root / SHELF).exists()  # equal bytes of an earlier life are as good
                assert reborn.spooled(ATTEMPT) == (RECEIPT if here else None)
                assert reborn.spooled_attempts() == ([ATTEMPT] if here else [])
            else:
                kept = False
        one_life(root, lambda name: None)
        assert files(root) == {SHELF: PNG}


def test_a_kill_before_any_step_on_disk_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stronger than the checkpoints: the process ends before the nth rename, removal or sync, for every n."""
    steps = {(Path, "replace"), (Path, "unlink"), (os, "fsync")}
    originals = [(owner, name, getattr(owner, name)) for owner, name in steps]
    left = -1

    def counted(original: Callable[..., Any]) -> Callable[..., Any]:
        def step(*args: Any, **options: Any) -> Any:
            nonlocal left
            if left == 0:  # once killed, nothing more reaches the disk, cleaning up included
                raise Killed
            left -= 1
            return original(*args, **options)

        return step

    for lived in range(100):
        root = tmp_path / str(lived)
        with monkeypatch.context() as patched:
            for owner, name, original in originals:
                patched.setattr(owner, name, counted(original))
            left, finished, kept = lived, False, False
            store = MediaStore(root)
            try:
                store.spool(ATTEMPT, PNG, RECEIPT)
                kept = True
                store.accept(ATTEMPT)
                store.forget(ATTEMPT)
                finished = True
            except Killed:
                pass
        reborn = MediaStore(root)
        if finished:
            assert files(root) == {SHELF: PNG}
            assert lived > 10
            return
        assert reborn.spooled(ATTEMPT) in ((RECEIPT,) if kept else (RECEIPT, None))
        reborn.sweep_temporary()
        one_life(root, lambda name: None)
        assert files(root) == {SHELF: PNG}, f"killed before step {lived}"
    pytest.fail("the life never ended")


def test_leftovers_of_a_crash_are_swept_and_nothing_else(store: MediaStore) -> None:
    store.check_writable()
    store.spool(ATTEMPT, PNG, RECEIPT)
    before = files(store.root)
    incoming = store.root / "incoming"
    (incoming / "0123456789abcdef.tmp").write_bytes(PNG[:50])
    (incoming / f"{OTHER}.json").write_bytes(
        (incoming / f"{ATTEMPT}.json").read_bytes().replace(SHA256.encode(), b"0" * 64)
    )
    (incoming / "notes.json").write_bytes(b"of a person")
    assert store.sweep_temporary() == 2
    assert store.sweep_temporary() == 0
    assert files(store.root) == {**before, "incoming/notes.json": b"of a person"}
    assert MediaStore(store.root / "new").sweep_temporary() == 0


# Disks that say no


def failing(number: int) -> Callable[..., None]:
    def fail(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    return fail


def test_a_full_disk_leaves_nothing_half_stored(store: MediaStore, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", failing(28))
        with pytest.raises(StorageError) as failed:
            store.spool(ATTEMPT, PNG, RECEIPT)
    assert (failed.value.errno, str(failed.value)) == (28, "The picture could not be saved: the disk is full.")
    assert files(store.root) == {}
    assert store.spooled(ATTEMPT) is None


def test_a_shelf_that_fails_leaves_the_spool(store: MediaStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.spool(ATTEMPT, PNG, RECEIPT)
    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", failing(30))
        with pytest.raises(StorageError, match=r"^The picture could not be stored: the folder is read-only\.$"):
            store.accept(ATTEMPT)
    assert store.spooled(ATTEMPT) == RECEIPT
    assert store.accept(ATTEMPT) == STORED


@pytest.mark.parametrize("call", ["spooled", "accept"])
def test_a_disk_that_cannot_be_read_is_not_an_answer_that_never_came(
    store: MediaStore, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    store.spool(ATTEMPT, PNG, RECEIPT)
    store.accept(ATTEMPT)
    with monkeypatch.context() as patched:
        patched.setattr(Path, "read_bytes", failing(24))
        with pytest.raises(StorageError, match="too many open files"):
            getattr(store, call)(ATTEMPT)
    assert store.accept(ATTEMPT) == STORED


def test_the_data_folder_is_made_and_tried(tmp_path: Path) -> None:
    store = MediaStore(tmp_path / "new" / "data")
    store.check_writable()
    store.check_writable()
    assert sorted(path.name for path in store.root.iterdir()) == ["images", "incoming", "references", "thumbnails"]
    assert files(store.root) == {}
    assert store.free_bytes() > 0


def test_a_data_folder_that_cannot_be_used_is_named_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_bytes(b"")
    blocked = tmp_path / "file" / "data"
    with pytest.raises(StorageError) as failed:
        MediaStore(blocked).check_writable()
    assert (
        str(failed.value) == f"The data folder {blocked} cannot be used: a file stands where a folder is needed."
    )

    store = MediaStore(tmp_path / "data")
    store.check_writable()
    monkeypatch.setattr(Path, "open", failing(30))
    with pytest.raises(StorageError) as failed:
        store.check_writable()
    assert str(failed.value) == f"The data folder {store.root} cannot be used: the folder is read-only."
