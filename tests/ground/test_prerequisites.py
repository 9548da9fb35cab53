"""What the machine must have, what is installed and what happens when something is missing."""

import ast
import errno
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from harbor_plan import environment
from scripts import bootstrap, prepare
from scripts import test as run_tests
from tests import services
from tests.conftest import compose_command

ROOT = services.ROOT
REQUIREMENT = re.compile(r"^([A-Za-z0-9_.-]+)(\[[a-z,]+\])?==([0-9][^ ]*)  # .{10,}$")


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
    assert done.stderr.splitlines() == [
        f"无法使用端口 {port}：已被占用。请关闭占用它的程序，或换一个端口：make run PORT=8001",
        f"Port {port} cannot be used: it is taken. Stop what uses it, or take another: make run PORT=8001",
    ]


def test_a_host_that_is_not_here_is_named():
    with pytest.raises(SystemExit) as exit_:
        bootstrap.check_port("192.0.2.1", "8000")
    assert str(exit_.value.code).startswith("无法使用端口 8000：本机没有地址 192.0.2.1（")


def test_a_port_without_permission_is_told_apart():
    error = PermissionError(errno.EACCES, "Permission denied")
    assert bootstrap.why_unusable(error, "127.0.0.1")[0] == (
        "没有权限。请换一个 1024 以上的端口：make run PORT=8001"
    )


def test_a_folder_that_cannot_be_written_is_named_before_anything_is_installed(tmp_path):
    (tmp_path / "file").write_text("")
    done = subprocess.run(
        [sys.executable, "scripts/bootstrap.py"],
        cwd=ROOT,
        env=os.environ | {"VAR_DIR": str(tmp_path / "file" / "var"), "PORT": str(services.free_port())},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr.startswith(
        f"无法写入 {tmp_path}/file/var：{tmp_path}/file 不是可写的文件夹。请换一个有权限的账号运行"
    )


def test_a_folder_that_may_be_made_is_no_problem(tmp_path):
    bootstrap.check_writable(tmp_path / "new" / "var")
    assert list(tmp_path.iterdir()) == []


def test_a_database_that_does_not_answer_is_told_in_a_sentence(tmp_path):
    url = f"postgres://nobody@127.0.0.1:{services.free_port()}/none"
    done = subprocess.run(
        [sys.executable, "scripts/prepare.py"],
        cwd=ROOT,
        env=os.environ
        | {"DATABASE_URL": url, "VAR_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "harbor_plan.settings"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("数据库无法使用：connection to server at")
    assert "请确认数据库已启动、磁盘未满，并核对 DATABASE_URL。" in done.stderr


#: Every way in: `make run` and compose's prepare, the command line, and compose's web, worker and beat.
ENTRANCES = {
    "prepare": [sys.executable, "scripts/prepare.py"],
    "manage": [sys.executable, "manage.py", "check"],
    **{name: compose_command(name) for name in ("web", "worker", "beat")},
}


@pytest.mark.parametrize("command", ENTRANCES.values(), ids=ENTRANCES)
def test_an_address_of_another_kind_of_database_is_told_in_a_sentence(tmp_path, command):
    settings = {"DJANGO_SETTINGS_MODULE": "harbor_plan.settings", "PORT": str(services.free_port())}
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ
        | settings
        | {"DATABASE_URL": "mysql://office:geheim@db/plan", "VAR_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "DATABASE_URL 不能使用：不支持 mysql:// 这种地址。",
        "可用的地址：postgres://用户:口令@主机:5432/库名，或 sqlite:////绝对路径/文件.sqlite3；"
        "不设则用 var/ 下的 SQLite。",
        "DATABASE_URL cannot be used: addresses of the kind mysql:// are not taken.",
        "Taken are postgres://user:password@host:5432/name and sqlite:////path/to/file.sqlite3; "
        "unset means SQLite under var/.",
    ]


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("harbor_plan", "不支持 ? 这种地址"),
        ("oracle://h/plan", "不支持 oracle:// 这种地址"),
        ("postgres://office:a/b@db/plan", "端口不是数字；口令中的特殊符号要写成 %XX"),
        ("postgres://office@db:99999/plan", "端口不是数字；口令中的特殊符号要写成 %XX"),
        ("postgres://office@db", "地址里没有数据库名或文件名"),
        ("sqlite://:memory:", "地址里没有数据库名或文件名"),
        ("sqlite://", "地址里没有数据库名或文件名"),
    ],
)
def test_what_is_wrong_with_an_address_is_said_without_its_password(url, problem):
    with pytest.raises(SystemExit) as refused:
        environment.database(url)
    assert str(refused.value).startswith(f"DATABASE_URL 不能使用：{problem}。\n")
    assert "a/b" not in str(refused.value)


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
    assert str(refusal.value).startswith(
        "测试缺少：postgresql、redis-server、chromium-headless-shell、fonts-noto-cjk、libreoffice-calc。"
    )
    assert (
        "apt-get install postgresql redis-server chromium-headless-shell fonts-noto-cjk libreoffice-calc"
        in str(refusal.value)
    )


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
    wanted = "postgresql redis-server chromium-headless-shell fonts-noto-cjk libreoffice-calc"
    assert commands == ["apt-get update", f"apt-get install --yes --no-install-recommends {wanted}"]


@pytest.mark.parametrize("port", ["http", "0", "65536", "-1", "８０００"])
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
