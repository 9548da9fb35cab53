"""A code of the plan is never used twice: the database keeps the codes of deleted rows and refuses them.

Triggers, because every way in must be held: services, the administration, imports, a shell. They are put in place
after every migration, since SQLite loses a table's triggers when a migration rebuilds it, and taken away before one,
since SQLite refuses to rebuild a table that other tables' triggers name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

NAME: Final = "plan_code"


@dataclass(frozen=True)
class Coded:
    """A table whose rows have a code in their plan.

    `code` and `plan` are expressions over the row, called {row}, and what `joined` finds for it.
    """

    table: str
    relation: str
    columns: tuple[str, ...]
    code: str
    plan: str = "{row}.plan_id"
    joined: str = ""


_ACTION = "FROM actions_specialaction a WHERE a.id = {row}.action_id"
_TASK = "FROM tasks_task t JOIN actions_specialaction a ON a.id = t.action_id WHERE t.id = {row}.task_id"

CODED: Final = (
    Coded("goals", "targets_goalcategory", ("no", "plan_id"), "{row}.no"),
    Coded("indicators", "targets_indicator", ("code", "plan_id"), "{row}.code"),
    Coded("actions", "actions_specialaction", ("no", "plan_id"), "{row}.no"),
    Coded("tasks", "tasks_task", ("no", "action_id"), "a.no || '.' || {row}.no", "a.plan_id", _ACTION),
    Coded(
        "milestones",
        "tasks_milestone",
        ("no", "task_id"),
        "a.no || '.' || t.no || '/' || {row}.no",
        "a.plan_id",
        _TASK,
    ),
)


def _found(coded: Coded, row: str) -> str:
    """A query for the plan, table and code of a row."""
    columns = f"{coded.plan}, '{coded.table}', CAST({coded.code} AS varchar(40)) {coded.joined}"
    return f"SELECT {columns}".format(row=row)


def _is_taken(coded: Coded, row: str) -> str:
    taken = 'SELECT plan_id, "table", code FROM targets_takencode'
    return f"EXISTS ({_found(coded, row)} INTERSECT {taken})"


def _keep(coded: Coded, row: str) -> str:
    """Keep the code of a row that is going; one that was kept before stays."""
    return f'INSERT INTO targets_takencode (plan_id, "table", code) {_found(coded, row)}'


def _changed(coded: Coded, differs: str) -> str:
    return " OR ".join(f"OLD.{column} {differs} NEW.{column}" for column in coded.columns)


def _sqlite(coded: Coded) -> list[str]:
    name = f"{NAME}_{coded.table}"
    refuse = f"SELECT RAISE(ABORT, 'UNIQUE constraint failed: {name}') WHERE {_is_taken(coded, 'NEW')};"
    keep = f"{_keep(coded, 'OLD').replace('INSERT', 'INSERT OR IGNORE', 1)};"
    columns = ", ".join(coded.columns)
    return [
        f"CREATE TRIGGER IF NOT EXISTS {name}_new AFTER INSERT ON {coded.relation} BEGIN {refuse} END",
        f"CREATE TRIGGER IF NOT EXISTS {name}_gone BEFORE DELETE ON {coded.relation} BEGIN {keep} END",
        f"CREATE TRIGGER IF NOT EXISTS {name}_other AFTER UPDATE OF {columns} ON {coded.relation}"
        f" WHEN {_changed(coded, 'IS NOT')} BEGIN {refuse} {keep} END",
    ]


def _postgresql(coded: Coded) -> list[str]:
    name = f"{NAME}_{coded.table}"
    function = f"""
        CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP <> 'DELETE' THEN
                IF {_is_taken(coded, "NEW")} THEN
                    RAISE EXCEPTION '{name} is taken' USING ERRCODE = 'unique_violation';
                END IF;
            END IF;
            IF TG_OP <> 'INSERT' THEN
                {_keep(coded, "OLD")} ON CONFLICT DO NOTHING;
            END IF;
            RETURN NULL;
        END $$"""
    columns = ", ".join(coded.columns)
    return [
        function,
        _once(f"{name}_row", f"AFTER INSERT OR DELETE ON {coded.relation}", name, ""),
        _once(
            f"{name}_other",
            f"AFTER UPDATE OF {columns} ON {coded.relation}",
            name,
            f"WHEN ({_changed(coded, 'IS DISTINCT FROM')})",
        ),
    ]


def _once(trigger: str, when: str, function: str, only: str) -> str:
    """Create a trigger that is not there; looking first takes no lock."""
    create = f"CREATE TRIGGER {trigger} {when} FOR EACH ROW {only} EXECUTE FUNCTION {function}()"
    return f"""
        DO $$ BEGIN
            IF NOT EXISTS (
                SELECT 1 FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid
                WHERE g.tgname = '{trigger}' AND pg_table_is_visible(c.oid)
            ) THEN
                {create};
            END IF;
        END $$"""  # noqa: S608 - names of this module, nothing from outside


def guard(*, using: str, **kwargs: Any) -> None:
    """After a migration: put the triggers in place, once all their tables are there."""
    connection = connections[using]
    needed = {"targets_takencode", *(coded.relation for coded in CODED)}
    with connection.cursor() as cursor:
        if not needed <= set(connection.introspection.table_names(cursor)):
            return
        for coded in CODED:
            for statement in _sqlite(coded) if _is_sqlite(connection) else _postgresql(coded):
                cursor.execute(statement)


def unguard(*, using: str, **kwargs: Any) -> None:
    """Before a migration: SQLite's triggers step out of its way; `guard` brings them back."""
    connection = connections[using]
    if not _is_sqlite(connection):
        return
    with connection.cursor() as cursor:
        for coded in CODED:
            for kind in ("new", "gone", "other"):
                cursor.execute(f"DROP TRIGGER IF EXISTS {NAME}_{coded.table}_{kind}")


def _is_sqlite(connection: BaseDatabaseWrapper) -> bool:
    return connection.vendor == "sqlite"
