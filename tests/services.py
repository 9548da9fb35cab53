"""Private PostgreSQL and Redis servers for one test run, and the project's own processes as production starts them.

`provide(environ)` starts what the environment lacks and stops it when this process ends, also on Ctrl-C or
SIGTERM. Workers of pytest-xdist inherit the addresses; each has databases of its own.
"""

import atexit
import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 180.0  # seconds until a started process counts as failed; generous, for busy machines
REDIS_DATABASES = 64
#: Nothing here outlives the run, so nothing is kept safe. Tables are tiny and never analysed: joins are taken as
#: written and nothing is compiled, since planning would take longer than running.
POSTGRES_FAST = " ".join(
    f"-c {setting}"
    for setting in (
        "fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off", "max_connections=200",
        "jit=off", "join_collapse_limit=1", "from_collapse_limit=1",
    )
)  # fmt: skip


class ServiceError(Exception):
    """A server is missing on this machine or did not start; the message says which and what to do."""


def provide(environ: MutableMapping[str, str]) -> None:
    """Put DATABASE_URL, REDIS_URL, VAR_DIR and SECRET_KEY into `environ`; start private servers for what is missing."""
    if not environ.get("DATABASE_URL"):
        environ["DATABASE_URL"] = start_postgres()
    if not environ.get("REDIS_URL"):
        environ["REDIS_URL"] = start_redis()
    environ.setdefault("SECRET_KEY", "only-for-tests-" + "x" * 50)
    xdist_worker = environ.get("PYTEST_XDIST_WORKER")
    if xdist_worker:
        environ["REDIS_URL"] = redis_url_for(environ["REDIS_URL"], xdist_worker)
    else:
        environ["VAR_DIR"] = temporary_directory()


def redis_url_for(url: str, xdist_worker: str) -> str:
    """The address for one xdist worker: broker and cache take a database each ("gw0" has 2 and 3)."""
    number = 2 * (int(xdist_worker.removeprefix("gw")) + 1)
    return urlsplit(url)._replace(path=f"/{number}").geturl()


# Servers


def postgres_folders() -> list[str]:
    """The folders with PostgreSQL's server programs, newest version first. Debian keeps them off the path."""
    folders = [*Path("/usr/lib/postgresql").glob("*/bin"), *Path("/usr").glob("pgsql-*/bin")]
    folders.sort(
        key=lambda folder: int(folder.parent.name.removeprefix("pgsql-").split(".")[0]), reverse=True
    )
    on_path = shutil.which("initdb")
    if on_path:
        folders.append(Path(on_path).parent)
    return [str(folder) for folder in folders if (folder / "initdb").exists()]


def start_postgres() -> str:
    """Start a private PostgreSQL in a new folder, reached through a Unix socket there; return its DATABASE_URL.

    PostgreSQL refuses to run as root; then it runs as the user postgres.
    """
    if not postgres_folders():
        raise ServiceError("找不到 PostgreSQL（initdb）。请安装，例如：apt-get install postgresql")
    programs = postgres_folders()[0]
    folder = temporary_directory()
    data = os.path.join(folder, "data")
    as_user: list[str] = []
    if os.geteuid() == 0:
        owner = pwd.getpwnam("postgres")
        os.chown(folder, owner.pw_uid, owner.pw_gid)
        as_user = ["runuser", "-u", "postgres", "--"]
    os.chmod(folder, 0o755)
    run_quietly([
        *as_user, f"{programs}/initdb", "-D", data, "-U", "harbor_plan", "--auth=trust", "--encoding=UTF8",
        "--locale=C.UTF-8", "--no-sync",
    ])  # fmt: skip
    options = f"-c listen_addresses='' -c unix_socket_directories={folder} {POSTGRES_FAST}"
    command = [*as_user, f"{programs}/pg_ctl", "-D", data, "-w", "-t", "60"]
    run_quietly([*command, "-l", f"{folder}/log", "-o", options, "start"])
    at_exit(lambda: run_quietly([*command, "-m", "immediate", "stop"]))
    run_quietly([f"{programs}/createdb", "-h", folder, "-U", "harbor_plan", "harbor_plan"])
    return f"postgres://harbor_plan@{quote(folder, safe='')}/harbor_plan"


def start_redis() -> str:
    """Start a private Redis on a free port of this machine, without persistence; return its REDIS_URL."""
    program = shutil.which("redis-server")
    if not program:
        raise ServiceError("找不到 redis-server。请安装，例如：apt-get install redis-server")
    port = free_port()
    running = start([
        program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
        "--databases", str(REDIS_DATABASES), "--dir", temporary_directory(),
    ])  # fmt: skip
    wait_until(lambda: accepts_connections(port), running, "Redis")
    return f"redis://127.0.0.1:{port}/0"


def database_url(config: dict[str, Any]) -> str:
    """The DATABASE_URL of one of Django's DATABASES entries on PostgreSQL, for a process that joins the test."""
    login = quote(config["USER"]) + (f":{quote(config['PASSWORD'], safe='')}" if config["PASSWORD"] else "")
    host = quote(config["HOST"], safe="") + (f":{config['PORT']}" if config["PORT"] else "")
    return f"postgres://{login}@{host}/{quote(config['NAME'], safe='')}"


def copy_database(url: str, name: str) -> str:
    """Make a database `name` with all that stands in the private one at `url`, which nobody uses; its DATABASE_URL."""
    parts = urlsplit(url)
    login, _, folder = parts.netloc.partition("@")
    run_quietly([
        f"{postgres_folders()[0]}/createdb", "-h", unquote(folder), "-U", login, "-T", parts.path[1:], name,
    ])  # fmt: skip
    return parts._replace(path=f"/{name}").geturl()


def office_program() -> str | None:
    """The command of LibreOffice, which opens and saves workbooks as people's office programs do."""
    return shutil.which("soffice") or shutil.which("libreoffice")


def chromium() -> str | None:
    """The path of this machine's Chromium, or None; the one without windows is the quickest."""
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    return next(filter(None, map(shutil.which, names)), None)


# Processes


def program(name: str) -> str:
    """The path of a program of this virtual environment."""
    return os.path.join(os.path.dirname(sys.executable), name)


@dataclass
class Running:
    """A process this run started, and the file its output goes to."""

    process: "subprocess.Popen[bytes]"
    log: Path

    def output(self) -> str:
        """What it has written so far."""
        return self.log.read_text(errors="replace")

    def stop(self) -> None:
        """End it: ask, then insist."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def start(command: Sequence[str], env: Mapping[str, str] | None = None) -> Running:
    """Start `command` in the project's folder with `env` over this environment; it ends with this process."""
    log = Path(temporary_directory()) / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=os.environ | (env or {}),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            preexec_fn=end_with_parent,
        )
    running = Running(process, log)
    at_exit(running.stop)
    return running


def end_with_parent() -> None:
    """Ask the kernel to end this process when the one that started it is gone, however that came about."""
    PR_SET_PDEATHSIG = 1
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def wait_until(ready: Callable[[], bool], running: Running, name: str) -> None:
    """Wait until `ready()`; raise ServiceError with the process's output when it ends or takes too long."""
    deadline = time.monotonic() + PATIENCE
    while not ready():
        if running.process.poll() is not None or time.monotonic() > deadline:
            raise ServiceError(f"{name} did not start:\n{running.output()}")
        time.sleep(0.05)


def run_quietly(command: Sequence[str]) -> None:
    """Run to the end; raise ServiceError with what it printed when it fails."""
    done = subprocess.run(
        command,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        raise ServiceError(f"{' '.join(command)} failed:\n{done.stdout}")


def free_port() -> int:
    """A TCP port of this machine that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def accepts_connections(port: int) -> bool:
    """Whether somebody listens on `port` of this machine."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def temporary_directory() -> str:
    """A new folder that is removed with this process."""
    folder = tempfile.mkdtemp(prefix="harbor_plan_")
    at_exit(lambda: shutil.rmtree(folder, ignore_errors=True))
    return folder


def at_exit(action: Callable[[], None]) -> None:
    """Run `action` when this process ends, last registered first; SIGTERM counts as an ordinary end."""
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    owner = os.getpid()
    atexit.register(lambda: action() if os.getpid() == owner else None)
