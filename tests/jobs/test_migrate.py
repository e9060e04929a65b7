"""Bringing a database to this version's schema: copied first, checked after, never backwards."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlmodel import SQLModel

from imagegen.jobs import migrate
from imagegen.jobs.database import connect_to
from imagegen.jobs.migrate import MigrationRefused
from tests.jobs.joblog import blank_file, one_of_everything, opened

BASE = migrate.HEAD
LATER = "2099_01_01_wider"
WIDER = f'''
import sqlalchemy as sa
from alembic import op

revision = "{LATER}"
down_revision = "{BASE}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # SQLAlchemy cannot reflect an index over an expression, so a batch alter would lose it without a word.
    op.drop_index("ix_task_waiting", "task")
    with op.batch_alter_table("job") as job:
        job.add_column(sa.Column("note", sa.String(), nullable=False, server_default="none"))
        job.alter_column("title", existing_type=sa.String(), nullable=True)
    with op.batch_alter_table("task") as task:
        task.add_column(sa.Column("note", sa.String(), nullable=True))
        task.alter_column("seed", existing_type=sa.Integer(), type_=sa.BigInteger())
    op.create_index(
        "ix_task_waiting",
        "task",
        ["provider", sa.text("priority DESC"), "id"],
        sqlite_where=sa.text("state IN ('pending', 'retrying')"),
    )
'''
Rows = dict[str, list[dict[str, object]]]


def contents(path: Path) -> Rows:
    """Every row of every table, by column."""
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        return {
            table.name: [dict(row) for row in connection.execute(f'SELECT * FROM "{table.name}"')]
            for table in SQLModel.metadata.sorted_tables
        }


def schema(path: Path) -> dict[str, str]:
    """The statement that made each table and index."""
    with closing(sqlite3.connect(path)) as connection:
        return dict(connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))


def whole_files(folder: Path) -> dict[str, bytes]:
    """The bytes of every file, save those that SQLite keeps beside an open one."""
    found = (path for path in folder.rglob("*") if path.is_file() and not path.name.endswith(("-wal", "-shm")))
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    """A log with rows in every table."""
    path = blank_file(tmp_path)
    with opened(path) as database:
        asyncio.run(database.write(one_of_everything))
    assert all(contents(path).values()), "a table without rows proves nothing"
    return path


@pytest.fixture
def later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A later version of imagegen, whose newest migration is this file."""
    folder = tmp_path / "later-version"
    shutil.copytree(migrate.MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    revision = folder / "versions" / f"{LATER}.py"
    revision.write_text(WIDER, "utf-8")
    monkeypatch.setattr(migrate, "MIGRATIONS", folder)
    monkeypatch.setattr(migrate, "HEAD", LATER)
    return revision


def test_a_new_database_is_made_whole(tmp_path: Path) -> None:
    path = tmp_path / "log.sqlite3"
    assert migrate.revision_of(path) is None
    assert migrate.migrate(path) is None
    assert migrate.revision_of(path) == migrate.HEAD
    assert list(tmp_path.glob("backups")) == []


def test_with_nothing_to_do_nothing_is_done(filled: Path) -> None:
    before = whole_files(filled.parent)
    assert migrate.migrate(filled) is None
    assert whole_files(filled.parent) == before


def test_the_newest_migration_is_the_one_that_is_named() -> None:
    assert max(script.stem for script in (migrate.MIGRATIONS / "versions").glob("*.py")) == migrate.HEAD


@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")
def test_migrations_and_tables_say_the_same(tmp_path: Path) -> None:
    path = tmp_path / "log.sqlite3"
    migrate.migrate(path)
    expression = "ix_task_waiting"

    def compared(_object: object, name: str | None, _kind: str, _reflected: bool, _other: object) -> bool:
        return name != expression and "_fts" not in (name or "")

    engine = connect_to(path)
    with engine.connect() as connection:
        options = {"include_object": compared, "compare_type": True}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, SQLModel.metadata) == []
    engine.dispose()
    tables_made = tmp_path / "tables.sqlite3"
    engine = connect_to(tables_made)
    SQLModel.metadata.create_all(engine)
    engine.dispose()
    assert schema(path)[expression] == schema(tables_made)[expression]
    by_migrations_alone = {name for name in schema(path) if "_fts" in name} | {"alembic_version"}
    assert set(schema(path)) - by_migrations_alone == set(schema(tables_made))


def test_a_filled_database_loses_nothing(filled: Path, later: Path) -> None:
    before, indexes = contents(filled), set(schema(filled))
    copy = migrate.migrate(filled)
    after = contents(filled)
    assert migrate.revision_of(filled) == LATER
    assert {row["note"] for row in after["job"]} == {"none"}
    for table in ("job", "task"):
        after[table] = [{name: value for name, value in row.items() if name != "note"} for row in after[table]]
    assert after == before
    assert set(schema(filled)) == indexes

    assert copy is not None
    assert copy.parent == filled.parent / "backups"
    assert contents(copy) == before
    assert migrate.revision_of(copy) == BASE


@pytest.mark.usefixtures("later")
def test_after_a_migration_children_still_have_their_parents(filled: Path) -> None:
    migrate.migrate(filled)
    engine = connect_to(filled)
    with engine.begin() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall() == []
        connection.exec_driver_sql("DELETE FROM job")
        for table in ("task", "attempt", "image"):
            assert connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one() == 0
    engine.dispose()


def test_each_migration_keeps_a_copy_of_its_own(filled: Path, later: Path) -> None:
    first = migrate.migrate(filled)
    assert first is not None
    before = first.read_bytes()
    with closing(sqlite3.connect(filled)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (BASE,))
    head, _, _ = WIDER.partition("def upgrade")
    later.write_text(f"{head}def upgrade() -> None:\n    pass\n", "utf-8")
    second = migrate.migrate(filled)
    assert second is not None
    assert first != second
    assert first.read_bytes() == before


@pytest.mark.parametrize("place", ["op.create_index(", 'with op.batch_alter_table("task")'])
def test_a_crash_within_a_migration_leaves_the_old_schema(filled: Path, later: Path, place: str) -> None:
    before, old = contents(filled), schema(filled)
    later.write_text(WIDER.replace(place, f"raise RuntimeError('crash')\n    {place}", 1), "utf-8")
    with pytest.raises(RuntimeError, match="crash"):
        migrate.migrate(filled)
    assert (contents(filled), schema(filled), migrate.revision_of(filled)) == (before, old, BASE)

    later.write_text(WIDER, "utf-8")
    migrate.migrate(filled)
    assert migrate.revision_of(filled) == LATER


def test_a_migration_that_loses_parents_is_taken_back(filled: Path, later: Path) -> None:
    before = contents(filled)
    later.write_text(f"{WIDER}    op.execute('DELETE FROM job')\n", "utf-8")
    with pytest.raises(MigrationRefused, match="left as it was"):
        migrate.migrate(filled)
    assert contents(filled) == before


def test_a_newer_database_is_refused_and_untouched(filled: Path) -> None:
    with closing(sqlite3.connect(filled)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '2098_12_31_future'")
    before = whole_files(filled.parent)
    with pytest.raises(MigrationRefused, match=r"newer imagegen \(schema 2098_12_31_future") as refused:
        migrate.migrate(filled)
    assert "install that version again" in str(refused.value)
    assert whole_files(filled.parent) == before


def test_another_programs_database_is_refused_and_untouched(tmp_path: Path) -> None:
    path = tmp_path / "log.sqlite3"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")
    before = whole_files(tmp_path)
    with pytest.raises(MigrationRefused, match="not one of imagegen's"):
        migrate.migrate(path)
    assert whole_files(tmp_path) == before


@pytest.mark.parametrize(
    "content", [b"this is no database, only words" * 99, b"SQLite format 3\x00" + b"\xff" * 4096]
)
def test_what_is_no_database_is_refused_and_untouched(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "log.sqlite3"
    path.write_bytes(content)
    with pytest.raises(MigrationRefused, match="cannot be read"):
        migrate.migrate(path)
    assert whole_files(tmp_path) == {path.name: content}


def test_an_empty_file_is_a_new_database(tmp_path: Path) -> None:
    path = tmp_path / "log.sqlite3"
    path.touch()
    migrate.migrate(path)
    assert migrate.revision_of(path) == migrate.HEAD
