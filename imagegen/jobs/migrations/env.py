"""Alembic's entry. The connection comes from `imagegen.jobs.migrate`, or is opened here for a new revision."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection
from sqlmodel import SQLModel

import imagegen.jobs.tables  # noqa: F401 - fills SQLModel.metadata
from imagegen.jobs.database import connect_to
from imagegen.settings import load_settings


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        # SQLite cannot alter a column: Alembic copies the table, which is why foreign keys are off meanwhile.
        render_as_batch=True,
        transaction_per_migration=False,
        include_name=lambda name, kind, _: not (kind == "table" and name is not None and "_fts" in name),
    )
    with context.begin_transaction():
        context.run_migrations()


connection: Connection | None = context.config.attributes.get("connection")
if connection is not None:
    _run(connection)
else:
    with connect_to(load_settings().database_path, foreign_keys=False).connect() as own:
        _run(own)
