"""Ending processes at a moment that is known: when what they do waits for a lock which the test holds."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from django.db import connection, transaction

from tests import services

T = TypeVar("T")


@contextmanager
def somebody_waits(table: str, mode: str, act: Callable[[], T]) -> Iterator[tuple[set[int], T]]:
    """Lock a table, act, and go on once other sessions wait for it.

    Gives those sessions, and what the act gave. Whoever ended their processes calls `until_gone` after the lock is
    let go.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {table} IN {mode} MODE")
        acted = act()
        until(lambda: waiting(table), f"Nobody came to wait for {table}.")
        yield waiting(table), acted


def waiting(table: str) -> set[int]:
    """The sessions that wait for a table."""
    return sessions(f"pid IN (SELECT pid FROM pg_locks WHERE NOT granted AND relation = '{table}'::regclass)")


def sessions(condition: str) -> set[int]:
    """Sessions of this database by their process ids, as they are now even within a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(f"SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND {condition}")
        return {row[0] for row in cursor.fetchall()}


def until_gone(pids: set[int]) -> None:
    """Wait until these sessions have noticed that nobody is there any more, and rolled back."""
    until(lambda: not pids & sessions("true"), "Sessions of ended processes stayed.")


def until(true: Callable[[], object], otherwise: str) -> None:
    """Wait for something to become true, for so long as a busy machine may need."""
    deadline = time.monotonic() + services.PATIENCE
    while not true():
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.02)


def children(running: services.Running) -> list[int]:
    """The processes that a started one works through."""
    pid = running.process.pid
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def kill(*pids: int) -> None:
    """End processes of this test without giving them a word in it."""
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
