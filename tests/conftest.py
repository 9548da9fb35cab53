"""Fixtures every test may ask for. Databases and Redis are provided by tests/settings.py."""

import gc
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import redis
import yaml
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.cache import cache
from django.db import connection, connections
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from harbor_plan.celery import app
from tests import services

#: Objects made before the garbage collector looks for circles; Python's own 700 makes it look all the time.
GARBAGE_THRESHOLD = 50_000


def pytest_collection_finish() -> None:
    """What stands when the tests begin (modules, templates, models) stays: the collector need not walk it again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_THRESHOLD, 20, 100)


LOOPBACK = ("127.", "::1", "localhost")


@pytest.fixture(scope="session", autouse=True)
def no_network() -> Iterator[None]:
    """Refuse every connection that would leave this machine."""
    real = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and not str(address[0]).startswith(LOOPBACK):
            raise RuntimeError(f"A test tried to reach {address}; tests stay on this machine.")
        real(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", connect)
        yield


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    """Every test begins with an empty cache."""
    cache.clear()


# A real worker


def compose_command(service: str) -> list[str]:
    """The command of a service in docker-compose.yml, with the programs of this virtual environment."""
    composition = yaml.safe_load((services.ROOT / "docker-compose.yml").read_text())
    program, *arguments = composition["services"][service]["command"]
    return [services.program(program), *arguments]


@dataclass
class Worker:
    """A running Celery worker that shares the test's database."""

    running: services.Running
    broker: "redis.Redis"

    def settle(self) -> None:
        """Wait until every queued job has ended, whether waiting in the queue or taken and not yet acknowledged."""
        services.wait_until(self.is_idle, self.running, "The job queue (it did not run empty)")

    def is_idle(self) -> bool:
        """Whether no job is queued or running."""
        return not self.broker.llen("celery") and not self.broker.hlen("unacked")

    def output(self) -> str:
        """The worker's log so far."""
        return self.running.output()


def start_worker(env: dict[str, str]) -> services.Running:
    """A Celery worker that takes jobs by now."""
    running = services.start(compose_command("worker"), env=env)
    services.wait_until(lambda: " ready." in running.output(), running, "The Celery worker")
    return running


@pytest.fixture
def worker(transactional_db: None) -> Iterator[Worker]:
    """A real Celery worker on the test's database and Redis, started by production's command.

    While it runs, jobs of this process and of the live server go through Redis instead of running in process.
    """
    broker = redis.Redis.from_url(settings.REDIS_URL)
    broker.flushdb()
    env = {
        "DATABASE_URL": services.database_url(connection.settings_dict),
        "DJANGO_SETTINGS_MODULE": "harbor_plan.settings",
    }
    running = start_worker(env)
    app.conf.task_always_eager = False
    try:
        yield Worker(running, broker)
    finally:
        app.conf.task_always_eager = True
        running.stop()
        broker.close()


# A real browser

CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium without a window."""
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright keeps an event loop in this thread; Django then takes plain ORM calls for async ones.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        path = services.chromium()
        assert path, "Chromium is missing on this machine: apt-get install chromium"
        chromium = playwright.chromium.launch(executable_path=path, args=CHROMIUM_OPTIONS)
        yield chromium
        chromium.close()
        connections.close_all()  # those of this event loop; without it Django looks for its connections elsewhere


#: Marks a page whose deferred scripts have run: only then are its keys and buttons bound.
MARK_READY = (
    """document.addEventListener("DOMContentLoaded", () => document.documentElement.dataset.ready = "")"""
)
NOT_READY = "html:not([data-ready])"


def wait_for_scripts(page: Page) -> None:
    """Whatever looks for something on the page waits until its scripts are bound, also after every navigation.

    A page shows its headings before its deferred scripts have run; a click or key sent then would be lost.
    """
    page.add_init_script(MARK_READY)
    page.add_locator_handler(page.locator(NOT_READY), lambda: None)


def keys(page: Page, *pressed: str) -> None:
    """Press keys wherever the focus is, on a page whose scripts are bound; a key waits for nothing by itself."""
    for key in pressed:
        page.locator(NOT_READY).wait_for(state="detached")
        page.keyboard.press(key)


@pytest.fixture
def new_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens pages, each as a person of its own (`new_page(viewport={"width": 390, "height": 844})`).

    The test fails when a page raised a script error or the content security policy refused something.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_page(**options: Any) -> Page:
        options.setdefault("viewport", {"width": 1366, "height": 768})
        # Scrolling that glides can carry a button away between pressing and releasing the pointer.
        context = browser.new_context(
            locale="zh-CN", timezone_id="Asia/Shanghai", reduced_motion="reduce", **options
        )
        contexts.append(context)
        context.set_default_timeout(15_000)
        page = context.new_page()
        if options.get("java_script_enabled", True):
            wait_for_scripts(page)
        page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
        page.on(
            "console",
            lambda message: (
                complaints.append(f"{page.url}: {message.text}")
                if "Content Security Policy" in message.text
                else None
            ),
        )
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    """One page at 1366×768."""
    return new_page()


@pytest.fixture
def page_of(new_page: Callable[..., Page], live_server: Any) -> Callable[..., Page]:
    """Opens a page on which a user is signed in already; addresses may be relative: `page_of(user).goto("/")`."""

    def open_page(user: AbstractBaseUser, **options: Any) -> Page:
        client = Client()
        client.force_login(user)
        page = new_page(base_url=live_server.url, **options)
        name = settings.SESSION_COOKIE_NAME
        page.context.add_cookies(
            [{"name": name, "value": client.cookies[name].value, "url": live_server.url}]
        )
        return page

    return open_page


# The embedded default


@dataclass
class Embedded:
    """A server started as `make run` starts it: SQLite, no Redis, a folder of its own."""

    url: str
    var: Path
    running: services.Running


@pytest.fixture(scope="session")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    """The embedded default with the loaded plan and demo data, started once.

    Tests that ask for it carry `@pytest.mark.xdist_group("embedded")`, so that it is started in one process only.
    """
    embedded = start_embedded(tmp_path_factory.mktemp("var"))
    yield embedded
    embedded.running.stop()


def start_embedded(var: Path) -> Embedded:
    """Start the second half of `make run` on a free port over the data folder `var`, and wait until it answers."""
    port = services.free_port()
    env = {
        "VAR_DIR": str(var),
        "PORT": str(port),
        "DATABASE_URL": "",
        "REDIS_URL": "",
        "SECRET_KEY": "",
        "DJANGO_SETTINGS_MODULE": "harbor_plan.settings",
    }
    running = services.start([services.program("python"), "scripts/run.py"], env=env)
    services.wait_until(lambda: services.accepts_connections(port), running, "The embedded server")
    return Embedded(f"http://127.0.0.1:{port}", var, running)
