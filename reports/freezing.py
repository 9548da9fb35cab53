"""Published figures are frozen by the database: triggers refuse whoever changes or removes one.

A later migration that rebuilds the table on SQLite drops its triggers there and must lay them again
(`lay(schema_editor)`); PostgreSQL keeps them.
"""

from __future__ import annotations

from typing import Any

MESSAGE = "a published figure is frozen"

_TABLE = "reports_publishedfigure"
_OPERATIONS = ("UPDATE", "DELETE")


def lay(schema_editor: Any) -> None:
    """Create the triggers."""
    for statement in statements(schema_editor.connection.vendor):
        schema_editor.execute(statement, params=None)


def lift(schema_editor: Any) -> None:
    """Drop the triggers."""
    is_postgresql = schema_editor.connection.vendor == "postgresql"
    for operation in _OPERATIONS:
        on = f" ON {_TABLE}" if is_postgresql else ""
        schema_editor.execute(f"DROP TRIGGER {_name(operation)}{on}", params=None)
    if is_postgresql:
        schema_editor.execute(f"DROP FUNCTION {_TABLE}_frozen()", params=None)


def statements(vendor: str) -> list[str]:
    """The SQL for PostgreSQL or SQLite."""
    return {"postgresql": _postgresql, "sqlite": _sqlite}[vendor]()


def _name(operation: str) -> str:
    return f"{_TABLE}_frozen_{operation.lower()}"


def _postgresql() -> list[str]:
    refuse = (
        f"CREATE FUNCTION {_TABLE}_frozen() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'check_violation'; END $$"
    )
    triggers = [
        f"CREATE TRIGGER {_name(operation)} BEFORE {operation} ON {_TABLE} FOR EACH ROW "
        f"EXECUTE FUNCTION {_TABLE}_frozen()"
        for operation in _OPERATIONS
    ]
    return [refuse, *triggers]


def _sqlite() -> list[str]:
    return [
        f"CREATE TRIGGER {_name(operation)} BEFORE {operation} ON {_TABLE} "
        f"BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
        for operation in _OPERATIONS
    ]
