"""The timer of the embedded default: one thread of the server process runs the periodic jobs.

They run at start and then every so many seconds, one after another, the same jobs that beat would queue.
A lock on a file beside the data holds that there is never a second timer, whatever is started twice.
"""

import fcntl
import logging
import threading
from pathlib import Path

from django.conf import settings
from django.db import close_old_connections

from harbor_plan.celery import app, find_jobs

logger = logging.getLogger(__name__)


class Timer(threading.Thread):
    """Runs the periodic jobs while this process holds the lock file `lock`."""

    def __init__(self, lock: Path, seconds: float) -> None:
        super().__init__(name="timer", daemon=True)
        self.lock = lock
        self.seconds = seconds
        self.stopped = threading.Event()

    def run(self) -> None:
        with self.lock.open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                logger.warning("Another process over the same data runs the periodic jobs.")
                return
            run_periodic_jobs()
            while not self.stopped.wait(self.seconds):
                run_periodic_jobs()

    def stop(self) -> None:
        """Ask the thread to end and wait until a running job is through, ten seconds at most."""
        self.stopped.set()
        self.join(timeout=10)


def run_periodic_jobs() -> None:
    """Run every job of the beat schedule once, in its order. A failing job is logged and stops no other."""
    find_jobs()
    for entry in settings.CELERY_BEAT_SCHEDULE.values():
        close_old_connections()
        try:
            app.tasks[entry["task"]].apply()
        except Exception:
            logger.exception("The periodic job %s failed.", entry["task"])
    close_old_connections()


_timer: Timer | None = None


def start(lock: Path, seconds: float) -> None:
    """Start this process's timer, once."""
    global _timer
    if _timer is None:
        _timer = Timer(lock, seconds)
        _timer.start()


def stop() -> None:
    """Stop this process's timer, if it has one."""
    global _timer
    if _timer is not None:
        _timer.stop()
        _timer = None
