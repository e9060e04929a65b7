"""Bringing the database to the schema of this version: copied first, checked after, never backwards."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

HEAD = "2026_11_21_v5_successors"
"""The newest migration. Known here so that a start with nothing to do need not load Alembic (0.4 s)."""
MIGRATIONS = Path(__file__).with_name("migrations")


class MigrationRefused(Exception):  # noqa: N818 - named for what happened
    """The database cannot be brought to this version's schema; it was left as it was."""


def migrate(path: Path) -> Path | None:
    """Create or upgrade the database file; returns the copy that was made of an older one, if any.

    Raises `MigrationRefused` for a database of a newer version, or one that is damaged.
    """
    current = revision_of(path)
    if current == HEAD:
        return None
    if current is not None and current not in _known_revisions():
        raise MigrationRefused(
            f"the database {path} was written by a newer imagegen (schema {current}, this one knows {HEAD}); "
            "install that version again, or restore a copy from the folder 'backups'"
        )
    copy = _back_up(path, current) if current is not None else None
    _upgrade(path)
    return copy


def revision_of(path: Path) -> str | None:
    """The schema that the file has; None for a new or an empty file. Raises `MigrationRefused` for no database."""
    if not path.exists():
        return None
    try:
        with closing(sqlite3.connect(path)) as connection:
            tables = {
                name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            }
            if "alembic_version" not in tables:
                if tables:
                    raise MigrationRefused(f"{path} is a database, but not one of imagegen's")
                return None
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            return None if row is None else str(row[0])
    except sqlite3.DatabaseError as error:
        raise MigrationRefused(f"the database {path} cannot be read: {error}") from None


def _known_revisions() -> set[str]:
    return {script.stem for script in (MIGRATIONS / "versions").glob("*.py")}


def _back_up(path: Path, revision: str) -> Path:
    """A copy by SQLite's own backup, which sees a consistent state also with a write-ahead log beside it."""
    folder = path.parent / "backups"
    folder.mkdir(exist_ok=True)
    number = sum(1 for _ in folder.glob(f"{path.stem}-{revision}-*")) + 1
    copy = folder / f"{path.stem}-{revision}-{number}{path.suffix}"
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    return copy


def _upgrade(path: Path) -> None:
    from alembic import command  # noqa: PLC0415 - heavy, and needed once per version
    from alembic.config import Config  # noqa: PLC0415

    from imagegen.jobs.database import connect_to  # noqa: PLC0415

    # Foreign keys are off: a batch alter drops and renames the table, and would cascade its children away.
    engine = connect_to(path, foreign_keys=False)
    try:
        with engine.begin() as connection:
            config = Config(MIGRATIONS / "alembic.ini")
            config.attributes["connection"] = connection
            command.upgrade(config, HEAD)
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
            sound = connection.exec_driver_sql("PRAGMA integrity_check").scalar_one()
            if broken or sound != "ok":
                raise MigrationRefused(f"the database {path} is damaged; it was left as it was")
    finally:
        engine.dispose()
