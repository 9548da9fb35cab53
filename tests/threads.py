"""Several people in the same moment, each in a thread with a connection of its own, on PostgreSQL."""

from collections.abc import Callable
from threading import Barrier, Thread
from time import monotonic

from django.db import connection

from harbor_plan.lib.refusals import Refused


def at_once(*acts: Callable[[], object]) -> list[str]:
    """Each act begun together with the others: "done", the axis that refused, or what went wrong; sorted."""
    ready, results = Barrier(len(acts)), []

    def run(act: Callable[[], object]) -> None:
        try:
            ready.wait(timeout=30)
            act()
            results.append("done")
        except Refused as refused:
            results.append(refused.axis)
        except Exception as problem:
            results.append(repr(problem))
        finally:
            connection.close()

    threads = [Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return sorted(results)


def until_somebody_waits() -> None:
    """Return once another connection waits for a lock; five seconds at most."""
    end = monotonic() + 5
    while monotonic() < end:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
