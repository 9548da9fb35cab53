"""Published and past figures are frozen by the database: triggers refuse whoever changes or removes one.

A later migration that rebuilds the table on SQLite drops its triggers there and must lay them again
(`lay(schema_editor, table)`); PostgreSQL keeps them.
"""

from __future__ import annotations

from typing import Any

PUBLISHED = "reports_publishedfigure"
PAST = "reports_pastfigure"

MESSAGE = "a published figure is frozen"
PAST_MESSAGE = "a past figure is frozen"

_MESSAGES = {PUBLISHED: MESSAGE, PAST: PAST_MESSAGE}
_OPERATIONS = ("UPDATE", "DELETE")


def lay(schema_editor: Any, table: str = PUBLISHED) -> None:
    """Create the triggers."""
    for statement in statements(schema_editor.connection.vendor, table):
        schema_editor.execute(statement, params=None)


def lift(schema_editor: Any, table: str = PUBLISHED) -> None:
    """Drop the triggers."""
    is_postgresql = schema_editor.connection.vendor == "postgresql"
    for operation in _OPERATIONS:
        on = f" ON {table}" if is_postgresql else ""
        schema_editor.execute(f"DROP TRIGGER {_name(operation, table)}{on}", params=None)
    if is_postgresql:
        schema_editor.execute(f"DROP FUNCTION {table}_frozen()", params=None)


def statements(vendor: str, table: str = PUBLISHED) -> list[str]:
    """The SQL for PostgreSQL or SQLite."""
    return {"postgresql": _postgresql, "sqlite": _sqlite}[vendor](table)


def _name(operation: str, table: str) -> str:
    return f"{table}_frozen_{operation.lower()}"


def _postgresql(table: str) -> list[str]:
    refuse = (
        f"CREATE FUNCTION {table}_frozen() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"RAISE EXCEPTION '{_MESSAGES[table]}' USING ERRCODE = 'check_violation'; END $$"
    )
    triggers = [
        f"CREATE TRIGGER {_name(operation, table)} BEFORE {operation} ON {table} FOR EACH ROW "
        f"EXECUTE FUNCTION {table}_frozen()"
        for operation in _OPERATIONS
    ]
    return [refuse, *triggers]


def _sqlite(table: str) -> list[str]:
    return [
        f"CREATE TRIGGER {_name(operation, table)} BEFORE {operation} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{_MESSAGES[table]}'); END"
        for operation in _OPERATIONS
    ]
