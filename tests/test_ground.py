"""The ground: prerequisites, settings, the way processes are started, and what every response carries."""

import ast
import json
import os
import re
import socket
import stat
import subprocess
import sys
import tomllib
import urllib.request
from pathlib import Path

import pytest
import yaml
from celery import shared_task
from django.conf import settings as django_settings
from django.contrib.auth import get_user_model
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from harbor_plan import environment, middleware, timer
from harbor_plan.celery import app, find_jobs
from scripts import bootstrap, prepare, run
from scripts import test as run_tests
from tests import services
from tests.conftest import Embedded, Worker, compose_command, start_embedded

ROOT = services.ROOT
REQUIREMENT = re.compile(r"^([A-Za-z0-9_.-]+)(\[[a-z,]+\])?==([0-9][^ ]*)  # .{10,}$")


# What the machine must have


def test_an_old_python_is_told_what_is_needed():
    code = (
        "import runpy, sys; sys.version_info = (3, 9, 2); sys.version = '3.9.2 (old)';"
        "runpy.run_path('scripts/bootstrap.py')"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith("需要 Python 3.11 或更高版本，当前为 3.9.2。")
    assert "Python 3.11 or newer is needed; this is 3.9.2." in done.stderr


def test_bootstrap_can_be_read_by_an_old_python():
    """Otherwise it would answer with a syntax error instead of its sentence."""
    ast.parse((ROOT / "scripts" / "bootstrap.py").read_text(), feature_version=(3, 7))


def test_a_python_without_venv_is_told_what_to_install(monkeypatch):
    monkeypatch.setattr(
        bootstrap.importlib.util, "find_spec", lambda name: None if name == "ensurepip" else 1
    )
    with pytest.raises(SystemExit) as exit_:
        bootstrap.check_venv_modules()
    assert str(exit_.value.code).startswith("缺少 Python 模块 ensurepip，无法建立虚拟环境。")
    assert "apt-get install python3-venv" in str(exit_.value.code)


@pytest.mark.parametrize("script", ["scripts/bootstrap.py", "scripts/run.py"])
def test_a_taken_port_is_named_before_anything_is_installed_or_prepared(script):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = subprocess.run(
            [sys.executable, script],
            cwd=ROOT,
            env=os.environ | {"PORT": str(port)},
            capture_output=True,
            text=True,
        )
    assert done.returncode == 1
    assert done.stderr.startswith(f"无法使用端口 {port}（Address already in use）。")
    assert "make run PORT=8001" in done.stderr


@pytest.fixture
def _bare_machine(monkeypatch):
    """A machine with none of the programs the tests need, and no addresses given."""
    monkeypatch.delenv("DATABASE_URL")
    monkeypatch.delenv("REDIS_URL")
    monkeypatch.setattr(services, "postgres_folders", list)
    monkeypatch.setattr(run_tests.shutil, "which", lambda name: name if name == "apt-get" else None)


@pytest.mark.usefixtures("_bare_machine")
def test_what_the_tests_need_is_named_to_whom_may_not_install_it(monkeypatch):
    monkeypatch.setattr(run_tests.os, "geteuid", lambda: 1000)
    with pytest.raises(services.ServiceError) as refusal:
        run_tests.install_missing()
    assert str(refusal.value).startswith("测试缺少：postgresql、redis-server、chromium、fonts-noto-cjk。")
    assert "apt-get install postgresql redis-server chromium fonts-noto-cjk" in str(refusal.value)


@pytest.mark.usefixtures("_bare_machine")
def test_what_the_tests_need_is_installed_by_root(monkeypatch):
    commands = []
    monkeypatch.setattr(run_tests.os, "geteuid", lambda: 0)
    monkeypatch.setattr(
        run_tests.subprocess,
        "run",
        lambda command, **_: commands.append(" ".join(command)) or subprocess.CompletedProcess(command, 0),
    )
    run_tests.install_missing()
    wanted = "postgresql redis-server chromium fonts-noto-cjk"
    assert commands == ["apt-get update", f"apt-get install --yes --no-install-recommends {wanted}"]


@pytest.mark.parametrize("port", ["http", "0", "65536", "-1"])
def test_a_port_that_is_no_port_is_refused(port):
    with pytest.raises(SystemExit, match=f"PORT={port} 不是有效的端口号"):
        bootstrap.check_port("127.0.0.1", port)


def test_the_environment_is_built_again_only_when_the_requirements_change(monkeypatch, tmp_path):
    monkeypatch.setattr(bootstrap, "VENV", tmp_path)
    monkeypatch.setattr(bootstrap, "PYTHON", Path(sys.executable))
    assert not bootstrap.is_installed(dev=False)
    bootstrap.stamp(dev=True).write_text(bootstrap.fingerprint())
    assert bootstrap.is_installed(dev=False)
    assert bootstrap.is_installed(dev=True)
    bootstrap.stamp(dev=True).write_text("of other requirements")
    bootstrap.stamp(dev=False).write_text(bootstrap.fingerprint())
    assert bootstrap.is_installed(dev=False)
    assert not bootstrap.is_installed(dev=True)


def test_static_files_are_collected_again_only_when_one_changes(tmp_path):
    (tmp_path / "a.css").write_text("a")
    before = prepare.fingerprint(tmp_path)
    assert prepare.fingerprint(tmp_path) == before
    (tmp_path / "b.css").write_text("b")
    assert prepare.fingerprint(tmp_path) != before


# Dependencies


def requirements(name: str) -> dict[str, str]:
    """Name to version of one requirements file; every line must pin a version and give a reason."""
    lines = [line for line in (ROOT / name).read_text().splitlines() if line and line[0] not in "#-"]
    found = [REQUIREMENT.match(line) for line in lines]
    assert [line for line, match in zip(lines, found, strict=True) if not match] == []
    return {match[1].lower(): match[3] for match in found if match}


def test_every_dependency_is_pinned_with_a_reason_and_its_closure_is_pinned_too():
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pinned = dict(line.lower().replace("_", "-").split("==") for line in lines if not line.startswith("#"))
    wanted = requirements("requirements.txt") | requirements("requirements-dev.txt")
    assert {name: pinned.get(name) for name in wanted} == wanted


# Settings from the environment


def test_sqlite_waits_for_its_write_lock_and_postgres_keeps_its_connections():
    sqlite = environment.database("sqlite:////data/plan.sqlite3")
    assert sqlite["NAME"] == "/data/plan.sqlite3"
    assert sqlite["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert "journal_mode=WAL" in sqlite["OPTIONS"]["init_command"]
    postgres = environment.database("postgres://office:p%40ss@db:5433/plan")
    assert [
        postgres[key] for key in ("ENGINE", "USER", "PASSWORD", "HOST", "PORT", "NAME", "CONN_MAX_AGE")
    ] == [
        "django.db.backends.postgresql",
        "office",
        "p@ss",
        "db",
        5433,
        "plan",
        60,
    ]


def test_broker_and_cache_never_share_a_redis_database():
    assert environment.cache("redis://r:6379")["LOCATION"] == "redis://r:6379/1"
    assert environment.cache("redis://:pw@r:6379/4")["LOCATION"] == "redis://:pw@r:6379/5"
    assert environment.cache("")["BACKEND"].endswith("LocMemCache")


def test_a_secret_key_is_made_once_and_readable_by_its_owner_only(monkeypatch, tmp_path):
    monkeypatch.delenv("SECRET_KEY")
    path = tmp_path / "new" / "secret_key"
    key = environment.secret_key(path)
    assert len(key) >= 64
    assert environment.secret_key(path) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    monkeypatch.setenv("SECRET_KEY", "given")
    assert environment.secret_key(path) == "given"


def test_the_tests_run_on_postgres_and_redis(settings):
    assert settings.DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql"
    assert settings.CACHES["default"]["BACKEND"] == "django.core.cache.backends.redis.RedisCache"


def test_tests_stay_on_this_machine():
    with socket.socket() as outward, pytest.raises(RuntimeError, match="tests stay on this machine"):
        outward.connect(("192.0.2.1", 80))


# What a response carries


@pytest.fixture
def person(db):
    """Somebody who can sign in."""
    return get_user_model().objects.create_user("someone", password="Harbour-2017", name="某某")


def test_the_content_security_policy_allows_nothing_inline_and_nothing_from_outside(client, db):
    policy = client.get(reverse("login")).headers["Content-Security-Policy"]
    assert {part.strip() for part in policy.split(";")} == {
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    }


def test_signed_in_pages_are_kept_by_no_cache(client, person):
    assert "Cache-Control" not in client.get("/").headers
    client.force_login(person)
    response = client.get("/", follow=True)
    assert "no-store" in response.headers["Cache-Control"]
    assert response.headers["X-Frame-Options"] == "DENY"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_every_request_starts_the_thirty_idle_minutes_anew(client, person):
    client.force_login(person)
    cookie = client.get("/").cookies[django_settings.SESSION_COOKIE_NAME]
    assert cookie["max-age"] == 1800
    assert cookie["httponly"]


def test_a_stranger_is_sent_to_sign_in(client, db):
    response = client.get("/")
    assert response.status_code == 302
    assert response.headers["Location"].startswith(reverse("login"))


def sign_in(password: str, address: str, **headers: str) -> HttpResponse:
    """Try to sign in as `someone` from `address`."""
    form = {"username": "someone", "password": password}
    return Client().post(reverse("login"), form, REMOTE_ADDR=address, headers=headers)


def test_five_failures_lock_the_account_there_and_nowhere_else(person):
    for _ in range(4):
        assert sign_in("wrong", "10.0.0.1").status_code == 200
    assert sign_in("wrong", "10.0.0.1").status_code == 429
    locked = sign_in("Harbour-2017", "10.0.0.1")
    assert locked.status_code == 429
    assert "连续 5 次登录失败" in locked.content.decode()
    assert "登录暂停 15 分钟" in locked.content.decode()
    assert sign_in("Harbour-2017", "10.0.0.2").status_code == 302


def test_behind_the_proxy_the_caller_is_whom_the_proxy_saw():
    request = RequestFactory().get("/", headers={"X-Forwarded-For": "6.6.6.6, 10.0.0.7"})
    seen = middleware.client_address(lambda request: HttpResponse(request.META["REMOTE_ADDR"]))(request)
    assert seen.content == b"10.0.0.7"


@pytest.mark.browser
def test_the_administration_works_under_the_policy(page_of, transactional_db):
    """`page_of` fails the test when the browser refused a script or a style."""
    page = page_of(get_user_model().objects.create_superuser("root", password="Harbour-2017", name="管理员"))
    page.goto(reverse("admin:index"))
    lists = page.locator("#content-main th a").evaluate_all("links => links.map(link => link.pathname)")
    assert len(lists) > 5
    for address in lists:
        assert page.goto(address).status == 200
    page.goto(reverse("admin:accounts_user_add"))
    assert page.locator("input[name=username]").is_visible()


def test_pages_reach_for_nothing_outside_the_intranet():
    outside = re.compile(
        r"""(?:src|href|action|url\()\s*=?\s*["'(]?\s*(?:https?:)?//(?!localhost|127\.0\.0\.1)"""
    )
    pages = [
        *ROOT.glob("templates/**/*.html"),
        *ROOT.glob("static/**/*.css"),
        *ROOT.glob("static/js/**/*.js"),
    ]
    assert len(pages) > 10
    assert [str(page) for page in pages if outside.search(page.read_text())] == []


# Jobs


@shared_task(name="tests.jobs.fail")
def fail() -> None:
    """A job that always fails."""
    raise ValueError("This job fails.")


def names_of_jobs(file: Path) -> list[str | None]:
    """The explicit names of the jobs written in one file; None for a job without one."""
    calls = [
        decorator
        for function in ast.parse(file.read_text()).body
        if isinstance(function, ast.FunctionDef)
        for decorator in function.decorator_list
        if "shared_task" in ast.dump(decorator)
    ]
    return [
        next((k.value.value for k in getattr(call, "keywords", []) if k.arg == "name"), None)
        for call in calls
    ]


def test_every_job_has_a_name_of_its_own_and_is_registered():
    """A job that Celery does not know would be queued and never run."""
    written = [
        (file.parent.name, name) for file in sorted(ROOT.glob("*/jobs.py")) for name in names_of_jobs(file)
    ]
    assert written
    assert [name for app_, name in written if not name or not name.startswith(f"{app_}.jobs.")] == []
    find_jobs()
    registered = sorted(name for name in app.tasks if not name.startswith(("celery.", "tests.")))
    assert registered == sorted(name for _, name in written)


def test_everything_on_the_schedule_is_a_job():
    find_jobs()
    scheduled = {entry["task"] for entry in django_settings.CELERY_BEAT_SCHEDULE.values()}
    assert scheduled == {"filings.jobs.tick", "supervision.jobs.overdue", "reports.jobs.repair"}
    assert scheduled <= set(app.tasks)


@pytest.fixture
def _jobs_as_embedded():
    """Jobs in process as in the embedded default, where a failing one does not raise."""
    app.conf.task_eager_propagates = False
    yield
    app.conf.task_eager_propagates = True


@pytest.mark.usefixtures("_jobs_as_embedded")
def test_without_redis_a_failing_job_is_logged_and_breaks_nothing(caplog):
    assert fail.delay().state == "FAILURE"
    assert [record.message.split("[")[0] for record in caplog.records if record.levelname == "ERROR"] == [
        "Task tests.jobs.fail"
    ]


@pytest.mark.usefixtures("_jobs_as_embedded")
def test_the_timer_runs_every_job_even_when_one_fails(monkeypatch, settings, caplog):
    ran = []
    monkeypatch.setattr(timer, "close_old_connections", lambda: None)
    monkeypatch.setitem(app.tasks, "tests.jobs.second", FakeJob(ran))
    settings.CELERY_BEAT_SCHEDULE = {
        "one": {"task": "tests.jobs.fail"},
        "two": {"task": "tests.jobs.unknown"},
        "three": {"task": "tests.jobs.second"},
    }
    timer.run_periodic_jobs()
    assert ran == ["tests.jobs.second"]
    assert "The periodic job tests.jobs.unknown failed." in caplog.messages


class FakeJob:
    """Notes that it ran."""

    def __init__(self, ran: list[str]) -> None:
        self.ran = ran

    def apply(self) -> None:
        self.ran.append("tests.jobs.second")


def test_there_is_never_a_second_timer(monkeypatch, tmp_path, caplog):
    rounds = []
    started = timer.threading.Event()
    monkeypatch.setattr(timer, "run_periodic_jobs", lambda: (rounds.append("round"), started.set()))
    first = timer.Timer(tmp_path / "lock", seconds=3600)
    first.start()
    assert started.wait(10)
    second = timer.Timer(tmp_path / "lock", seconds=3600)
    second.start()
    second.join(10)
    assert not second.is_alive()
    assert rounds == ["round"]
    assert caplog.messages == ["Another process over the same data runs the periodic jobs."]
    first.stop()
    assert not first.is_alive()


@pytest.mark.worker
def test_a_real_worker_takes_a_job_from_redis_and_survives_a_failing_one(worker: Worker):
    app.send_task("tests.jobs.unknown_to_the_worker")
    app.send_task("reports.jobs.repair")
    worker.settle()
    assert "Received unregistered task of type 'tests.jobs.unknown_to_the_worker'" in worker.output()
    assert re.search(r"Task reports\.jobs\.repair\[[0-9a-f-]+\] succeeded", worker.output())


# Production


@pytest.fixture(scope="module")
def composition() -> dict:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def test_production_has_its_five_services_each_watched(composition):
    assert set(composition["services"]) == {"postgres", "redis", "prepare", "web", "worker", "beat"}
    lasting = {name: service for name, service in composition["services"].items() if name != "prepare"}
    assert [name for name, service in lasting.items() if "healthcheck" not in service] == []
    assert [name for name, service in lasting.items() if service["restart"] != "unless-stopped"] == []


def test_production_serves_by_the_command_of_make_run(composition):
    assert composition["services"]["web"]["command"] == run.SERVE


def test_production_has_no_secret_written_down_and_refuses_to_start_without(composition):
    environment_ = composition["services"]["web"]["environment"]
    assert environment_["SECRET_KEY"].startswith("${SECRET_KEY:?")
    assert "${POSTGRES_PASSWORD:?" in environment_["DATABASE_URL"]
    assert composition["services"]["postgres"]["environment"]["POSTGRES_PASSWORD"].startswith(
        "${POSTGRES_PASSWORD:?"
    )
    assert composition["services"]["worker"]["environment"] == environment_
    assert composition["services"]["beat"]["environment"] == environment_


def test_only_the_web_server_is_published_and_only_to_this_host(composition):
    published = {
        name: service["ports"] for name, service in composition["services"].items() if "ports" in service
    }
    assert published == {"web": ["${PUBLISH:-127.0.0.1:8000}:8000"]}


def test_the_image_runs_as_an_ordinary_user():
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    assert "USER harbor" in lines
    assert lines.index("USER harbor") > lines.index("COPY . .")


@pytest.mark.worker
def test_beat_starts_by_productions_command(tmp_path):
    command = [
        f"{tmp_path}/{Path(part).name}" if part.startswith("/tmp/") else part
        for part in compose_command("beat")
    ]
    running = services.start(command, env={"DJANGO_SETTINGS_MODULE": "harbor_plan.settings"})
    services.wait_until((tmp_path / "beat.pid").exists, running, "Celery beat")
    services.wait_until(lambda: len(list(tmp_path.glob("beat*"))) > 1, running, "The schedule of Celery beat")
    running.stop()
    assert running.process.returncode == 0


def test_the_import_contract_lists_every_app():
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    layers = [layer for entry in contract["contracts"][0]["layers"] for layer in entry.split(" : ")]
    apps = {
        Path(app_).name
        for app_ in ROOT.iterdir()
        if (app_ / "apps.py").exists() or (app_ / "models.py").exists()
    }
    assert apps <= set(layers)
    assert set(contract["root_packages"]) == apps | {"harbor_plan"}


# The embedded default


def fetch(url: str) -> str:
    with urllib.request.urlopen(url, timeout=30) as response:
        assert response.status == 200
        return response.read().decode()


@pytest.mark.embedded
@pytest.mark.xdist_group("embedded")
def test_the_embedded_default_serves_its_pages_and_hashed_static_files(embedded: Embedded):
    page = fetch(f"{embedded.url}/")
    styles = re.findall(r'href="(/static/[^"]+\.css)"', page)
    assert styles
    assert all(re.search(r"\.[0-9a-f]{12}\.css$", style) for style in styles)
    for style in styles:
        assert fetch(embedded.url + style)
    assert "演示账号" in embedded.running.output()
    assert f"已就绪：{embedded.url}/" in embedded.running.output()


@pytest.mark.embedded
@pytest.mark.xdist_group("embedded")
def test_a_second_start_keeps_what_people_entered(embedded: Embedded):
    before = row_counts(embedded)
    assert before["tasks.Task"] == 48
    assert before["filings.Entry"] > 3000
    key = (embedded.var / "secret_key").read_text()
    again = start_embedded(embedded.var)
    try:
        assert fetch(f"{again.url}/")
    finally:
        again.running.stop()
    assert row_counts(embedded) == before
    assert (embedded.var / "secret_key").read_text() == key
    assert "Another process over the same data runs the periodic jobs." in again.running.output()


def row_counts(embedded: Embedded) -> dict[str, int]:
    """Rows per table of plan, people and filings in the embedded database."""
    code = (
        "import django, json; django.setup(); from django.apps import apps;"
        "print(json.dumps({model._meta.label: model._base_manager.count()"
        " for app in ('targets', 'actions', 'tasks', 'departments', 'accounts', 'filings')"
        " for model in apps.get_app_config(app).get_models()}))"
    )
    env = {"VAR_DIR": str(embedded.var), "DATABASE_URL": "", "REDIS_URL": "", "SECRET_KEY": ""}
    env["DJANGO_SETTINGS_MODULE"] = "harbor_plan.settings"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=os.environ | env,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)
