"""How gunicorn serves the project, in the embedded default (`make run`) and in production.

HOST, PORT     address to listen on; default 127.0.0.1:8000
WEB_PROCESSES  default 1; SQLite and jobs in process want exactly one
WEB_THREADS    default 8
"""

from typing import Any

import harbor_plan.settings  # noqa: F401 - what cannot be used stops the server here, before it starts workers
from harbor_plan import environment as env

bind = f"{env.text('HOST', '127.0.0.1')}:{env.text('PORT', '8000')}"
workers = int(env.text("WEB_PROCESSES", "1"))
worker_class = "gthread"
threads = int(env.text("WEB_THREADS", "8"))
timeout = 120
graceful_timeout = 10
loglevel = "warning"
control_socket_disable = True


def post_worker_init(worker: Any) -> None:
    """The embedded default has no beat: this process runs the periodic jobs itself."""
    from django.conf import settings

    from harbor_plan import timer

    if not settings.REDIS_URL:
        timer.start(settings.VAR_DIR / "timer.lock", settings.TIMER_SECONDS)


def worker_exit(server: Any, worker: Any) -> None:
    """Let a periodic job that is running end before the process does."""
    from harbor_plan import timer

    timer.stop()
