"""A finalised year is frozen by the database: triggers refuse whoever goes around the services.

A later migration that rebuilds one of these tables on SQLite drops its triggers there and must lay them again
(`lay(schema_editor)`); PostgreSQL keeps them.
"""

from __future__ import annotations

from typing import Any

MESSAGE = "a finalised assessment is frozen"

#: How the id of the scheme is reached from a row of each table; {row} is OLD or NEW.
_SCHEME_OF = {
    "assessment_scheme": "{row}.id",
    "assessment_grade": "{row}.scheme_id",
    "assessment_unitclass": "{row}.scheme_id",
    "assessment_member": "{row}.scheme_id",
    "assessment_criterion": "(SELECT c.scheme_id FROM assessment_unitclass c WHERE c.id = {row}.unit_class_id)",
    "assessment_result": "{row}.scheme_id",
    "assessment_line": "(SELECT r.scheme_id FROM assessment_result r WHERE r.id = {row}.result_id)",
    "assessment_adjustment": (
        "(SELECT r.scheme_id FROM assessment_result r JOIN assessment_line l ON l.result_id = r.id"
        " WHERE l.id = {row}.line_id)"
    ),
}

#: The rows each operation touches: what was, what will be, or both.
_ROWS = {"INSERT": ("NEW",), "UPDATE": ("OLD", "NEW"), "DELETE": ("OLD",)}


def lay(schema_editor: Any) -> None:
    """Create the triggers."""
    for statement in statements(schema_editor.connection.vendor):
        schema_editor.execute(statement, params=None)


def lift(schema_editor: Any) -> None:
    """Drop the triggers."""
    for table in _SCHEME_OF:
        for operation in _operations(table):
            on = f" ON {table}" if schema_editor.connection.vendor == "postgresql" else ""
            schema_editor.execute(f"DROP TRIGGER {_name(table, operation)}{on}", params=None)
    if schema_editor.connection.vendor == "postgresql":
        for table in _SCHEME_OF:
            for operation in _operations(table):
                schema_editor.execute(f"DROP FUNCTION {_name(table, operation)}()", params=None)


def statements(vendor: str) -> list[str]:
    """The SQL for PostgreSQL or SQLite."""
    make = {"postgresql": _postgresql, "sqlite": _sqlite}[vendor]
    return [sql for table in _SCHEME_OF for operation in _operations(table) for sql in make(table, operation)]


def _operations(table: str) -> tuple[str, ...]:
    """A scheme becomes final by an update of its own row, and none is born final."""
    return ("UPDATE", "DELETE") if table == "assessment_scheme" else tuple(_ROWS)


def _name(table: str, operation: str) -> str:
    return f"{table}_frozen_{operation.lower()}"


def _is_final(table: str, operation: str) -> str:
    """The condition under which the operation is refused."""
    if table == "assessment_scheme":
        return "OLD.status = 'finalised'"
    owners = [_SCHEME_OF[table].format(row=row) for row in _ROWS[operation]]
    # Only the names above enter the SQL.
    final = "SELECT 1 FROM assessment_scheme s WHERE s.status = 'finalised' AND s.id"
    return " OR ".join(f"EXISTS ({final} = {owner})" for owner in owners)


def _postgresql(table: str, operation: str) -> list[str]:
    name, result = _name(table, operation), "OLD" if operation == "DELETE" else "NEW"
    return [
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {_is_final(table, operation)} THEN RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'check_violation'; "
        f"END IF; RETURN {result}; END $$",
        f"CREATE TRIGGER {name} BEFORE {operation} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()",
    ]


def _sqlite(table: str, operation: str) -> list[str]:
    return [
        f"CREATE TRIGGER {_name(table, operation)} BEFORE {operation} ON {table} FOR EACH ROW "
        f"WHEN {_is_final(table, operation)} BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
    ]
